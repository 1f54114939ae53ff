#!/usr/bin/env bash
# run.sh BUILD: installs a built combtest, moves what was installed elsewhere, builds a suite against it by find_package
# and by pkg-config, shared and static, and runs each.
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    echo "consumer: $*" >&2
    exit 1
}
expect() {
    local what=$1 want=$2 got=$3
    [ "$got" = "$want" ] || fail "$what: expected \"$want\", got \"$got\""
}

cmake --install "$build" --prefix "$scratch/first" >install.log
mv first moved
prefix=$scratch/moved
libdir=$(dirname "$(find "$prefix" -name 'libcombtest.so')")
export PKG_CONFIG_PATH=$libdir/pkgconfig

cp "$here"/consumer.c* "$here/CMakeLists.txt" .
cmake -S . -B by_cmake -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >cmake.log || { cat cmake.log && fail "find_package"; }
cmake --build by_cmake >cmake.log || { cat cmake.log && fail "building with find_package"; }

expect "the version by pkg-config" 0.1.0 "$(pkg-config --modversion combtest)"
read -ra flags < <(pkg-config --cflags --libs combtest)
read -ra static_flags < <(pkg-config --static --cflags --libs combtest)
mkdir by_pkg_config
gcc -std=c11 consumer.c "${flags[@]}" -Wl,-rpath,"$libdir" -o by_pkg_config/shared
g++ -std=c++17 -Wall -Werror consumer.cc "${flags[@]}" -Wl,-rpath,"$libdir" -o by_pkg_config/cxx
gcc -std=c11 consumer.c "${static_flags[@]/#-lcombtest/-l:libcombtest.a}" -o by_pkg_config/static

g++ -std=c++17 consumer.cc "${static_flags[@]/#-lcombtest/-l:libcombtest.a}" -o by_pkg_config/cxx_static

needs_library() {
    [[ $(ldd "$1") == *libcombtest.so* ]]
}
try() {
    local program=$1 code=0
    expect "$program list --count" 6 "$("$program" list --count)"
    "$program" run --summary summary.json >run.log 2>&1 || code=$?
    expect "the exit code of $program run" 1 "$code"
    grep -Eq '"passed": ?5\b' summary.json || fail "$program: $(cat run.log summary.json)"
    grep -Eq '"failed": ?1\b' summary.json || fail "$program: $(cat run.log summary.json)"
    "$program" run --only 0-4 >run.log 2>&1 || fail "$program run --only 0-4: $(cat run.log)"
}
for program in by_cmake/cmake_shared by_cmake/cmake_cxx by_pkg_config/shared by_pkg_config/cxx; do
    needs_library $program || fail "$program is not linked with the shared library"
    try ./$program
done
for program in by_cmake/cmake_static by_pkg_config/static by_pkg_config/cxx_static; do
    ! needs_library $program || fail "$program is linked with the shared library"
    try ./$program
done

# libc itself must be dynamic, and a program that has it otherwise is told so.
gcc -std=c11 -static consumer.c "${static_flags[@]/#-lcombtest/-l:libcombtest.a}" -o by_pkg_config/wholly_static 2>gcc.log || { cat gcc.log && fail "-static"; }
code=0
./by_pkg_config/wholly_static run >run.log 2>&1 || code=$?
expect "the exit code of a program linked with -static" 3 "$code"
grep -q 'cannot be loaded by a program that is linked with -static' run.log || fail "linked with -static: $(cat run.log)"

# An exception that leaves a walk is its crash, whichever unwinder the program is linked with.
for program in by_cmake/cmake_cxx by_pkg_config/cxx_static; do
    for isolation in thread process; do
        CONSUMER_THROWS=1 $program run --isolation $isolation --summary summary.json >run.log 2>&1 || true
        said=$(grep -cE '"(crashed": ?2|passed": ?3)\b' summary.json || true)/$(grep -c SIGABRT run.log || true)
        expect "$program with an exception: counts and blames" 2/2 "$said"
    done
done

expect "combtest --version" "combtest 0.1.0" "$("$prefix/bin/combtest" --version)"
expect "combtest list SUITE --count" 6 "$("$prefix/bin/combtest" list by_cmake/cmake_static --count)"
printf 'A: 1, 2\nB: 1\n' >model
for effort in fast default; do
    expect "combtest-generate --effort $effort" "A B 1 1 2 1" "$("$prefix/bin/combtest-generate" model --effort $effort | xargs)"
done
[ -s "$prefix/share/man/man1/combtest.1" ] || fail "no manual page"
[ ! -e "$prefix/include/combtest/core.h" ] || fail "core.h is installed"

documents=$prefix/share/doc/combtest
while read -r document; do
    [ -e "$documents/$document" ] || fail "an installed document points to $document, which is not installed"
done < <(grep -ohE '\b(docs|examples)/[a-z/._-]*\.(md|c)\b' "$documents"/{README.md,combtest.cfg.sample})
[ -s "$documents/docs/configuration.md" ] || fail "docs/configuration.md is not installed"
