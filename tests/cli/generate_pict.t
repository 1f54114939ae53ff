A script that calls pict works unchanged: its switches with / or -, in any case.
$ printf 'A: 1, 2\nB: x, X\nC: 5 | 6, ~7\n' >m
> combtest generate m /o:3 >a; combtest generate m -O:3 >b; combtest generate m /o:max >c; cmp a b && cmp a c && cat a
A	B	C
1	x	5
1	X	6
2	x	5
2	X	6
1	x	~7
1	X	~7
2	x	~7
2	X	~7
[0]
$ combtest generate m /o:4
combtest: error: /o:4: expected at most 3, which is how many parameters there are
[2]
$ printf 'A: 1, 2\nB: x, X\n[B] = "x";\n' >case
> combtest generate case /c
combtest: warning: the constraints exclude B=X; --explain says how
A	B
1	x
2	x
[0]
$ combtest generate case
combtest: warning: case:3:1: each value of [B] satisfies this
A	B
1	x
1	X
2	x
2	X
[0]
$ printf 'A:\t1 2§3 !4\nB:\tx\n' >odd; combtest generate odd /d:space /a:§ /n:!
A	B
1	x
2	x
!4	x
[0]
$ combtest generate m /s
Combinations:   12
Generated tests:6
Generation time:0:00:00
[0]
$ printf 'A\tC\n2\t~7\n' >seeds; combtest generate m /o:1 /e:seeds /r:3 | grep -cx '2	.	~7'
Used seed: 3
1
[0]
$ combtest generate m /o:1 /e:/dev/null | head -1
combtest: warning: /dev/null: there are no rows to begin with: the first line is empty
A	B	C
[0]
An expected result is no input, whatever a seed says of it.
$ printf '$R: ok, bad\nA: a, b\nB: 1, 2\nIF [A] = "a" THEN [$R] = "ok";\n' >result
> printf '$R\tA\tB\nbad\ta\t2\n?\tb\t1\nok\t\t\n' >seeds; combtest generate result /e:seeds
$R	A	B
ok	a	1
ok	a	2
?	b	1
?	b	2
[0]
$ combtest generate m /o:1 /r | head -1
Used seed: [0-9]+ (re)
A	B	C
[0]
$ combtest generate m /o:1 /f:json | tail -1
]
[0]
$ combtest generate m /o:1 /f:text /v | tail -1 >/dev/null
combtest: note: A: 2 values, numbers
combtest: note: B: 2 values, strings
combtest: note: C: 2 values, numbers
combtest: note: 0 sub-models, 0 constraints
[0]
Sub-models are covered first; their rows then are values.
$ cat >sub <<'END'
> A: 1, 2
> B: 1, 2
> C: 1, 2
> { A, B } @ 1
> END
> combtest generate sub
A	B	C
1	1	1
1	1	2
2	2	1
2	2	2
[0]
$ combtest generate sub /o:3
combtest: error: /o:3: expected at most 2, which is how many sub-models and parameters in none there are
[2]
What is wrong with a switch is said.
$ for switch in /o /o:0 /o:x /d: /d:ab /e: /r:x /f:xml /c:1 /s:1; do combtest generate m $switch; done
combtest: error: /o: expected a value behind a colon
combtest: error: /o:0: expected an order from 1 to 12, or max, behind the colon
combtest: error: /o:x: expected an order from 1 to 12, or max, behind the colon
combtest: error: /d:: expected a value behind a colon
combtest: error: /d:ab: expected one character, space or tab behind the colon
combtest: error: /e:: expected a value behind a colon
combtest: error: /r:x: expected a whole number behind the colon
combtest: error: /f:xml: expected text or json behind the colon
combtest: error: /c:1: expected no value
combtest: error: /s:1: expected no value
[2]
$ combtest generate m /c -C
combtest: error: -C: this switch is there twice
[2]
Rows that differ in open results alone are one.
$ printf 'A: 1, 2\nB: x, y\n$R: c, ~d, ~e\n' >opened; combtest generate opened
A	B	$R
1	x	?
1	y	?
2	x	?
2	y	?
[0]
