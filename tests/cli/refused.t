Suites that are wrong, and lines of combtest.cfg: one line each, exit code 2, nothing started. `wrong` leaves the file "ran".
$ wrong --suite huge
huge: error: suite 'huge' has 9223372036854775808 walks, over the limit of 9223372036854775807; --strength makes a covering suite of few walks
[2]
$ wrong --suite huge --only 3
huge: error: suite 'huge' has 9223372036854775808 walks, over the limit of 9223372036854775807; --strength makes a covering suite of few walks
[2]
$ wrong list --suite huge --count
huge: error: suite 'huge' has 9223372036854775808 walks, over the limit of 9223372036854775807; --strength makes a covering suite of few walks
[2]
$ wrong --suite empty
empty: error: suite 'empty' has no actions
[2]
$ wrong list --suite empty
empty: error: suite 'empty' has no actions
[2]
$ wrong --suite norun
norun: error: suite 'norun': action 'idle' has no run function
[2]
$ wrong list --suite norun
norun: error: suite 'norun': action 'idle' has no run function
[2]
$ wrong --suite bare
bare: error: suite 'bare': action 'bare' has no options: give it options, a source, or once
[2]
$ wrong list --suite bare
bare: error: suite 'bare': action 'bare' has no options: give it options, a source, or once
[2]
$ wrong --suite shelf
shelf: error: suite 'shelf': action 'shelf': its source failed at index 2: the shelf is empty
[2]
$ wrong list --suite shelf
shelf: error: suite 'shelf': action 'shelf': its source failed at index 2: the shelf is empty
[2]
$ wrong --suite notjson
notjson: error: suite 'notjson': its state is not JSON: line 1, column 7: unexpected token near '}'
[2]
$ wrong --suite uncoded
uncoded: error: suite 'uncoded': its states travel between 2 stages, so its state_type needs to_json and from_json
[2]
$ wrong --suite huge --summary summary.json --gather-states states.jsonl 2> /dev/null; ls
[0]

A wrong line of the configuration.
$ printf '[RUN]\nservces = 3\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:2: [RUN] servces: unknown key; did you mean services?
[2]
$ printf '[RNU]\nservices = 3\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:1: [RNU]: unknown section; did you mean [RUN]?
[2]
$ printf '# none\n[RNU]\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:2: [RNU]: unknown section; did you mean [RUN]?
[2]
$ printf '[RUN]\nsample = some\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:2: [RUN] sample: 'some' is no whole number from 0 to 9223372036854775807
[2]
$ printf 'services = 3\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:1: a key before any section; write [RUN] or another above it
[2]
$ printf '[RUN]\nwhat\n' > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:2: this is no [section], no key = value and no comment
[2]
$ (printf '[RUN]\nonly = '; head -c 300 /dev/zero | tr '\0' 1) > combtest.cfg; wrong --suite fine
fine: error: combtest.cfg:2: the line has 307 bytes; at most 199 are taken: continue a list on the next line
[2]
$ ls
combtest.cfg
[0]
$ rm combtest.cfg; wrong --suite fine --gather-states .
fine: error: cannot write the states to .: it is a directory, not a file
[2]
$ wrong --suite fine --only 4
fine: error: there is no walk 4; the largest id is 3
[2]
$ ls
[0]

Nothing selected, or all excluded.
$ wrong --suite fine --shard 1/9 2> /dev/null
fine: 0 walks in [0-9.]+ s (re)
[4]
$ wrong --suite fine --shard 1/9 2>&1 > /dev/null
fine: note: --shard 1/9: no walk is selected
[4]
$ COMBTEST_RUN_SHARD=1/2 wrong --suite fine --only 3 2>&1 > /dev/null
fine: note: --only 3 and --shard 1/2 (COMBTEST_RUN_SHARD): no walk is selected
[4]
$ wrong list --suite fine --shard 1/9 --count
0
[0]
$ wrong --suite excluded
excluded: 2 walks in [0-9.]+ s.* (re)
  excluded    2

note: no walk came to its end: excluded by should_cancel of action 'a' (2 walks)
[4]
$ ls
[0]

What could not be started is 3, and what was blocked is 1.
$ wrong --suite closed
closed: 4 walks in [0-9.]+ s (re)
  not-run     4

note: run_start failed: .*wrong\.c:[0-9]+: the laboratory is closed: nothing was run (re)
[3]
$ wrong --suite unserved --services 1 2> /dev/null
unserved: 4 walks in [0-9.]+ s.* (re)
  lost        4

note: no service is left to run walks: .* (re)
[3]
$ wrong --suite blocked 2> /dev/null
blocked: 4 walks in [0-9.]+ s (re)
  blocked     4
  serial runs 2
              2 failed

note: serial action s failed: .*wrong\.c:[0-9]+: it does not hold; 2 walks blocked (re)
[1]
$ ls
[0]
$ wrong --suite fine > /dev/null; ls
ran
[0]
