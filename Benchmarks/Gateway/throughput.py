#!/usr/bin/env python3
"""What HTTP, ZeroMQ and the gateway cost: throughput.py PROGRAMS CORPUS.jsonl[.zst] WORK [--seconds 10] [--groonga] [--load] [--queries FILE]

CORPUS has one object a line with id, title, body, date, source. WORK keeps the loaded data folder for the next run; --load makes
it, and Groonga's with --groonga, and measures nothing.
Load comes from wrk (Debian's package) over 8 kept connections. The gateway
keeps no answers (cache-bytes 0). Queries: 25 of each class of Benchmarks/peers/corpus.py, seed 1, or the first 25 of each class of
a FILE that compare.py kept, in random order.

  engine      what the query worker says of itself for each query, alone on its core: search, stored fields, marks
  latency     one client, one query after the other: its own time less the worker's, p50
  throughput  8 connections, one worker of two threads, both cores, against 2 / (the engine's mean)
  processor   processor time of a request in the same turns: of the search threads, of the worker, of the gateway; the search
              threads' share is what is left of the engine's queries a second where the client has no part of the cores
  workers     two workers of one thread, one a core, against one, on queries of 300 hits with facets
  groonga     its HTTP server on the same text, the same queries and connections, in turns with ours
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import corpus as classes  # noqa: E402
from stack import Client, Stack, free_port, lines, load, quantile, target  # noqa: E402

PATH = "/v1/collections/bulletins/search"


def questions(rows, kept=None):
    """Texts in our language and in Groonga's."""
    made = []
    groups = json.loads(kept.read_text()) if kept else classes.classes(rows, 25, seed=1)
    for queries in groups.values():
        for query in queries[:25]:
            words = query["words"]
            if query["op"] == "phrase":
                made.append(('"' + words[0] + '"', '"' + words[0] + '"'))
            else:
                made.append(((" OR " if query["op"] == "or" else " ").join(words),) * 2)
    random.Random(1).shuffle(made)
    return made


def engine(port, texts, **more):
    """Worker milliseconds and what is above them, microseconds, for each query; asked twice, the second time counts."""
    client = Client(port)
    worker, above = [], []
    for turn in range(2):
        for text in texts:
            status, body, took = client.get(target(PATH, q=text, **more))
            answer = json.loads(body)
            assert status == 200, answer
            if turn:
                spent = sum(one["milliseconds"] for one in answer["workers"])
                worker.append(spent)
                above.append(took * 1e6 - spent * 1000)
    return worker, above


def wrk(port, targets, seconds, connections, work):
    """Searches a second, p50 and p99 in microseconds, errors."""
    (work / "targets.txt").write_text("\n".join(targets) + "\n")
    script = work / "targets.lua"
    script.write_text(
        'local t = {} for l in io.lines("' + str(work / "targets.txt") + '") do t[#t + 1] = l end\n'
        "local n = 0\n"
        "function init(args) n = math.random(#t) end\n"
        "function request() n = n % #t + 1 return wrk.format('GET', t[n]) end\n"
        "function done(s, l, r) io.write(string.format('FIGURES %d %d %d %d %d\\n', s.requests, s.duration,"
        " l:percentile(50), l:percentile(99), s.errors.status + s.errors.read + s.errors.timeout)) end\n")
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"],
        stdout=subprocess.PIPE, text=True, check=True)
    figures = [line for line in done.stdout.splitlines() if line.startswith("FIGURES")][0].split()[1:]
    requests, duration, p50, p99, errors = map(int, figures)
    return {"perSecond": round(requests / duration * 1e6), "p50": p50, "p99": p99, "errors": errors}


def processor(pid):
    """Processor seconds of a process, and of a worker's search threads: all but the link's and ZeroMQ's."""
    total = search = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        ticks = sum(map(int, rest.split()[11:13]))
        total += ticks
        search += 0 if name == "search-link" or name.startswith("ZMQbg") else ticks
    return total / os.sysconf("SC_CLK_TCK"), search / os.sysconf("SC_CLK_TCK")


