Joining a run, and listening for services: what is wrong is said in one line, before anything starts.
$ combtest service
combtest: error: service needs a suite: combtest service SUITE [options]
[2]
$ tiny service --suite tiny
tiny: error: service needs --join URL, where the run listens
[2]
$ tiny service --suite tiny --join tcp://127.0.0.1:1
tiny: error: service needs --token-file FILE, that of the run
[2]
$ tiny service --suite tini --join tcp://127.0.0.1:1 --token-file none
tiny: error: --suite: there is no 'tini'; the program has tiny, failing, slow, many, stuck, talking, sour, flaky, crashing, odd, twice, printing
[2]
$ tiny service --suite tiny --only 3 --join tcp://127.0.0.1:1 --token-file none
tiny: error: --only is no option of service, but of run
[2]
$ tiny --suite tiny --join tcp://127.0.0.1:1 --token-file none
tiny: error: --join is no option of run, but of service
[2]
$ combtest service ./nowhere --join tcp://127.0.0.1:1 --token-file none
combtest: error: ./nowhere: cannot be run: No such file or directory
[2]
$ tiny service --suite tiny --join udp://127.0.0.1:1 --token-file none
tiny: error: --join: 'udp://127.0.0.1:1' is no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ tiny service --suite tiny --join nonsense --token-file none
tiny: error: --join: 'nonsense' is no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ tiny service --suite tiny --join tcp://127.0.0.1 --token-file none
tiny: error: --join: 'tcp://127.0.0.1' has no port: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ tiny service --suite tiny --join tcp://:6187 --token-file none
tiny: error: --join: 'tcp://:6187' has no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ tiny service --suite tiny --join tcp://127.0.0.1:99999 --token-file none
tiny: error: --join: 'tcp://127.0.0.1:99999': '99999' is no port: it is a number from 1 to 65535
[2]
$ tiny service --suite tiny --join tcp://127.0.0.1:0 --token-file none
tiny: error: --join: 'tcp://127.0.0.1:0': '0' is no port: it is a number from 1 to 65535
[2]
$ tiny service --suite tiny --join "tcp://127.0.0.1:1 more" --token-file none
tiny: error: --join: 'tcp://127.0.0.1:1 more' is no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ tiny service --suite tiny --join tcp://127.0.0.1:1 --token-file none
tiny: error: cannot read the token file none: No such file or directory
[2]
$ mkdir directory; tiny service --suite tiny --join tcp://127.0.0.1:1 --token-file directory
tiny: error: the token file directory is no regular file
[2]
$ echo words >words; chmod 600 words; tiny service --suite tiny --join tcp://127.0.0.1:1 --token-file words
tiny: error: words is no token file: a run with --listen makes one where there is none
[2]
$ chmod 644 words; tiny service --suite tiny --join tcp://127.0.0.1:1 --token-file words
tiny: error: the token file words can be read by others: chmod 600 words
[2]
$ printf 'combtest token 1\n0123456789abcdef0123456789abcdef\n' >token; chmod 600 token
[0]
$ tiny service --suite tiny --join tls+tcp://127.0.0.1:1 --token-file token
tiny: error: the token file has no certificate: is the run's --listen a tls+tcp one?
[2]
$ tiny service --suite tiny --services 0 --join tcp://127.0.0.1:1 --token-file token
tiny: error: --services: a service that joins has at least 1
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:0
tiny: error: listen needs token_file: the file by which services and the run know each other; it is made where it is missing
[2]
$ tiny --suite tiny --listen udp://127.0.0.1:1 --token-file new
tiny: error: listen: 'udp://127.0.0.1:1' is no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT
[2]
$ for address in '[::1' '[::1]x:1' '::1:6187' '[]:1' '[localhost]:1' '::1]'; do tiny --suite tiny --listen "tls+tcp://$address" --token-file new; done
tiny: error: listen: 'tls+tcp://[::1' is no address: an IPv6 one stands in brackets, [::1]
tiny: error: listen: 'tls+tcp://[::1]x:1' is no address: an IPv6 one stands in brackets, [::1]
tiny: error: listen: 'tls+tcp://::1:6187' is no address: an IPv6 one stands in brackets, [::1]
tiny: error: listen: 'tls+tcp://[]:1' is no address: an IPv6 one stands in brackets, [::1]
tiny: error: listen: 'tls+tcp://[localhost]:1' is no address: an IPv6 one stands in brackets, [::1]
tiny: error: listen: 'tls+tcp://::1]' is no address: an IPv6 one stands in brackets, [::1]
[2]
$ tiny service --suite tiny --join tcp://::1:6187 --token-file token
tiny: error: --join: 'tcp://::1:6187' is no address: an IPv6 one stands in brackets, [::1]
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:99999 --token-file new
tiny: error: listen: 'tcp://127.0.0.1:99999': '99999' is no port: it is a number from 0 to 65535
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:http --token-file new
tiny: error: listen: 'tcp://127.0.0.1:http': 'http' is no port: it is a number from 0 to 65535
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:0 --token-file directory
tiny: error: the token file directory is no regular file
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:0 --token-file words
tiny: error: the token file words can be read by others: chmod 600 words
[2]
$ tiny --suite tiny --listen tcp://127.0.0.1:0 --token-file nowhere/new
tiny: error: cannot write the token file nowhere/new: No such file or directory
[3]
$ tiny --suite tiny --listen tls+tcp:// --token-file new --set NET.certificate=c.pem
tiny: error: [NET] certificate and [NET] key go together: two files, PEM
[2]
$ tiny --suite tiny --listen tls+tcp:// --token-file new --set NET.certificate=c.pem --set NET.key=k.pem
tiny: error: cannot read c.pem
[2]
$ cp token c.pem; cp token k.pem; tiny --suite tiny --listen tls+tcp:// --token-file new --set NET.certificate=c.pem --set NET.key=k.pem 2>&1 | sed 's/:[0-9]*:/:PORT:/'; rm new
tiny: error: cannot listen at tls+tcp://127.0.0.1:PORT: the certificate or its key is none, or they do not belong together
[0]
$ ls -A
.combtest
c.pem
directory
k.pem
token
words
[0]
$ # A port in use is an error where it was named, and passed over where it was not. The runs stand in each other's way.
> : >a.err; tiny --suite tiny --services 0 --listen tcp://127.0.0.1 --token-file a.token >a.out 2>a.err & one=$!
> for i in {1..300}; do grep -q 'waits for one' a.err && break; sleep 0.1; done
> port=$(sed -nE 's/.*--join tcp:..127.0.0.1:([0-9]+).*/\1/p' a.err)
> tiny --suite tiny --listen tcp://127.0.0.1:$port --token-file b.token 2>&1 | sed "s/:$port/:PORT/"
> tiny -q --suite tiny --listen tcp://127.0.0.1 --set NET.service_port=$port --token-file b.token 2>&1 | grep -v " in " | sed -E "s/:[0-9]+ /:ANOTHER /;s/:$port/:PORT/;s/[^ ]*tiny service/tiny service/"
> kill -TERM $one; wait $one
tiny: error: cannot listen at tcp://127.0.0.1:PORT: Address in use
services may join: tiny service --join tcp://127.0.0.1:ANOTHER --token-file b.token
  passed      12
  canceled    6
  serial runs 2
