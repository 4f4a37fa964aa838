#!/usr/bin/env bash
# Prints the path of a Python with pyzmq, made on first use: .build/venv, from PyPI.
set -euo pipefail
venv=$PWD/.build/venv
requirements=$(dirname "$0")/python-packages.txt

say() { echo "python: $*" >&2; }

if ! "$venv/bin/python" -c 'import zmq' 2>/dev/null; then
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2; }
    if ! install; then
        say "trying once more"
        sleep 5
        install || { say "could not install pyzmq from PyPI; the interoperability tests need it"; exit 1; }
    fi
fi
echo "$venv/bin/python"
