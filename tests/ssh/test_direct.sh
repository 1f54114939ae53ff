#!/usr/bin/env bash
# Hosts that are direct: started over ssh, they talk to the run by its listening socket. Walks come out as they do here;
# the end of the ssh connection is the end of what runs there; a port that cannot be reached is named.
source "$(dirname "$0")/lib.sh"
server a
server b
trust a b
settings "direct = yes"
hosts="$(at a),$(at b)*2"

zlib_suite -q --sample 300 --log-dir here >here.out 2>&1 || fail "here: $(cat here.out)"
zlib_suite --require-all --sample 300 --hosts "$hosts" --log-dir there >there.out 2>there.err || fail "there: exit code $?: $(cat there.err)"
outcomes here >here.txt
outcomes there >there.txt
holds "zlib ran" test -s here.txt
holds "zlib: the same outcome, walk by walk" diff here.txt there.txt
for name in a b; do
    says "$name is direct" there/run.log "$(at $name): connecting directly to the run, at tls[+]tcp://127[.]0[.]0[.]1:[0-9]+"
done
holds "nothing is left" empty

# One host direct, by its section, and one not.
settings ""
printf '[HOST %s]\ndirect = yes\n' "$(at b)" >>combtest.cfg
ssh_steady -q --sample 200 --log-dir here2 >here.out 2>&1 || true
ssh_steady --require-all --sample 200 --hosts "$hosts" --log-dir mixed >out 2>err || true
for name in a b; do says "$name ran walks under its name" <(cat mixed/*.trace) "\"service\":\"$(at $name)/"; done
says "b alone is direct" mixed/run.log "$(at b): connecting directly"
if grep -q "$(at a): connecting directly" mixed/run.log; then fail "a is direct, too"; fi
outcomes here2 >here2.txt
outcomes mixed >mixed.txt
holds "the same outcome, walk by walk" diff here2.txt mixed.txt

# Ports that cannot be reached.
settings "direct = yes" "connect_timeout = 20" "start_timeout = 20"
code=0
hello --hosts "$(at a)" --advertise 192.0.2.1 >out 2>err || code=$?
holds "an address where the run is not: exit code 3" test "$code" -eq 3
says "it is named, with why" err "^host $(at a): (direct: cannot reach the run|it was not up within .*) at tls[+]tcp://192[.]0[.]2[.]1:"
says "and in the end" out "note: no service could be started: $(at a): .*tls[+]tcp://192[.]0[.]2[.]1:"
holds "nothing is left" empty
done_testing
