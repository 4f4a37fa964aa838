"""Compares engines on one corpus: indexes each, asks every class of queries in turns, writes Markdown and JSON.

    python3 compare.py CORPUS --work FOLDER --engines kuaibao,tantivy,lucene,xapian,groonga,fts5 --out results-60k

Each engine runs in a process of its own. In every pass the engines take turns class by class, so that what else the machine
does meets all of them; a query's time is its median over the passes. An engine that takes longer than the cap for a class in
one pass answers only as many of its queries as fit, and is never the best peer of that class."""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import corpus  # noqa: E402
import engines  # noqa: E402

WANTS = ("top", "count", "source", "month")


def serve(name, folder, pipe):
    """The process of one engine: calls of its methods, one after the other."""
    engine = engines.ENGINES[name](folder)
    while True:
        method, arguments = pipe.recv()
        if method is None:
            engine.close()
            return
        try:
            pipe.send((True, getattr(engine, method)(*arguments)))
        except Exception as problem:
            pipe.send((False, f"{type(problem).__name__}: {problem}"))


class Remote:
    def __init__(self, name, folder):
        self.name = name
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=serve, args=(name, folder, theirs), daemon=True)
        self.process.start()

    def __call__(self, method, *arguments):
        self.pipe.send((method, arguments))
        worked, answer = self.pipe.recv()
        if not worked:
            raise RuntimeError(f"{self.name}: {answer}")
        return answer

    def end(self):
        self.pipe.send((None, ()))
        self.process.join()


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# Queries that a slow engine answers at least, and how many are asked at a time while it is found out how many fit.
LEAST, STEP = 8, 10


def warm(remote, queries, want, cap):
    """The first pass: how many queries fit, and the numbers found; None for queries that were not asked."""
    started = time.perf_counter()
    found = []
    while len(found) < len(queries) and time.perf_counter() - started < 4 * cap:
        found += [answer[2] for answer in remote("ask", queries[len(found):len(found) + STEP], 10, want)]
    each = (time.perf_counter() - started) / len(found)
    fit = len(queries) if each * len(queries) <= cap else min(len(found), max(LEAST, int(cap / each)))
    return fit, found + [None] * (len(queries) - len(found))


def measure(remotes, queries, want, passes, cap):
    """Name -> median times of each query, and the numbers found."""
    times = {name: [[] for _ in queries] for name in remotes}
    counts = {name: len(queries) for name in remotes}
    found = {}
    for number in range(passes + 1):
        for name, remote in remotes.items():
            if number == 0:
                counts[name], found[name] = warm(remote, queries, want, cap)
                continue
            answers = remote("ask", queries[:counts[name]], 10, want)
            for place in range(counts[name]):
                times[name][place].append(answers[place][0])
    medians = {name: [statistics.median(rows) for rows in lists[:counts[name]]] for name, lists in times.items()}
    return medians, found


def agreement(first, second):
    """Share of the first engine's hits that the second has too."""
    shares = [len(set(a) & set(b)) / len(a) for a, b in zip(first, second) if a and b is not None]
    return statistics.mean(shares) if shares else None


def facts(path):
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    return {"machine": model, "cores": os.cpu_count(), "python": platform.python_version(),
            "load": os.getloadavg()[0], "corpus": os.path.basename(path), "corpus_bytes": os.path.getsize(path)}


def asked(arguments):
    """The queries by class, and how many documents and bytes of text there are; kept in the work folder, as reading the corpus takes minutes."""
    key = [os.path.basename(arguments.corpus), os.path.getsize(arguments.corpus), arguments.queries, arguments.limit, "patterns"]
    path = os.path.join(arguments.work, "queries.json")
    if os.path.exists(path):
        kept = json.load(open(path, encoding="utf-8"))
        if kept["of"] == key:
            return kept["classes"], kept["documents"], kept["text_bytes"]
    sizes = [len(text.encode()) for _, _, _, text in corpus.rows(arguments.corpus, arguments.limit)]
    classes = corpus.classes(arguments.corpus, arguments.queries, 20200322, arguments.limit)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"of": key, "classes": classes, "documents": len(sizes), "text_bytes": sum(sizes)}, file, ensure_ascii=False)
    return classes, len(sizes), sum(sizes)


def table(report, names):
    lines = ["| class | " + " | ".join(f"{name} µs" for name in names) + " | best peer / kuaibao | kuaibao p99/p50 |",
             "|---" * (len(names) + 3) + "|"]
    for row in report["classes"]:
        cells = [f"{row['mean'][name]:,.0f}" if name in row["mean"] else "–" for name in names]
        ratio = f"{row['ratio']:.1f} ({row['best']})" if "ratio" in row else "–"
        lines.append(f"| {row['class']}, {row['want']} | " + " | ".join(cells) + f" | {ratio} | {row['spread']:.1f} |")
    return lines


