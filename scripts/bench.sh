#!/usr/bin/env bash
# Measures a stack of its own in a temporary folder, beside one that runs. Variables: BENCH_PORT (8098: HTTP; the two ports
# after it: ZeroMQ).
# Arguments go to Benchmarks/freshness.py.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${BENCH_PORT:-8098}
data=$(mktemp -d)

.build/release/kuaibao up --data-dir "$data" --http-port "$port" --zmq-port $((port + 1)) --seeds seeds >"$data/log.txt" 2>&1 &
stack=$!
trap 'kill -TERM "$stack" 2>/dev/null || true; wait "$stack" || true; rm -rf "$data"' EXIT
trap 'exit 130' INT TERM HUP

# Its last line tells that the seeds are in.
until grep -q Ctrl-C "$data/log.txt"; do
    kill -0 "$stack" 2>/dev/null || { cat "$data/log.txt" >&2; exit 1; }
    sleep 0.1
done
python3 Benchmarks/freshness.py --url "http://127.0.0.1:$port" "$@"
