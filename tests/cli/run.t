`run`: the report, the exit code, the summary.
$ tiny --suite tiny
tiny: 18 walks in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      12
  canceled    6
  serial runs 2
counters:
  levels = 18
[0]
$ tiny run --suite tiny --services 2 --threads 2 --only 0,1,9-10
tiny: 4 walks in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      4
  serial runs 2
counters:
  levels = 4
[0]
$ tiny --suite failing
failing: 6 walks in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      3
  failed      3
counters:
  levels = 6

walk 1 failed: .*tiny\.c:[0-9]+: the mode is (re)
    ?[31mbinary
    level=1 mode=binary
    again: tiny replay .combtest/last.trace 1

walk 3 failed: .*tiny\.c:[0-9]+: the mode is (re)
    ?[31mbinary
    level=6 mode=binary
    again: tiny replay .combtest/last.trace 3

walk 5 failed: .*tiny\.c:[0-9]+: the mode is (re)
    ?[31mbinary
    level=9 (best) mode=binary
    again: tiny replay .combtest/last.trace 5
[1]
$ tiny --suite failing --only 1
failing: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  failed      1
counters:
  levels = 1

walk 1 failed: .*tiny\.c:[0-9]+: the mode is (re)
    ?[31mbinary
    level=1 mode=binary
    again: tiny replay .combtest/last.trace 1
[1]
$ tiny --suite slow --only 0-5 -q
slow: 6 walks in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      6
[0]
$ combtest run tiny --suite tiny --only 0 --quiet
tiny: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      1
  serial runs 1
counters:
  levels = 1
[0]
$ ln -s "$(command -v tiny)" 'my suite'; './my suite' --suite failing --only 3 | tail -1
    again: './my suite' replay .combtest/last.trace 3
[0]
$ tiny --suite many | tail -7
walk 10 failed: .*tiny\.c:[0-9]+: the mode is (re)
    ?[31mbinary
    a=0 mode=binary b=0
    again: tiny replay .combtest/last.trace 10
    and 99 more like it: 11, 12, 13, 14, 15, 16, 17, 18, ...

-v shows each of them, up to 100
[0]
$ tiny --suite many -v | grep -c again
100
[0]

Mistakes that only the run can find.
$ tiny --suite tiny --only 18
tiny: error: there is no walk 18; the largest id is 17
[2]
$ tiny --suite tiny --only 1x
tiny: error: --only: '1x': not a list of walk ids, such as 3,7-9 (at character 2)
[2]

The summary is one JSON object, and complete.
$ tiny --suite failing --summary summary.json > /dev/null; ls
my suite
started
summary.json
[0]
$ grep -v elapsed_s summary.json
{
  "suite": "failing",
  "planned": 6,
  "passed": 3,
  "failed": 3,
  "canceled": 0,
  "excluded": 0,
  "crashed": 0,
  "timed_out": 0,
  "blocked": 0,
  "lost": 0,
  "not_run": 0,
  "flaky": 0,
  "segments": 6,
  "serial_runs": 0,
  "serial_failed": 0,
  "failed_ids": [
    1,
    3,
    5
  ],
  "counters": {
    "levels": 6
  },
  "hosts": {},
  "trace": ".combtest/last.trace",
  "log": null,
  "session": null,
  "note": null
}
[0]
$ grep -cE '"elapsed_s": [0-9]+\.[0-9]{1,3},' summary.json
1
[0]
$ tiny --suite failing --only 0 --summary /dev/stdout | sed -n '/^{/,$p' | grep -e suite -e planned
  "suite": "failing",
  "planned": 1,
[0]
A file that standard output goes to is written on, not over, and a link to a file is one object each time.
$ (echo before; tiny --suite failing --only 0 --summary /dev/stdout; echo after) > out; sed -n '1p; /planned/p; $p' out
before
  "planned": 1,
after
[0]
$ echo kept > out; tiny --suite tiny --only 0 --gather-states /dev/stdout >> out; grep -e kept -e walk -e levels out
kept
{"walk":0,"status":"passed","state":{"level":1}}
tiny: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  levels = 1
[0]
$ touch target; ln -s target link; for i in 1 2; do tiny --suite tiny --summary link > /dev/null; done; grep -c planned link
1
[0]
$ COMBTEST_RUN_SUMMARY=other.json tiny --suite tiny > /dev/null; grep -e '"passed"' -e '"levels"' other.json
  "passed": 12,
    "levels": 18
[0]

The last states go to a file.
$ tiny --suite tiny --only 0,2,17 --gather-states states > /dev/null; cat states
{"walk":0,"status":"passed","state":{"level":1}}
{"walk":2,"status":"canceled","state":{"level":1}}
{"walk":17,"status":"canceled","state":{"level":9}}
[0]

One signal waits for what is in flight, and says so; another one does not wait.
$ rm -f started; env --default-signal=TERM tiny --suite stuck --services 1 > report 2> said & until [ -e started ]; do sleep 0.01; done
> kill -TERM $!; until grep -q . said; do sleep 0.05; done; kill -TERM $!; wait $!; code=$?; cat said; grep not-run report; exit $code
stopping: waiting for walk 0; stop again to end it at once
  not-run     1
[143]

Signals end a run with its results, and the exit code says which one it was.
$ rm -f started; env --default-signal=INT tiny --suite slow --services 1 > report & until [ -e started ]; do sleep 0.01; done
> kill -INT $!; wait $!; code=$?; grep -c not-run report; exit $code
1
[130]
$ rm -f started; env --default-signal=TERM tiny --suite slow --services 1 > report & until [ -e started ]; do sleep 0.01; done
> kill -TERM $!; wait $!; code=$?; grep -c not-run report; exit $code
1
[143]
$ rm -f started; env --default-signal=HUP tiny --suite slow --services 1 > report & until [ -e started ]; do sleep 0.01; done
> kill -HUP $!; wait $!; code=$?; grep -c not-run report; exit $code
1
[129]

A second one does not wait for the walks that run.
$ rm -f started; tiny --suite stuck --services 1 > report & until [ -e started ]; do sleep 0.01; done
> while kill -TERM $! 2> /dev/null; do sleep 0.2; done; wait $!
[143]

The log goes to standard error.
$ tiny --suite talking > report
[0-9TZ:.-]+ warning [^ ]+ walk 0 in talk: .*tiny\.c:[0-9]+: a warning (re)
    of two ?[31mlines
[0]
$ tiny --suite talking -v 2>&1 > report | grep -c -e 'a detail' -e 'a warning'
2
[0]
$ tiny --suite talking -q > report
[0]

A report that is not taken is noticed, and streams that are closed harm nothing else.
$ tiny --suite tiny > /dev/full
tiny: error: standard output: No space left on device
[3]
$ tiny --suite tiny >&-
tiny: error: standard output: Bad file descriptor
[3]
$ tiny --suite talking --summary summary.json -v <&- 2>&-
talking: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      1
[0]
$ tiny --suite talking --summary summary.json -v <&- >&- 2>&-
[3]
$ grep passed summary.json
  "passed": 1,
[0]
$ tiny --suite tiny | true; echo "${PIPESTATUS[0]}"
0
[0]
$ combtest run --help | true; echo "${PIPESTATUS[0]}"
0
[0]

What has no effect in the file is noted in one line.
$ printf '[NET]\nlogger_port = 6186\n' > combtest.cfg; tiny --suite tiny --only 0 2>&1 > /dev/null
tiny: note: unused in this version: NET.logger_port; the command `config` says why
[0]
