#!/usr/bin/env bash
# What lies in a host's cache: how long, under whose feet it stays, and that it is whole.
source "$(dirname "$0")/lib.sh"

# wait_until WHAT COMMAND...: the command must succeed within 60 s.
wait_until() {
    local what=$1
    shift
    for _ in {1..1200}; do
        ! "$@" || return 0
        sleep 0.05
    done
    fail "$what: $*"
    done_testing
}
# program NAME: a script of that name that no other is like, which gives back what it is sent.
program() {
    printf '#!/bin/sh\necho %s >&2\nexec cat\n' "$1-$RANDOM$RANDOM" >"$1"
    chmod +x "$1"
}
launch() {
    ssh_launch "$(at "$1")" "$2" </dev/null >out 2>said || fail "$2 on $1: $(cat said)"
}
# entry NAME FILE: the directory of its content in the server's cache.
entry() {
    echo "$1/cache/combtest/$(sha256sum "$2" | cut -d ' ' -f 1)"
}
aged() {
    touch -d "$1 days ago" "${@:2}"
}
count() {
    find "$1/cache/combtest" -maxdepth 1 -name "$2" | wc -l
}
is_count() {
    [[ $(count "$1" "$2") -eq $3 ]]
}

server a
trust a
settings "cache_days = 30"

# ---- age ----
for name in old younger asked news; do program $name; done
for name in old younger asked; do launch a ./$name; done
aged 31 "$(entry a old)" "$(entry a asked)"
aged 29 "$(entry a younger)"
mkdir -p a/cache/combtest
touch a/cache/combtest/.new-{days,hour}-old
aged 2 a/cache/combtest/.new-days-old
launch a ./asked
holds "while nothing new comes, nothing goes" test -d "$(entry a old)"
launch a ./news
holds "what was not asked for in 30 days goes" test ! -e "$(entry a old)"
holds "what was, 29 days ago, stays" test -d "$(entry a younger)"
holds "to be asked for once more makes it young" test -d "$(entry a asked)"
holds "half an upload of days ago goes" test ! -e a/cache/combtest/.new-days-old
holds "one that may still be on its way stays" test -e a/cache/combtest/.new-hour-old
holds "no use is noted any more" is_count a '.run-*' 0

# ---- in use ----
program long
echo words >words
printf '[HOST 127.0.0.1]\nfiles = words\nwork_dir = %s/work\n' "$scratch" >>combtest.cfg
mkfifo input
ssh_launch "$(at a)" ./long <input >out 2>said &
runner=$!
exec 7>input
wait_until "the long one runs" grep -q '^long-' said
settings "cache_days = 1"
aged 400 "$(entry a long)" "$(entry a words)" "$(entry a news)"
program other
launch a ./other
holds "what a run uses stays, however old" test -x "$(entry a long)/long"
holds "so do its files" test "$(cat work/words)" = words
holds "what nobody uses goes" test ! -e "$(entry a news)"
exec 7>&-
wait $runner || fail "the long one: $(cat said)"
wait_until "the use ends with the run" is_count a '.run-*' 0

# A shell that was killed leaves its note; nobody believes it on that host. Of another host's nobody knows.
mkfifo again
ssh_launch "$(at a)" ./long <again >out 2>said &
runner=$!
exec 7>again
wait_until "it runs once more" is_count a '.run-*' 1
read -r node pid _ <"$(echo a/cache/combtest/.run-*)"
holds "the note names the host" test "$node" = "$(uname -n)"
kill -KILL "$pid"
wait $runner || true
exec 7>&-
holds "the note is left" is_count a '.run-*' 1
echo "another-host 1 $(basename "$(entry a other)")" >a/cache/combtest/.run-elsewhere
aged 400 "$(entry a long)" "$(entry a words)" "$(entry a other)"
program newest
launch a ./newest
holds "what the killed one used goes" test ! -e "$(entry a long)"
holds "its note, too" is_count a '.run-combtest*' 0
holds "what another host may use stays" test -d "$(entry a other)"
aged 400 "$(entry a other)" a/cache/combtest/.run-elsewhere
program last
launch a ./last
holds "for a year" test ! -e a/cache/combtest/.run-elsewhere

