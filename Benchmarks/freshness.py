#!/usr/bin/env python3
"""Measures a running stack over HTTP: how soon a document is found, and how fast searches are answered.

    freshness.py [--url http://127.0.0.1:8080] [--documents 200] [--searches 2000] [--clients 4] [--json]

Freshness: one document after another, each with a word that no other has. From its acknowledgement on, the word is
searched without a pause until the document is found. Searches: several clients, each with one connection, ask the same
few questions as fast as they are answered. Needs nothing but Python's standard library.
"""

import argparse
import http.client
import json
import sys
import threading
import time
import urllib.parse

COLLECTION = "/v1/collections/bulletins"
QUESTIONS = ["复工复产", "疫情防控 常态化", '"一网通办"', "部门:公安局", "核酸采样点", "企业 -隔离"]
# The longest that a document may take, in seconds.
PATIENCE = 30.0


class Gateway:
    """One kept connection to the query gateway."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=60)

    def ask(self, method, path, body=None, content_type=None):
        headers = {"Content-Type": content_type} if content_type else {}
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            sys.exit(f"freshness: {method} {path} answered {response.status}: {answer.decode(errors='replace')}")
        return json.loads(answer)

    def search(self, query, limit=10):
        return self.ask("GET", f"{COLLECTION}/search?q={urllib.parse.quote(query)}&limit={limit}")


def word(number, run):
    """A word of six Chinese characters that stands for a number; no ordinary text has it."""
    digits = "甪甬甭甮甯甴甶甹畁畂"
    return "".join(digits[int(digit)] for digit in f"{run % 1000:03}{number:03}")


def measure_freshness(url, count, run):
    """Milliseconds of the acknowledgement, and from there to the first search that finds the document."""
    gateway = Gateway(url)
    acknowledged, found = [], []
    for number in range(count):
        mark = word(number, run)
        text = f"2月8日\n市经信委通报复工复产情况，代号{mark}，企业复工率超过70%。\n来源：上海发布\n"
        start = time.perf_counter()
        gateway.ask("POST", f"{COLLECTION}/documents?identity=freshness-{run}-{number}", text.encode(), "text/plain")
        accepted = time.perf_counter()
        while gateway.search(f'"{mark}"', 1)["total"] == 0:
            if time.perf_counter() - accepted > PATIENCE:
                sys.exit(f"freshness: document {number} was not found within {PATIENCE:.0f} s")
        acknowledged.append((accepted - start) * 1000)
        found.append((time.perf_counter() - accepted) * 1000)
    return acknowledged, found


def measure_searches(url, count, clients):
    """Milliseconds of each search, and searches a second."""
    times, lock = [], threading.Lock()

    def ask(client):
        gateway, mine = Gateway(url), []
        for number in range(count // clients):
            start = time.perf_counter()
            gateway.search(QUESTIONS[(client + number) % len(QUESTIONS)])
            mine.append((time.perf_counter() - start) * 1000)
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(times) / (time.perf_counter() - start)


def summary(values):
    ordered = sorted(values)

    def at(share):
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"count": len(ordered), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": round(ordered[-1], 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--documents", type=int, default=200, help="1 to 1000")
    parser.add_argument("--searches", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not 1 <= options.documents <= 1000 or not 1 <= options.clients <= options.searches:
        parser.error("--documents is 1 to 1000, --clients 1 to --searches")

    run = int(time.time())
    acknowledged, found = measure_freshness(options.url, options.documents, run)
    times, rate = measure_searches(options.url, options.searches, options.clients)
    result = {
        "acknowledged_ms": summary(acknowledged),
        "found_after_ms": summary(found),
        "search_ms": summary(times) | {"clients": options.clients, "per_second": round(rate)},
    }
    if options.json:
        print(json.dumps(result))
        return
    for name, values in result.items():
        print(f"{name:16} " + "  ".join(f"{key} {value}" for key, value in values.items()))


if __name__ == "__main__":
    main()
