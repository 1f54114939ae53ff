`combtest generate` that is stopped. A model through a pipe is read once the signal's handler stands.
$ for i in $(seq 60); do echo "P$i: $(seq -s, 40)"; done > large; mkfifo model; combtest generate model -t 4 & pid=$!; cat large > model; kill -TERM $pid; wait $pid
combtest: stopped before a first set of rows was complete; nothing is written
[143]
What a number of seconds finds is as complete as anything else.
$ printf 'A: 1,2,3\nB: 1,2,3\nC: 1,2,3\nD: 1,2,3\n' > small; combtest generate small --effort 0.2 > rows; combtest generate small --measure rows
9 rows
strength 1: 12 of 12 combinations covered, 100.00 %; 0 excluded
strength 2: 54 of 54 combinations covered, 100.00 %; 0 excluded
[0]
$ combtest generate small --effort 0.2 | wc -l
10
[0]
$ combtest generate small --effort soon
combtest: error: --effort: 'soon' is no effort; write fast, default, best or a number of seconds
[2]
$ combtest generate small --effort 0
combtest: error: --effort: '0' is no effort; write fast, default, best or a number of seconds
[2]
$ combtest generate small --effort -1
combtest: error: --effort: '-1' is no effort; write fast, default, best or a number of seconds
[2]
$ combtest generate small --effort 1e3
combtest: error: --effort: '1e3' is no effort; write fast, default, best or a number of seconds
[2]
A signal that comes while rows are written does not cut them off.
$ for i in {1..14}; do echo "P$i: $(printf "v%0400d, " 1 2)w"; done >long; combtest generate long -t 3 --effort fast >whole
> for program in "combtest generate" combtest-generate; do
>     rm -f pipe; mkfifo pipe; $program long -t 3 --effort fast >pipe & exec 3<pipe
>     read -r -N 1 -u 3 first; kill -TERM $!; (printf %s "$first"; cat <&3) | cmp - whole; wait $!; echo $?
> done
143
143
[0]
