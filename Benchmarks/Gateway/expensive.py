#!/usr/bin/env python3
"""Queries that cost much, on a loaded folder of throughput.py: expensive.py PROGRAMS WORK

Each is asked with timeout=500. It must be answered, refused as too complex or wrong, or end at its deadline, at most 50 ms
or 20 % late. Then the same ones come in a stream on four connections of one key while another key asks a plain query; its
p99 is told with and without them, and how often each of the two was answered.
"""

import json
import pathlib
import random
import subprocess
import sys
import threading
import time

from stack import ENVIRONMENT, Client, Stack, quantile, target

PATH = "/v1/collections/bulletins/search"
TIMEOUT = 500
LIMIT_SECONDS = TIMEOUT / 1000 * 1.2 + 0.05


def expensive():
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    common = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    pick = lambda count: "".join(chance.choice(common) for _ in range(count))
    made = {
        "everything": "*", "nothing": "-*", "one frequent character": "的", "all characters": " OR ".join(common),
        "every letter begins": " OR ".join(letter + "*" for letter in letters), "two mistakes": " OR ".join(f"{a}{b}cdefgh~2" for a in letters for b in "ab"),
        "fuzzy of one letter": "a~2", "256 terms": " ".join(pick(2) for _ in range(256)), "256 terms in or": " OR ".join(pick(2) for _ in range(256)),
        "257 terms": " OR ".join(pick(2) for _ in range(257)), "64 brackets": "(" * 64 + "的" + ")" * 64, "65 brackets": "(" * 65 + "的" + ")" * 65,
        "negations": "-" * 60 + "的", "nested": "(" * 20 + " OR 的)".join("的" for _ in range(21)), "slop 100": '"的是在了有人"~100', "slop of frequent ones": '"的 的 的 的 的 的 的 的"~100',
        "a long phrase": '"' + pick(250) + '"', "too long a phrase": '"' + pick(1200) + '"', "prose of 4,000 bytes": pick(1300), "a question": "什么是" + pick(300) + "？",
        "4,096 bytes": "a" * 4096, "4,097 bytes": "a" * 4097, "spaces": " " * 4000, "quotes": '"' * 999, "stars": "*" * 999, "tildes": "a~2~2~2", "boosts": "的^1000^1000",
        "figures": " OR ".join(f"率>{number}%" for number in range(100)), "any figure": "率>=0", "dates": " OR ".join(f"日期:{year}" for year in range(1900, 2100)),
        "all departments": "部门:*", "all sources but one": "来源:* -来源:新闻联播", "any word of a": "a*", "1*": "1*", "digits": " OR ".join(f"{number}*" for number in range(10)),
        "not every character": " ".join("-" + sign for sign in common), "zero width": "\u200b" * 1000, "right to left": "\u202e复工" * 100, "emoji": "😀" * 500, "marks": "a" + "\u0301" * 1500,
    }
    return made


def main():
    programs, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if not (work / "loaded").exists():
        sys.exit("load it first: throughput.py PROGRAMS CORPUS WORK")
    keyfile = work / "data" / "api-keys.json"
    keyfile.unlink(missing_ok=True)
    make = lambda name: json.loads(subprocess.run(
        [str(programs / "kuaibao"), "api-keys", "create", name, "--scopes", "search,admin", "--data-dir", str(work / "data"), "--json"],
        env=ENVIRONMENT, stdout=subprocess.PIPE, check=True).stdout)["key"]
    costly, plain = make("costly"), make("plain")
    stack = Stack(programs, work / "data", work / "log.txt", settings={"KUAIBAO_CACHE_BYTES": "0"})
    try:
        stack.query_worker("both", 2)
        stack.until("ready", lambda: stack.get("/v1/status", costly)["searchWorkers"] and not stack.get("/v1/status", costly)["problems"])
        queries = expensive()
        client = Client(stack.port)
        worst, wrong = ("", 0), []
        for name, text in queries.items():
            slowest, statuses = 0, set()
            for more in ({}, {"facets": "department,source,district,file", "histogram": "true", "limit": 1000, "sort": "newest"}, {"explain": "true", "limit": 100}):
                status, body, took = client.get(target(PATH, q=text, timeout=TIMEOUT, **more), costly)
                slowest = max(slowest, took)
                statuses.add(status)
                if status not in (200, 400, 422, 504) or took > LIMIT_SECONDS:
                    wrong.append((name, more, status, round(took * 1000), body[:200]))
            worst = max(worst, (name, slowest), key=lambda one: one[1])
            print(f"  {name:26} {sorted(statuses)} {slowest * 1000:7.0f} ms", flush=True)
        print(f"slowest: {worst[0]} {worst[1] * 1000:.0f} ms; limit {LIMIT_SECONDS * 1000:.0f} ms; beyond it or wrong: {wrong or 'none'}")

        def others(count=400):
            one, times = Client(stack.port), []
            for _ in range(count):
                status, _, took = one.get(target(PATH, q="粮食生产"), plain)
                assert status == 200, status
                times.append(took * 1000)
            return times
        calm = others()
        stop, answered = threading.Event(), [0] * 4

        def stream(number):
            one, texts = Client(stack.port), list(queries.values())
            random.Random(number).shuffle(texts)
            while not stop.is_set():
                for text in texts:
                    one.get(target(PATH, q=text, timeout=TIMEOUT), costly)
                    answered[number] += 1
                    if stop.is_set():
                        break
        threads = [threading.Thread(target=stream, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        busy = others()
        stop.set()
        for thread in threads:
            thread.join()
        print(f"another key's plain query: p50 {quantile(calm, .5):.1f} / p99 {quantile(calm, .99):.1f} ms alone, "
              f"p50 {quantile(busy, .5):.1f} / p99 {quantile(busy, .99):.1f} ms beside {sum(answered)} costly ones")
        sys.exit(1 if wrong else 0)
    finally:
        stack.stop()
        keyfile.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
