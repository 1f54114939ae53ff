# Sourced by the tests of ssh: OpenSSH servers of their own, on loopback, in a scratch directory that goes with the test.
# Each server has its own host key, authorized keys, cache and log. A server ends with the test, however that ends.
# shellcheck shell=bash
set -euo pipefail
BIN=$(cd "$1" && pwd)
export BIN PATH="$BIN:$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8
unset SSH_AUTH_SOCK
for name in $(compgen -e COMBTEST_); do unset "$name"; done

skip() {
    echo "SKIPPED: $*"
    exit 77
}
for tool in sshd ssh-keygen setpriv; do
    command -v "$tool" >/dev/null || skip "$tool is missing; scripts/install-dependencies installs it"
done

scratch=$(mktemp -d)
servers=()
finish() {
    local code=$?
    trap '' TERM INT
    for pid in "${servers[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [[ $code -eq 0 || $code -eq 77 ]] || tail -n 20 "$scratch"/*/log >&2 2>/dev/null || true
    rm -rf "$scratch"
    exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM INT
export HOME=$scratch/home
mkdir -m 700 "$HOME" "$HOME/.ssh"
[[ $(id -u) -ne 0 ]] || mkdir -p /run/sshd
user=$(id -un)
cd "$scratch"
ssh-keygen -q -t ed25519 -N '' -C test -f key

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
done_testing() {
    [[ $failures -eq 0 ]] || exit 1
    echo "all held"
}
# holds WHAT COMMAND...: the command must succeed.
holds() {
    local what=$1
    shift
    "$@" || fail "$what: $*"
}
# says WHAT FILE EXPRESSION: a line of the file must match.
says() {
    grep -qE -- "$3" "$2" || {
        fail "$1: nothing like '$3' in:"
        cat "$2"
    }
}

declare -A port
# server NAME [SSHD-OPTION-LINE...]: starts one, waits until it listens, and sets port[NAME]. Lines given come first,
# and the first one that sets an option counts. before_sshd, an array, is put before its command line.
before_sshd=()
server() {
    local name=$1 try listening pid
    shift
    mkdir -p "$scratch/$name/cache"
    [[ -f $scratch/$name/host_key ]] || ssh-keygen -q -t ed25519 -N '' -f "$scratch/$name/host_key"
    [[ -f $scratch/$name/keys ]] || cp "$scratch/key.pub" "$scratch/$name/keys"
    for try in {1..50}; do
        port[$name]=${port[$name]:-$((20000 + (RANDOM * 32768 + RANDOM) % 12000))}
        {
            [[ $# -eq 0 ]] || printf '%s\n' "$@"
            cat <<CFG
Port ${port[$name]}
ListenAddress 127.0.0.1
HostKey $scratch/$name/host_key
AuthorizedKeysFile $scratch/$name/keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
SetEnv XDG_CACHE_HOME=$scratch/$name/cache SHLVL=1
CFG
        } >"$scratch/$name/config"
        : >"$scratch/$name/log"
        setpriv --pdeathsig KILL "${before_sshd[@]}" "$(command -v sshd)" -D -e -f "$scratch/$name/config" \
            2>"$scratch/$name/log" &
        pid=$!
        for _ in {1..200}; do
            listening=$(grep -c 'Server listening' "$scratch/$name/log" || true)
            [[ $listening -eq 0 ]] && kill -0 "$pid" 2>/dev/null || break
            sleep 0.02
        done
        if [[ $listening -gt 0 ]]; then
            servers+=("$pid")
            echo "$pid" >"$scratch/$name/pid"
            return 0
        fi
        wait "$pid" 2>/dev/null || true
        port[$name]=
    done
    cat "$scratch/$name/log" >&2
    echo "no server could be started after $try tries" >&2
    exit 1
}
# trust NAME...: puts their host keys into known_hosts.
trust() {
    local name
    for name in "$@"; do
        printf '[127.0.0.1]:%s %s\n' "${port[$name]}" "$(cut -d ' ' -f 1,2 "$scratch/$name/host_key.pub")"
    done >>"$HOME/.ssh/known_hosts"
}
# at NAME: what --hosts calls the server.
at() {
    printf '127.0.0.1:%s' "${port[$1]}"
}
# settings LINE...: combtest.cfg, with the test's key unless a line names another.
settings() {
    {
        printf '[SSH]\n'
        printf '%s\n' "$@" | grep -qE '^(rsakey|password|agent)' || printf 'rsakey = %s\n' "$scratch/key"
        [[ $# -eq 0 ]] || printf '%s\n' "$@"
    } >"$scratch/combtest.cfg"
}

# outcomes DIRECTORY: what came of each walk: its options, status and message, in the order of their ids.
outcomes() {
    combtest trace "$1"/*.trace --json | sed -E 's/,"(duration_ns|service|time)":("[^"]*"|[0-9]+)//g' | sort
}
# empty: no process of ours is left on any of the servers, waiting for it.
empty() {
    for _ in {1..300}; do
        pgrep -f "$scratch/[a-z]*/cache" >/dev/null || return 0
        sleep 0.1
    done
    ps -fp "$(pgrep -d , -f "$scratch/[a-z]*/cache")"
    return 1
}
