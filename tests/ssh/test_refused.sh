#!/usr/bin/env bash
# What keeps a host from being reached, and how each is said: host keys, logins, ports behind which there is no server.
source "$(dirname "$0")/lib.sh"

# refused WHAT EXPRESSION HOST: `cat` must not come up there, and the reason must match.
refused() {
    local code=0
    SSH_LAUNCH_MS=20000 timeout 60 ssh_launch "$3" /bin/cat </dev/null >out 2>said || code=$?
    [[ $code -eq 1 ]] || fail "$1: exit code $code"
    says "$1" said "$2"
    [[ ! -s out ]] || fail "$1: something came back"
}
reached() {
    ssh_launch "$2" /bin/cat </dev/null >out 2>said || fail "$1: $(cat said)"
}

# Runs the command that the last message has between backticks.
take_advice() {
    eval "$(sed 's/.*then add it: .\(.*\).; or let.*/\1/' said)" 2>scanned
}

server a
settings ""

refused "a host key that is unknown" "refused: .*its host key, ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}, is not in .*/known_hosts" "$(at a)"
says "its fingerprint is the one that ssh-keygen shows" said "$(ssh-keygen -l -f a/host_key.pub | cut -d ' ' -f 2 | sed 's/[+]/[+]/g')"
holds "nothing was added" test ! -e "$HOME/.ssh/known_hosts"
take_advice
reached "what the advice adds" "$(at a)"
rm "$HOME/.ssh/known_hosts"
mkdir "its own"
settings "known_hosts = $scratch/its own/known"
refused "a host key that is not in a file of the user's" "not in $scratch/its own/known" "$(at a)"
take_advice
reached "what the advice adds there" "$(at a)"
settings "accept_new = 1"
reached "accept_new" "$(at a)"
settings ""
reached "what accept_new added is known" "$(at a)"
holds "one line was added" test "$(wc -l <"$HOME/.ssh/known_hosts")" -eq 1

echo "# hashed names, with lines that nobody knows around them" >>"$HOME/.ssh/known_hosts"
ssh-keygen -q -H -f "$HOME/.ssh/known_hosts" >hashed 2>&1 || cat hashed
{ echo "this is no line of known_hosts"; echo "@what ever this is"; cat "$HOME/.ssh/known_hosts"; echo "|1|bad|bad ssh-rsa AAAA"; } >known
cp known "$HOME/.ssh/known_hosts"
holds "the name is hashed" grep -q '^|1|' "$HOME/.ssh/known_hosts"
reached "a hashed name among strange lines" "$(at a)"
printf '[127.0.0.*]:%s %s\n' "${port[a]}" "$(cut -d ' ' -f 1,2 a/host_key.pub)" >"$HOME/.ssh/known_hosts"
reached "a pattern" "$(at a)"
printf '127.0.0.1 %s\n' "$(cut -d ' ' -f 1,2 a/host_key.pub)" >"$HOME/.ssh/known_hosts"
refused "an entry for port 22 is none for another" "is not in" "$(at a)"

: >"$HOME/.ssh/known_hosts"
cp a/host_key.pub right.pub
ssh-keygen -q -t ed25519 -N '' -f other
printf '[127.0.0.1]:%s %s\n' "${port[a]}" "$(cut -d ' ' -f 1,2 other.pub)" >"$HOME/.ssh/known_hosts"
settings "accept_new = 1"
refused "a changed key, whatever accept_new says" "refused: .*has changed: .*known_hosts:1 .*ssh-keygen -f .* -R '\[127" "$(at a)"
printf '@revoked * %s\n' "$(cut -d ' ' -f 1,2 a/host_key.pub)" >"$HOME/.ssh/known_hosts"
refused "a revoked key" "is revoked in" "$(at a)"
: >"$HOME/.ssh/known_hosts"
settings ""
trust a

