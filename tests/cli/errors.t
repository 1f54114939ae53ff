Mistakes on the command line: one line each, exit code 2, nothing started.
$ tiny
tiny: error: the program has several suites; pick one with --suite: tiny, failing, slow, many, stuck, talking, sour, flaky, crashing, odd, twice, printing
[2]
$ tiny --suite tini
tiny: error: --suite: there is no 'tini'; the program has tiny, failing, slow, many, stuck, talking, sour, flaky, crashing, odd, twice, printing
[2]
$ tiny --suite tiny --servces 2
tiny: error: --servces: unknown option; did you mean --services?
[2]
$ tiny --suite tiny --xyzzy
tiny: error: --xyzzy: unknown option; --help lists the options
[2]
$ tiny --suite tiny --services
tiny: error: --services needs a value: --services N
[2]
$ tiny --suite tiny --services=
tiny: error: --services is given an empty value: --services N
[2]
$ tiny --suite tiny --only ''
tiny: error: --only is given an empty value: --only IDS
[2]
$ tiny --suite tiny --serv 3
tiny: error: --serv: unknown option; did you mean --services?
[2]
$ tiny --suite tiny -qv
tiny: error: -qv: short options are not joined; write -q -v
[2]
$ tiny --suite tiny -qx
tiny: error: -qx: unknown option; --help lists the options
[2]
$ tiny --suite tiny --summary -
tiny: error: --summary: '-' is no file; write /dev/stdout, or ./- for a file of that name
[2]
$ tiny --suite tiny --gather-states=-
tiny: error: --gather-states: '-' is no file; write /dev/stdout, or ./- for a file of that name
[2]
$ tiny list --suite tiny --count --json
tiny: error: --count and --json exclude each other
[2]
$ tiny --suite tiny --services 0
tiny: error: RUN.services: 0 is not from 1 to 1024; none are needed here only where others run walks, by listen or hosts
[2]
$ tiny --suite tiny --services auto*
tiny: error: --services: 'auto*' is no number of cores; write a whole number from 0 to 1024, or auto, auto*2, auto/2
[2]
$ tiny --suite tiny --threads many
tiny: error: --threads: 'many' is no number of cores; write a whole number from 1 to 4096, or auto, auto*2, auto/2
[2]
$ tiny --suite tiny --timeout 1h
tiny: error: --timeout: '1h' is no time; write seconds, 30 or 0.5, at most 31536000
[2]
$ tiny --suite tiny --isolation threads
tiny: error: --isolation: 'threads' is none of its values; write one of thread|process
[2]
$ tiny --suite tiny --limit-memory lots
tiny: error: --limit-memory: 'lots' is no size; write bytes, or 64K, 512M, 2G
[2]
$ tiny --suite tiny --limit-memory 1MB
tiny: error: --limit-memory: '1MB' is no size; write bytes, or 64K, 512M, 2G
[2]
$ tiny --suite tiny --retries -1
tiny: error: --retries: '-1' is no whole number from 0 to 100
[2]
$ tiny --suite tiny --fail-fast=one
tiny: error: --fail-fast: 'one' is no whole number from 0 to 9223372036854775807
[2]
$ tiny --suite tiny --fail-fast=
tiny: error: --fail-fast is given an empty value: --fail-fast=N
[2]
$ tiny --suite tiny --fail-fast 3
tiny: error: --fail-fast 3: write --fail-fast=3
[2]
$ combtest run --fail-fast 3 tiny --suite tiny
tiny: error: --fail-fast 3: write --fail-fast=3
[2]
$ tiny --suite tiny --fail-fast now
tiny: error: now: unexpected; the command stands first, then options only
[2]
$ for option in --jobs -j -j8 --parallel=4 --maxfail -k --reruns --lf --output; do tiny --suite tiny $option 1; done
tiny: error: --jobs: unknown option; did you mean --services?
tiny: error: -j: unknown option; did you mean --services?
tiny: error: -j8: unknown option; did you mean --services?
tiny: error: --parallel: unknown option; did you mean --services?
tiny: error: --maxfail: unknown option; did you mean --fail-fast=N?
tiny: error: -k: unknown option; did you mean --only?
tiny: error: --reruns: unknown option; did you mean --retries?
tiny: error: --lf: unknown option; did you mean --rerun failed --from TRACE?
tiny: error: --output: unknown option; did you mean --log-dir, or --summary?
[2]
$ tiny --suite tiny --core=1
tiny: error: --core takes no value
[2]
$ tiny --suite tiny --cor
tiny: error: --cor: unknown option; did you mean --core?
[2]
$ tiny --suite tiny --verbose=2
tiny: error: --verbose takes no value
[2]
$ tiny --suite tiny --count
tiny: error: --count is no option of run, but of list
[2]
$ tiny --suite tiny list
tiny: error: list: unexpected; the command stands first, then options only
[2]
$ tiny list --suite tiny --services 2
tiny: error: --services is no option of list, but of run
[2]
$ tiny --suite tiny --set services=2
tiny: error: --set services: unknown key; did you mean RUN.services?
[2]
$ tiny --suite tiny --set RUN.services
tiny: error: --set: 'RUN.services' has no value; write SECTION.key=value
[2]
$ tiny --suite tiny --set RUN.servces=2
tiny: error: --set RUN.servces: unknown key; did you mean services?
[2]
$ tiny --suite twice
twice: error: suite 'twice': two actions are named 'a'; names must differ
[2]
$ tiny --suite tiny --summary missing/summary.json
tiny: error: missing/summary.json: cannot be written: No such file or directory
[2]
$ tiny --suite tiny --summary .
tiny: error: .: cannot be written: Is a directory
[2]
$ tiny --suite tiny --config missing.cfg
tiny: error: missing.cfg: no such file
[2]

What later versions know is not there yet.
$ tiny --suite tiny --session=a
tiny: error: --session: not available in this version
[2]
$ tiny replay
tiny: error: replay needs a trace and walks: replay TRACE IDS [options]
[2]
$ combtest explain session
combtest: error: explain: not available in this version; the commands are run, list, replay, trace, service, hosts, config, generate, exec
[2]
$ tiny lst
tiny: error: lst: unknown command; the commands are run, list, replay, trace, service, hosts, config
[2]
$ combtest frobnicate
combtest: error: frobnicate: unknown command; the commands are run, list, replay, trace, service, hosts, config, generate, exec
[2]

The combtest command.
$ combtest
combtest: error: no command; combtest --help lists them
[2]
$ combtest --services 2
combtest: error: --services: a command stands first; --help lists them
[2]
$ combtest run
combtest: error: run needs a suite: combtest run SUITE [options]
[2]
$ combtest run --services 2
combtest: error: run needs a suite: combtest run SUITE [options]
[2]
$ combtest run ./missing
combtest: error: ./missing: cannot be run: No such file or directory
[2]
$ combtest run tiny --suite tiny --servces 2
tiny: error: --servces: unknown option; did you mean --services?
[2]
$ combtest run tiny tiny
tiny: error: tiny: unexpected; the command stands first, then options only
[2]

A program without a suite.
$ nosuite
nosuite: error: the suite is NULL
[2]
$ nosuite list
nosuite: error: the suite is NULL
[2]
$ nosuite config | head -1
NET.machine_ips          -       default
[0]
$ nosuite --version
combtest 0.1.0
[0]
