`replay --gdb` stops at the beginning of the action that failed, or crashed, in the walk asked for.
needs: gdb -batch -ex starti -ex kill true
$ tiny run --suite failing -q --services 1 --log-dir logs > /dev/null; mv logs/failing-*.trace failing.trace
[0]
$ printf 'next\nbacktrace 1\nprint mode->as.s\nkill\n' | tiny replay failing.trace 3 --gdb 2> /dev/null > gdb.out
[0]
$ grep -c '^Temporary breakpoint 1, use_mode (walk=' gdb.out; grep -c '^(gdb) #0 *use_mode (' gdb.out; sed -n 's/.*\([$]1 = 0x\)[0-9a-f]*/\10/p' gdb.out
1
1
$1 = 0x0 "binary"
[0]
$ grep '^stage 0: level' gdb.out; grep ': failed' gdb.out
stage 0: level = 6: passed
[1]
$ tiny run --suite crashing -q --services 1 --log-dir logs > /dev/null; mv logs/crashing-*.trace crashing.trace
[0]
$ printf 'continue\nkill\n' | tiny replay crashing.trace 2 --gdb 2> /dev/null | grep -o 'Temporary breakpoint 1, [a-z_]*\|Program received signal [A-Z]*'
Program received signal SIGTRAP
Temporary breakpoint 1, crash_on_six
Program received signal SIGSEGV
[0]
$ mkdir none; ln -s "$(command -v tiny)" none/tiny; PATH=none tiny replay failing.trace 3 --gdb
failing: error: gdb cannot be started; is it installed?
[3]
