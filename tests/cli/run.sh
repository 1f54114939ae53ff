#!/usr/bin/env bash
# run.sh BIN FILE.t: runs a transcript with the programs of BIN, in an empty directory of its own. A transcript is
#   $ a command        (a line "> more" goes on with it)
#   its output, both streams, line by line; a line that ends in " (re)" is an extended regular expression for the whole line
#   [its exit code]
# Lines before the first command are remarks, but for "needs: COMMAND": where that fails the transcript is skipped, with
# exit code 77. $SOURCE is the root of the source tree.
set -euo pipefail
bin=$(cd "$1" && pwd)
transcript=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUNNER=$SOURCE/tests/cli/run.sh
export SOURCE RUNNER PATH="$bin:$PATH" LC_ALL=C.UTF-8 TERM=dumb
for name in $(compgen -e COMBTEST_); do unset "$name"; done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/here"
cd "$scratch/here"

commands=0 wrong=0 command='' line_number=0 command_line=0
expected=()

matches() { # EXPECTED GOT
    if [[ $1 == *' (re)' ]]; then
        local expression="^(${1% (re)})$"
        [[ $2 =~ $expression ]]
    else
        [[ $2 == "$1" ]]
    fi
}

all_match() { # the lines of got against those of expected
    [[ ${#got[@]} -eq ${#expected[@]} ]] || return 1
    local i
    for i in "${!expected[@]}"; do
        matches "${expected[$i]}" "${got[$i]}" || return 1
    done
}

run_command() { # EXPECTED_CODE
    local code=0 got=()
    commands=$((commands + 1))
    bash -c "$command" >"$scratch/output" 2>&1 </dev/null || code=$?
    mapfile -t got <"$scratch/output"
    if [[ $code -eq $1 ]] && all_match; then return; fi
    wrong=$((wrong + 1))
    echo "$transcript:$command_line: \$ $command"
    diff -u --label expected --label got <(printf '%s\n' "${expected[@]}" "[$1]") \
        <(printf '%s\n' "${got[@]}" "[$code]") || true
}

needed=$(sed -n '/^\$ /q; s/^needs: //p' "$transcript")
if [[ -n $needed ]] && ! bash -c "$needed" >/dev/null 2>&1 </dev/null; then
    echo "$transcript: SKIPPED: it needs what this machine has not: $needed"
    exit 77
fi

while IFS= read -r line || [[ -n $line ]]; do
    line_number=$((line_number + 1))
    if [[ $line == '$ '* ]]; then
        if [[ -n $command ]]; then
            echo "$transcript:$command_line: the command has no [exit code]"
            exit 1
        fi
        command=${line#'$ '} command_line=$line_number expected=()
    elif [[ -n $command && $line == '> '* && ${#expected[@]} -eq 0 ]]; then
        command+=$'\n'${line#'> '}
    elif [[ -n $command && $line =~ ^\[([0-9]+)\]$ ]]; then
        run_command "${BASH_REMATCH[1]}"
        command=''
    elif [[ -n $command ]]; then
        expected+=("$line")
    fi
done <"$transcript"

if [[ -n $command || $commands -eq 0 ]]; then
    echo "$transcript: $([[ -n $command ]] && echo "the last command has no [exit code]" || echo "no command")"
    exit 1
fi
echo "$commands commands, $wrong wrong"
[[ $wrong -eq 0 ]]
