`replay`: walks of a trace again.
$ tiny run --suite failing -q --services 1 --log-dir logs > /dev/null; mv logs/failing-*.trace failing.trace
[0]
$ tiny replay failing.trace 1
stage 0: level = 1: passed
stage 0: mode = "binary": failed: .*tiny.c:17: the mode is (re)
    ?[31mbinary
walk 1 failed: .*tiny.c:17: the mode is (re)
    ?[31mbinary
[1]
$ tiny replay failing.trace 4
stage 0: level = 9 (best): passed
stage 0: mode = "text": passed
walk 4 passed
[0]
$ combtest replay failing.trace 4 -q --print-state
walk 4 passed
{"level":9}
[0]
$ combtest replay failing.trace failed -q | grep -c failed
3
[0]
$ tiny replay failing.trace 0,2-3 -q | grep walk
walk 0 passed
walk 2 passed
walk 3 failed: .*tiny.c:17: the mode is (re)
[0]
$ printf '\nc\n' | tiny replay failing.trace 2 --step --state '{"given": true}'
stage 0: level = 6
    state: {"given":true}
    Enter runs it, c runs all that follows:     passed
stage 0: mode = "text"
    state: {"given":true,"level":6}
    Enter runs it, c runs all that follows:     passed
walk 2 passed
[0]
$ tiny run --suite crashing -q --services 1 --log-dir logs > /dev/null; mv logs/crashing-*.trace crashing.trace
[0]
$ combtest replay crashing.trace 2
stage 0: level = 6: passed
stage 0: crash = false
    note level = 6
walk 2 crashed: in action crash: SIGSEGV; at .* (re)
[139]
$ tiny replay crashing.trace failed -q
walk 2 crashed: in action crash: SIGSEGV; at .* (re)
walk 3 crashed: in action crash: SIGSEGV; at .* (re)
[1]
$ tiny run --suite stuck --timeout 0.2 -q --services 1 --log-dir logs > /dev/null; mv logs/stuck-*.trace stuck.trace
[0]
$ tiny replay stuck.trace 0
stage 0: wait
walk 0 timed-out: in action wait: still running after 0.2 s
[1]
$ tiny run --suite printing -q --services 1 --log-dir logs > /dev/null; mv logs/printing-*.trace printing.trace
[0]
$ tiny replay printing.trace 1,6
stage 0: print = 0
one
two
    passed
stage 0: again = 1
half of it
    passed
stage 0: fail = 4: failed: .*tiny.c:[0-9]+: printed (re)
walk 1 failed: .*tiny.c:[0-9]+: printed (re)
stage 0: print = 1
half of it
    passed
stage 0: again = 2
the other half
    passed
stage 0: fail = 4: failed: .*tiny.c:[0-9]+: printed (re)
walk 6 failed: .*tiny.c:[0-9]+: printed (re)
[1]
$ tiny replay printing.trace 7 -q
half of it
walk 7 failed: .*tiny.c:[0-9]+: printed (re)
[1]
$ tiny replay printing.trace 11 2> half; cat half; echo
stage 0: print = 2: passed
stage 0: again = 3: passed
stage 0: fail = 4: failed: .*tiny.c:[0-9]+: printed (re)
walk 11 failed: .*tiny.c:[0-9]+: printed (re)
the other half
[0]
$ tiny run --suite tiny -q --services 1 --log-dir logs > /dev/null; mv logs/tiny-*.trace tiny.trace
[0]
$ combtest replay tiny.trace 12
stage 0: level = 6: passed
stage 0: mode = "text": passed
serial: setting = true: passed
stage 1: end: passed
walk 12 passed
[0]
$ combtest replay tiny.trace 2 -q
walk 2 canceled: .*there is no mode (re)
[0]
$ tiny run --suite talking -q --log-dir logs > /dev/null; tiny replay logs/talking-*.trace 0 -v
stage 0: talk
    debug: .*tiny.c:[0-9]+: a detail (re)
    warning: .*tiny.c:[0-9]+: a warning (re)
    of two ?[31mlines
    passed
walk 0 passed
[0]
$ combtest replay tiny.trace failed
tiny: note: no walk of tiny.trace failed
[4]
$ tiny run --suite failing -q | grep again
    again: tiny replay .combtest/last.trace 1
    again: tiny replay .combtest/last.trace 3
    again: tiny replay .combtest/last.trace 5
[0]
$ tiny replay .combtest/last.trace 3 -q > /dev/null
[1]
$ sed s/binary/gone/ failing.trace > gone.trace; tiny replay gone.trace 1
failing: error: suite 'failing': action 'mode' has no option "gone"
[2]
$ sed 1s/failing/other/ failing.trace > other.trace; tiny replay other.trace 1
tiny: error: --suite: there is no 'other'; the program has tiny, .* (re)
[2]
$ sed '1s,"program":"[^"]*","program":"/nowhere/tiny",' failing.trace > moved.trace; combtest replay moved.trace 4 -q
combtest: error: /nowhere/tiny: cannot be run: No such file or directory; if the program moved, name it with --suite PATH
[2]
$ sed '1s,"program":"[^"]*","program":"/nowhere\\u001b[31m",' failing.trace > odd.trace; combtest replay odd.trace 4 -q
combtest: error: /nowhere?[31m: cannot be run: No such file or directory; if the program moved, name it with --suite PATH
[2]
$ sed '1s,"timeout_ms":0,"timeout_ms":9223372036854775807,' failing.trace > late.trace; combtest replay late.trace 4 -q
walk 4 passed
[0]
$ combtest replay --suite /bin/true moved.trace 4
combtest: error: /bin/true: it ended, with exit code 0, before it came to a suite: no program of combtest
[2]
$ printf '#!/bin/sh\nkill -SEGV $$\n' >dies; chmod +x dies; combtest replay --suite ./dies moved.trace 4
[139]
$ combtest replay moved.trace 4 -q --suite tiny
walk 4 passed
[0]
$ combtest replay --suite=tiny moved.trace 4 -q
walk 4 passed
[0]
$ tiny replay failing.trace 6
failing: error: there is no walk 6; the largest id is 5
[2]
$ sed '$d' failing.trace > short.trace; tiny replay short.trace 5
failing: error: short.trace: the trace has no walk 5
[2]
$ head -c -5 failing.trace > cut.trace; tiny replay cut.trace 5
failing: error: walk 5 is not in the trace, which is damaged: cut.trace:7: the trace is cut here: its last line is not whole
[2]
$ tiny replay cut.trace 4 -q
walk 4 passed
[0]
$ tiny replay cut.trace failed -q | grep -c walk
failing: note: cut.trace:7: the trace is cut here: its last line is not whole; the rest of the trace is used
2
[0]
$ tiny replay failing.trace
tiny: error: replay needs a trace and walks: replay TRACE IDS [options]
[2]
$ combtest replay
combtest: error: replay needs a trace and walks: combtest replay TRACE IDS [options]
[2]
$ tiny replay nothing.trace 0
tiny: error: nothing.trace: there is no such trace
[2]
$ tiny replay failing.trace 0 1
tiny: error: 1: unexpected; replay takes TRACE IDS
[2]
$ tiny replay failing.trace 0-1 --gdb
failing: error: --gdb takes one walk
[2]
$ tiny replay failing.trace 0 --step --gdb
failing: error: --step and --gdb both stop the walk; give one of them
[2]
$ combtest replay --help | grep -e --suite -e SUITE
  --suite PATH             the program, where it is not where the trace says
[0]
$ asked() { until [ "$(grep -ac 'that follows:' typescript 2> /dev/null)" = "$1" ]; do sleep 0.02; done; }
> (asked 1; printf '\n'; asked 2; printf 'c\n') | script -qfec 'tiny replay failing.trace 2 --step' typescript > /dev/null
> tr -d '\r' < typescript | sed '/^Script/d; /^$/d'
stage 0: level = 6
    state: {}
    Enter runs it, c runs all that follows: 
    passed
stage 0: mode = "text"
    state: {"level":6}
    Enter runs it, c runs all that follows: c
    passed
walk 2 passed
[0]
$ asked() { until [ "$(grep -ac 'that follows:' typescript 2> /dev/null)" = "$1" ]; do sleep 0.02; done; }
> rm typescript; (asked 1; printf '\003') | script -qfec 'tiny replay failing.trace 2 --step' typescript > /dev/null; grep -ac 'walk 2' typescript
0
[1]
$ tiny replay failing.trace 0 --state '{'
failing: error: --state: not JSON: line 1, column 1: .* (re)
[2]
