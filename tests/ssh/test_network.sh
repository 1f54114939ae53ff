#!/usr/bin/env bash
# Servers that end in the middle of a run; a host without a route; hosts behind a wire that is late and loses packets:
# later results, and the same. test_network_long.sh has what takes longer.
# shellcheck disable=SC2034 # network.sh reads it
sample=300
source "$(dirname "$0")/network.sh"

# What was started over a connection does not need the server any more, nor does the run.
end_servers() {
    kill -KILL "$(cat h1/pid)" "$(cat h2/pid)"
}
during "servers that end" end_servers
calm "servers that end"

ip route add unreachable 10.88.0.0/24
code=0
"${steady[@]}" --require-all --hosts 10.77.0.1,10.77.0.3,10.88.0.1 >out 2>err || code=$?
holds "hosts that cannot be reached, --require-all: nothing runs" test "$code" -eq 3
says "a host without a route" err '10[.]88[.]0[.]1: cannot connect to 10.88.0.1 port 22: No route to host'
says "a server that has ended" err '10[.]77[.]0[.]1: cannot connect to 10.77.0.1 port 22: Connection refused'

hosts="10.77.0.3*2,10.77.0.4*2"
if wire 20 30; then
    combtest hosts check --json --hosts "$hosts" >out 2>err || fail "hosts check: $(cat err)"
    trips=$(sed -E 's/.*"round_trip_ms":([0-9]+).*/\1/' out | sort -n | head -n 1)
    holds "the wire is late, there and back" test "$trips" -ge 40
    during "a wire that is late by 20 ms each way and loses 3 %" nothing
    unwire
    calm "a wire that is late and loses"
fi
umount -l h2/cache
done_testing
