#!/usr/bin/env bash
# test_faults.sh BIN [SEED...]: runs on four hosts in which something of a host is killed, stopped or cut at a random
# moment: a run for each seed. The seeds here are of faults that are known of at once; for others leases must run out:
# test_faults_long.sh has those, too.
source "$(dirname "$0")/lib.sh"
jobs=10
seeds=("${@:2}")
[[ ${#seeds[@]} -gt 0 ]] || seeds=(2 5 7 9)
ports=()
for name in a b c d; do
    server $name
    ports+=("${port[$name]}")
done
for ((i = 0; i < ${#seeds[@]}; i++)); do of[i % jobs]+=${seeds[i]},; done
for job in "${!of[@]}"; do
    ssh_faults "$scratch" "${of[job]}" "${ports[@]}" >"job-$job" 2>&1 &
    running[job]=$!
done
for job in "${!of[@]}"; do
    wait "${running[job]}" || fail "job $job"
    cat "job-$job"
done
hits=$(cat job-* | grep -c ': hit,' || true)
echo "$hits of ${#seeds[@]} hit"
holds "most moments hit a process" test $((2 * hits)) -ge ${#seeds[@]}
# Of the servers' sessions themselves nothing is left either.
for name in a b c d; do
    for _ in {1..600}; do
        [[ -n $(cat "/proc/$(cat $name/pid)/task/"*/children) ]] || break
        sleep 0.05
    done
    holds "$name has no session any more" test -z "$(cat "/proc/$(cat $name/pid)/task/"*/children)"
done
done_testing
