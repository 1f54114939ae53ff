combtest generate: mistakes are told in one line with the place, and the exit code is 2.
$ combtest generate
combtest: error: generate needs a model: combtest generate MODEL [options]
[2]
$ combtest generate nothing
combtest: error: nothing: cannot be opened: No such file or directory
[2]
$ printf 'A: 1, 2\nB: x, y\n' >m; combtest generate m n
combtest: error: n: unexpected; the model is m
[2]
$ combtest generate m --strngth 2
combtest: error: --strngth: unknown option; did you mean --strength?
[2]
$ for n in 0 13 two -1; do combtest generate m -t $n; done
combtest: error: --strength: '0' is no strength; write a whole number from 1 to 12
combtest: error: --strength: '13' is no strength; write a whole number from 1 to 12
combtest: error: --strength: 'two' is no strength; write a whole number from 1 to 12
combtest: error: --strength: '-1' is no strength; write a whole number from 1 to 12
[2]
$ combtest generate m --format xml; combtest generate m --effort much; combtest generate m --random x
combtest: error: --format: there is no 'xml'; write pict, csv, json or markdown
combtest: error: --effort: 'much' is no effort; write fast, default, best or a number of seconds
combtest: error: --random: 'x' is no seed; write a whole number
[2]
$ combtest generate m --stats=yes; combtest generate m --measure
combtest: error: --stats takes no value
combtest: error: --measure needs a value: --measure ROWS
[2]
$ combtest generate m --seed-rows gone
combtest: error: gone: cannot be opened: No such file or directory
[2]
$ printf 'X\n1\n' >rows; combtest generate m --seed-rows rows
combtest: error: rows:1:1: expected the names of the model's parameters with tabs or commas between them
[2]
$ printf 'A: 1, 2\nB: x, y\n\nIF [A] = 1 [B] = "x";\n' >wrong; combtest generate wrong
combtest: error: wrong:4:12: expected AND, OR or THEN, found '[B]'
[2]
$ printf 'A: 1, 2\nB: x, y\n[A] = "1";\n' | combtest generate -
combtest: error: standard input:3:7: expected a number: all values of [A] are numbers
[2]
$ printf 'A: 1\nB: x\n[A] = 1;\n[Z] = 1;\n' | combtest generate -
combtest: warning: standard input:3:1: each value of [A] satisfies this
combtest: warning: standard input:4:1: there is no parameter 'Z'; the constraint is left out
A	B
1	x
[0]
$ combtest generate m -o /dev/full
combtest: error: /dev/full: cannot be written: No space left on device
[3]
$ combtest generate m >/dev/full
combtest: error: standard output: No space left on device
[3]
$ combtest generate m -o missing/rows
combtest: error: missing/rows: cannot be written: No such file or directory
[2]
Nothing that was asked for is left out without a word.
$ printf 'A\tB\n1\tx\n' >rows; combtest generate m --measure rows -o out; combtest generate m --explain --format json
> combtest generate m --explain --measure rows; combtest generate m --measure rows --seed-rows rows; combtest generate m --explain --stats
combtest: error: --output: it does not go with --measure
combtest: error: --format: it does not go with --explain
combtest: error: --explain: it does not go with --measure
combtest: error: --seed-rows: it does not go with --measure
combtest: error: --stats: it does not go with --explain
[2]
$ combtest generate - --seed-rows - <m; combtest generate m /zz; combtest generate m /o3; combtest generate m m; combtest generate .
combtest: error: -: standard input can be read once
combtest: error: /zz: unknown switch; combtest generate --help lists the switches
combtest: error: /o3: unknown switch; combtest generate --help lists the switches
combtest: error: m: unexpected; the model is m
combtest: error: .: cannot be read: Is a directory
[2]
$ combtest generate --version | cmp - <(combtest --version)
[0]
