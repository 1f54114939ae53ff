#!/usr/bin/env bash
# The launcher, server by server: what it sends and what it gets; what is cached; what the program is started with.
source "$(dirname "$0")/lib.sh"
server a
trust a
settings ""
head -c 30000000 /dev/urandom >data

ssh_launch "$(at a)" /bin/cat <data >back 2>said || fail "cat could not be launched: $(cat said)"
holds "30 MB there and back are the same" cmp data back
says "the first start uploads" said 'uploaded [0-9]+ bytes'
ssh_launch "$(at a)" /usr/bin/sha256sum <data >sum 2>said || fail "sha256sum: $(cat said)"
holds "the end of input reaches the program, and what it says then comes back" \
    test "$(cut -c 1-64 <sum)" = "$(sha256sum data | cut -c 1-64)"
ssh_launch "$(at a)" /bin/cat </dev/null >back 2>said || fail "cat: $(cat said)"
holds "no input, no output" cmp /dev/null back
holds "the second start uploads nothing" test ! -s said

# What a script is started with: its arguments, variables and work directory, as they are.
cat >show <<'SH'
#!/bin/sh
for argument; do printf 'argument <%s>\n' "$argument"; done
printf 'launched <%s>\nsecret <%s>\nHOST <%s>\n' "$COMBTEST_TEST_LAUNCHED" "$SECOND" "$MINE"
pwd
ls -R
cat words
echo to the log >&2
exit 3
SH
chmod +x show
mkdir -p data.d/sub
echo one >data.d/first
echo two >'data.d/sub/se cond'
echo words of "$scratch" >words
{
    echo "[HOST 127.0.0.1]"
    echo "environment = {\"MINE\": \"a'b \\\"c\\\" \$d\", \"SECOND\": \"\"}"
    echo "work_dir = $scratch/work dir"
    echo "prepare = echo prepared > prepared; echo '\$MINE is' \"\$MINE\" >&2"
    echo "finalize = echo finalized > finalized"
    echo "files = [\"data.d\", \"$scratch/words\"]"
} >>combtest.cfg
ssh_launch "$(at a)" ./show 'an "argument"' "it's \$HOME \`id\`" '' '*' $'two\nlines' < <(sleep 5) >out 2>said || fail "show: $(cat said)"
cat >expected <<EXPECTED
argument <an "argument">
argument <it's \$HOME \`id\`>
argument <>
argument <*>
argument <two
lines>
launched <it's "so" \$HOME>
secret <>
HOST <a'b "c" \$d>
$scratch/work dir
.:
data.d
prepared
words

./data.d:
first
sub

./data.d/sub:
se cond
words of $scratch
EXPECTED
holds "arguments, environment, files and directory are as they were given" diff expected out
says "what it writes to standard error comes through" said '^to the log$'
says "so does what prepare writes" said "^.MINE is a'b \"c\" .d$"
says "its exit code is noted, for its input had not ended" said 'the program ended with exit code 3'
holds "finalize ran" test -e 'work dir/finalized'
ssh_launch "$(at a)" ./show </dev/null >out 2>said || fail "show again: $(cat said)"
if grep uploaded said; then fail "something was uploaded again"; fi
echo other words >words
ssh_launch "$(at a)" ./show </dev/null >out 2>said || fail "show with other words: $(cat said)"
says "a file that changed is uploaded" said 'uploaded 12 bytes'
says "and is the one that is there then" out '^other words$'
sed -i 's/^prepare = .*/prepare = echo no such disk >\&2; exit 7/' combtest.cfg
if ssh_launch "$(at a)" ./show </dev/null >out 2>said; then fail "it started in spite of prepare"; fi
says "prepare that fails" said 'error: .*the command prepare ended with 7: no such disk'
sed -i 's,^files = .*,files = nowhere,' combtest.cfg
if ssh_launch "$(at a)" ./show </dev/null >out 2>said; then fail "it started without a file"; fi
says "a file that is not here" said 'nowhere: the host .* is to have this file'

