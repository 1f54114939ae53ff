#!/usr/bin/env bash
# sanitize.sh PRESET [CTEST-OPTIONS]: builds a sanitizer preset and runs the tests that the preset selects.
set -euo pipefail
cd "$(dirname "$0")/.."

# gcc 12's sanitizers cannot always start where a kernel randomizes over 28 bits of addresses.
steady=(setarch "$(uname -m)" --addr-no-randomize)
"${steady[@]}" true 2>/dev/null || steady=()

preset=$1
shift
cmake --preset "$preset" --log-level=WARNING >/dev/null
cmake --build --preset "$preset" -j "$(nproc)" -- --quiet
"${steady[@]}" ctest --preset "$preset" "$@"
