#!/usr/bin/env bash
# Runs the tests under the thread sanitizer and the address sanitizer: scripts/sanitize.sh [thread|address] [FILTER…]
# Each needs a build of its own, in .build/thread and .build/address. Tests that start the release programs are left out:
# those are not instrumented. What is known and not ours stands in scripts/thread-sanitizer.txt, with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
jobs=${JOBS:-$(scripts/jobs.sh)}
kinds=(thread address)
case ${1:-} in thread | address) kinds=("$1"); shift ;; esac
filters=()
for name in "$@"; do filters+=(--filter "$name"); done
for kind in "${kinds[@]}"; do
    echo "== $kind sanitizer: build"
    swift build --sanitize "$kind" --scratch-path ".build/$kind" --product KuaibaoPackageTests --jobs "$jobs"
    echo "== $kind sanitizer: tests"
    TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt halt_on_error=0 exitcode=66" \
        ASAN_OPTIONS="detect_leaks=0" SWIFT_BACKTRACE=enable=no \
        ".build/$kind/debug/KuaibaoPackageTests.xctest" --testing-library swift-testing "${filters[@]}"
done
