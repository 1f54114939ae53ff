combtest generate --measure: what somebody else's rows cover, and which of them are wrong.
$ cat >m <<'END'
> A: 1, 2
> B: x, y
> C: p, ~q
> IF [A] = 1 THEN [B] <> "y";
> END
> printf 'C\tA\tB\np\t1\tx\np\t2\ty\n~q\t1\ty\nq\t2\tx\n' >rows
> combtest generate m --measure rows
4 rows
strength 1: 6 of 6 combinations covered, 100.00 %; 0 excluded
strength 2: 8 of 11 combinations covered, 72.73 %; 1 excluded
missing: A=2, B=x
missing: A=1, C=~q
missing: B=y, C=~q
rows:4: breaks m:4: IF [A] = 1 THEN [B] <> "y";
[0]
What we generate covers everything.
$ for format in pict csv json; do combtest generate m --format $format >own; combtest generate m --measure own | tail -1; done
strength 2: 11 of 11 combinations covered, 100.00 %; 1 excluded
strength 2: 11 of 11 combinations covered, 100.00 %; 1 excluded
strength 2: 11 of 11 combinations covered, 100.00 %; 1 excluded
[0]
$ echo '[[{"key": "A", "value": "1"}, {"key": "B", "value": "y"}]]' >json; combtest generate m --measure json | tail -1
json: row 1: cannot be completed to a row that the constraints allow
[0]
What only rows with a negative value can have is covered by them, and by no row that breaks a constraint.
$ cat >n <<'END'
> A: a, b
> B: 1, 2
> C: x, ~y
> $R: good, bad
> IF [A] = "b" THEN IsNegative();
> IF IsNegative() THEN [$R] = "bad" ELSE [$R] = "good";
> END
> combtest generate n
A	B	C	$R
a	1	x	good
a	2	x	good
a	2	~y	bad
b	1	~y	bad
b	2	~y	bad
[0]
$ combtest generate n >own; combtest generate n --measure own
5 rows
strength 1: 8 of 8 combinations covered, 100.00 %; 0 excluded
strength 2: 13 of 13 combinations covered, 100.00 %; 1 excluded
[0]
$ printf 'A\tB\tC\t$R\nb\t1\tx\tbad\nb\t2\t~y\tbad\na\t1\tx\tgood\na\t2\t~y\tbad\n' >rows; combtest generate n --measure rows
4 rows
strength 1: 7 of 8 combinations covered, 87.50 %; 0 excluded
strength 2: 9 of 13 combinations covered, 69.23 %; 1 excluded
missing: A=a, B=2
missing: B=2, C=x
missing: B=1, C=~y
missing: A=b, B=1
rows:2: breaks n:5: IF [A] = "b" THEN IsNegative();
[0]
$ combtest generate n -t1 --stats | head -3
Combinations:   8
Excluded:       0
Generated tests:3
[0]
A result that is open, as where two values are possible, may have each of them.
$ cat >open <<'END'
> A: 1, 2
> B: 1, ~2
> $R: good, odd, bad
> IF IsNegative() THEN [$R] = "bad" ELSE [$R] <> "bad";
> END
> combtest generate open >own; cut -f3 own | LC_ALL=C sort | uniq; combtest generate open --measure own
$R
?
bad
4 rows
strength 1: 7 of 7 combinations covered, 100.00 %; 0 excluded
strength 2: 7 of 7 combinations covered, 100.00 %; 0 excluded
[0]
$ printf 'A\tB\n1\t1\n' >rows; combtest generate open --measure rows
1 row
strength 1: 4 of 7 combinations covered, 57.14 %; 0 excluded
strength 2: 3 of 7 combinations covered, 42.86 %; 0 excluded
missing: A=2, B=1
missing: A=1, B=~2
missing: A=2, B=~2
missing: $R=bad
[0]
The order of rows with open results is nothing to it, nor that a value may need a negative one in one row and none in another.
$ printf 'P: b, x\n$Q: a, c\n$R: c, ~d\nIF [P] = "b" THEN [$Q] = "a" OR [$R] = "d";\n' >open
> printf 'P\t$Q\t$R\nb\t?\t?\nx\t?\t?\n' >rows; printf 'P\t$Q\t$R\nx\t?\t?\nb\t?\t?\n' >turned
> combtest generate open --measure rows >one; combtest generate open --measure turned | diff one - && cat one
2 rows
strength 1: 6 of 6 combinations covered, 100.00 %; 0 excluded
strength 2: 6 of 6 combinations covered, 100.00 %; 0 excluded
[0]
Of a sub-model no more is asked for than its order, whatever else is in the model.
$ printf 'A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2\n$R: x, y\n{ A, B } @ 1\n' >part
> for t in 1 2 3; do combtest generate part -t $t >rows; combtest generate part -t $t --measure rows | tail -n 1; done
strength 1: 10 of 10 combinations covered, 100.00 %; 0 excluded
strength 2: 20 of 20 combinations covered, 100.00 %; 0 excluded
strength 3: 8 of 8 combinations covered, 100.00 %; 0 excluded
[0]
A value and a negative one of the same name are told apart by the sign.
$ printf 'A: 1, ~1, 2\nB: x, y\n' >signs; combtest generate signs >rows; combtest generate signs --measure rows | tail -n 1
strength 2: 6 of 6 combinations covered, 100.00 %; 0 excluded
[0]