class Groonga:
    """Groonga's HTTP server with its own bigrams, title and body."""

    def __init__(self, rows, work):
        self.port = free_port()
        database = work / "groonga"
        if not (database / "done").exists():
            shutil.rmtree(database, ignore_errors=True)
            database.mkdir()
            pipe = subprocess.Popen(["groonga", "-n", str(database / "db")], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
            for line in (
                "table_create Docs TABLE_HASH_KEY ShortText", "column_create Docs title COLUMN_SCALAR ShortText",
                "column_create Docs body COLUMN_SCALAR|COMPRESS_ZSTD LongText",
                "table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto",
                "column_create Terms idx COLUMN_INDEX|WITH_POSITION|WITH_SECTION Docs title,body"):
                pipe.stdin.write(line + "\n")
            pipe.stdin.write("load --table Docs\n[\n")
            for number, line in enumerate(lines(rows)):
                item = json.loads(line)
                row = {"_key": item["id"], "title": item.get("title") or "", "body": item.get("body") or ""}
                pipe.stdin.write((",\n" if number else "") + json.dumps(row, ensure_ascii=False))
            pipe.stdin.write("\n]\n")
            pipe.stdin.close()
            assert pipe.wait() == 0
            (database / "done").touch()
        self.process = subprocess.Popen(
            ["groonga", "-s", "--protocol", "http", "--port", str(self.port), "--bind-address", "127.0.0.1",
             "--cache-limit", "0", "--log-path", str(work / "groonga.log"), str(database / "db")])
        end = time.monotonic() + 30
        while True:
            try:
                Client(self.port)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def targets(self, texts):
        return [
            target("/d/select", table="Docs", match_columns="title*2||body", query=text, limit=10, sort_keys="-_score",
                   output_columns="_key,_score,title,snippet_html(body)") for text in texts]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--groonga", action="store_true")
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--queries", type=pathlib.Path)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    rows = work / "corpus.jsonl"
    if not rows.exists():
        with open(rows, "w", encoding="utf-8") as file:
            file.writelines(lines(arguments.corpus))
    made = work / "questions.json"
    if not made.exists():
        made.write_text(json.dumps(questions(rows, arguments.queries), ensure_ascii=False))
    ours, theirs = zip(*json.loads(made.read_text()))
    stack = Stack(arguments.programs.resolve(), work / "data", work / "log.txt", settings={"KUAIBAO_CACHE_BYTES": "0"})
    report = {"load": [round(value, 2) for value in os.getloadavg()]}
    try:
        if not (work / "loaded").exists():
            stack.query_worker("loader")
            stack.ready()
            began = time.monotonic()
            load(stack, rows, work / "parts")
            report["loadedSeconds"] = round(time.monotonic() - began)
            stack.end("loader")
            (work / "loaded").touch()
        if arguments.load:
            if arguments.groonga:
                Groonga(rows, work).stop()
            print(json.dumps(report))
            return
        others = [name for name in stack.processes if name != "query-gateway"]
        for name in others:
            stack.pin(name, "1")

        # The worker alone on core 0; client and gateway on core 1.
        subprocess.run(["taskset", "-a", "-c", "-p", "1", str(os.getpid())], stdout=subprocess.DEVNULL, check=True)
        stack.pin("query-gateway", "1")
        stack.query_worker("alone", 1, "0")
        stack.ready()
        status = stack.get("/v1/status")["ingest"]["collections"][0]
        report["items"], report["segments"] = status["liveItems"], status["segments"]
        worker, above = engine(stack.port, ours)
        report["engine"] = {"mean ms": round(statistics.mean(worker), 3), "p50 ms": round(quantile(worker, 0.5), 3),
                            "p99 ms": round(quantile(worker, 0.99), 3), "both cores a second": round(2000 / statistics.mean(worker))}
        report["added latency us"] = {"p50": round(quantile(above, 0.5)), "p90": round(quantile(above, 0.9))}

        # One worker against two, one thread and core each, heavy queries.
        heavy = [target(PATH, q=text, limit=300, facets="source", snippet=200) for text in ours]
        one = wrk(stack.port, heavy, arguments.seconds, 8, work)
        stack.query_worker("second", 1, "1")
        stack.ready(2)
        two = wrk(stack.port, heavy, arguments.seconds, 8, work)
        report["workers"] = {"one": one, "two": two, "ratio": round(two["perSecond"] / one["perSecond"], 2)}
        stack.end("second")
        stack.end("alone")

        # Everything on both cores, as it comes.
        subprocess.run(["taskset", "-a", "-c", "-p", "0,1", str(os.getpid())], stdout=subprocess.DEVNULL, check=True)
        for name in stack.processes:
            stack.pin(name, "0,1")
        stack.query_worker("both", 2)
        stack.ready()
        targets = [target(PATH, q=text) for text in ours]
        groonga = Groonga(rows, work) if arguments.groonga else None
        turns = []
        for _ in range(3):
            spent = [processor(stack.processes[name].pid) for name in ("both", "query-gateway")]
            turn = {"ours": wrk(stack.port, targets, arguments.seconds, 8, work)}
            worker, gateway = [
                [after - before for after, before in zip(processor(stack.processes[name].pid), was)]
                for name, was in zip(("both", "query-gateway"), spent)]
            requests = turn["ours"]["perSecond"] * arguments.seconds
            turn["processor us"] = {"search threads": round(worker[1] / requests * 1e6), "worker": round(worker[0] / requests * 1e6),
                                    "gateway": round(gateway[0] / requests * 1e6), "share": round(worker[1] / (worker[0] + gateway[0]), 2)}
            if groonga:
                was = processor(groonga.process.pid)[0]
                turn["groonga"] = wrk(groonga.port, groonga.targets(theirs), arguments.seconds, 8, work)
                turn["groonga"]["processor us"] = round(
                    (processor(groonga.process.pid)[0] - was) / (turn["groonga"]["perSecond"] * arguments.seconds) * 1e6)
            turns.append(turn)
        if groonga:
            groonga.stop()
        best = max(turns, key=lambda turn: turn["ours"]["perSecond"])["ours"]
        report["turns"] = turns
        report["share of the engine"] = round(best["perSecond"] / report["engine"]["both cores a second"], 2)
        report["p99 over p50"] = round(best["p99"] / best["p50"], 2)
    finally:
        stack.stop()
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
