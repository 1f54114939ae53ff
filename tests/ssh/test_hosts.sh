#!/usr/bin/env bash
# combtest hosts check: a row for each host, whatever comes of it.
source "$(dirname "$0")/lib.sh"
server a
server b
server stranger
trust a b
settings "connect_timeout = 60"
mute=()
for i in 1 2 3; do
    ssh_mute silent "$scratch/port-$i" &
    servers+=($!)
    for _ in {1..600}; do
        [[ ! -e port-$i ]] || break
        sleep 0.05
    done
    mute+=("127.0.0.1:$(cat "port-$i")")
done
silent=$(IFS=,; echo "${mute[*]}")
machine=$(uname -m) cores=$(nproc) glibc=$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)

# row WHAT HOST EXPRESSION: the host's row must match from its second column on.
row() {
    says "$1" out "^$2 +$3"
}
combtest hosts check --hosts "$(at a),$(at b)" >out 2>err || fail "two good hosts: $(cat err)"
row "a good host" "$(at a)" "yes +yes +yes +$machine +$cores +$glibc +- +[0-9.]+ ms +-\$"
hello -q --hosts "$(at a)" >run.out 2>&1 || fail "hello: $(cat run.out)"
hello hosts check --hosts "$(at a),$(at b)" >out 2>err || fail "with a program: $(cat err)"
row "one that has the program" "$(at a)" "yes +yes +yes +$machine +$cores +$glibc +yes +[0-9.]+ ms +-\$"
row "one that has it not, nor its library" "$(at b)" "yes +yes +yes +$machine +$cores +$glibc +no +[0-9.]+ ms +libcombtest.so.0\$"
combtest hosts check --hosts "$(at b)" combtest >out 2>err || fail "another program: $(cat err)"
row "one that is linked statically with combtest" "$(at b)" "yes +yes +yes +$machine +$cores +$glibc +no +[0-9.]+ ms +-\$"

code=0
start=$SECONDS
combtest hosts check --set SSH.connect_timeout=15 --hosts "$(at a),$(at stranger),nobody@$(at b),127.0.0.1:1,$silent" >out 2>err || code=$?
holds "one that fails makes the exit code 3" test "$code" -eq 3
holds "they are asked at the same time" test $((SECONDS - start)) -lt 45
row "the good one" "$(at a)" "yes +yes +yes +$machine"
row "an unknown host key" "$(at stranger)" "yes +no +- +- +- +- +- +- +-\$"
row "a wrong user" "$(at b)" "yes +yes +no +- +- +- +- +- +-\$"
row "nobody there" "127.0.0.1:1" "no +- +- +- +- +- +- +- +-\$"
row "a silent port" "${mute[2]}" "no +- +-"
says "why: the key" err "$(at stranger): its host key, ssh-ed25519 SHA256:.*is not in"
says "why: the user" err 'the server refused the login as nobody'
says "why: the port" err 'Connection refused'
says "why: silence" err "${mute[1]}: the greeting .* took too long"

code=0
combtest hosts check --json --hosts "$(at a),127.0.0.1:1" >out 2>err || code=$?
holds "the same in JSON" test "$code" -eq 3
says "a good host" out "^[{]\"host\":\"$(at a)\",\"reachable\":true,\"key\":true,\"login\":true,\"architecture\":\"$machine\",\"cores\":$cores,\"glibc\":\"$glibc\",\"cached\":null,\"round_trip_ms\":[0-9.e-]+,\"missing_libraries\":\[\],\"error\":null[}]\$"
says "a bad one" out '"reachable":false,.*"architecture":null,.*"error":"127.0.0.1:1: cannot connect'
holds "a line each" test "$(wc -l <out)" -eq 2
# A passphrase that is asked for at the terminal.
ssh-keygen -q -t ed25519 -N 'pass phrase' -f locked
cat locked.pub >>a/keys
settings "rsakey = $scratch/locked"
ask=(combtest hosts check --ask-passphrase --hosts "$(at a)")
if command -v script >/dev/null; then
    (sleep 1; echo 'pass phrase'; sleep 4) | script -qec "${ask[*]}" /dev/null >out 2>&1 || fail "asking: $(cat out)"
    says "the question" out 'passphrase of the ssh keys:'
    row "the answer opens the key" "$(at a)" "yes +yes +yes +$machine"
    if grep -q 'pass phrase' out; then fail "the answer is shown"; fi
fi
code=0
setsid "${ask[@]}" </dev/null >out 2>err || code=$?
holds "no terminal" test "$code" -eq 2
says "no terminal" err '[-]-ask-passphrase: there is no terminal to ask at'

rm combtest.cfg
code=0
combtest hosts check >out 2>err || code=$?
holds "no hosts" test "$code" -eq 2
says "no hosts" err 'no host is named; name them with --hosts a,b'
done_testing
