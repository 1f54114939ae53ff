#!/usr/bin/env bash
# Whole runs over ssh: on four hosts the walks come out as they do here, one by one.
source "$(dirname "$0")/lib.sh"
for name in a b c d; do server $name; done
trust a b c d
settings ""
hosts="$(at a),$(at b)*2,$(at c),$(at d)"

for suite in hello zlib_suite sqlite_suite; do
    rm -rf here there
    $suite -q --sample 500 --log-dir here --summary here.json >here.out 2>&1 || true
    $suite --sample 500 --hosts "$hosts" --require-all --log-dir there --summary there.json >there.out 2>there.err ||
        fail "$suite: exit code $?: $(cat there.err)"
    outcomes here >here.txt
    outcomes there >there.txt
    holds "$suite ran" test -s here.txt
    holds "$suite: the same outcome, walk by walk" diff here.txt there.txt
    for key in planned passed failed canceled excluded crashed timed_out blocked lost not_run; do
        holds "$suite: as many $key" test "$(grep -m1 "\"$key\":" here.json)" = "$(grep -m1 "\"$key\":" there.json)"
    done
done
holds "all four have the program in their caches" test "$(find ./*/cache -name hello -type f | wc -l)" -eq 4
uploads() {
    grep -c 'uploaded' "$1" || true
}
hello -v --hosts "$hosts" --require-all >out 2>again.err || fail "hello again"
holds "the second run uploads nothing" test "$(uploads again.err)" -eq 0

# Nothing is left: no process of ours on any host, no work directory.
sleep 0.2
left=$(pgrep -f "$scratch/[abcd]/cache" || true)
[[ -z $left ]] || fail "left over: $(ps -fp "$left")"

# A host that cannot be reached is named, and the others do its walks.
code=0
hello --hosts "$(at a),127.0.0.1:1" --summary some.json >out 2>err || code=$?
holds "one host of two is enough" test "$code" -eq 0
says "the other is named" err '127[.]0[.]0[.]1:1.*Connection refused'
code=0
hello --hosts "127.0.0.1:1" >out 2>err || code=$?
holds "none is not" test "$code" -eq 3
done_testing