# ---- two at once, and half of one ----
# The host's head, which takes in what is sent, waits in the middle of a large file until there is a file `go`.
mkdir slow
head=$(command -v head)
cat >slow/head <<SH
#!/bin/sh
[ "\$2" -ge 1000000 ] || exec $head "\$@"
$head -c "\$((\$2 / 2))"
: >"$scratch/arrived-\$\$"
while [ ! -e "$scratch/go" ]; do sleep 0.02; done
exec $head -c "\$((\$2 - \$2 / 2))"
SH
chmod +x slow/head
# shellcheck disable=SC2016 # the server's shell is to expand it
server b "ForceCommand PATH=$scratch/slow:\$PATH sh -c \"\$SSH_ORIGINAL_COMMAND\""
trust b
settings ""
arrived() {
    [[ $(find . -maxdepth 1 -name 'arrived-*' | wc -l) -ge $1 ]]
}
program big
{
    echo exit
    head -c 4000000 /dev/urandom
} >>big
ssh_launch "$(at b)" ./big <words >out.1 2>said.1 &
runner=$!
ssh_launch "$(at b)" ./big <words >out.2 2>said.2 &
other=$!
wait_until "both upload" arrived 2
holds "each into a file of its own" is_count b '.new-*' 2
holds "neither is there yet" test ! -e "$(entry b big)"
: >go
wait $runner || fail "the first: $(cat said.1)"
wait $other || fail "the second: $(cat said.2)"
for i in 1 2; do
    says "upload $i was a whole one" said.$i "uploaded $(stat -c %s big) bytes"
    holds "program $i ran" cmp words out.$i
done
holds "what is there is whole" cmp big "$(entry b big)/big"
holds "nothing is left of either" is_count b '.new-*' 0

# A program that is built anew on its way must not come to be under the hash of the one before.
rm -f go arrived-*
program changing
head -c 16000000 /dev/urandom >>changing
before=$(entry b changing)
ssh_launch "$(at b)" ./changing </dev/null >out 2>said &
runner=$!
wait_until "half of it" arrived 1
printf '#!/bin/sh\nexit 3' | dd of=changing conv=notrunc status=none
: >go
if wait $runner; then fail "what changed on its way was started"; fi
says "why" said 'changing: it changed while it was sent to'
holds "neither the one nor the other is there" test ! -e "$before"
wait_until "nothing is left of it" is_count b '.new-*' 0

# cut_upload HOW: an upload is ended in its middle.
cut_upload() {
    rm -f go arrived-*
    program half
    head -c 4000000 /dev/urandom >>half
    ssh_launch "$(at b)" ./half </dev/null >out 2>said &
    runner=$!
    wait_until "half an upload" arrived 1
    holds "it is on its way" is_count b '.new-*' 1
    "$@"
    wait $runner 2>/dev/null || true
}
kill_launcher() {
    kill -KILL $runner
    : >go
}
parent() {
    awk '/^PPid:/ { print $2 }' "/proc/$1/status"
}
kill_shell() {
    local shell
    shell=$(parent "$(basename arrived-* | cut -d - -f 2)")
    kill -KILL "$shell"
    : >go
}
cut_upload kill_launcher
wait_until "what a run that was killed had uploaded is removed" is_count b '.new-*' 0
holds "half an upload is no program" test ! -e "$(entry b half)"
cut_upload kill_shell
says "a shell that is killed is told of" said 'error: |refused: '
holds "half of it is left" is_count b '.new-*' 1
holds "and is no program" test ! -e "$(entry b half)"
printf '#!/bin/sh\nexec cat\n' >half
launch b ./half
aged 2 b/cache/combtest/.new-*
program next
launch b ./next
holds "it goes when it is two days old" is_count b '.new-*' 0
done_testing
