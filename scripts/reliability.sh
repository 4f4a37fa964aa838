#!/usr/bin/env bash
# Runs the scenarios of Benchmarks/Reliability against the release programs, and the simulator, and gathers their figures.
#
#   scripts/reliability.sh [SCENARIO...]     simulator kills rules workers faults diskfull powercut namespaces malformed pressure throughput
#
# RELIABILITY_SHARE (percent, default 100) shortens every count. Results: var/reliability/results.jsonl, one line a scenario;
# docs/reliability.md is made from it. Scenarios that need the right to mount or to make namespaces are left out, and said
# so, where it is missing.
set -uo pipefail
cd "$(dirname "$0")/.."
share=${RELIABILITY_SHARE:-100}
seed=${RELIABILITY_SEED:-20200208}
mkdir -p var/reliability
results=$PWD/var/reliability/results.jsonl
export RELIABILITY_RESULTS=$results
python=$(scripts/python.sh) || exit 1
failed=0

# part COUNT: that many, shortened.
part() { echo $((($1 * share + 99) / 100)); }

# scenario NAME COMMAND...
scenario() {
    local name=$1 start=$SECONDS
    shift
    echo "== $name: $*"
    if "$@"; then echo "== $name: $((SECONDS - start)) s"; else
        echo "== $name: FAILED after $((SECONDS - start)) s"
        failed=1
    fi
}

may_mount() { [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; }
if may_mount; then scripts/deps.sh trials || exit 1; fi

run() {
    case $1 in
        simulator)
            scenario simulator-build env KUAIBAO_BENCHMARKS=1 swift build --configuration release --disable-index-store \
                --jobs "${JOBS:-$(scripts/jobs.sh)}" --product simulate
            scenario simulator .build/release/simulate --seeds "$(part 100000)" --first "${RELIABILITY_FIRST_SEED:-1}" ;;
        kills) scenario kills "$python" Benchmarks/Reliability/kills.py --kills "$(part 2000)" --seed "$seed" ;;
        rules) scenario rules "$python" Benchmarks/Reliability/rules.py --kills "$(part 200)" --seed "$seed" ;;
        workers) scenario workers "$python" Benchmarks/Reliability/workers.py --kills "$(part 100)" --stops "$(part 20)" --joins "$(part 50)" ;;
        faults) scenario faults "$python" Benchmarks/Reliability/faults.py --most "$(part 1000)" ;;
        malformed) scenario malformed "$python" Benchmarks/Reliability/malformed.py --connections "$(part 100000)" --seed "$seed" ;;
        pressure) scenario pressure "$python" Benchmarks/Reliability/pressure.py --seconds "$(part 600)" ;;
        throughput) scenario throughput "$python" Benchmarks/Reliability/throughput.py ;;
        diskfull | powercut | namespaces)
            if ! may_mount; then
                echo "== $1: left out, it needs the right to mount and to make namespaces (run as root)"
                return
            fi
            case $1 in
                diskfull) scenario diskfull "$python" Benchmarks/Reliability/diskfull.py --rounds "$(part 5)" ;;
                powercut) scenario powercut "$python" Benchmarks/Reliability/powercut.py --images "$(part 200)" ;;
                namespaces) scenario namespaces "$python" Benchmarks/Reliability/namespaces.py --schedules "$(part 100)" --seed "$seed" ;;
            esac ;;
        *)
            echo "unknown scenario $1" >&2
            exit 2 ;;
    esac
}

[ $# -gt 0 ] || set -- simulator workers faults diskfull powercut namespaces malformed pressure kills rules throughput
for name in "$@"; do run "$name"; done
echo "== results: $results"
exit $failed
