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
