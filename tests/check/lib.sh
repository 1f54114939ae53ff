# Sourced by the checks. Each takes the root of the tree to look at, prints what is wrong as "file:line: what", and exits
# 0 (nothing), 1 (something) or 2 (it could not look).
# shellcheck shell=bash
set -euo pipefail

# The rooms by rank, "name:rank".
rooms=(combtest:0 actions:1 generator:1 logging:1 session:1 planning:2 replay:2 bootstrap:2 report:2 service:3 cli:4)
# shellcheck disable=SC2034 # read by those that source this
public_headers=(combtest config error launcher main option plan replay run suite walk)

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "$0: $tool is missing; scripts/install-dependencies installs it" >&2
            exit 2
        }
    done
}

enter() {
    cd "${1:-$(dirname "$0")/../..}"
}

# tree FIND-EXPRESSION...: the files of the tree, without what was built and git's own.
tree() {
    find . \( -path './build*' -o -path ./.git -o -path ./.combtest \) -prune -o -type f \( "$@" \) -print | sed 's,^\./,,' | sort
}

# The C files of the rooms.
room_sources() {
    local room
    for room in "${rooms[@]}"; do
        tree -path "./${room%:*}/*" -name '*.[ch]'
    done
}

# Fails if there is nothing to look at: a check of nothing proves nothing.
some() {
    local list
    list=$(cat)
    [ -n "$list" ] || {
        echo "$0: found no file to look at in $PWD" >&2
        exit 2
    }
    printf '%s\n' "$list"
}
