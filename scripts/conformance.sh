#!/usr/bin/env bash
# Lets schemathesis try the HTTP API of a stack of its own against /openapi.yaml, with a key that may do everything. Its version
# is in scripts/python-conformance.txt; it goes into a virtual environment of its own. Arguments go to `schemathesis run`.
set -euo pipefail
cd "$(dirname "$0")/.."
# A service refuses variables that it does not know.
for name in $(compgen -v KUAIBAO_); do unset "$name"; done
folder=$(mktemp -d)
port=${PORT:-18080}
venv=.build/venv-conformance
[ -x "$venv/bin/schemathesis" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet -r scripts/python-conformance.txt; }
.build/release/kuaibao up --data-dir "$folder" --http-port "$port" --zmq-port $((port + 1)) --seeds seeds > "$folder.log" 2>&1 &
stack=$!
trap 'kill "$stack" 2>/dev/null; wait "$stack" 2>/dev/null || true; rm -rf "$folder" "$folder.log"' EXIT
# The seeds are in when the page is named.
for _ in $(seq 600); do
    grep -q "http://127.0.0.1:$port/" "$folder.log" && break
    kill -0 "$stack" || { cat "$folder.log"; exit 1; }
    sleep 0.2
done
key=$(.build/release/kuaibao api-keys create conformance --scopes search,add,delete,watch,admin,personal --data-dir "$folder" --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
until [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/v1/status")" = 401 ]; do sleep 0.1; done
# A random text is rarely a query, so that a refusal of one is no mistake: positive_data_acceptance is left out. The check of
# server errors is ours, in conformance_checks.py.
PYTHONPATH=scripts PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=conformance_checks "$venv/bin/schemathesis" run \
    "http://127.0.0.1:$port/openapi.yaml" --header "Authorization: Bearer $key" --checks all \
    --exclude-checks positive_data_acceptance,not_a_server_error --seed 1 "$@"
