#!/usr/bin/env bash
# Passwords: they open the door, and are seen nowhere: not in logs, traces, messages, arguments or environments. As root
# the server has a user's password of its own, in a namespace; else that part is left out.
source "$(dirname "$0")/lib.sh"
secret=S3cret-$RANDOM$RANDOM-word

server a
trust a
(umask 077 && echo "$secret" >word)
settings "password_file = $scratch/word" "passphrase = $secret" "rsakey = $scratch/key"

# Everything that a run leaves or shows, while it runs and after.
ssh_steady -v --hosts "$(at a)*2" --log-dir logs --summary summary.json >out 2>err &
runner=$!
for _ in {1..200}; do
    [[ $(cat logs/*.trace 2>/dev/null | wc -l) -lt 20 ]] || break
    sleep 0.1
done
ps -eo args >arguments
cat /proc/[0-9]*/environ >environments 2>/dev/null || true
wait $runner || true
holds "walks ran on the host" grep -q '"service"' <(cat logs/*.trace)
for file in arguments environments out err summary.json logs/*; do
    if grep -qa "$secret" "$file"; then fail "the secret is in $file"; fi
done
combtest config >out 2>&1
if grep -q "$secret" out; then fail "config shows it"; fi
# What proves a run to its services is in no argument and no environment either: 32 hexadecimal digits and more.
if tr '\0' '\n' <environments | grep -a '^COMBTEST_BOOTSTRAP' | grep -qE '[0-9a-f]{32}'; then fail "a token is in an environment"; fi
if grep -E "$scratch" arguments | grep -v "/cache/combtest/[0-9a-f]*/" | grep -qE '[0-9a-f]{32}'; then fail "a token is in arguments"; fi

# The token of a run that services join, by hand and from a direct host: the file has it, and nothing else.
settings "direct = yes"
ssh_steady -v --services 0 --sample 800 --hosts "$(at a)*1" --listen tls+tcp://127.0.0.1 --token-file token --log-dir joined \
    --summary joined.json >out 2>err &
runner=$!
for _ in {1..300}; do
    ! grep -q 'waits for one' err || break # the end of that line
    sleep 0.1
done
token=$(sed -n 2p token)
url=$(sed -nE 's/.*--join ([^ ]*).*/\1/p' err | head -n 1)
holds "the token is 32 digits" grep -qxE '[0-9a-f]{32}' <<<"$token"
sed "2s/.*/$(tr 0-9a-f 1-9a-f0 <<<"$token")/" token >other && chmod 600 other
ssh_steady service --join "$url" --token-file other >refused.out 2>&1 && fail "another token was taken"
ssh_steady service --services 1 --join "$url" --token-file token >service.out 2>&1 &
service=$!
for _ in {1..300}; do
    [[ $(cat joined/*.trace 2>/dev/null | wc -l) -lt 60 ]] || break
    sleep 0.1
done
ps -eo args >arguments
cat /proc/[0-9]*/environ >environments 2>/dev/null || true
wait $service || fail "service: $(cat service.out)"
wait $runner || true
says "another token is refused" refused.out 'has another token than the token file other'
says "the host was direct" joined/run.log 'connecting directly'
for file in arguments environments out err service.out refused.out joined.json joined/*; do
    if grep -qa -e "$token" -e "$(sed -n 2p other)" "$file"; then fail "the token is in $file"; fi
done
holds "the file is its owner's alone" test "$(stat -c %a token)" = 600

if [[ $(id -u) -ne 0 ]] || ! unshare --mount true 2>/dev/null; then
    echo "logging in with a password: left out, it takes root"
    done_testing
    exit
fi
# A user whose password is the secret: in files that stand in for the system's, in a mount namespace of the server.
hash=$(printf '%s' "$secret" | openssl passwd -6 -stdin 2>/dev/null) || skip "openssl is missing"
mkdir guest
chmod 755 "$scratch"
{ cat /etc/passwd; echo "guest:x:54321:54321::$scratch/guest:/bin/sh"; } >passwd
{ cat /etc/shadow; echo "guest:$hash:19000:0:99999:7:::"; } >shadow
chown 54321:54321 guest
chmod 640 shadow
# shellcheck disable=SC2016,SC2034 # the inner shell is to expand it; server reads the array
before_sshd=(unshare --mount sh -c 'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/shadow" /etc/shadow && exec "$@"' "$scratch")
server b "PasswordAuthentication yes" "PubkeyAuthentication no" "SetEnv XDG_CACHE_HOME=$scratch/guest"
trust b
settings "password_file = $scratch/word"
ssh_launch "guest@$(at b)" /bin/cat <word >out 2>said || fail "a password: $(cat said)"
holds "what is sent comes back" cmp word out
if grep -q "$secret" said; then fail "the password is in what is said"; fi
(umask 077 && echo wrong-word >wrong)
settings "password_file = $scratch/wrong"
if ssh_launch "guest@$(at b)" /bin/cat </dev/null >out 2>said; then fail "a wrong password was taken"; fi
says "a wrong password" said 'refused: .*the server refused the login as guest with the password'
if grep -q 'wrong-word' said; then fail "the wrong password is in what is said"; fi
done_testing
