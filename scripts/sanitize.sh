#!/usr/bin/env bash
# Runs the tests under the thread sanitizer and the address sanitizer: scripts/sanitize.sh [thread|address] [FILTER…]
# Each needs a build of its own, in .build/thread and .build/address. Tests that start the release programs are left out:
# those are not instrumented. What is known and not ours stands in scripts/thread-sanitizer.txt, with the reason.
# The thread sanitizer does not see the futex of Synchronization.Mutex. It gets a copy of the sources in which every module
# that has a Mutex takes the one of scripts/thread-sanitizer-mutex.swift, of the same interface on a POSIX mutex.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
jobs=${JOBS:-$(scripts/jobs.sh)}
kinds=(thread address)
case ${1:-} in thread | address) kinds=("$1"); shift ;; esac
filters=()
for name in "$@"; do filters+=(--filter "$name"); done

# sources KIND: the folder to build, a copy for the thread sanitizer.
sources() {
    [ "$1" = thread ] || { echo .; return; }
    local tree=.build/thread-sources module
    rm -rf "$tree" && mkdir -p "$tree"
    tar --create --exclude ./.build --exclude ./var --exclude ./.git . | tar --extract --directory "$tree"
    for module in "$tree"/Shared/* "$tree"/Services/*/Service "$tree"/Services/Console "$tree"/clients/swift/* "$tree"/Tests/*; do
        [ -d "$module" ] || continue
        # A file with the same time as before is not compiled again.
        ! grep -rqE 'Mutex[<(]' --include='*.swift' "$module" || cp -p scripts/thread-sanitizer-mutex.swift "$module/SeenMutex.swift"
    done
    echo "$tree"
}

for kind in "${kinds[@]}"; do
    echo "== $kind sanitizer: build"
    tree=$(sources "$kind")
    swift build --package-path "$tree" --sanitize "$kind" --scratch-path ".build/$kind" --product KuaibaoPackageTests --jobs "$jobs"
    echo "== $kind sanitizer: tests"
    TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt halt_on_error=0 exitcode=66" \
        ASAN_OPTIONS="detect_leaks=0" SWIFT_BACKTRACE=enable=no \
        ".build/$kind/debug/KuaibaoPackageTests.xctest" --testing-library swift-testing "${filters[@]}"
done
