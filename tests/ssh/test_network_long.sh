#!/usr/bin/env bash
# Four hosts with addresses, names and servers of their own behind a bridge, and what can go wrong between them and here,
# in the middle of a run of several stages: each time all walks must be accounted for, as they would be here. All of it is
# in namespaces of the test's own, so nothing is left when it ends, however it ends.
if [[ -z ${IN_NAMESPACE-} ]]; then
    if [[ $(id -u) -ne 0 ]] || ! unshare --net --mount --uts --pid --fork true 2>/dev/null; then
        echo "SKIPPED: it takes root, and network namespaces"
        exit 77
    fi
    IN_NAMESPACE=1 exec unshare --net --mount --uts --pid --fork --kill-child --mount-proc "$0" "$@"
fi
source "$(dirname "$0")/lib.sh"
command -v ip >/dev/null || skip "ip is missing; scripts/install-dependencies installs it"

mkdir -p /run/netns
mount -t tmpfs none /run/netns
ip link set lo up
ip link add bridge0 type bridge
ip address add 10.77.0.254/24 dev bridge0
ip link set bridge0 up
mkdir -p h2/cache
mount -t tmpfs -o size=8m none h2/cache # before its server starts, which has mounts of its own
for i in 1 2 3 4; do
    name=h$i
    ip netns add $name
    ip link add v$i type veth peer name eth0 netns $name
    ip link set v$i master bridge0 up
    ip -n $name address add 10.77.0.$i/24 dev eth0
    ip -n $name link set eth0 up
    ip -n $name link set lo up
    # shellcheck disable=SC2016,SC2034 # the inner shell is to expand it; server reads both
    before_sshd=(ip netns exec "$name" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$name")
    port[$name]=22
    server $name "ListenAddress 10.77.0.$i"
    printf '10.77.0.%s %s\n' $i "$(cut -d ' ' -f 1,2 $name/host_key.pub)" >>"$HOME/.ssh/known_hosts"
done
settings ""
hosts="10.77.0.1*2,10.77.0.2*2,10.77.0.3*2,10.77.0.4*2"

# outcomes DIRECTORY: what came of each walk.
outcomes() {
    combtest trace "$1"/*.trace --json | sed -E 's/,"(duration_ns|service|time)":("[^"]*"|[0-9]+)//g' | sort
}
ssh_steady -q --services 8 --log-dir here --summary here.json >here.out 2>&1 || true
outcomes here >here.txt

# during WHAT COMMAND...: a run with COMMAND in its middle comes out as the one here.
during() {
    local what=$1 code=0 runner key
    shift
    rm -rf there
    ssh_steady --hosts "$hosts" --log-dir there --summary there.json >there.out 2>there.err &
    runner=$!
    for _ in {1..300}; do
        [[ $(cat there/*.trace 2>/dev/null | wc -l) -lt 60 ]] || break
        sleep 0.1
    done
    "$@"
    wait $runner || code=$?
    [[ $code -eq 1 ]] || fail "$what: exit code $code: $(cat there.err there.out)"
    outcomes there >there.txt
    diff here.txt there.txt >difference || fail "$what: $(head -n 5 difference)"
    for key in planned passed failed canceled excluded crashed timed_out blocked lost not_run; do
        holds "$what: as many $key" test "$(grep -m1 "\"$key\":" here.json)" = "$(grep -m1 "\"$key\":" there.json)"
    done
    echo "$what: $(head -n 1 there.out)"
}
# calm: nothing of a run is left on any host once the hosts can be reached again.
calm() {
    local i left
    for i in 1 2 3 4; do ip link set v$i up; done
    for _ in {1..400}; do
        left=$(pgrep -f "$scratch/h[1-4]/cache" || true)
        [[ -n $left ]] || return 0
        sleep 0.1
    done
    fail "$1: left over: $(pgrep -af "$scratch/h[1-4]/cache")"
}
# all_of NAME: the processes of a host but its listening server.
all_of() {
    ip netns pids "$1" | grep -vx "$(pgrep -f "$scratch/$1/config" | head -n 1)"
}

nothing() { :; }
during "nothing" nothing
calm "nothing"
cat there/*.trace >trace
for i in 1 2 3 4; do says "each host ran walks under its name" trace "\"service\":\"(h$i|10[.]77[.]0[.]$i)/"; done

cut_and_heal() {
    ip link set v2 down
    sleep 2
    ip link set v2 up
}
during "a link cut for 2 s" cut_and_heal
calm "a link cut for 2 s"

during "a link cut for good" ip link set v3 down
calm "a link cut for good"

kill_server() {
    local pids
    mapfile -t pids < <(all_of h4)
    kill -KILL "${pids[@]}"
}
during "all that runs on a host killed, but the server" kill_server
calm "all that runs on a host killed"

kill_sessions() {
    local pids
    mapfile -t pids < <(pgrep -f 'sshd: .*notty' | sort)
    kill -KILL "${pids[@]:0:2}"
}
during "two sessions of sshd killed" kill_sessions
calm "two sessions of sshd killed"

freeze() {
    mapfile -t frozen < <(all_of h1)
    kill -STOP "${frozen[@]}"
}
frozen=()
during "a host that freezes" freeze
kill -CONT "${frozen[@]}" 2>/dev/null || true
calm "a host that freezes"

if tc qdisc add dev v1 root netem delay 30ms loss 2% 2>/dev/null; then
    for i in 2 3 4; do tc qdisc add dev v$i root netem delay 30ms loss 2%; done
    during "delay and loss" nothing
    calm "delay and loss"
    for i in 1 2 3 4; do tc qdisc delete dev v$i root; done
else
    echo "delay and loss: not tried, this kernel has no netem"
fi

rm -rf h2/cache/combtest
head -c 16000000 /dev/zero >h2/cache/full 2>/dev/null || true
during "a disk that is full" nothing
says "a disk that is full: it is said" there/run.log '10[.]77[.]0[.]2: cannot write into .*: .*No space left on device'
holds "half an upload is not left" test "$(find h2/cache -name '.new-*' | wc -l)" -eq 0
rm h2/cache/full
calm "a disk that is full"
umount -l h2/cache

ip route add unreachable 10.88.0.0/24
code=0
hello --hosts 10.77.0.1,10.88.0.1 >out 2>err || code=$?
holds "a host without a route: the others run" test "$code" -eq 0
says "a host without a route" err '10[.]88[.]0[.]1: cannot connect to 10.88.0.1 port 22: No route to host'
code=0
hello --require-all --hosts 10.77.0.1,10.88.0.1 >out 2>err || code=$?
holds "--require-all: nothing runs" test "$code" -eq 3
done_testing
