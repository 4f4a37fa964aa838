#!/usr/bin/env python3
"""The analyst's desk on a large collection: digests, figures, facets with timeline.

    Benchmarks/desk.py CORPUS.jsonl http://127.0.0.1:8080            loads the corpus first, where it is not there
    Benchmarks/desk.py CORPUS.jsonl http://127.0.0.1:8080 --times 30

The corpus has one object a line with `title`, `body`, `date` and `source`; it is handed in as NDJSON, 500 records a document. Every
question is asked several times with other words each, so that no answer is kept from before. Prints the milliseconds at the
client, p50 and the worst, and the gateway's own parts where it tells them.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time
import urllib.parse
import urllib.request

PORTION = 500
WORDS = ["疫情", "复工", "农业", "水稻", "粮食", "企业", "改革", "经济", "发展", "教育", "医疗", "交通", "天气", "防汛", "会议", "创新", "环保", "铁路",
         "出口", "就业", "航天", "文化", "旅游", "养老", "能源", "电力", "港口", "消费", "投资", "科技", "乡村", "脱贫", "森林", "海洋", "春运", "高考"]


def call(base, path, parameters=None, body=None):
    address = base + path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
    with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=120) as response:
        return response.headers, response.read()


def load(base, corpus):
    status = json.loads(call(base, "/v1/status")[1])["ingest"]["collections"][0]
    lines = corpus.read_bytes().splitlines()
    if status["liveItems"] >= len(lines):
        return status["liveItems"]
    began = time.monotonic()
    for start in range(0, len(lines), PORTION):
        records = []
        for line in lines[start:start + PORTION]:
            item = json.loads(line)
            records.append(json.dumps({"title": item["title"], "content": item["body"], "date": item["date"], "source": item["source"]}, ensure_ascii=False))
        call(base, "/v1/collections/bulletins/documents", {"identity": f"corpus-{start}", "source": f"corpus-{start}.ndjson"}, "\n".join(records).encode())
    while True:
        status = json.loads(call(base, "/v1/status")[1])["ingest"]["collections"][0]
        if status["counts"]["inFlight"] == 0:
            break
        time.sleep(0.2)
    print(f"{len(lines)} records became {status['liveItems']} items in {status['segments']} segments within {time.monotonic() - began:.0f} s")
    return status["liveItems"]


def measure(name, base, path, parameters, words, aim):
    times, parts, sizes = [], [], []
    for word in words:
        began = time.perf_counter()
        headers, body = call(base, path, {key: value.replace("WORD", word) for key, value in parameters.items()})
        times.append((time.perf_counter() - began) * 1000)
        parts.append(headers.get("Server-Timing", ""))
        sizes.append(len(body))
    middle = statistics.median(times)
    print(f"{name}: p50 {middle:.0f} ms, worst {max(times):.0f} ms over {len(words)} queries (aim {aim} ms), {statistics.median(sizes) / 1000:.0f} KB {parts[times.index(sorted(times)[len(times) // 2])]}")
    return middle


def resident(base):
    """The gateway's resident memory, in MB."""
    for line in call(base, "/metrics")[1].decode().splitlines():
        if line.startswith("kuaibao_query_resident_bytes"):
            return float(line.split()[-1]) / 1e6
    return 0


def large(base, path, parameters, times):
    """A digest that comes in pieces: seconds to its first byte and to its end, and the gateway's memory at most."""
    for _ in range(times):
        before = peak = resident(base)
        began = time.perf_counter()
        first, size, items = None, 0, 0
        with urllib.request.urlopen(base + path + "?" + urllib.parse.urlencode(parameters), timeout=300) as answer:
            seen = time.perf_counter()
            while piece := answer.read(1 << 16):
                first = first or time.perf_counter() - began
                size += len(piece)
                items += piece.count("出处：".encode())
                if time.perf_counter() - seen > 0.5:
                    peak, seen = max(peak, resident(base)), time.perf_counter()
        print(f"digest in pieces {parameters}: first byte {first:.1f} s, end {time.perf_counter() - began:.1f} s, {items} entries, "
              f"{size / 1e6:.1f} MB; the gateway {before:.0f} MB before, {peak:.0f} MB at most")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("base")
    parser.add_argument("--times", type=int, default=len(WORDS))
    options = parser.parse_args()
    base = options.base.rstrip("/")
    print(f"{load(base, options.corpus)} items")
    words = WORDS[:options.times]
    documents = "/v1/collections/bulletins"
    measure("warming up", base, documents + "/search", {"q": "WORD", "limit": "10"}, words, 0)
    measure("digest of 200 items by date", base, documents + "/digest", {"q": "WORD", "limit": "200", "by": "date"}, words, 300)
    measure("digest of 200 items by source, summaries", base, documents + "/digest", {"q": "WORD 中国", "limit": "200", "by": "source", "text": "summary"}, words, 300)
    measure("figures of a query", base, documents + "/figures", {"q": "WORD面积"}, words, 100)
    measure("figures of a query, 500 items read", base, documents + "/figures", {"q": "WORD", "all": "true"}, words, 100)
    large(base, documents + "/digest", {"q": "中国", "limit": "20000", "by": "source"}, 2)
    facets = {"facets": "department,source,district,format,language,flag", "histogram": "true", "limit": "10", "snippet": "140", "collapse": "true"}
    measure("facets and timeline of the page", base, documents + "/search", {"q": "WORD 全国", **facets}, words, 50)
    measure("facets and timeline, everything from a word's year on", base, documents + "/search", {"q": "WORD OR 中国", **facets}, words, 50)


if __name__ == "__main__":
    sys.exit(main())
