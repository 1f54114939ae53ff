#!/usr/bin/env bash
# Hosts that are direct, and what goes wrong in the middle of a run: the end of the ssh connection is the end of what runs
# there, and the end of the run is, too.
source "$(dirname "$0")/lib.sh"
server a
server b
trust a b
settings "direct = yes"
hosts="$(at a),$(at b)*2"

# during WHAT COMMAND...: a run with COMMAND in its middle comes out as the one here.
during() {
    local what=$1 runner
    shift
    rm -rf there
    ssh_steady --sample 300 --hosts "$hosts" --log-dir there >there.out 2>there.err &
    runner=$!
    for _ in {1..300}; do
        [[ $(cat there/*.trace 2>/dev/null | grep -ac "\"service\":\"$(at a)/") -lt 10 ]] || break
        sleep 0.1
    done
    "$@" || fail "$what: it could not be done"
    wait $runner || true
    outcomes there >there.txt
    diff here3.txt there.txt >difference || fail "$what: $(head -n 5 difference)"
    holds "$what: nothing is left" empty
}
# The sessions of a server are children of the one that listens; as root each has one more, without privileges, below.
kill_sessions() {
    pkill -KILL -P "$(cat a/pid)"
}
settings "direct = yes"
ssh_steady -q --sample 300 --log-dir here3 >here.out 2>&1 || true
outcomes here3 >here3.txt
during "sessions of sshd killed" kill_sessions
says "sessions killed: the host is named" there.err "host $(at a): "
says "sessions killed: it comes back" there.err "host $(at a): it serves now"

# The run itself killed: nobody is left to tell the hosts but the end of their connections.
ssh_steady --hosts "$hosts" --log-dir killed >out 2>err &
runner=$!
for _ in {1..300}; do
    [[ $(cat killed/*.trace 2>/dev/null | wc -l) -lt 20 ]] || break
    sleep 0.1
done
holds "processes run on the hosts" pgrep -f "$scratch/[ab]/cache" >pids
kill -KILL $runner
wait $runner || true
holds "the run killed: nothing is left" empty

# One of two cannot reach the run.
settings ""
printf '[HOST %s]\ndirect = yes\n' "$(at a)" >>combtest.cfg
code=0
ssh_steady --sample 300 --hosts "$hosts" --advertise 192.0.2.1 --log-dir half >out 2>err || code=$?
outcomes half >half.txt
holds "one of two cannot: the other runs all" diff here3.txt half.txt
holds "nothing is left of either" empty
done_testing
