"""A stack of release programs for the benchmarks of the gateway: its processes one by one, so that they can be pinned."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KUAIBAO_")}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Stack:
    """One ingest gateway, parse and index workers, a query gateway; query workers come and go."""

    def __init__(self, programs, data, log, parse=1, index=1, settings=None):
        self.programs, self.data = pathlib.Path(programs), pathlib.Path(data)
        self.data.mkdir(parents=True, exist_ok=True)
        self.log = open(log, "ab")
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        sockets = {name: f"ipc://{data}/{name}.sock" for name in ("submit", "parse", "ledger", "news", "ask", "search")}
        self.ask = sockets["ask"]
        self.environment = dict(
            ENVIRONMENT, KUAIBAO_DATA_DIR=str(data), KUAIBAO_HTTP_PORT=str(self.port), KUAIBAO_LOG_LEVEL="warning",
            **{f"KUAIBAO_{name.upper()}_ENDPOINT": address for name, address in sockets.items()})
        self.gateway_settings = settings or {}
        self.processes = {}
        self.start("ingest-gateway", "ingest", "gateway")
        for number in range(parse):
            self.start(f"parse-{number}", "ingest", "worker")
        for number in range(index):
            self.start(f"index-{number}", "index", "worker")
        self.start("query-gateway", "query", "gateway", self.gateway_settings)

    def start(self, name, program, role, settings=None, cores=None):
        words = [str(self.programs / program), "--role", role]
        if cores is not None:
            words = ["taskset", "-c", cores] + words
        self.processes[name] = subprocess.Popen(
            words, env={**self.environment, **(settings or {})}, stdout=self.log, stderr=self.log)
        return self.processes[name]

    def query_worker(self, name, threads=1, cores=None):
        return self.start(name, "query", "worker", {"KUAIBAO_THREADS": str(threads)}, cores)

    def pin(self, name, cores):
        """Pins all threads of a process."""
        subprocess.run(["taskset", "-a", "-c", "-p", cores, str(self.processes[name].pid)], stdout=subprocess.DEVNULL, check=True)

    def end(self, name, sign=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(sign)
        process.wait(60)

    def stop(self):
        for name in reversed(list(self.processes)):
            self.end(name)

    def get(self, path, key=None, **parameters):
        address = self.base + path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        request = urllib.request.Request(address, headers={"Authorization": "Bearer " + key} if key else {})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def until(self, what, condition, seconds=600):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if condition():
                    return
            time.sleep(0.1)
        raise SystemExit(f"not within {seconds} s: {what}")

    def ready(self, workers=1):
        self.until("ready", lambda: not self.get("/v1/status")["problems"]
                   and len(self.get("/v1/status")["searchWorkers"]) == workers)


class Client:
    """One kept connection; as little as can be between the clock and the socket."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target, key=None):
        """Status, body, seconds."""
        line = f"Authorization: Bearer {key}\r\n" if key else ""
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\n{line}\r\n".encode()
        began = time.perf_counter()
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(1 << 18)
            if not more:
                raise OSError("the connection was closed")
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        if b"content-length:" not in lower:
            raise OSError(f"an answer without its length: {head[:200]}")
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        parts, have = [body], len(body)
        while have < length:
            more = self.socket.recv(1 << 18)
            if not more:
                raise OSError("the connection was closed")
            parts.append(more)
            have += len(more)
        took = time.perf_counter() - began
        return int(head.split()[1]), b"".join(parts), took


class AskClient:
    """One DEALER on the ask link, one question at a time; needs pyzmq."""

    @classmethod
    def make(cls, endpoint):
        """None without pyzmq."""
        try:
            import zmq
        except ImportError:
            return None
        return cls(zmq, endpoint)

    def __init__(self, zmq, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.connect(endpoint)
        self.number = 0

    def request(self, kind, body):
        """The kind and the body of the answer."""
        self.number += 1
        header = {"protocol": "kuaibao", "version": 1, "kind": kind, "id": f"q-{self.number}"}
        self.socket.send_multipart([json.dumps(header).encode(), json.dumps(body, ensure_ascii=False).encode()])
        while self.socket.poll(60_000):
            frames = self.socket.recv_multipart()
            header, body = json.loads(frames[0]), json.loads(frames[1])
            if header.get("parent") == f"q-{self.number}":
                return header["kind"], body
        raise SystemExit("no answer on the ask link within 60 s")

    def search(self, **body):
        kind, answer = self.request("search", body)
        if kind != "search-reply":
            raise SystemExit(f"a search over the ask link fails: {answer}")
        return answer


def target(path, **parameters):
    return path + "?" + urllib.parse.urlencode(parameters)


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def lines(path):
    """Lines of a file, packed with zstd or not."""
    if str(path).endswith(".zst"):
        with subprocess.Popen(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            yield from process.stdout
    else:
        with open(path, encoding="utf-8") as file:
            yield from file


def load(stack, corpus, scratch, portion=500):
    """Adds the corpus, `portion` items a document, and waits until all is indexed and merges have come to rest."""
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    part, count = [], 0
    for line in lines(corpus):
        part.append(line)
        if len(part) == portion:
            (folder / f"{count:05}.ndjson").write_text("".join(part), encoding="utf-8")
            part, count = [], count + 1
    if part:
        (folder / f"{count:05}.ndjson").write_text("".join(part), encoding="utf-8")
    subprocess.run(
        [str(stack.programs / "kuaibao"), "add", str(folder)], env={**ENVIRONMENT, "KUAIBAO_URL": stack.base}, check=True,
        stdout=subprocess.DEVNULL)
    stack.until("nothing is in flight", lambda: stack.get("/v1/status")["ingest"]["collections"][0]["counts"]["inFlight"] == 0)
    before, since = None, time.monotonic()
    while time.monotonic() - since < 10:
        version = stack.get("/v1/status")["ingest"]["collections"][0]["version"]
        if version != before:
            before, since = version, time.monotonic()
        time.sleep(0.5)
