The runner itself: a transcript that is wrong must fail.
$ printf '$ echo a\na\n[0]\n' > right.t; $RUNNER . right.t
1 commands, 0 wrong
[0]
$ printf '$ echo a\nb\n[0]\n' > output.t; $RUNNER . output.t | tail -1
1 commands, 1 wrong
[0]
$ $RUNNER . output.t > /dev/null
[1]
$ printf '$ echo a\na\n[1]\n' > code.t; $RUNNER . code.t > /dev/null
[1]
$ printf '$ echo a\na\nb\n[0]\n' > less.t; $RUNNER . less.t > /dev/null
[1]
$ printf '$ echo a; echo b\na\n[0]\n' > more.t; $RUNNER . more.t > /dev/null
[1]
$ printf '$ echo ab\na (re)\n[0]\n' > expression.t; $RUNNER . expression.t > /dev/null
[1]
$ printf '$ echo ab\na. (re)\n[0]\n' > expression.t; $RUNNER . expression.t
1 commands, 0 wrong
[0]
$ printf '$ echo a\na\n' > open.t; $RUNNER . open.t
.*/open.t: the last command has no \[exit code\] (re)
[1]
$ echo remarks > none.t; $RUNNER . none.t
.*/none.t: no command (re)
[1]
$ printf 'needs: false\n$ echo a\nb\n[0]\n' > needs.t; $RUNNER . needs.t
.*/needs.t: SKIPPED: it needs what this machine has not: false (re)
[77]
$ printf 'needs: true\n$ echo a\nb\n[0]\n' > needs.t; $RUNNER . needs.t > /dev/null
[1]
