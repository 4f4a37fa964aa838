#!/usr/bin/env python3
"""Runs the command of each row of docs/seeds.md against one stack with the seeds: seeds.py PROGRAMS SEEDS

A row's command must end with 0, and its output must have the text of the row's last column. Ends with 1 after all rows
if one is not so.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
PROGRAMS, SEEDS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KUAIBAO_")}
ENVIRONMENT["NO_COLOR"] = "1"


def free_ports():
    """Three ports that nobody has: HTTP, and two for ZeroMQ."""
    import socket

    while True:
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            one.bind(("127.0.0.1", 0))
            two.bind(("127.0.0.1", 0))
            try:
                three.bind(("127.0.0.1", two.getsockname()[1] + 10))
            except OSError:
                continue
            return one.getsockname()[1], two.getsockname()[1]


def rows():
    """Number, command and expected text of each row."""
    for line in (ROOT / "docs/seeds.md").read_text().splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)]
        if len(cells) == 6 and re.fullmatch(r"\d-\d+", cells[1]):
            yield cells[1], cells[3].strip("`"), cells[4].strip("`")


def main():
    folder = tempfile.mkdtemp(prefix="kuaibao-seeds-")
    http, zmq = free_ports()
    base = f"http://127.0.0.1:{http}"
    log = open(folder + "/up.log", "w")
    stack = subprocess.Popen(
        [str(PROGRAMS / "kuaibao"), "up", "--data-dir", folder + "/data", "--http-port", str(http), "--zmq-port", str(zmq),
         "--seeds", "seeds"],
        cwd=SEEDS.parent, env=ENVIRONMENT, stdout=log, stderr=log)
    wrong = []
    try:
        deadline = time.monotonic() + 240
        while "日志 logs" not in open(folder + "/up.log").read():
            if stack.poll() is not None or time.monotonic() > deadline:
                sys.exit("the stack did not start:\n" + open(folder + "/up.log").read()[-3000:])
            time.sleep(0.1)
        known = list(rows())
        for number, command, expected in known:
            words = shlex.split(command.replace("http://127.0.0.1:8080", base))
            if words[0] == "kuaibao":
                words[0] = str(PROGRAMS / "kuaibao")
                if words[1] != "inspect":
                    words += ["--url", base]
            done = subprocess.run(words, cwd=SEEDS.parent, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
            if done.returncode != 0 or expected not in done.stdout:
                wrong.append(number)
                print(f"NOT SO {number}: {command}\n  wanted {expected!r}, status {done.returncode}\n  "
                      + (done.stdout + done.stderr)[:600].replace("\n", "\n  "), flush=True)
        print(f"  {len(known) - len(wrong)} of {len(known)} rows of docs/seeds.md answer as they say")
    finally:
        stack.terminate()
        stack.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)
    if wrong or not known:
        sys.exit(1)


main()
