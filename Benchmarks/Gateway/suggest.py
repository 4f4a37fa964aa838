#!/usr/bin/env python3
"""Suggestions as somebody types, on a loaded folder of throughput.py: suggest.py PROGRAMS WORK [--rounds 2000] [--seed 1]

How long the tables of all segments take when they are first wanted, then the time of a request as a client sees it, one after the
other: beginnings of titles of one to six characters, pieces out of their middle, initials and syllables, and titles with one character
wrong. The same with a tenant token whose filter lets one source through. One query worker with one thread.
"""

import argparse
import json
import pathlib
import random
import subprocess
import time

from stack import ENVIRONMENT, Client, Stack, lines, quantile, target

PATH = "/v1/collections/bulletins/suggest"
SYLLABLES = "fu gong chan yi qing fang kong shang hai shi guan yu tong zhi zhong guo xin wen jing ji fa zhan hui yi bei da xue".split()


def typed(titles, count, chance):
    """By kind, what is typed."""
    made = {"beginning": [], "middle": [], "initials": [], "syllables": [], "one wrong": []}
    while min(map(len, made.values())) < count:
        title = chance.choice(titles)
        if len(title) < 8:
            continue
        made["beginning"].append(title[:chance.randint(1, 6)])
        start = chance.randrange(1, len(title) - 4)
        made["middle"].append(title[start:start + chance.randint(2, 4)])
        made["initials"].append("".join(chance.choice("bcdfghjlmnpqrstwxyz") for _ in range(chance.randint(2, 4))))
        made["syllables"].append("".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))))
        wrong = list(title[:6])
        wrong[chance.randrange(1, 6)] = chance.choice("的一是在不了有和人这")
        made["one wrong"].append("".join(wrong))
    return {kind: texts[:count] for kind, texts in made.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    if not (work / "loaded").exists():
        raise SystemExit("load it first: throughput.py PROGRAMS CORPUS WORK")
    chance = random.Random(arguments.seed)
    rows = [json.loads(line) for line in lines(work / "corpus.jsonl")]
    texts = typed([row["title"] for row in rows if row.get("title")], arguments.rounds // 5, chance)
    source = max((row["source"] for row in rows), key=[row["source"] for row in rows[:5000]].count)
    keyfile = work / "data" / "api-keys.json"
    keyfile.unlink(missing_ok=True)
    programs = arguments.programs.resolve()
    key = json.loads(subprocess.run(
        [str(programs / "kuaibao"), "api-keys", "create", "suggest", "--scopes", "search,admin", "--data-dir", str(work / "data"), "--json"],
        env=ENVIRONMENT, stdout=subprocess.PIPE, check=True).stdout)["key"]
    stack = Stack(programs, work / "data", work / "log.txt")
    try:
        stack.query_worker("one", 1)
        stack.until("ready", lambda: stack.get("/v1/status", key)["searchWorkers"] and not stack.get("/v1/status", key)["problems"])
        began = time.monotonic()
        stack.until("tables", lambda: stack.get(PATH, key, q="复工", timeout=60000)["complete"])
        print(f"{len(rows)} items; tables of all segments after {time.monotonic() - began:.1f} s, "
              f"worker's memory {memory(stack.processes['one'].pid)} MiB resident", flush=True)
        client = Client(stack.port)
        body = json.dumps({"tenant": "t", "filter": f"来源:\"{source}\"", "seconds": 3600}).encode()
        import urllib.request
        asked = urllib.request.Request(stack.base + "/v1/tokens", data=body, headers={"Authorization": "Bearer " + key})
        token = json.loads(urllib.request.urlopen(asked).read())["token"]
        for who, credential in (("key", key), (f"tenant of {source}", token)):
            for kind, queries in texts.items():
                times, found = [], 0
                for query in queries:
                    status, answer, took = client.get(target(PATH, q=query), credential)
                    assert status == 200, answer
                    reply = json.loads(answer)
                    assert reply["complete"], reply
                    found += bool(reply["suggestions"])
                    times.append(took * 1000)
                print(f"  {who:24} {kind:10} {len(queries)} requests, {found} with suggestions: "
                      f"p50 {quantile(times, .5):.2f} ms, p99 {quantile(times, .99):.2f} ms, longest {max(times):.1f} ms", flush=True)
    finally:
        stack.stop()
        keyfile.unlink(missing_ok=True)


def memory(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
