#!/usr/bin/env bash
# A connection that stands still, so that its end is never told: what runs on the host ends by itself.
source "$(dirname "$0")/lib.sh"
server a
trust a
settings ""
ssh_steady --hosts "$(at a)*2" --log-dir logs >out 2>err &
runner=$!
for _ in {1..300}; do
    [[ $(cat logs/*.trace 2>/dev/null | wc -l) -lt 20 ]] || break
    sleep 0.1
done
holds "processes run on the host" pgrep -f "$scratch/a/cache" >pids
# The session of a login, and as root one more below it, without privileges.
mapfile -t sessions < <(pgrep -P "$(cat a/pid)" && pgrep -x sshd -P "$(pgrep -d , -P "$(cat a/pid)")" || true)
kill -STOP "${sessions[@]}"
kill -KILL $runner
wait $runner 2>/dev/null || true
for _ in {1..190}; do
    pgrep -f "$scratch/a/cache" >/dev/null || break
    sleep 0.1
done
if pgrep -af "$scratch/a/cache"; then fail "it is left, long after the lease of 10 s"; fi
kill -CONT "${sessions[@]}"
done_testing
