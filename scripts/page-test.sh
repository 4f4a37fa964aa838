#!/usr/bin/env bash
# Tests the web page in Chromium against a stack of its own: an empty folder, the first free port from 18100 on, ended
# afterwards. Pictures of every view, at two widths, light and dark, go to the folder that is given (.build/page-screenshots).
set -euo pipefail
cd "$(dirname "$0")/.."
pictures=${1:-.build/page-screenshots}
command -v chromium > /dev/null || { echo "chromium is missing: apt-get install chromium fonts-noto-cjk" >&2; exit 1; }
free() { ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
port=18100
while ! free "$port" || ! free "$((port + 1000))"; do port=$((port + 1)); done
folder=$(mktemp -d)
.build/release/kuaibao up --data-dir "$folder/data" --http-port "$port" --zmq-port "$((port + 1000))" > "$folder/log" 2>&1 &
stack=$!
trap 'kill "$stack" 2> /dev/null || true; wait "$stack" 2> /dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 300); do
    if .build/release/kuaibao health "http://127.0.0.1:$port" > /dev/null 2>&1; then ready=1 && break; fi
    kill -0 "$stack" 2> /dev/null || { tail -20 "$folder/log" >&2; exit 1; }
    sleep 0.1
done
[ -n "${ready:-}" ] || { echo "the stack was not ready within 30 s" >&2; tail -20 "$folder/log" >&2; exit 1; }
python3 Tests/PageTests/page_test.py "http://127.0.0.1:$port" --screenshots "$pictures"
