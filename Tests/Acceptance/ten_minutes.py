#!/usr/bin/env python3
"""The first ten minutes of somebody new, as a test: ten_minutes.py PROGRAMS SEEDS

Starts a stack of release programs without any configuration, asks, adds own files, adds workers, kills workers, makes
mistakes, takes a backup, stops and starts again. Prints what each step took; ends with 1 at the first thing that is not so.
"""
import contextlib
import gzip
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PROGRAMS, SEEDS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KUAIBAO_")}


def expect(truth, what):
    if not truth:
        sys.exit(f"NOT SO: {what}")


@contextlib.contextmanager
def step(name):
    began = time.monotonic()
    yield
    print(f"  {name:<58} {(time.monotonic() - began) * 1000:8.0f} ms", flush=True)


def free_ports():
    """Three ports that nobody has: HTTP, and two for ZeroMQ. Below those that outgoing connections get, so that
    they are still free when the stack is started for the second time."""
    while True:
        http, zmq = random.randrange(10_000, 20_000), random.randrange(20_000, 32_000)
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for each, port in ((one, http), (two, zmq), (three, zmq + 10)):
                    each.bind(("127.0.0.1", port))
            except OSError:
                continue
            return http, zmq


class Stack:
    def __init__(self, folder, http, zmq, seeds=None):
        self.base = f"http://127.0.0.1:{http}"
        arguments = [PROGRAMS / "kuaibao", "up", "--data-dir", folder, "--http-port", http, "--zmq-port", zmq]
        if seeds:
            arguments += ["--seeds", seeds.name]
        # The receiver of alerts is on this machine.
        environment = {**ENVIRONMENT, "KUAIBAO_WEBHOOK_ALLOW": "127.0.0.0/8"}
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments], env=environment, cwd=SEEDS.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, method, path, body=None, headers={}, **parameters):
        """Status and decoded body."""
        address = self.base + path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        request = urllib.request.Request(address, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as failure:
            status, text = failure.code, failure.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def search(self, query, **parameters):
        status, answer = self.call("GET", "/v1/collections/bulletins/search", q=query, **parameters)
        expect(status == 200, f"{query} is answered: {answer}")
        return answer

    def status(self):
        return self.call("GET", "/v1/status")[1]

    def until(self, what, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if condition():
                    return
            time.sleep(0.02)
        sys.exit(f"NOT SO within {seconds} s: {what}")

    def children(self, role):
        """Process numbers by executable and role, for example `index worker`."""
        found = []
        for folder in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (folder / "cmdline").read_text().split("\0")
                name = f"{pathlib.Path(words[0]).name} {words[words.index('--role') + 1]}"
                if parent == self.process.pid and name == role:
                    found.append(int(folder.name))
        return found

    def arguments(self, pid):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def mcp(stack, *messages):
    """The answers of `kuaibao mcp` to some requests."""
    lines = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages)
    done = subprocess.run(
        [PROGRAMS / "kuaibao", "mcp"], input=lines.encode(), stdout=subprocess.PIPE, check=True, timeout=60,
        env={**ENVIRONMENT, "KUAIBAO_URL": stack.base})
    return [json.loads(line) for line in done.stdout.splitlines()]


def console(stack, *words, code=0):
    done = subprocess.run(
        [str(PROGRAMS / "kuaibao"), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
        env={**ENVIRONMENT, "KUAIBAO_URL": stack.base})
    expect(done.returncode == code, f"kuaibao {' '.join(map(str, words))} ends with {code}: {done.returncode} {done.stderr.decode()}")
    return done.stdout.decode()


def questions(stack):
    with step("2  the first question is Chinese, the answer has its source"):
        answer = stack.search("复工复产", facets="department,source", histogram="true", limit=100)
        expect(answer["complete"] and answer["total"] >= 10, "the seeds have ten items about 复工复产")
        expect(all(hit["title"]["marks"] or hit["snippet"]["marks"] for hit in answer["hits"]), "each hit shows why")
        expect(any(hit["sources"] for hit in answer["hits"]) and answer["facets"]["department"], "sources and departments")
    with step("2  a hit's original is the text of the seed"):
        hit = answer["hits"][0]
        status, original = stack.call("GET", f"/v1/collections/bulletins/documents/{urllib.parse.quote(hit['id'], safe='')}/original")
        whole = next(SEEDS.glob(pathlib.Path(hit["file"]).name)).read_bytes()
        expect(status == 200 and original == whole[hit["range"]["lower"]:hit["range"]["upper"]], "the item's bytes")
    with step("2  suggestions by characters, pinyin, initials, with a mistake"):
        for typed in ("上海", "shanghai", "shfb", "shanghaifb", "上海法布", "上海发不"):
            status, answer = stack.call("GET", "/v1/collections/bulletins/suggest", q=typed)
            expect(status == 200 and answer["complete"] and any(one["text"] == "上海发布" for one in answer["suggestions"]), f"{typed}: {answer}")
        expect("上海发布" in console(stack, "suggest", "shfb"), "kuaibao suggest")
    with step("2  a compressed answer is the same answer"):
        request = urllib.request.Request(
            stack.base + "/v1/collections/bulletins/search?limit=20&q=" + urllib.parse.quote("复工复产"), headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=60) as response:
            packed = response.read()
            expect(response.headers["Content-Encoding"] == "gzip", "gzip is used")
        again = json.loads(gzip.decompress(packed))
        expect([one["id"] for one in again["hits"]] == [one["id"] for one in stack.search("复工复产", limit=20)["hits"]], "the same hits")
    with step("2  examples in Python and kuaibao mcp"):
        for example, more in (("search_http.py", ["--url", stack.base]), ("search_zmq.py", [f"tcp://127.0.0.1:{stack.zmq + 10}"])):
            python = os.environ.get("KUAIBAO_TEST_PYTHON", sys.executable)
            done = subprocess.run([python, ROOT / "clients/python" / example, "复工复产", *more], stdout=subprocess.PIPE, check=True, timeout=60)
            expect("complete: True" in done.stdout.decode(), f"{example} prints hits")
        answers = mcp(
            stack, {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
            {"method": "notifications/initialized"}, {"id": 2, "method": "tools/list"},
            {"id": 3, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "复工复产", "limit": 2}}},
            {"id": 4, "method": "tools/call", "params": {"name": "get_document", "arguments": {"id": hit["id"]}}},
            {"id": 5, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "(复工"}}},
            {"id": 6, "method": "tools/call", "params": {"name": "nothing"}}, {"id": 7, "method": "nothing"},
            {"id": 8, "method": "tools/call", "params": {"name": "digest", "arguments": {"query": "复工复产", "by": "department"}}},
            {"id": 9, "method": "tools/call", "params": {"name": "figures", "arguments": {"query": "复工率>70%"}}},
            {"id": 10, "method": "tools/call", "params": {"name": "create_watch", "arguments": {"query": "复工率", "id": "mcp"}}},
            {"id": 11, "method": "tools/call", "params": {"name": "alerts", "arguments": {"watch": "mcp"}}})
        expect([answer["id"] for answer in answers] == list(range(1, 12)), "one answer a request, none for a notification")
        expect(not any(answer["result"]["isError"] for answer in answers[7:]), f"digest, figures and watches: {answers[7:]}")
        expect(answers[0]["result"]["serverInfo"]["name"] == "kuaibao", "initialize")
        names = {"search", "get_document", "similar", "digest", "figures", "watches", "create_watch", "alerts", "acknowledge_alerts"}
        expect({tool["name"] for tool in answers[1]["result"]["tools"]} >= names, "tools")
        expect("日期" in answers[2]["result"]["content"][0]["text"] and not answers[2]["result"]["isError"], "search cites")
        expect(hit["id"] in answers[3]["result"]["content"][0]["text"], "a document is read whole")
        expect(answers[4]["result"]["isError"] and "invalid-query" in answers[4]["result"]["content"][0]["text"], "errors are for the model")
        expect(answers[5]["error"]["code"] == -32602 and answers[6]["error"]["code"] == -32601, "JSON-RPC errors")


