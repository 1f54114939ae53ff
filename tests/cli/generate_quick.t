combtest-generate is `combtest generate` by another name: each of the models here, and each way of calling it.
$ for model in $(find $SOURCE/tests/generate/models $SOURCE/tests/fuzz/corpus/pict -type f ! -name README.md | sort); do
>     combtest generate $model --effort fast >rows 2>words; code=$?
>     combtest-generate $model --effort fast >rows_too 2>words_too; echo $? $code | awk '$1 != $2'
>     cmp rows rows_too; cmp words words_too; echo $code
> done | sort | uniq -c | awk '{ print $2, ($1 > 10) }'
0 1
2 1
[0]
$ printf 'A: 1, 2\nB: x, X\nC: 5 | 6, ~7\n' >m; printf 'Ä: ä, Ö\nB: 1, 2\n' >letters; printf 'A\n1\n' >seeds; mkdir d; (cat m; echo '[B] <> [B];') >nothing; (cat m; echo '[B] = "x";') >less
> same() { diff <(combtest generate "$@" 2>&1; echo $?) <(combtest-generate "$@" 2>&1; echo $?); }
> for format in pict csv json markdown; do same m --effort fast --format $format; done
> for words in "m -t 3" "m -t1 --random 7" "letters" "letters /c" "nothing" "less" "- /o:1" "d" "none" "m m" "m -t 0" "m --quiet" "m -v" "m --stats" "m /s" "m /r:3" \
>     "m --seed-rows seeds" "m /e:none" "m --measure seeds" "m --explain" "m -o rows" "m -o d" "m /p" "--help" "" "-h m"; do
>     same $words --effort fast
>     [[ $words == *v* ]] || same $words </dev/null
> done; same m /o:2 /d:, ; cat rows
A	B	C
1	x	5
1	X	6
2	x	5
2	X	6
1	x	~7
2	X	~7
[0]
$ combtest-generate <(printf 'A: 1, 2\nB: 3\n') --effort fast; printf 'A: 1, 2\n' | combtest-generate - --effort fast
A	B
1	3
2	3
A
1
2
[0]
$ combtest-generate m --effort fast >/dev/full
combtest: error: standard output: No space left on device
[3]
$ combtest-generate m --effort fast | head -n 1
A	B	C
[0]
C libraries differ in what they call out of range, and in how they write.
$ same() { diff <(combtest generate "$@" 2>&1; echo $?) <(combtest-generate "$@" 2>&1; echo $?); }
> for number in 0x1p1024 1e309 -1e309 0x1p-1074 3e-324 1e-400 -0x0.0p9 0e999 0x inf -inf nan 1e308 2.3e-308; do
>     printf 'A: 1, %s, 3\nB: 1, 2\nIF [A] > 2 THEN [B] = 1;\n' "$number" >edge; same edge --effort fast
>     combtest generate edge --effort fast 2>&1 >/dev/null | grep -q numbers && echo "$number is a string"
> done; [[ $number ]]
0x1p1024 is a string
1e309 is a string
-1e309 is a string
0x1p-1074 is a string
3e-324 is a string
1e-400 is a string
0x is a string
[0]
$ printf 'A: %01024d\n' 0 >piece; combtest-generate piece --effort fast >/dev/full
combtest: error: standard output: No space left on device
[3]
$ echo 'A: 1' >./-; printf 'A: 1, 2\nB: é\n' | combtest-generate - --effort fast; combtest-generate $(seq 1 132000) 2>&1
A	B
1	é
2	é
combtest: error: 2: unexpected; the model is 1
[2]