hosts:
  [^ ]+ = 18 (re)
counters:
  levels = 18
[143]
$ # Who joins with another run's file is told which file it is; who joins what is no run, that.
> : >a.err; tiny --suite tiny --services 0 --listen tls+tcp:// --token-file a.token >a.out 2>a.err & one=$!
> : >b.err; tiny --suite tiny --services 0 --listen tls+tcp:// --token-file b.token >b.out 2>b.err & two=$!
> ssh_mute garbage sshd.port & mute=$!
> for i in {1..300}; do grep -q 'waits for one' a.err && grep -q 'waits for one' b.err && [[ -e sshd.port ]] && break; sleep 0.1; done
> port=$(sed -nE 's/.*--join tls.tcp:..127.0.0.1:([0-9]+).*/\1/p' a.err)
> join() { tiny service --suite tiny --join $1 --token-file $2 2>&1 | sed -E 's/127.0.0.1:[0-9]+/HERE/'; }
> join tls+tcp://127.0.0.1:$port b.token
> sed '2s/.*/0123456789abcdef0123456789abcdef/' a.token >old.token; chmod 600 old.token; join tls+tcp://127.0.0.1:$port old.token
> join tcp://127.0.0.1:$port a.token
> join tcp://127.0.0.1:$(cat sshd.port) token
> join tls+tcp://127.0.0.1:$(cat sshd.port) a.token
> kill -TERM $one $two $mute; wait
tiny: error: what listens at tls+tcp://HERE does not show the certificate in the token file b.token: the file is not that run's (it is made anew for each: copy it again), or no tls+tcp run listens there
tiny: error: the run at tls+tcp://HERE has another token than the token file old.token: copy the file of that run
tiny: error: the run of the token file a.token listens with TLS: join it at tls+tcp://HERE
tiny: error: what listens at tcp://HERE is no run of combtest
tiny: error: what listens at tls+tcp://HERE does not show the certificate in the token file a.token: the file is not that run's (it is made anew for each: copy it again), or no tls+tcp run listens there
[0]
$ # Who finds nobody is patient for 10 s, and takes little of the processor for it.
> TIMEFORMAT='%U %S'; { time tiny service --suite tiny --join tcp://127.0.0.1:1 --token-file token 2>said; } 2>times
> cat said; awk '$1 + $2 > 0.8 { print "it took " $0 " s" }' times
tiny: error: cannot connect to tcp://127.0.0.1:1: Connection refused
[0]
$ # The highest port alone is left to try.
> : >a.err; tiny --suite tiny --services 0 --listen tcp://127.0.0.1:65535 --token-file a.token >a.out 2>a.err & one=$!
> for i in {1..300}; do grep -q 'waits for one' a.err && break; sleep 0.1; done
> tiny --suite tiny --listen tcp://127.0.0.1 --set NET.service_port=65535 --token-file b.token
> kill -TERM $one; wait $one
tiny: error: cannot listen at tcp://127.0.0.1: the ports from 65535 to 65535 are all in use
[143]
$ # A program without the suite of the run says so, and the run goes on.
> : >a.err; tiny --suite tiny --services 0 --listen tcp://127.0.0.1:0 --token-file a.token >a.out 2>a.err & one=$!
> for i in {1..300}; do grep -q 'waits for one' a.err && break; sleep 0.1; done
> url=$(sed -nE 's/.*--join ([^ ]*).*/\1/p' a.err)
> tiny service --suite failing --join $url --token-file a.token 2>&1 | sed "s,$url,URL,"
> kill -TERM $one; wait $one
failing: error: the run at URL is of suite 'tiny', which this program has not
[143]
