The progress line, on a terminal and elsewhere.
$ script -qec 'TERM=xterm tiny --suite slow --only 0-29 --services 1 > report' typescript > /dev/null
[0]
$ tr '\r' '\n' < typescript | grep -c 'slow: [0-9]*/30 ([0-9]* %), [0-9]*/s, [0-9]*:[0-9]*' | sed 's/[1-9][0-9]*/some/'
some
[0]
$ tr '\r' '\n' < typescript | grep -a '\[K' | tail -1 | tr -d '\033'
[K
[0]
$ script -qec 'TERM=xterm COLUMNS=12 tiny --suite slow --only 0-29 --services 1 > report' typescript > /dev/null
[0]
$ tr '\r' '\n' < typescript | sed 's/\x1b\[K//g' | grep -a slow: | awk '{ if (length($0) > 11) wrong = 1 } END { print (NR > 0), wrong + 0 }'
1 0
[0]
$ script -qec 'TERM=xterm tiny --suite slow --only 0-2 --services 1 --quiet > report' typescript > /dev/null; grep -c slow: typescript
0
[1]
$ script -qec 'TERM=dumb tiny --suite slow --only 0-2 --services 1 > report' typescript > /dev/null; grep -c slow: typescript
0
[1]
$ tiny --suite slow --only 0-2 --services 1 2>&1 > report
[0]

Colors are for a terminal, and not where NO_COLOR is set.
$ script -qec 'TERM=xterm tiny --suite failing --only 1 2> /dev/null' typescript > /dev/null; grep -c 'failed' typescript; grep -c '\[31m' typescript
2
3
[0]
$ script -qec 'NO_COLOR=1 TERM=xterm tiny --suite failing --only 1 2> /dev/null' typescript > /dev/null; grep -c 'failed' typescript; grep -c '\[31mfailed' typescript
2
0
[1]
