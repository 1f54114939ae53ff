#!/usr/bin/env bash
# Four hosts with addresses, names and servers of their own behind a bridge, and what can go wrong between them and here,
# in the middle of a run of several stages: each time all walks must be accounted for, as they would be here. All of it is
# in namespaces of the test's own, so nothing is left when it ends, however it ends.
source "$(dirname "$0")/network.sh"

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

# With the upload, too: caches are empty.
rm -rf h[1-4]/cache/combtest
if wire 30 20; then
    during "a wire that is late by 30 ms each way and loses 2 %" nothing
    says "what was uploaded came whole" there/run.log 'uploaded [0-9]+ bytes'
    unwire
    calm "a wire that is late and loses"
fi

rm -rf h2/cache/combtest
head -c 16000000 /dev/zero >h2/cache/full 2>/dev/null || true
during "a disk that is full" nothing
says "a disk that is full: it is said" there/run.log '10[.]77[.]0[.]2: cannot write into .*: .*No space left on device'
holds "half an upload is not left" test "$(find h2/cache -name '.new-*' | wc -l)" -eq 0
rm h2/cache/full
calm "a disk that is full"
umount -l h2/cache

kill_host() {
    local pids
    mapfile -t pids < <(ip netns pids h4)
    kill -KILL "${pids[@]}"
}
during "a server killed with all that it started" kill_host
calm "a server killed with all that it started"
says "it does not come back" there/run.log '10[.]77[.]0[.]4: cannot connect to .*: Connection refused'
done_testing
