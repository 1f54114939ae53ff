--strength: covering suites, and what is done with their rows. Exact rows are shown where there is one way to cover alone.
$ covering list --suite disk --strength 4 | head -4
0  size=10 method=quick file system=FAT compression=false
1  size=10 method=slow file system=FAT compression=false
2  size=10 method=null file system=FAT compression=false
3  size=100 method=quick file system=FAT compression=false
[0]
$ covering list --suite disk -t4 --count
42
[0]
$ covering list --suite disk --strength=4 --json --only 41
{"walk":41,"options":{"size":10000,"method":"slow","file system":"NTFS","compression":true}}
[0]
$ covering list --suite disk -t12 | cmp - <(covering list --suite disk -t4) && echo the same
the same
[0]
$ for t in 1 2 3 4; do covering list --suite disk -t$t --count; done | sort -nu | wc -l
4
[0]
$ COMBTEST_RUN_STRENGTH=4 covering list --suite disk --count
42
[0]
$ [ "$(covering list --suite disk -t2 --seed 2)" != "$(covering list --suite disk -t2)" ] && echo other rows
other rows
[0]
$ covering list --suite disk -t2 | cmp - <(covering list --suite disk -t2) && echo the same rows
the same rows
[0]
$ covering run --suite disk -t4 --services 1 --log-dir logs --summary summary.json > out; sed 's/ in .*//; s/[^ ]*covering.c/covering.c/; s/\(replay\) .*/\1/; s/[^ ]*\/covering /covering /' out | head -8
disk: 42 walks
  passed      39
  failed      3
  serial runs 3

walk 27 failed: covering.c:18: a size of 100 cannot be compressed
    size=100 method=quick file system=NTFS compression=true
    again: covering replay
[0]
$ sed -n 's/^  "\(planned\|passed\|failed\|segments\|serial_runs\)": /\1 /p' summary.json
planned 42,
passed 39,
failed 3,
segments 84,
serial_runs 3,
[0]
$ grep -o '"seed.*"walks":[0-9]*' logs/*.trace; grep -o '"branch":[^a-z]*' logs/*.trace
"seed":1,"strength":4,"timeout_ms":0,"limit_memory":0,"walks":42
"branch":[0,9],"
"branch":[9,20],"
"branch":[20,42],"
[0]
$ combtest replay logs/*.trace 31 2>&1 | sed 's/[^ ]*covering.c/covering.c/'
stage 0: size = 100: passed
stage 0: method = null: passed
serial: file system = "NTFS": passed
stage 1: compression = true: failed: covering.c:18: a size of 100 cannot be compressed
walk 31 failed: covering.c:18: a size of 100 cannot be compressed
[0]
The ids of a trace are its rows: with other rows, or all walks, the same options are looked for.
$ covering run --suite disk -t4 --rerun failed --from logs/*.trace | grep size=
    size=100 method=quick file system=NTFS compression=true
    size=100 method=slow file system=NTFS compression=true
    size=100 method=null file system=NTFS compression=true
[0]
$ covering run --suite disk --rerun failed --from logs/*.trace | grep -e '^walk' | sed 's/ failed.*//'
walk 55
walk 57
walk 59
[0]
$ covering run --suite disk -t1 --rerun passed --from logs/*.trace 2>&1 | grep -c 'walks of the trace are none of this run: it has not their options, or not these rows'
1
[0]
$ for k in 1 2 3; do covering list --suite disk -t2 --shard $k/3; done | cmp - <(covering list --suite disk -t2) && echo all
all
[0]
$ covering list --suite disk -t2 --sample 3 --count
3
[0]
$ covering list --suite disk -t4 --only 42
disk: error: there is no walk 42; the largest id is 41
[2]
Groups and seed rows.
$ covering list --suite mixed -t1 --json | sed 's/"compression".*//' | sort -u | wc -l
36
[0]
$ covering list --suite mixed -t1 | grep -c 'largest.*null'
3
[0]
$ printf 'file system\tsize\nNTFS\t10\nEXT4\t100\nFAT\tlargest\n' > rows; covering list --suite disk -t1 --seed-rows rows > out; grep -c 'size=10 .*NTFS' out
disk: note: rows:3: there is no value 'EXT4'; it is left out
disk: note: rows:4: the constraints exclude size=10000 in this row; the value is left out
1
[0]
$ covering list --suite disk -t1 --seed-rows missing
disk: error: seed rows: missing: No such file or directory
[2]
More than can be numbered.
$ covering list --suite many --count
many: error: suite 'many' has 1180591620717411303424 walks, over the limit of 9223372036854775807; --strength makes a covering suite of few walks
[2]
$ [ $(covering list --suite many --strength 2 --count) -lt 20 ] && echo few
few
[0]
Other strengths.
$ covering list --suite disk --strength 13
disk: error: --strength: '13' is no whole number from 0 to 12
[2]
$ covering list --suite disk -t x
disk: error: --strength: 'x' is no whole number from 0 to 12
[2]
