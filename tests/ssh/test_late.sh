#!/usr/bin/env bash
# What comes over a connection between two calls of libssh2 is not left lying there: words go there and back, one at a
# time, by a launcher that is slow between its calls. Where each waits for a sign of life, it takes many minutes.
source "$(dirname "$0")/lib.sh"
server a
server gate
trust a gate
# there_and_back WHAT: 40 words.
there_and_back() {
    local i word
    rm -f up down
    mkfifo up down
    timeout 100 ssh_late "$(at a)" /bin/cat <up >down 2>said &
    runner=$!
    exec 7>up 8<down
    for i in {1..40}; do
        echo "word $i" >&7 || break
        read -r -t 90 word <&8 || break
    done
    exec 7>&-
    wait $runner || fail "$1: $(cat said)"
    exec 8<&-
    holds "$1: all words came back" test "$word" = "word 40"
}
settings ""
there_and_back "straight"
settings "jump = $(at gate)"
there_and_back "through a jump host"
settings ""
head -c 3000000 /dev/urandom >data
{ echo '#!/bin/sh'; echo 'exec cat'; echo exit; cat data; } >program
chmod +x program
SSH_LAUNCH_MS=100000 timeout 100 ssh_late "$(at a)" ./program <data >out 2>said || fail "an upload: $(cat said)"
holds "3 MB there and back are the same" cmp data out
done_testing
