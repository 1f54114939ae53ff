Walks of the examples, picked at random, end as they did in the run when they are run again from its trace.
$ zlib_suite run -q --sample 400 --seed 5 --log-dir zlib > /dev/null; combtest trace zlib/*.trace --json | sed -n 's/^{"walk":\([0-9]*\),.*/\1/p' | sort -nu > ids; wc -l < ids
400
[0]
$ combtest replay zlib/*.trace "$(paste -sd, ids)" -q > replayed 2>&1; grep -c '^walk' replayed; grep 'the trace has' replayed
400
[1]
$ sqlite_suite run -q --sample 40 --seed 5 --log-dir sqlite > /dev/null; combtest trace sqlite/*.trace --json | sed -n 's/^{"walk":\([0-9]*\),.*/\1/p' | sort -nu > ids; wc -l < ids
40
[0]
$ combtest replay sqlite/*.trace "$(paste -sd, ids)" -q > replayed 2>&1; grep -c '^walk' replayed; grep 'the trace has' replayed
40
[1]
