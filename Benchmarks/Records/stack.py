"""What the measurements of records share: a stack and a PostgreSQL of their own, an HTTP client, percentiles."""
import glob
import http.client
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse


def free_ports():
    """Three ports that nobody has: one, and two, ten apart."""
    while True:
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            one.bind(("127.0.0.1", 0))
            two.bind(("127.0.0.1", 0))
            try:
                three.bind(("127.0.0.1", two.getsockname()[1] + 10))
            except OSError:
                continue
            return one.getsockname()[1], two.getsockname()[1]


def percentiles(seconds):
    """Milliseconds at the usual places of a list of seconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    at = lambda share: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1)}


class Stack:
    def __init__(self, programs, scopes=None):
        """With scopes the gateway has a key with them, and all is asked with it."""
        self.folder = tempfile.mkdtemp(prefix="kuaibao-records-")
        self.port, zmq = free_ports()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KUAIBAO_")}
        self.key = None
        if scopes:
            made = subprocess.run(
                [str(programs / "kuaibao"), "api-keys", "create", "records", "--scopes", scopes, "--data-dir", self.folder + "/data", "--json"],
                env=environment, check=True, capture_output=True, text=True)
            self.key = json.loads(made.stdout)["key"]
        self.process = subprocess.Popen(
            [str(programs / "kuaibao"), "up", "--data-dir", self.folder + "/data", "--http-port", str(self.port), "--zmq-port", str(zmq),
             "--log-level", "warning"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.ask("GET", "/health/ready")[0] == 200 and not self.ask("GET", "/v1/status")[1]["problems"]:
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise SystemExit("the stack did not start")
            time.sleep(0.1)

    def resident(self):
        """Bytes in memory of each process, by program and role."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if not entry.name.isdigit() or b"--role" not in words or int(stat.rsplit(")", 1)[1].split()[1]) != self.process.pid:
                continue
            name = os.path.basename(words[0].decode()) + "-" + words[words.index(b"--role") + 1].decode()
            found[name] = found.get(name, 0) + int(stat.rsplit(")", 1)[1].split()[21]) * os.sysconf("SC_PAGE_SIZE")
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def headers(self, kind=None, key=None):
        key = key or self.key
        return ({"Content-Type": kind} if kind else {}) | ({"Authorization": "Bearer " + key} if key else {})

    def ask(self, method, path, body=None, kind=None, on=None):
        connection = on or self.connection()
        connection.request(method, path, body, self.headers(kind))
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text

    def good(self, *arguments, **more):
        while True:
            status, value = self.ask(*arguments, **more)
            if status == 429:
                time.sleep(0.05)
                continue
            if status >= 300:
                raise SystemExit(f"{arguments[:2]}: {status} {str(value)[:500]}")
            return value

    def declare(self, text):
        return self.good("POST", "/v1/collections", text.encode(), "application/yaml")

    def post(self, collection, body, kind, wait=False, on=None):
        return self.good("POST", f"/v1/collections/{collection}/documents" + ("?wait=searchable" if wait else ""), body, kind, on=on)

    def patch(self, collection, body, wait=False, on=None):
        return self.good("PATCH", f"/v1/collections/{collection}/documents" + ("?wait=searchable" if wait else ""), body, "application/json", on=on)

    def search(self, collection, query, on=None, **parameters):
        return self.good("GET", f"/v1/collections/{collection}/search?" + urllib.parse.urlencode({"q": query, **parameters}), on=on)

    def document(self, collection, identity):
        return self.good("GET", f"/v1/collections/{collection}/documents/{identity}")

    def counts(self, collection):
        return next(c["counts"] for c in self.good("GET", "/v1/status")["ingest"]["collections"] if c["name"] == collection)

    def until_searchable(self, collection, count):
        while True:
            counts = self.counts(collection)
            if counts["searchable"] + counts["superseded"] >= count and counts["inFlight"] == 0:
                while self.search(collection, "*", limit=0)["total"] < counts["searchable"]:
                    time.sleep(0.02)
                return
            time.sleep(0.05)

    def events(self, path, key=None):
        connection = self.connection()
        connection.request("GET", path, headers=self.headers(key=key))
        answer = connection.getresponse()
        while line := answer.readline():
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])


class Postgres:
    """Debian's PostgreSQL with its usual settings, in a folder of its own."""

    def __enter__(self):
        bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not bins:
            raise SystemExit("PostgreSQL is not there: apt-get install postgresql")
        self.bin = bins[-1]
        self.folder = tempfile.mkdtemp(prefix="kuaibao-postgres-")
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        os.chmod(self.folder, 0o777)
        self.port = free_ports()[0]
        self.dsn = f"host={self.folder} port={self.port} user={self.user} dbname=postgres"
        self.own([f"{self.bin}/initdb", "-D", self.folder + "/data", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust"])
        self.own([f"{self.bin}/pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", "-o",
                  f"-p {self.port} -k {self.folder} -c listen_addresses=''", "start"])
        return self

    def own(self, command):
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(as_user + command, check=True, stdout=subprocess.DEVNULL, cwd="/tmp")

    def run(self, sql):
        subprocess.run([f"{self.bin}/psql", "-v", "ON_ERROR_STOP=1", "-q", "-h", self.folder, "-p", str(self.port), "-U", self.user, "postgres"],
                       input=sql + "\n", text=True, check=True)

    def __exit__(self, *_):
        self.own([f"{self.bin}/pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop"])
        shutil.rmtree(self.folder, ignore_errors=True)
