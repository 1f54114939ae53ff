# Sourced by the tests of a network, after which they are in namespaces of their own, so that nothing is left when they end,
# however they end: four hosts, h1 to h4, with addresses 10.77.0.1 to 4, names and servers of their own, behind a bridge.
# shellcheck shell=bash
if [[ -z ${IN_NAMESPACE-} ]]; then
    if [[ $(id -u) -ne 0 ]] || ! unshare --net --mount --uts --pid --fork true 2>/dev/null; then
        echo "SKIPPED: it takes root, and network namespaces"
        exit 77
    fi
    IN_NAMESPACE=1 exec unshare --net --mount --uts --pid --fork --kill-child --mount-proc "$0" "$@"
fi
# shellcheck source=tests/ssh/lib.sh
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

steady=(ssh_steady) # before it is sourced, sample can be set to how many of its walks are enough
[[ -z ${sample-} ]] || steady+=(--sample "$sample" --seed 1)
"${steady[@]}" -q --services 8 --log-dir here --summary here.json >here.out 2>&1 || true
outcomes here >here.txt

# during WHAT COMMAND...: a run with COMMAND in its middle comes out as the one here.
during() {
    local what=$1 code=0 runner key
    shift
    rm -rf there
    "${steady[@]}" --hosts "$hosts" --log-dir there --summary there.json >there.out 2>there.err &
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

# wire DELAY-MS LOSS-PER-MILLE: from here on what goes to the hosts and comes back is so much later, each way, and so much of
# it is lost; false, and said, where that cannot be. unwire: no more; says how much went over it, and fails if nothing was
# lost.
wire() {
    if [[ ! -w /dev/net/tun ]]; then
        echo "SKIPPED: delay and loss: there is no /dev/net/tun that can be written to"
        return 1
    fi
    rm -f wire
    ssh_wire near far "$1" "$2" wire &
    wire_pid=$!
    for _ in {1..600}; do
        ! grep -qs ready wire || break
        sleep 0.05
    done
    ip address del 10.77.0.254/24 dev bridge0
    ip address add 10.77.0.254/24 dev near
    ip link set near up
    ip link set far master bridge0 up
}
unwire() {
    kill -TERM $wire_pid
    wait $wire_pid
    ip address add 10.77.0.254/24 dev bridge0
    echo "the wire: $(cat wire)"
    holds "frames were lost" test "$(sed 's/.*lost //' wire)" -gt 0
}
