Each walk, run again from its trace, ends as it did in the run: whatever its end was, and in whichever stage.
$ ends run --suite ends -q --isolation process --timeout 0.5 --log-dir apart 2> /dev/null | sed -n 2,8p
  passed      217
  failed      38
  canceled    139
  crashed     47
  timed-out   3
  blocked     132
  serial runs 4
[0]
$ combtest replay apart/*.trace 0-575 -q > replayed 2>&1; grep -c '^walk' replayed; grep 'the trace has' replayed
576
[1]
$ sed -n 's/^walk [0-9]* \([a-z-]*\).*/\1/p' replayed | sort | uniq -c
    132 blocked
    139 canceled
     47 crashed
     38 failed
    217 passed
      3 timed-out
[0]
$ for status in crashed timed-out; do ends trace apart/*.trace --status $status; done > traced; wc -l < traced
50
[0]
$ sed -E 's/^([0-9]+) +stage [0-9] +([a-z-]+) .*  (.*)  \(.*/walk \1 \2: \3/' traced | sort > told; grep '^walk [0-9]* \(crashed\|timed-out\):' replayed | sort | diff told -
[0]
$ ends run --suite ends -q --isolation thread --timeout 0.5 --log-dir together > /dev/null 2>&1; combtest replay together/*.trace 0-575 -q > replayed 2>&1; grep -c '^walk' replayed; grep 'the trace has' replayed
576
[1]

What failed, crashed or timed out, by that word.
$ combtest replay together/*.trace failed -q > replayed 2>&1; grep -c '^walk' replayed; grep 'the trace has' replayed
88
[1]
$ ends run --suite ends -q --rerun blocked --from together/*.trace
ends: note: no walk of together/.* ended as blocked: a trace has no line of a walk that did not run (re)
[4]

A walk that took too much memory takes no more when it is run again.
$ ends run --suite large -q --isolation process --limit-memory 200M --log-dir large > /dev/null; combtest replay large/*.trace 0 -q
walk 0 crashed: in action .*: took more memory than limit_memory allows, 209715200 (re)
[1]
$ combtest replay large/*.trace 0 -q --limit-memory 2G
walk 0 passed
large: note: the trace has walk 0 as crashed
[0]
