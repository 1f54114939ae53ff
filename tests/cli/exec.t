`combtest exec`: programs under test without a line of C.
$ combtest exec -p a=1,2 -p b=x,y --services 1 --log-dir logs -- sh -c 'echo hello {a}{b}; test {a}{b} != 2y' | sed 's/ in [0-9].*//; s/again: .*combtest/again: combtest/; s/logs\/.*trace/logs\/T/'
exec: 4 walks
  passed      3
  failed      1

walk 3 failed: exited with 1
    a=2 b=y
    output:
      hello 2y
    again: combtest replay logs/T 3
[0]
$ combtest exec -p a=1,2 --services 1 -- test {a} = 1 > /dev/null; echo $?
1
[0]
$ combtest replay logs/*.trace 3
stage 0: a = 2: passed
stage 0: b = "y": passed
stage 0: command
hello 2y
    failed: exited with 1
walk 3 failed: exited with 1
[1]
$ combtest replay logs/*.trace 0 -q
hello 1x
walk 0 passed
[0]
$ combtest exec -p a=1,2,3 -p b=x,y,z -p c=0.5,0.25 -t3 --constraints 'IF [a] >= 2 THEN [b] <> "x"; [c] < 0.5;' --list -- echo {a} {b} {c}
exec: note: the constraints exclude c=0.5: constraints:1: [c] < 0.5;
0  a=1 b=x c=0.25
1  a=1 b=y c=0.25
2  a=1 b=z c=0.25
3  a=2 b=y c=0.25
4  a=2 b=z c=0.25
5  a=3 b=y c=0.25
6  a=3 b=z c=0.25
[0]
$ combtest exec -p a=1,2,3 -p b=x,y,z -p c=u,v,w -t2 --list --count -- echo {a} {b} {c}
9
[0]
$ combtest exec -p 'a=1,01,1\,5,,true' --list --json -- echo {a}
{"walk":0,"options":{"a":1}}
{"walk":1,"options":{"a":"01"}}
{"walk":2,"options":{"a":"1,5"}}
{"walk":3,"options":{"a":""}}
{"walk":4,"options":{"a":"true"}}
[0]
$ combtest exec -pa=1 --parameter=b=2 --parameter c=3 --list -- echo {a}{b}{c}
0  a=1 b=2 c=3
[0]
Each place of a value in each word is filled in; other braces stay.
$ combtest exec -p a=7 --services 1 --log-dir words -- sh -c 'printf "%s\n" "$@" > words/out' - '{a}{a}' 'x{a}y{b}' '{}' '{a' > /dev/null; cat words/out
77
x7y{b}
{}
{a
[0]
What a command ends with.
$ combtest exec -p a=3,0 --services 1 -- sh -c 'exit {a}' | grep '^walk'
walk 0 failed: exited with 3
[0]
$ combtest exec -p a=KILL --services 1 -- sh -c 'kill -{a} $$' | grep '^walk'
walk 0 failed: ended by SIGKILL
[0]
$ combtest exec -p a=nosuch --services 1 -- ./{a}/program | grep '^walk'
walk 0 failed: ./nosuch/program: cannot be run: No such file or directory
[0]
$ combtest exec -p a=1000 --services 1 --timeout 0.2 -- sleep {a} | grep '^walk'
walk 0 timed-out: in action command: still running after 0.2 s
[0]
Mistakes.
$ combtest exec
combtest: error: exec needs a command: combtest exec -p NAME=VALUE,VALUE -- CMD {NAME}
[2]
$ combtest exec -p a=1
combtest: error: exec needs a command: combtest exec -p NAME=VALUE,VALUE -- CMD {NAME}
[2]
$ combtest exec -- true
combtest: error: exec needs a parameter: combtest exec -p NAME=VALUE,VALUE -- CMD {NAME}
[2]
$ combtest exec -p a -- echo {a}
combtest: error: exec: -p 'a': write NAME=VALUE,VALUE
[2]
$ combtest exec -p =1 -- echo {a}
combtest: error: exec: -p '=1': write NAME=VALUE,VALUE
[2]
$ combtest exec -p a=1 -- echo
combtest: error: exec: no word of the command has {a}
[2]
$ combtest exec -p a=1 -p a=2 -- echo {a}
combtest: error: exec: parameter a is given twice
[2]
$ combtest exec -p a=1 --strenght 2 -- echo {a}
combtest: error: --strenght: unknown option; did you mean --strength?
[2]
$ combtest exec -p a=1 --constraints '[b] = 1;' -- echo {a}
exec: error: suite 'exec': constraints:1:1: there is no action 'b'
[2]
$ combtest exec --help | head -3
usage: combtest exec -p NAME=VALUE,VALUE... [-p ...] [options] -- CMD [ARGUMENT...]

Runs a program with each combination of its parameters' values, or with --strength N with the few that have all
[0]
$ combtest exec -p a=1,2 --listen tcp://127.0.0.1 --token-file token -- true {a}
exec: error: --listen: exec cannot listen: no service could join it; name hosts, --hosts a,b
[2]
$ COMBTEST_RUN_LISTEN=tcp://127.0.0.1 combtest exec -p a=1,2 -- true {a}
exec: error: COMBTEST_RUN_LISTEN: exec cannot listen: no service could join it; name hosts, --hosts a,b
[2]
$ printf '[RUN]\nlisten = tcp://127.0.0.1\n' >combtest.cfg; combtest exec -p a=1,2 -- true {a}; rm combtest.cfg
exec: error: combtest.cfg:2: exec cannot listen: no service could join it; name hosts, --hosts a,b
[0]
