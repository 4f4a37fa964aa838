#!/usr/bin/env bash
# Runs all tests from nothing: system packages, pyzmq, build, run. Prints what each phase took.
# Arguments go to `swift test`, for example: scripts/test.sh --filter LedgerTests
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(scripts/jobs.sh)}
began=$SECONDS

# phase NAME COMMAND...: runs the command, prints the seconds that it took.
phase() {
    local name=$1 start=$SECONDS status=0
    shift
    echo "== $name"
    "$@" || status=$?
    echo "== $name: $((SECONDS - start)) s$([ "$status" = 0 ] || echo ", failed with status $status")"
    return "$status"
}

phase "system packages" scripts/deps.sh build test
scripts/toolchain.sh
phase "pyzmq" scripts/python.sh
KUAIBAO_TEST_PYTHON=$(scripts/python.sh)
export KUAIBAO_TEST_PYTHON

# No index store: SwiftPM would put it where the executable `index` goes.
phase "build of the tests ($jobs jobs)" swift build --build-tests --disable-index-store --jobs "$jobs"
phase "tests" swift test --skip-build --disable-index-store --disable-xctest "$@"
echo "== all: $((SECONDS - began)) s"
