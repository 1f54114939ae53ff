combtest-generate answers what is small alone, and leaves the rest to the combtest beside it.
needs: ! ldd "$(command -v combtest-generate)"
$ mkdir alone; cp "$(command -v combtest-generate)" alone; printf 'A: 1, 2\nB: x, y\nIF [A] = 1 THEN [B] = "x";\n' >m; alone/combtest-generate m --effort fast
A	B
1	x
2	x
2	y
[0]
$ alone/combtest-generate m
combtest-generate: error: /.*/alone/combtest: No such file or directory; by itself combtest-generate has the rows of small models with --effort fast alone (re)
[2]
$ for i in {1..20}; do echo "P$i: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"; done >large; alone/combtest-generate large -t 4 --effort fast 2>&1 | sed 's/.*alone.combtest: //'
> for i in {1..200}; do echo "P$i: 1, 2, 3, 4"; done >wide; alone/combtest-generate wide --effort fast 2>&1 | sed 's/.*alone.combtest: //'
No such file or directory; by itself combtest-generate has the rows of small models with --effort fast alone
No such file or directory; by itself combtest-generate has the rows of small models with --effort fast alone
[0]
$ ln -s "$(command -v combtest-generate)" pict; ./pict m /o:1; ln -sf "$(command -v combtest)" pict; ./pict m /o:1 | tail -n 1
A	B
1	x
2	y
2	y
[0]
$ cp alone/combtest-generate alone/combtest; alone/combtest m 2>&1 | sed 's/.*alone.combtest: //'
(Too many levels of symbolic links|Symbolic link loop); by itself combtest-generate has the rows of small models with --effort fast alone (re)
[0]