# Commands end with the connection, and what they have started does too; finalize has stop_timeout for itself.
sleeper="36074.$$"
sleeps() {
    pgrep -f "sleep $sleeper" >/dev/null
}
# comes_to WHAT COMMAND...: within 10 s.
comes_to() {
    local what=$1
    shift
    for _ in {1..200}; do
        ! "$@" || return 0
        sleep 0.05
    done
    fail "$what"
}
no_sleeper() {
    ! sleeps
}
settings "stop_timeout = 1"
printf '[HOST 127.0.0.1]\nprepare = echo begun >&2; sleep %s & sleep %s\n' "$sleeper" "$sleeper" >>combtest.cfg
ssh_launch "$(at a)" ./show </dev/null >out 2>said &
runner=$!
comes_to "prepare runs" sleeps
kill -KILL $runner
wait $runner 2>/dev/null || true
comes_to "prepare ends with the connection" no_sleeper
settings "stop_timeout = 1"
printf '[HOST 127.0.0.1]\nprepare = sleep 0.3; echo done >&2\nfinalize = sleep %s & sleep %s\n' "$sleeper" "$sleeper" >>combtest.cfg
echo words | ssh_launch "$(at a)" /bin/cat >out 2>said || true
holds "what is sent while prepare is watched comes to the program" test "$(cat out)" = words
comes_to "finalize ends after stop_timeout" no_sleeper

# Without a work directory: a new one, which goes with the program.
settings ""
printf '#!/bin/sh\npwd\n' >where && chmod +x where
ssh_launch "$(at a)" ./where </dev/null >out 2>said || fail "where: $(cat said)"
holds "its directory is no other's" test "$(cat out)" != "$scratch"
holds "and is gone" test ! -e "$(cat out)"

# A login shell that talks, and one that lets nobody in.
# shellcheck disable=SC2016 # the server's shell is to expand it
server b 'ForceCommand echo "Welcome to b!"; echo "Last login: never"; sh -c "$SSH_ORIGINAL_COMMAND"'
server c 'ForceCommand echo "This account is not for you."; exit 1'
trust b c
echo hello | ssh_launch "$(at b)" /bin/cat >out 2>said || fail "b: $(cat said)"
holds "what the login says is left out" test "$(cat out)" = hello
if ssh_launch "$(at c)" /bin/cat </dev/null >out 2>said; then fail "c let it in"; fi
says "a shell that ends" said "refused: .*the login shell of $user ended before .*: This account is not for you[.]"

# Through other hosts.
server gate
server second
trust gate second
settings "jump = $(at gate)"
head -c 8000000 data >less
ssh_launch "$(at a)" /bin/cat <less >back 2>said || fail "through a jump host: $(cat said)"
holds "8 MB through a jump host are the same" cmp less back
printf '[HOST %s]\njump = %s\n' "$(at gate)" "$(at second)" >>combtest.cfg
ssh_launch "$(at a)" /bin/cat <less >back 2>said || fail "through two jump hosts: $(cat said)"
holds "8 MB through two jump hosts are the same" cmp less back
settings "jump = 127.0.0.1:1"
if ssh_launch "$(at a)" /bin/cat </dev/null >out 2>said; then fail "there is no such jump host"; fi
says "a jump host that is not there is named" said '127.0.0.1:1: cannot connect'
server closed 'AllowTcpForwarding no'
trust closed
settings "jump = $(at closed)"
if ssh_launch "$(at a)" /bin/cat </dev/null >out 2>said; then fail "it forwards nothing"; fi
says "a jump host that forwards nothing" said "$(at closed) could not connect on to 127.0.0.1 port ${port[a]}"

# Libraries that the host lacks, and a disk that is full: hosts whose mounts are their own.
if [[ $(id -u) -ne 0 ]] || ! unshare --mount true 2>/dev/null; then
    echo "missing libraries and full disks: left out, they take root"
    done_testing
    exit
fi
settings ""
mkdir -p full/cache
# shellcheck disable=SC2016,SC2034 # the inner shell is to expand it; server reads the array
before_sshd=(unshare --mount sh -c 'mount -t tmpfs none "$0/../lib" && mount -t tmpfs -o size=1m none "$1/full/cache" && shift && exec "$@"' "$BIN" "$scratch")
server without
server full
trust without full
ssh_launch "$(at without)" "$BIN/hello" <data >out 2>said || fail "a host without the library: $(cat said)"
says "the library is uploaded" said 'uploaded [0-9]{6,} bytes'
says "and the program runs" out '^hello: 45 walks'
holds "the library is in the cache under its name" test "$(find without/cache -name libcombtest.so.0 | wc -l)" -eq 1
ssh_launch "$(at without)" "$BIN/hello" </dev/null >out 2>said || fail "once more: $(cat said)"
if grep uploaded said; then fail "the library was uploaded again"; fi
says "it runs with the library that is there" out '^hello: 45 walks'
start=$SECONDS
if ssh_launch "$(at full)" "$BIN/hello" </dev/null >out 2>said; then fail "the disk is full"; fi
says "a full disk" said 'error: .*cannot write into .*No space left on device'
holds "it is said at once, not at a deadline" test $((SECONDS - start)) -lt 40
done_testing