def curl_lines(stack, folder):
    """The curl lines of docs/http.md that need no key, run as they stand there, at this stack's address."""
    if not shutil.which("curl"):
        print("  2  curl is not installed: the lines of docs/http.md are not run")
        return
    (folder / "curl").mkdir()
    (folder / "curl" / "通报.html").write_text("<html><body><h1>通报</h1><p>复工。</p></body></html>", encoding="utf-8")
    text = (ROOT / "docs/http.md").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.startswith("    curl ") and "kbk_" not in line]
    expect(len(lines) >= 7, "docs/http.md has curl lines")
    with step(f"2  {len(lines)} curl lines of docs/http.md"):
        for line in lines:
            done = subprocess.run(
                ["bash", "-c", line.replace("http://127.0.0.1:8080", stack.base)], stdout=subprocess.PIPE, cwd=folder / "curl", timeout=60)
            expect(done.returncode == 0 and b'{"error"' not in done.stdout, f"{line}: {done.stdout[:300].decode(errors='replace')}")


def the_page(stack):
    with step("3  the page: its files, its policy, and what it asks"):
        status, page = stack.call("GET", "/")
        expect(status == 200 and "快报" in page.decode(), "the page is there")
        files = re.findall(r'(?:src|href)="(/[^"]+)"', page.decode())
        expect("/page.js" in files and all(stack.call("GET", file)[0] == 200 for file in files), f"its files are there: {files}")
        expect("://" not in page.decode(), "nothing comes from elsewhere")
        script = stack.call("GET", "/page.js")[1].decode()
        parts = re.findall(r'from "\./page/([a-z]+\.js)"', script)
        expect({"search.js", "digest.js", "figures.js", "watches.js", "inbox.js", "status.js"} <= set(parts), f"its views: {parts}")
        answer = stack.search("复工复产", facets="department,source,district", histogram="true", snippet=140)
        expect(answer["histogram"] and answer["facets"]["source"], "facets and a timeline")
        digest = stack.call("GET", "/v1/collections/bulletins/digest", q="复工复产", by="department", format="json")[1]
        expect(digest["groups"] and digest["total"] == answer["total"], "the digest button")
        figures = stack.call("GET", "/v1/collections/bulletins/figures", q="复工率>70%")[1]
        expect(len(figures["rows"]) >= 3, "the figures")
        expect(stack.status()["searchWorkers"], "the worker panel")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes alerts as a webhook does, and keeps them."""

    taken = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time_stamp, signature = (part.split("=")[1] for part in self.headers["Kuaibao-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), f"{time_stamp}.".encode() + body, hashlib.sha256).hexdigest()
        self.taken.append((json.loads(body), hmac.compare_digest(expected, signature)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


SECRET = "the secret of these ten minutes"


def alerts(stack, folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/alerts"
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    with step("7  a watch, a file, one push, acknowledged"):
        preview = stack.call("GET", "/v1/watches/preview", q="复工复产", until="2020-03-31", days=60)[1]
        expect(preview["total"] >= 1, f"a dry run finds the seed: {preview}")
        watch = json.loads(console(stack, "watch", "create", "采样点启用", "--id", "ten", "--webhook", url, "--secret-file", folder / "secret", "--json"))
        expect(watch["id"] == "ten" and watch["counts"]["matched"] == 0, f"{watch}")
        (folder / "采样点.txt").write_text("采样点通告\n\n2022年5月6日\n\n新的采样点启用。\n", encoding="utf-8")
        console(stack, "add", folder / "采样点.txt")
        stack.until("the push has come", lambda: Receiver.taken)
        counts = lambda: stack.call("GET", "/v1/watches/ten")[1]["counts"]
        stack.until("it is acknowledged", lambda: counts()["acknowledged"] == 1)
        (alert, is_signed), = Receiver.taken
        expect(is_signed and "启用" in alert["item"]["excerpt"], f"signed, with its item: {alert}")
        expect(counts() == {"matched": 1, "acknowledged": 1, "pending": 0, "dead": 0}, "it balances")
        console(stack, "watch", "create", "采样点启用", "--id", "kept")
    server.shutdown()


def own_data(stack, folder):
    files = {
        "通报.txt": "市卫健委通报\n\n2020年2月8日\n\n自有文本一号，疫情平稳。", "笔记.md": "# 自有笔记二号\n\n2020年2月9日，社区排查。\n",
        "页.html": "<html><title>自有网页三号</title><body><h1>自有网页三号</h1><p>企业复工。</p></body></html>",
        "项.json": json.dumps({"title": "自有记录四号", "content": "口罩供应。", "date": "2020-02-10"}, ensure_ascii=False),
        "表.csv": "title,content,date\n自有表格五号,物资调配。,2020-02-11\n",
    }
    inbox = folder / "inbox"
    inbox.mkdir()
    for name, text in files.items():
        (inbox / name).write_text(text, encoding="utf-8")
    with step("4  own .txt .md .html .json .csv, from added to found"):
        console(stack, "add", inbox)
        for word in ("自有文本一号", "自有笔记二号", "自有网页三号", "自有记录四号", "自有表格五号"):
            expect(stack.search(word)["total"] >= 1, f"{word} is found")
    with step("4  the ledger says what was made of each"):
        status, receipt = stack.call("POST", "/v1/collections/bulletins/documents", "通知\n\n没有日期。".encode(), wait="searchable", identity="nodate")
        expect(status == 200 and "no-date" in str(receipt["state"].get("warnings")), f"a document without a date is told: {receipt}")
        counts = stack.status()["ingest"]["collections"][0]["counts"]
        expect(counts["accepted"] == sum(counts[name] for name in ("searchable", "superseded", "deadLettered", "dropped", "inFlight")), "it balances")


def more_workers(stack):
    with step("5  three index and four query workers, no restart"):
        commands = [stack.arguments(stack.children("index worker")[0])] * 2 + [stack.arguments(stack.children("query worker")[0])] * 2
        joined = [subprocess.Popen(words, env=ENVIRONMENT, stderr=subprocess.DEVNULL) for words in commands]
        stack.until("four query workers have joined", lambda: len(stack.status()["searchWorkers"]) == 4)
        stack.until(
            "three index workers share the partitions",
            lambda: len({part.get("holder") for part in stack.status()["ingest"]["partitions"]} - {None}) == 3)
        expect(stack.search("复工复产")["complete"], "searches go on")
    for process in joined:
        process.terminate()
    for process in joined:
        process.wait(30)


def broken(stack):
    before = [hit["id"] for hit in stack.search("疫情防控", limit=50)["hits"]]
    with step("6  one index and one query worker are killed, searches go on"):
        for role in ("index worker", "query worker"):
            os.kill(stack.children(role)[0], signal.SIGKILL)
        for _ in range(20):
            answer = stack.search("疫情防控", limit=50, timeout=30000)
            expect([hit["id"] for hit in answer["hits"]] == before, "no hit is lost or made up")
    with step("6  they are back, and what came meanwhile is found"):
        stack.call("POST", "/v1/collections/bulletins/documents", "劫后通知\n\n又可以检索。".encode(), wait="searchable", identity="after")
        expect(stack.search("劫后通知")["total"] == 1, "a new document is found")
        stack.until("no problem is left", lambda: not stack.status()["problems"])


def mistakes(stack):
    base = "/v1/collections/bulletins"
    wrong = [
        ("GET", base + "/search", {"q": "(复工"}), ("GET", base + "/search", {"q": "部们:公安局"}), ("GET", base + "/search", {"limit": "many"}),
        ("GET", base + "/search", {"qq": "1"}), ("GET", base + "/search", {"cursor": "x"}), ("GET", "/v1/collections/other/search", {}),
        ("PUT", base + "/search", {}), ("GET", "/nothing", {}), ("GET", base + "/documents/nothing", {}), ("POST", base + "/documents", {}),
        ("GET", "/v1/submissions/bulletins-999999", {}), ("GET", base + "/export", {"format": "xls"}), ("GET", base + "/similar", {}),
    ]
    with step(f"8  {len(wrong)} mistakes over HTTP, each tells the fix"):
        for method, path, parameters in wrong:
            status, answer = stack.call(method, path, b"" if method == "POST" else None, **parameters)
            expect(status >= 400 and answer["error"]["fix"] and answer["error"]["code"], f"{method} {path} {parameters}: {answer}")
        expect("部门" in stack.call("GET", base + "/search", q="部们:公安局")[1]["error"]["message"], "the nearest field is named")
    with step("8  mistakes on the console, with their exit statuses"):
        console(stack, "search", "(复工", code=3)
        console(stack, "health", "http://127.0.0.1:1", code=9)
        console(stack, "up", "--http-port", stack.base.rsplit(":")[-1], "--data-dir", stack.folder + "-other", code=8)
        failed = subprocess.run([PROGRAMS / "query", "--http-prot", "1"], env=ENVIRONMENT, stderr=subprocess.PIPE)
        expect(failed.returncode == 2 and b"--http-port" in failed.stderr, "an unknown flag names the nearest one")


def saved(stack, folder):
    with step("9  a backup while it runs, verified by restoring"):
        report = json.loads(console(stack, "backup", "--data-dir", stack.folder, "--to", folder / "backups", "--name", "one", "--json"))
        expect(report["problems"] == [] and report["files"] > 0, f"{report}")
    stack.call("POST", "/v1/collections/bulletins/documents", "备份之后\n\n新的。".encode(), wait="searchable", identity="later")
    with step("9  a second backup copies what is new"):
        second = json.loads(console(stack, "backup", "--data-dir", stack.folder, "--to", folder / "backups", "--name", "two", "--json"))
        expect(second["problems"] == [] and second["copiedFiles"] < second["files"], f"{second}")
    return [hit["id"] for hit in stack.search("*", limit=1000)["hits"]]


def without_collections(stack):
    """Deletes the declared collections: reindexing refuses a folder that has any."""
    for collection in stack.call("GET", "/v1/collections")[1]["collections"]:
        if collection["name"] != "bulletins":
            status, answer = stack.call("DELETE", "/v1/collections/" + collection["name"])
            expect(status in (200, 204), f"{collection['name']} is deleted: {answer}")


def second_stacks(stack, folder):
    """Stacks that cannot start say why at once, and leave the one that runs alone."""
    http, zmq = free_ports()
    (folder / "unknown.yaml").write_text("htp-port: 9000\n")
    for what, arguments, exit_status, words in (
            ("a folder that is in use", ["--data-dir", stack.folder], 8, "in use"),
            ("a setting that is unknown", ["--data-dir", folder / "other", "--config", folder / "unknown.yaml"], 2, "htp-port"),
            ("a file that is not there", ["--data-dir", folder / "other", "--config", folder / "nowhere.yaml"], 2, "nowhere.yaml")):
        with step(f"8  a second stack with {what}"):
            command = [PROGRAMS / "kuaibao", "up", "--http-port", http, "--zmq-port", zmq, *arguments]
            done = subprocess.run([str(word) for word in command], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=30)
            expect(done.returncode == exit_status and words in done.stdout and "fix:" in done.stdout, f"{done.returncode} {done.stdout}")
    expect(stack.call("GET", "/health/ready")[0] == 200, "the first stack is ready")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kuaibao-ten-"))
    http, zmq = free_ports()
    began = time.monotonic()
    stack = None
    try:
        print("the first ten minutes:")
        with step("1  one command, no configuration: ready, seeds are in"):
            stack = Stack(folder / "data", http, zmq, SEEDS)
            stack.zmq, stack.folder = zmq, str(folder / "data")
            stack.until("the seeds are searchable", lambda: stack.call("GET", "/health/ready")[0] == 200
                        and stack.search("复工复产")["total"] >= 10 and stack.search("无疫小区")["total"] >= 1)
            stack.until("nothing is in flight", lambda: stack.status()["ingest"]["collections"][0]["counts"]["inFlight"] == 0)
        questions(stack)
        curl_lines(stack, folder)
        the_page(stack)
        own_data(stack, folder)
        more_workers(stack)
        broken(stack)
        alerts(stack, folder)
        mistakes(stack)
        second_stacks(stack, folder)
        everything = saved(stack, folder)
        with step("9  stop"):
            stack.stop()
        for name, data in (("9  start again: nothing lost, nothing rebuilt", "data"), ("9  start the restored backup", "restored")):
            if data == "restored":
                console(stack, "restore", "--from", folder / "backups", "--data-dir", folder / data)
            with step(name):
                again = Stack(folder / data, http, zmq)
                try:
                    again.until("it is ready", lambda: again.call("GET", "/health/ready")[0] == 200 and not again.status()["problems"])
                    expect([hit["id"] for hit in again.search("*", limit=1000)["hits"]] == everything, f"every item of {data} is there")
                    if data == "data":
                        without_collections(again)
                finally:
                    again.stop()
        with step("9  reindex behind the data, exchanged"):
            report = json.loads(console(stack, "reindex", "--data-dir", folder / "data", "--swap", "--json"))
            expect(report["isSwapped"] and report["replayed"] == report["documents"] > 0, f"{report}")
            expect(report["watches"] >= 3, f"the watches are taken over: {report}")
        with step("9  start on what was indexed anew"):
            again = Stack(folder / "data", http, zmq)
            try:
                again.until("it is ready", lambda: again.call("GET", "/health/ready")[0] == 200 and not again.status()["problems"])
                expect([hit["id"] for hit in again.search("*", limit=1000)["hits"]] == everything, "every item is there")
                expect(again.call("GET", "/v1/watches/ten")[1]["counts"]["acknowledged"] == 1, "the watch and its balance are there")
                expect(again.call("GET", "/v1/watches/kept")[1]["counts"]["matched"] == 0, "old documents are no news")
            finally:
                again.stop()
        print(f"  all {time.monotonic() - began:.1f} s")
    finally:
        if stack and stack.process.poll() is None:
            stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
