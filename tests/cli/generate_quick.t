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
