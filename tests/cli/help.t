$ tiny --help
usage: tiny [run] [options]
       tiny list [options]
       tiny replay TRACE IDS [options]
       tiny trace TRACE [options]
       tiny service [options]
       tiny hosts check [SUITE] [options]
       tiny config [options]

commands:
  run                      run the suite's walks; also without the word
  list                     list the walks that would run
  replay                   run walks of a trace again, one at a time; IDS: 3,7-9 or failed
  trace                    list the lines of a trace
  service                  join a run that listens, and run walks for it
  hosts                    check: ask the hosts of a fleet how they are
  config                   show each setting, its value and where it came from

which walks:
  --only IDS               these walks alone: 3,7-9
  --rerun STATUS           the walks that ended so in the trace of --from; failed: crashed and timed out too
  --from TRACE             the trace for --rerun
  -t, --strength N         the few walks that have every combination of options of every N actions
  --seed-rows FILE         with --strength: begin with these rows
  --sample N               this many walks, drawn at random
  --seed S                 the seed of --sample and --strength
  --shard K/N              the K-th of N parts of the walks

where they run:
  --services N             processes that run walks: a number, auto, auto*2 or auto/2
  --threads N              threads in each service
  --isolation HOW          thread or process
  --hosts LIST             run walks there, by ssh: a,user@b:2222*8; with local, here too
  --ask-password           ask at the terminal for the password on the hosts
  --ask-passphrase         ask at the terminal for the passphrase of the ssh keys
  --require-all            start only when every host is up
  --listen URL             let services join there: tls+tcp://ADDRESS:PORT or tcp://ADDRESS:PORT
  --join URL               where the run listens
  --advertise ADDRESS      the address that services are told, where there are several
  --token-file FILE        what proves services and run to each other; made where it is missing

limits and failures:
  --timeout SECONDS        the most that a stage of a walk may take, whatever the suite says
  --limit-memory BYTES     the most that a walk may take, with process isolation: 512M
  --retries N              run a walk that went wrong up to N times again
  --fail-fast[=N]          stop once N walks (without =N: one) went wrong
  --core                   let crashes dump core

what is kept:
  --log-dir DIR            keep the log, and a trace of the walks, there
  --trace WHICH            which walks go into the trace: all, failed or none
  --max-output BYTES       how much of what a walk prints is kept: 64K
  --gather-states FILE     write the walks' last states, as JSON lines
  --summary FILE           write the summary, as one JSON object

traces and replay:
  --status STATUS          lines of this status alone
  --where NAME=VALUE       lines whose walk took this option alone; several: all of them
  --step                   wait at each action, and show option and state
  --gdb                    run it under gdb, stopped at the action that failed
  --trap                   raise SIGTRAP before the action that failed, for another debugger
  --state JSON             the state to start from
  --print-state            print the walk's last state as JSON

what is said:
  -v, --verbose            log more, and report all failures kept
  -q, --quiet              neither progress nor log
  --count                  the number of walks alone
  --json                   a JSON object a line

in general:
  --suite NAME             which suite, where a program has several
  --config FILE            read FILE instead of combtest.cfg
  --set SECTION.key=value  set any key of combtest.cfg
  -h, --help               this text
  --version                the version
[0]
$ tiny list --help
usage: tiny list [options]

list the walks that would run

which walks:
  --only IDS               these walks alone: 3,7-9
  -t, --strength N         the few walks that have every combination of options of every N actions
  --seed-rows FILE         with --strength: begin with these rows
  --sample N               this many walks, drawn at random
  --seed S                 the seed of --sample and --strength
  --shard K/N              the K-th of N parts of the walks

what is said:
  --count                  the number of walks alone
  --json                   a JSON object a line

in general:
  --suite NAME             which suite, where a program has several
  --config FILE            read FILE instead of combtest.cfg
  --set SECTION.key=value  set any key of combtest.cfg
  -h, --help               this text
  --version                the version
[0]
$ tiny run -h | head -1
usage: tiny [run] [options]
[0]
$ combtest --help | head -3
usage: combtest run SUITE [options]
       combtest list SUITE [options]
       combtest replay TRACE IDS [options]
[0]
$ combtest run --help | head -1
usage: combtest run SUITE [options]
[0]
$ diff <(combtest list tiny --help) <(tiny list --help)
[0]
$ tiny --version
combtest 0.1.0
[0]
$ combtest --version
combtest 0.1.0
[0]
