combtest generate: rows of a model, in each format. Of two parameters all pairs are all rows, so these cannot change.
$ printf 'A: 1, ~2\nB: x | y, z\n' >m
> combtest generate m
A	B
1	x
1	z
~2	x
~2	z
[0]
$ printf 'A: 1, 2, 3\nB: x | y | z\n' | combtest generate - --format csv
A,B
1,x
2,y
3,z
[0]
$ printf 'A: a"b\nB, C: |, <f>\n' >odd
> for format in csv json markdown; do combtest generate odd '/d:;' /a:! --format $format; done
A,"B, C"
"a""b","|, <f>"
[
  [
    {
      "key": "A",
      "value": "a\"b"
    },
    {
      "key": "B, C",
      "value": "|, <f>"
    }
  ]
]
| A | B, C |
| --- | --- |
| a"b | \|, \<f> |
[0]
$ combtest generate m --format markdown
| A | B |
| --- | --- |
| 1 | x |
| 1 | z |
| ~2 | x |
| ~2 | z |
[0]
$ printf 'A: 1, ~2\n' >one
> combtest generate one -t 1 --format json
[
  [
    {
      "key": "A",
      "value": "1"
    }
  ],
  [
    {
      "key": "A",
      "value": "2"
    }
  ]
]
[0]
$ echo kept >all; combtest generate m -o /dev/stdout >>all; head -2 all
kept
A	B
[0]
$ combtest generate m -o rows && cat rows && combtest generate m -o rows2 --stats && cmp rows rows2
A	B
1	x
1	z
~2	x
~2	z
Combinations:   4
Excluded:       0
Generated tests:4
Generation time:0:00:00
[0]
The same rows whenever it is asked.
$ seq 1 12 | sed 's/.*/P&: 0, 1, 2/' >p12
> combtest generate p12 >a; combtest generate p12 >b; combtest generate p12 -t2 --effort default >c
> cmp a b && cmp a c && head -1 a
P1	P2	P3	P4	P5	P6	P7	P8	P9	P10	P11	P12
[0]
$ combtest generate p12 --random 1 >a; combtest generate p12 --random 1 >b; combtest generate p12 --random 2 >c
> cmp a b && ! cmp -s a c
[0]
Constraints, in the words of the model.
$ cat >fs <<'END'
> Size: 10, 5000
> Fs: FAT, NTFS
> IF [Fs] = "FAT" THEN [Size] <= 4096;
> END
> combtest generate fs
Size	Fs
10	FAT
10	NTFS
5000	NTFS
[0]
$ combtest generate fs --explain
excluded: Size=5000, Fs=FAT
  by fs:3: IF [Fs] = "FAT" THEN [Size] <= 4096;
[0]
$ printf 'A: 1, 2, 3\nB: 1, 2\n[A] <> [B];\n[A] < 3;\n[B] = 1;\n' >narrow; combtest generate narrow
combtest: warning: the constraints exclude A=1; --explain says how
combtest: warning: the constraints exclude A=3; --explain says how
combtest: warning: the constraints exclude B=2; --explain says how
A	B
2	1
[0]
$ combtest generate narrow --explain
excluded: A=1
  by narrow:3: [A] <> [B];
  by narrow:5: [B] = 1;
excluded: A=3
  by narrow:4: [A] < 3;
excluded: B=2
  by narrow:5: [B] = 1;
[0]
$ printf 'A: a, ~b\nC: c, ~d\nIsNegative(A);\n' | combtest generate - --explain
excluded: A=a
  by standard input:3: IsNegative(A);
excluded: C=~d
  by standard input:3: IsNegative(A);
[0]
$ printf 'A: 1, 2\nB: 1, 2\n[A] = 1;\n[A] = [B];\n[A] <> [B];\n' >none; combtest generate none
combtest: error: no row keeps these constraints together:
    none:4: [A] = [B];
    none:5: [A] <> [B];
[4]
$ combtest generate none --explain
excluded: everything
  by none:4: [A] = [B];
  by none:5: [A] <> [B];
[4]
$ combtest generate m --explain
no value and no pair of values is excluded
[0]
Rows to begin with.
$ printf 'Fs\tSize\tArch\nNTFS\t10\tx\nFAT\t7\t\nFAT\t5000\t\n' >seeds; combtest generate fs --seed-rows seeds
combtest: warning: seeds:1: there is no parameter 'Arch'; its column is left out
combtest: warning: seeds:3: there is no value '7'; it is left out
combtest: warning: seeds:4: the constraints exclude Fs=FAT in this row; the value is left out
Size	Fs
10	FAT
10	NTFS
5000	NTFS
[0]
An expected result is no input; what a row does not decide is a question mark.
$ printf 'A: 1, 2, 3\n$R: good, bad\nIF [A] = 1 THEN [$R] = "good";\nIF [A] = 2 THEN [$R] = "bad";\n' | combtest generate - /o:1
A	$R
1	good
2	bad
3	?
[0]
