#!/usr/bin/env bash
# test_faults.sh with every fault in both isolations, several times.
mapfile -t seeds < <(seq 0 71)
exec "$(dirname "$0")/test_faults.sh" "$1" "${seeds[@]}"
