`trace`: what is in a trace; and runs of what is in it.
$ tiny run --suite tiny -q --services 1 --log-dir logs > /dev/null; mv logs/tiny-*.trace tiny.trace
[0]
$ combtest trace tiny.trace --status canceled --where setting=true --where level=best
17  stage 0  canceled  setting=true level=9 \(best\) mode=null  in mode: .*there is no mode  \(.* ms\) (re)
[0]
$ combtest trace tiny.trace --where level=6 --where 'mode=a b' --json | sed 's/,"duration_ns":[0-9]*,"service":"[^"]*"}$//'
{"walk":4,"stage":0,"status":"passed","serial":{"setting":false},"options":{"level":6,"mode":"a b"}
{"walk":13,"stage":0,"status":"passed","serial":{"setting":true},"options":{"level":6,"mode":"a b"}
{"walk":4,"stage":1,"status":"passed","serial":{"setting":false},"options":{"level":6,"mode":"a b"}
{"walk":13,"stage":1,"status":"passed","serial":{"setting":true},"options":{"level":6,"mode":"a b"}
[0]
$ tiny trace tiny.trace | sed -n 's/^serial  \(.*\)  (.*/\1/p'
passed  setting=false
passed  setting=true
[0]
$ combtest trace tiny.trace | grep -c .
32
[0]
$ combtest trace tiny.trace --status failed
[0]
$ combtest trace tiny.trace --status broken
combtest: error: 'broken' is no status; there are passed, failed, canceled, excluded, crashed, timed-out, blocked, lost, not-run
[2]
$ combtest trace tiny.trace --where level
combtest: error: --where: 'level' has no value; write NAME=VALUE
[2]
$ combtest trace tiny.trace --where levl=6
combtest: error: --where: the trace has no action 'levl'; did you mean 'level'?
[2]
$ combtest trace
combtest: error: trace needs a trace: trace TRACE [options]
[2]
$ combtest trace nothing.trace
combtest: error: nothing.trace: there is no such trace
[2]
$ echo '{"a": 1}' > none.trace; combtest trace none.trace
combtest: error: none.trace:1: no trace of combtest: its first line has no "combtest_trace"
[2]
$ sed '1s/"combtest_trace":1/"combtest_trace":2/' tiny.trace > new.trace; combtest trace new.trace
combtest: error: new.trace:1: a trace of version 2, written by combtest .*; this one reads 1 (re)
[2]
$ combtest trace /dev/zero
combtest: error: /dev/zero:1: no trace of combtest: its first line is no JSON object
[2]
$ cat tiny.trace | combtest trace /dev/stdin --status canceled | wc -l
6
[0]
$ cat tiny.trace | combtest replay /dev/stdin 1 -q
combtest: error: /dev/stdin: a pipe is read once only, and a trace has to be read again here: write it to a file
[2]
$ head -c -5 tiny.trace > cut.trace; combtest trace cut.trace 2>&1 | tail -n 1; combtest trace cut.trace 2> /dev/null | grep -c .
combtest: error: cut.trace:33: the trace is cut here: its last line is not whole
31
[0]
$ sed '3s/.*/nonsense/; 5s/"status"/"stat/' tiny.trace > edited.trace; combtest trace edited.trace > /dev/null
combtest: error: edited.trace:3: this is no line of a trace
combtest: note: 2 lines of the trace are damaged
[2]
$ tiny run --suite failing -q --services 1 --log-dir logs > /dev/null; mv logs/failing-*.trace failing.trace
[0]
$ tiny run --suite failing --rerun failed --from failing.trace -q | head -n 2 | tail -n 1
  failed      3
[0]
$ tiny run --suite failing --rerun passed --from failing.trace -q | sed -n 2p
  passed      3
[0]
$ tiny run --suite failing --rerun crashed --from failing.trace -q
failing: note: no walk of failing.trace ended as crashed
[4]
$ tiny run --suite failing --rerun failed -q
failing: error: --rerun is given, but not --from TRACE
[2]
$ tiny run --suite failing --rerun failed --from failing.trace --only 1 -q
failing: error: --rerun and --only both say which walks to run; give one of them
[2]
$ tiny run --suite tiny -q --log-dir no-trace --trace none > /dev/null; ls no-trace
run.log
[0]
$ tiny run --suite failing -q --services 1 --log-dir failed --trace failed > /dev/null; combtest trace failed/*.trace --json | sed 's/,"options.*//'
{"walk":1,"stage":0,"status":"failed"
{"walk":3,"stage":0,"status":"failed"
{"walk":5,"stage":0,"status":"failed"
[0]
$ tiny run --suite tiny --trace some -q
tiny: error: --trace: .* (re)
[2]
