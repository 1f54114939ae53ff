#!/usr/bin/env bash
# Programs that a host cannot run are refused before anything runs there; libraries that it lacks are brought along.
source "$(dirname "$0")/lib.sh"
launch() {
    ssh_launch "$(at "$1")" "$2" </dev/null >out 2>said || fail "$2 on $1: $(cat said)"
}
server a
trust a

# refused WHAT EXPRESSION HOST PROGRAM: and nothing runs there, and nothing is uploaded.
refused() {
    local code=0 before
    before=$(find "$3/cache" -type f | wc -l)
    rm -f prepared
    ssh_launch "$(at "$3")" "$4" </dev/null >out 2>said || code=$?
    [[ $code -eq 1 ]] || fail "$1: exit code $code"
    says "$1" said "^refused: $(at "$3"): $2"
    holds "$1: nothing ran" test ! -e prepared -a ! -s out
    holds "$1: nothing was uploaded" test "$(find "$3/cache" -type f | wc -l)" -eq "$before"
}
# machine NUMBER FILE: hello for another machine.
machine() {
    cp "$BIN/hello" "$2"
    # shellcheck disable=SC2059 # the bytes are made here
    printf "\\x$(printf %02x $(($1 % 256)))\\x$(printf %02x $(($1 / 256)))" | dd of="$2" bs=1 seek=18 conv=notrunc status=none
}
settings ""
printf '[HOST 127.0.0.1]\nprepare = touch %s/prepared\n' "$scratch" >>combtest.cfg
machine 22 hello-s390
refused "another architecture" "its architecture is $(uname -m), and the program is built for s390x\$" a ./hello-s390
machine 4660 hello-strange
refused "one that nobody knows" \
    "its architecture is $(uname -m), and the program is built for another, number 4660 in its header\$" a ./hello-strange
code=0
combtest hosts check --hosts "$(at a)" ./hello-s390 >out 2>err || code=$?
holds "hosts check: exit code" test "$code" -eq 3
says "hosts check" err "its architecture is $(uname -m), and the program is built for s390x\$"

