#!/usr/bin/env bash
# A connection that stands still, so that its end is never told: what runs on the host ends by itself.
source "$(dirname "$0")/lib.sh"
server a
trust a
settings ""
mkfifo nothing
COMBTEST_BOOTSTRAP=stdio hello <nothing >hello.out 2>&1 &
early=$!
exec 7>nothing
ssh_steady --hosts "$(at a)*2" --log-dir logs >out 2>err &
runner=$!
for _ in {1..300}; do
    [[ $(cat logs/*.trace 2>/dev/null | wc -l) -lt 20 ]] || break
    sleep 0.1
done
holds "processes run on the host" pgrep -f "$scratch/a/cache" >pids
# The session of a login, and as root one more below it, without privileges.
mapfile -t sessions < <(
    pgrep -P "$(cat a/pid)"
    pgrep -x sshd -P "$(pgrep -d , -P "$(cat a/pid)")"
)
kill -STOP "${sessions[@]}"
kill -KILL $runner
wait $runner 2>/dev/null || true
for _ in {1..190}; do
    pgrep -f "$scratch/a/cache" >/dev/null || break
    sleep 0.1
done
if pgrep -af "$scratch/a/cache"; then fail "it is left, long after the lease of 10 s"; fi
# Started there, and the connection has stood still since.
for _ in {1..200}; do
    kill -0 $early 2>/dev/null || break
    sleep 0.1
done
if kill $early 2>/dev/null; then fail "a program to which nothing is said is left"; fi
exec 7>&-
kill -CONT "${sessions[@]}"
done_testing
