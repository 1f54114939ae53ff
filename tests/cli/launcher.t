A launcher of one's own (examples/launcher): hosts are directories.
$ mkdir -p hosts/a hosts/b; launcher a,b*2
6 of 6 walks passed
[0]
$ launcher local,a
6 of 6 walks passed
[0]
$ launcher a,nowhere
6 of 6 walks passed
[0]
$ launcher nowhere
0 of 6 walks passed; no service could be started: nowhere: cannot start .*/launcher for host nowhere (re)
[3]
$ launcher a,,b
hosts: '': this is no host's name or address; write [user@]host[:port][*services], and an IPv6 address with a port as [::1]:22
[2]
$ launcher 'a*0'
hosts: 'a*0': services are counted from 1 to 1024; write [user@]host[:port][*services], and an IPv6 address with a port as [::1]:22
[2]
$ ls hosts/a hosts/b
hosts/a:

hosts/b:
[0]
