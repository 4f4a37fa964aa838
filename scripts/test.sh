#!/usr/bin/env bash
# Runs all tests from nothing: system packages, pyzmq, the four programs (release), the tests (debug). Prints what each
# phase took. Arguments go to `swift test`, for example: scripts/test.sh --filter LedgerTests
#
# The programs are built in release because SwiftPM's debug builds keep an index store in the folder .build/debug/index,
# where the executable `index` would go. The tests need that store to be found, and start the release programs.
# The tests have the trait TLS, the programs what `make run` has.
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
export KUAIBAO_TEST_PROGRAMS=$PWD/.build/release

phase "build of the programs ($jobs jobs)" \
    swift build --configuration release --disable-index-store --jobs "$jobs"
phase "build of the tests ($jobs jobs)" swift build --product KuaibaoPackageTests --traits TLS --jobs "$jobs"
phase "tests" swift test --skip-build --traits TLS --disable-xctest --no-parallel "$@"
[ $# -gt 0 ] || phase "the seeds, row by row" python3 Tests/Acceptance/seeds.py .build/release seeds
[ $# -gt 0 ] || phase "the first ten minutes" python3 Tests/Acceptance/ten_minutes.py .build/release seeds
[ $# -gt 0 ] || phase "kills under a rule" python3 Benchmarks/Reliability/rules.py --kills 12 --pause 0.1 0.6
echo "== all: $((SECONDS - began)) s"