refused "no such user" "refused: .*the server refused the login as no-such-user-here with $scratch/key \(it takes publickey" "no-such-user-here@$(at a)"
settings "rsakey = $scratch/other"
refused "a wrong key" "refused: .*the server refused the login as $user with $scratch/other" "$(at a)"
settings "rsakey = $scratch/missing"
refused "a key that is not there" "missing: the private key cannot be read: No such file" "$(at a)"
cp key loose && chmod 644 loose
settings "rsakey = $scratch/loose"
refused "a key that others may read" "others may read this private key" "$(at a)"
settings "agent = 1"
refused "nothing to log in with" "there is nothing to log in with as $user" "$(at a)"

ssh-keygen -q -t rsa -b 2048 -N '' -f rsa
cat rsa.pub >>a/keys
settings "rsakey = $scratch/rsa"
refused "an RSA key of the user's" "libssh2 1.10 signs with RSA and SHA-1 alone.*ssh-keygen -t ed25519" "$(at a)"
ssh-keygen -q -t rsa -b 2048 -N '' -f rsa_host
mkdir -p b && cp rsa_host b/host_key && cp rsa_host.pub b/host_key.pub
server b
trust b
settings ""
refused "an RSA host key alone" "RSA host key only: libssh2 1.10 knows RSA with SHA-1 alone.*ssh-keygen -A" "$(at b)"

ssh-keygen -q -t ed25519 -N 'pass phrase' -f locked
cat locked.pub >>a/keys
settings "rsakey = $scratch/locked"
refused "a passphrase that nobody knows" "locked has a passphrase: load it into the agent with ssh-add, name a file" "$(at a)"
settings "rsakey = $scratch/locked" "passphrase = wrong"
refused "a wrong passphrase" "the passphrase does not open the key" "$(at a)"
(umask 077 && echo 'pass phrase' >phrase)
settings "rsakey = $scratch/locked" "passphrase_file = $scratch/phrase"
reached "the passphrase from a file" "$(at a)"
eval "$(ssh-agent)" >/dev/null
servers+=("$SSH_AGENT_PID")
printf '#!/bin/sh\ncat "%s"\n' "$scratch/phrase" >ask && chmod 700 ask
DISPLAY=none SSH_ASKPASS_REQUIRE=force SSH_ASKPASS=$scratch/ask ssh-add -q locked 2>added || cat added
settings "rsakey = $scratch/locked"
reached "the key from the agent" "$(at a)"
settings "agent = 1"
reached "any key of the agent's" "$(at a)"
settings "agent = 0"
refused "an agent that is not to be asked" "nothing to log in with" "$(at a)"
ssh-keygen -q -t ecdsa -N '' -f "$HOME/.ssh/id_ecdsa"
cat "$HOME/.ssh/id_ecdsa.pub" >>a/keys
reached "an ecdsa key of ~/.ssh" "$(at a)"

settings "connect_timeout = 1"
for how in silent endless lines late garbage; do
    ssh_mute "$how" "$scratch/port-$how" &
    servers+=($!)
done
for how in silent endless lines late garbage; do
    for _ in {1..100}; do
        [[ ! -e port-$how ]] || break
        sleep 0.05
    done
done
mute() {
    echo "127.0.0.1:$(cat "port-$1")"
}
refused "a port that says nothing" "error: .*the greeting at 127.0.0.1 port [0-9]+ took too long" "$(mute silent)"
refused "a banner that never ends" "error: .*is no ssh server" "$(mute endless)"
refused "lines that never end" "error: .*is no ssh server" "$(mute lines)"
refused "a server that stops after its version" "error: .*the key exchange at .* took too long" "$(mute late)"
refused "a server that talks garbage" "error: .*(is no ssh server|the key exchange at .* failed)" "$(mute garbage)"
refused "nobody listens" "error: .*cannot connect to 127.0.0.1 port 1: Connection refused" "127.0.0.1:1"
refused "no such name" "error: .*no such host" "host.invalid"
done_testing