def write(report, names, out):
    with open(out + ".json", "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1, ensure_ascii=False)
    f = report["facts"]
    lines = [
        f"# Engines compared on {f['corpus']}", "",
        f"{f['documents']:,} documents, {f['corpus_bytes'] / 1e6:.0f} MB of JSON lines; {f['cores']} cores of {f['machine']}, load"
        f" {f['load']:.1f} while it ran; mean processor time of a query, medians of {f['passes']} alternating passes,"
        " top 10.", "", *table(report, names), "",
        "| engine | processor s to index | MB of text a s | index, MB | of text | add → found, p50 / p99 ms |",
        "|---|---|---|---|---|---|"]
    text = f["text_bytes"]
    for name in names:
        row = report["indexing"].get(name)
        if row is None:
            continue
        fresh = report["fresh"].get(name)
        shown = f"{fresh['p50'] / 1e3:.1f} / {fresh['p99'] / 1e3:.1f}" if fresh else "–"
        lines.append(f"| {name} | {row['cpu']:.1f} | {text / 1e6 / row['cpu']:.1f} | {row['bytes'] / 1e6:.0f} |"
                     f" {row['bytes'] / text:.2f} | {shown} |")
    agreements = [f"{name} {share:.3f}" for name, share in report["agreement"].items() if share is not None]
    lines += ["", "Share of kuaibao's ten hits that the peer has among its ten, over all classes: " + ", ".join(agreements) + ".", ""]
    with open(out + ".md", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--work", required=True)
    parser.add_argument("--engines", default="kuaibao,tantivy,fts5")
    parser.add_argument("--out", default="results")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--cap", type=float, default=2.0, help="seconds of one class in one pass")
    parser.add_argument("--classes", help="only classes with one of these words in their name")
    parser.add_argument("--wants", default=",".join(WANTS))
    parser.add_argument("--keep", action="store_true", help="use the indexes that are there")
    parser.add_argument("--no-fresh", action="store_true", help="leave the indexes as they are: add no documents")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    names = arguments.engines.split(",")
    remotes = {}
    facts_path = os.path.join(arguments.work, "indexing.json")
    indexing = json.load(open(facts_path)) if os.path.exists(facts_path) else {}
    for name in names:
        remote = Remote(name, os.path.join(arguments.work, name))
        if not (arguments.keep and name in indexing):
            indexing[name] = remote("index", arguments.corpus, arguments.limit)
            json.dump(indexing, open(facts_path, "w"))
            print(name, indexing[name], flush=True)
        remote("open")
        remotes[name] = remote
    classes, documents, text_bytes = asked(arguments)
    report = {"facts": dict(facts(arguments.corpus), documents=documents, text_bytes=text_bytes, passes=arguments.passes),
              "classes": [], "indexing": {name: indexing[name] for name in names if name in indexing}, "fresh": {}}
    found = {name: [] for name in names}
    for name, queries in classes.items():
        if arguments.classes and not any(part in name for part in arguments.classes.split(",")):
            continue
        operator = queries[0]["op"]
        able = {engine: remote for engine, remote in remotes.items() if operator not in engines.ENGINES[engine].lacks}
        for want in arguments.wants.split(","):
            times, hits = measure(able, queries, want, arguments.passes, arguments.cap)
            means = {engine: statistics.mean(values) for engine, values in times.items()}
            row = {"class": name, "want": want, "queries": len(times[names[0]]), "mean": means}
            own = times.get("kuaibao", times[names[0]])
            row["spread"] = quantile(own, 0.99) / max(quantile(own, 0.5), 1e-9)
            row["asked"] = {engine: len(values) for engine, values in times.items()}
            row["p50"] = {engine: quantile(values, 0.5) for engine, values in times.items()}
            peers = {engine: mean for engine, mean in means.items()
                     if engine != "kuaibao" and len(times[engine]) == len(queries)}
            if "kuaibao" in means and peers:
                row["best"] = min(peers, key=peers.get)
                row["ratio"] = peers[row["best"]] / means["kuaibao"]
            report["classes"].append(row)
            # Matches of a pattern all score the same.
            if want == "top" and operator != "pattern":
                for engine in names:
                    found[engine] += hits[engine]
            print(name, want, {engine: round(mean) for engine, mean in means.items()}, flush=True)
    report["agreement"] = {
        name: agreement(found["kuaibao"], found[name]) for name in names if name != "kuaibao" and "kuaibao" in found}
    for name in names if not arguments.no_fresh else ():
        try:
            times = [value for value in remotes[name]("fresh", 50) if value >= 0]
            report["fresh"][name] = {"p50": quantile(times, 0.5), "p99": quantile(times, 0.99), "found": len(times)}
        except Exception as problem:
            print(name, "fresh:", problem, flush=True)
    for remote in remotes.values():
        remote.end()
    write(report, names, arguments.out)


if __name__ == "__main__":
    main()