sed -E 's/GLIBC_2\.[0-9]{2}/GLIBC_9.99/g' "$BIN/hello" >hello-new
chmod +x hello-new
glibc=$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)
advice="build it on the oldest host of the fleet"
refused "a program for a newer glibc" "its glibc is $glibc, and the program needs 9.99; $advice\$" a ./hello-new
mkdir old-libc no-libc
printf '#!/bin/sh\necho "glibc 2.1"\n' >old-libc/getconf
printf '#!/bin/sh\nexit 1\n' >no-libc/getconf
chmod +x ./*-libc/getconf
for name in old no; do server $name-libc "ForceCommand PATH=$scratch/$name-libc:\$PATH sh -c \"\$SSH_ORIGINAL_COMMAND\""; done
trust old-libc no-libc
refused "a host with an older glibc" "its glibc is 2.1, and the program needs 2[.][0-9]+; $advice\$" old-libc "$BIN/hello"
refused "a host without glibc" "it has no glibc, and the program needs 2[.][0-9]+\$" no-libc "$BIN/hello"
printf '#!/bin/sh\necho it runs\n' >script
chmod +x script
launch no-libc ./script
code=0
"$BIN/hello" --require-all --hosts "$(at old-libc),$(at a)" >out 2>err || code=$?
holds "a run that is to have all hosts" test "$code" -eq 3
says "it says why" err "its glibc is 2.1, and the program needs"

# ---- libraries ----
if [[ $(id -u) -ne 0 ]] || ! unshare --mount true 2>/dev/null || ! command -v cc >/dev/null; then
    echo "libraries: left out, they take root and a compiler"
    done_testing
    exit
fi
mkdir lib old-lib
echo 'int aged_one(void); int aged_one(void) { return 1; }' >one.c
echo 'int aged_two(void); int aged_two(void) { return 2; }' >two.c
cat >main.c <<'C'
#include <stdio.h>
int aged_two(void);
int main(void) { return printf("%d\n", aged_two()) < 0; }
C
echo 'ONE { global: aged_one; };' >one.map
echo 'ONE { global: aged_one; }; TWO { global: aged_two; } ONE;' >two.map
cc -shared -fPIC -Wl,-soname,libaged.so.1,--version-script=one.map one.c -o old-lib/libaged.so.1
cc -shared -fPIC -Wl,-soname,libaged.so.1,--version-script=two.map one.c two.c -o lib/libaged.so.1
cc main.c lib/libaged.so.1 -Wl,--enable-new-dtags,-rpath,"$scratch/lib" -o aged
# shellcheck disable=SC2016,SC2034 # the inner shell is to expand it; server reads the array
before_sshd=(unshare --mount sh -c 'mount --bind "$0/old-lib" "$0/lib" && exec "$@"' "$scratch")
server behind
# shellcheck disable=SC2016,SC2034
before_sshd=(unshare --mount sh -c 'mount -t tmpfs none "$0/lib" && mount -t tmpfs none "$1/../lib" && shift && exec "$@"' "$scratch" "$BIN")
server without
server without-old "ForceCommand PATH=$scratch/almost:\$PATH sh -c \"\$SSH_ORIGINAL_COMMAND\""
trust behind without without-old
settings ""
for name in behind without; do
    launch $name ./aged
    holds "$name: it runs with the library that was brought along" test "$(cat out)" = 2
    holds "$name: that is in the cache" cmp lib/libaged.so.1 "$(find $name/cache -name libaged.so.1)"
    launch $name ./aged
    holds "$name: and is there the next time" test ! -s said
done
"$BIN/hello" --hosts "$(at without)" --log-dir logs >out 2>err || fail "a run: $(cat err)"
says "a whole run on a host without the library" err 'uploaded [0-9]{6,} bytes'
# What a service loads itself, and what that needs in its turn: hosts that have all libraries but these.
libraries=$(dirname "$(ldconfig -p | sed -n 's/.*libnng\.so\.1 .*=> //p' | head -n 1)")
mkdir real few
for file in "$libraries"/*; do ln -sf "$scratch/real/${file##*/}" few/; done
rm few/libnng.so* few/libmbed*
# shellcheck disable=SC2016,SC2034
before_sshd=(unshare --mount sh -c 'mount --bind "$1" "$0/real" && mount --bind "$0/few" "$1" && shift && exec "$@"' "$scratch" "$libraries")
server bare
trust bare
settings ""
"$BIN/hello" --hosts "$(at bare)" --log-dir logs >out 2>err || fail "a run without nng: $(cat err)"
says "a run on a host without nng" out '^hello: 45 walks'
for name in nng.so.1 mbedtls.so.14 mbedx509.so.1 mbedcrypto.so.7; do
    holds "lib$name is brought along" cmp "$libraries/lib$name" "$(find bare/cache -name "lib$name")"
done
"$BIN/hello" --hosts "$(at bare)" --log-dir logs >out 2>err || fail "once more without nng: $(cat err)"
if grep uploaded err; then fail "the libraries were uploaded again"; fi
# A library of ours can need a newer glibc than the program itself.
mkdir almost
needs=$(grep -aoE 'GLIBC_2\.[0-9]+' "$BIN/hello" | sed 's/.*_//' | sort -uV | tail -n 1)
printf '#!/bin/sh\necho "glibc %s"\n' "$needs" >almost/getconf
chmod +x almost/getconf
code=0
ssh_launch "$(at without-old)" "$BIN/hello" </dev/null >out 2>said || code=$?
holds "a library for a newer glibc" test "$code" -eq 1
says "a library for a newer glibc" said "its glibc is $needs, and the program needs 2[.][0-9]+; $advice\$"
done_testing
