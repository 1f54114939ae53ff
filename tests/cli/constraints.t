Constraints of suites, and should_cancel.
$ covering list --suite disk --only 3,27,50
3  size=10 method=slow file system=FAT compression=true  excluded by IF [file system] <> "ntfs" THEN [compression] = "false";
27  size=10 method=slow file system=FAT32 compression=true  excluded by IF [file system] <> "ntfs" THEN [compression] = "false";
50  size=10 method=slow file system=NTFS compression=false
[0]
$ covering list --suite disk --only 3,50 --json
{"walk":3,"options":{"size":10,"method":"slow","file system":"FAT","compression":true},"excluded":"IF [file system] <> \"ntfs\" THEN [compression] = \"false\";"}
{"walk":50,"options":{"size":10,"method":"slow","file system":"NTFS","compression":false}}
[0]
$ covering run --suite disk --only 0-20 | sed 's/ in .*//'
disk: 21 walks
  passed      9
  excluded    12
  serial runs 1
[0]
$ covering run --suite disk --only 3 --trace all --log-dir logs | sed 's/ in .*//'; echo ${PIPESTATUS[0]}
disk: 1 walk
  excluded    1
  serial runs 1

note: no walk came to its end: excluded by the constraint IF [file system] <> "ntfs" THEN [compression] = "false"; (1 walk)
4
[0]
$ covering list --suite mistaken
mistaken: error: suite 'mistaken': constraints:2:4: there is no action 'metod'; did you mean [method]?
[2]
$ covering list --suite narrow --only 0
narrow: note: the constraints exclude size=10: constraints:1: [size] > 10;
0  size=10 method=quick file system=FAT compression=false  excluded by [size] > 10;
[0]
$ covering run --suite narrow -t4 -q > out; sed -n 's/ in .*//; 1,4p' out
narrow: 42 walks
  passed      39
  failed      3
  serial runs 3
[0]
$ covering run --suite impossible -t2 2>&1 | sed 's/ in .*//'; echo ${PIPESTATUS[0]}
the constraints exclude every walk: constraints:1: [size] > 10; and constraints:1: [size] = 10;
impossible: 0 walks

note: the constraints, or should_cancel, exclude every walk
4
[0]
$ covering list --suite impossible -t2 --count
impossible: note: the constraints exclude every walk: constraints:1: [size] > 10; and constraints:1: [size] = 10;
0
[0]
should_cancel is asked where it does no harm.
$ covering list --suite choosy -t2 --json > out; grep -c -e '"size":4096,"file system":"FAT"' -e '"size":10000,"file system":"FAT"' out
choosy: note: should_cancel excludes 2 of 53 combinations: size=4096 file system=FAT; size=10000 file system=FAT
0
[1]
$ covering list --suite choosy -t4 | head -5
choosy: note: should_cancel excludes 12 of 72 combinations: size=4096 file system=FAT method=quick compression=false; size=4096 file system=FAT method=quick compression=true; size=4096 file system=FAT method=slow compression=false; size=4096 file system=FAT method=slow compression=true; and 8 more
0  size=10 file system=FAT method=quick compression=false
1  size=10 file system=FAT method=quick compression=true
2  size=10 file system=FAT method=slow compression=false
3  size=10 file system=FAT method=slow compression=true
4  size=10 file system=FAT method=null compression=false
[0]
$ covering list --suite choosy -t4 --count
choosy: note: should_cancel excludes 12 of 72 combinations: size=4096 file system=FAT method=quick compression=false; size=4096 file system=FAT method=quick compression=true; size=4096 file system=FAT method=slow compression=false; size=4096 file system=FAT method=slow compression=true; and 8 more
60
[0]
$ covering run --suite choosy -t4 2>&1 | sed 's/ in [0-9].*//'
should_cancel excludes 12 of 72 combinations: size=4096 file system=FAT method=quick compression=false; size=4096 file system=FAT method=quick compression=true; size=4096 file system=FAT method=slow compression=false; size=4096 file system=FAT method=slow compression=true; and 8 more
choosy: 60 walks
  passed      60
[0]
$ covering list --suite brittle -t4 --count
brittle: note: should_cancel gave no answer 18 times, as it crashed or hung: such rows are kept
72
[0]
$ covering run --suite brittle -t4 2>/dev/null | sed -n 's/ in [0-9].*//; 1,/^$/p'
brittle: 72 walks
  passed      54
  crashed     18

[0]
$ covering list --suite stubborn -t2 --count 2>&1 | grep -c "should_cancel gave no answer"
1
[0]
