#!/usr/bin/env bash
# A walk that kills its whole host is blamed for it, and no other.
source "$(dirname "$0")/lib.sh"
ports=()
for name in a b c; do
    server $name
    ports+=("${port[$name]}")
done
for i in 0 1 2 3; do
    ssh_faults "$scratch" killer $i "${ports[@]}" &
    running[i]=$!
done
for i in 0 1 2 3; do wait "${running[i]}" || fail "not so"; done
done_testing
