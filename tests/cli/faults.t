`run` where walks go wrong: retries, an early end, crashes, memory, suspension.
$ tiny --suite flaky
flaky: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  failed      1

walk 0 failed: .*tiny\.c:[0-9]+: the first time (re)
    again: tiny replay .combtest/last.trace 0
[1]
$ rm tried; tiny --suite flaky --retries 2 --summary summary.json
walk 0 failed, and runs again: .*tiny\.c:[0-9]+: the first time (re)
flaky: 1 walk in [0-9]+\.[0-9]+ s \([0-9.]+[kM]?/s\) (re)
  passed      1
  flaky       1 (passed when run again)
[0]
$ grep -e '"passed"' -e '"flaky":' -e '"segments"' summary.json
  "passed": 1,
  "flaky": 1,
  "segments": 1,
[0]

The run ends early where that is asked for, and says what did not run.
$ tiny --suite sour --services 1 --fail-fast --summary summary.json > /dev/null
[1]
$ sed -n 's/"not_run": \([0-9]*\),/\1/p' summary.json | awk '{ print ($1 > 0 && $1 < 1000) }'
1
[0]
$ COMBTEST_RUN_FAIL_FAST=3 tiny --suite sour --services 1 --summary summary.json > /dev/null
[1]
$ sed -n -e 's/"not_run": \([0-9]*\),/\1/p' -e 's/"failed": \([0-9]*\),/\1/p' summary.json | awk '{ sum += $1 } NR == 1 { print ($1 >= 3) } END { print sum }'
1
1000
[0]

A crash is named with its walk; where it can be another walk's doing, the report says what tells.
$ tiny --suite crashing --services 1 | sed -n -e '2,3p' -e '/^walk/p' -e '/again/p' -e '/level=/p' -e '/hint/p'
  passed      4
  crashed     2
walk 2 crashed: .*SIGSEGV.* (re)
    level=6 crash=false
    again: tiny replay .combtest/last.trace 2
walk 3 crashed: .*SIGSEGV.* (re)
    level=6 crash=true
    again: tiny replay .combtest/last.trace 3
hint: a crash can be the damage of another walk in its process; `--isolation process` tells for certain
[0]
$ : > 'my config'; tiny --suite crashing --config 'my config' --isolation process --services 1 --set RUN.timeout=9 --timeout=7 --trace none --only 2 | tail -1
    again: tiny run --suite crashing --config 'my config' --isolation process --set RUN.timeout=9 --timeout 7 --only 2
[0]
$ tiny --suite crashing --services 1 --only 2 | grep -c hint
0
[1]
$ tiny --suite crashing --services 1 --threads 2 --only 2 | grep -c hint
1
[0]
$ tiny --suite crashing --isolation process | sed -n -e '2,3p' -e '/^walk/p' -e '/level=/p' -e '/hint/p'
  passed      4
  crashed     2
walk 2 crashed: .*SIGSEGV.* (re)
    level=6 crash=false
walk 3 crashed: .*SIGSEGV.* (re)
    level=6 crash=true
[0]
$ tiny --suite tiny --isolation process | sed -n '2,3p'
  passed      12
  canceled    6
[0]
$ tiny --suite tiny --limit-memory 4G
tiny: error: limit_memory needs isolation = process: threads share their memory
[2]

A suspended run goes on where it stopped.
$ rm -f started; env --default-signal=TSTP tiny --suite slow --only 0-29 --services 1 > report & until [ -e started ]; do sleep 0.01; done
> kill -TSTP $!; until grep -q '^State:.T' /proc/$!/status; do sleep 0.01; done; kill -CONT $!; wait $!; grep passed report
  passed      30
[0]
$ rm -f started; env --ignore-signal=TSTP tiny --suite slow --only 0-29 --services 1 > report & until [ -e started ]; do sleep 0.01; done
> kill -TSTP $!; wait $!; grep passed report
  passed      30
[0]

Where nng cannot start for want of memory, the program is not said to have it open.
$ for kilobytes in 40000 60000 70000 75000 80000 85000; do (ulimit -v $kilobytes; tiny --suite slow --only 0 -q 2>&1); done > said; grep -c 'nng open' said
0
[1]
