#!/bin/bash
# Two parsing processes against one: each alone on its core, then both from one moment on. Run it on a machine at rest.
#
#     Benchmarks/parsing-processes.sh [SECONDS, default 15] [PROGRAM, default .build/release/documents-bench]
#
# The ratio is the sum of both rates by the clock over the mean of the rates alone. Beside it stands the same for `spin`, a loop
# that touches no memory: what two cores of the machine can give at most.
set -eu
seconds=${1:-15} program=${2:-.build/release/documents-bench}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
spin() {  # iterations of shell-free arithmetic in `seconds`, pinned to core $1 from $2 on
    taskset -c "$1" python3 - "$2" "$seconds" <<'PY'
import sys, time
start, seconds = float(sys.argv[1]), float(sys.argv[2])
time.sleep(max(0, start - time.time()))
end, count, value = time.time() + seconds, 0, 1
while time.time() < end:
    for _ in range(20000): value = (value * 5 + 7) & 1023
    count += 1
print(count)
PY
}
rate() { taskset -c "$1" "$program" --rate "$seconds" --start "$2" | sed 's/.*s, \([0-9.]*\) MB\/s by the clock.*/\1/'; }
soon() { echo $(($(date +%s) + 2)); }
pair() {  # $1: what to run on both cores at once
    local at; at=$(($(date +%s) + 4))
    "$1" 0 "$at" >"$work/a" & "$1" 1 "$at" >"$work/b" & wait
    echo "$(cat "$work/a") $(cat "$work/b")"
}
ratio() { awk -v alone="$1 $2" -v both="$3" 'BEGIN { split(alone, x, " "); split(both, y, " "); printf "%.2f\n", (y[1] + y[2]) / ((x[1] + x[2]) / 2) }'; }
for what in rate spin; do
    first=$("$what" 0 "$(soon)"); second=$("$what" 1 "$(soon)"); both=$(pair "$what")
    echo "$what: alone $first and $second, together $both, ratio $(ratio "$first" "$second" "$both")"
done
