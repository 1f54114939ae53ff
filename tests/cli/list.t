`list`: the walks that would run.
$ tiny list --suite tiny
0  level=1 mode=text setting=false
1  level=1 mode="a b" setting=false
2  level=1 mode=null setting=false
3  level=6 mode=text setting=false
4  level=6 mode="a b" setting=false
5  level=6 mode=null setting=false
6  level=9 (best) mode=text setting=false
7  level=9 (best) mode="a b" setting=false
8  level=9 (best) mode=null setting=false
9  level=1 mode=text setting=true
10  level=1 mode="a b" setting=true
11  level=1 mode=null setting=true
12  level=6 mode=text setting=true
13  level=6 mode="a b" setting=true
14  level=6 mode=null setting=true
15  level=9 (best) mode=text setting=true
16  level=9 (best) mode="a b" setting=true
17  level=9 (best) mode=null setting=true
[0]
$ tiny list --suite tiny --count
18
[0]
$ tiny list --suite tiny --only 3,7-9
3  level=6 mode=text setting=false
7  level=9 (best) mode="a b" setting=false
8  level=9 (best) mode=null setting=false
9  level=1 mode=text setting=true
[0]
$ tiny list --suite tiny --only=3 --json
{"walk":3,"options":{"level":6,"mode":"text","setting":false}}
[0]
$ tiny list --suite odd --json
{"walk":0,"options":{"json":{"a":[1,2]}}}
{"walk":1,"options":{"json":0.5}}
{"walk":2,"options":{"json":0.1}}
{"walk":3,"options":{"json":[1e300,-0.25]}}
[0]
$ tiny list --suite odd
0  json={"a":[1,2]}
1  json=0.5
2  json=0.1 (a tenth)
3  json=[1e300,-0.25]
[0]
$ tiny list --suite slow --shard 3/3 --count
334
[0]
$ tiny list --suite slow --sample 4 | wc -l
4
[0]
$ diff <(tiny list --suite slow --sample 5 --seed 7) <(tiny list --suite slow --sample 5 --seed 7)
[0]
$ for k in 1 2 3; do tiny list --suite slow --shard $k/3; done | sort -n | diff - <(tiny list --suite slow)
[0]
$ combtest list tiny --suite tiny --count
18
[0]
$ combtest list --count --suite tiny -- tiny
18
[0]
$ ln -s "$(command -v tiny)" own; combtest list own --count --suite odd
4
[0]
$ combtest list ./own --count --suite odd
4
[0]

What is wrong with a selection is said.
$ tiny list --suite tiny --only 18
tiny: error: there is no walk 18; the largest id is 17
[2]
$ tiny list --suite tiny --only 3-
tiny: error: --only: '3-': not a list of walk ids, such as 3,7-9 (at character 3)
[2]
$ tiny list --suite tiny --shard 4/3
tiny: error: --shard: '4/3' is no part; write K/N with K from 1 to N, such as 1/4
[2]
$ tiny list --suite tiny --sample some
tiny: error: --sample: 'some' is no whole number from 0 to 9223372036854775807
[2]
$ tiny list --suite twice
twice: error: suite 'twice': two actions are named 'a'; names must differ
[2]

Output that is not taken is noticed.
$ tiny list --suite slow > /dev/full
slow: error: standard output: (write error|No space left on device) (re)
[3]
$ tiny list --suite slow | head -1; echo "${PIPESTATUS[0]}"
0  a=0 b=0 c=0
0
[0]
$ tiny list --suite slow | true; echo "${PIPESTATUS[0]}"
0
[0]
$ tiny --help > /dev/full
tiny: error: standard output: No space left on device
[3]
$ combtest --version > /dev/full
combtest: error: standard output: No space left on device
[3]
