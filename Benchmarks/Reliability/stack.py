"""A stack of real processes for one scenario: starts it, talks to it, knows its processes, ends it."""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("KUAIBAO_PROGRAMS", ROOT / ".build" / "release"))
DOCUMENTS = "/v1/collections/bulletins/documents"
SEARCH = "/v1/collections/bulletins/search"


class Refused(Exception):
    """An HTTP answer that is an error; `code` is the stable code of docs/operations/errors.md."""

    def __init__(self, status, code, message):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code = status, code


def free_port(*others):
    """A TCP port that nobody has now, nor those so much higher, below those that outgoing connections get: a writer
    that tries again and again would else take the port of a gateway that is being started."""
    while True:
        sockets = []
        port = random.randrange(10_000, 32_000)
        try:
            for offset in (0, *others):
                sockets.append(socket.socket())
                sockets[-1].bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()


def environment():
    """Ours without settings of other stacks: a service refuses variables that it does not know."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KUAIBAO_")}


class Gateway:
    """HTTP to a query gateway, over a connection that is kept; with the key of somebody where the gateway has keys."""

    def __init__(self, port, timeout=30, key=None):
        self.port, self.timeout, self.connection = port, timeout, None
        self.headers = {"Authorization": "Bearer " + key} if key else {}

    def call(self, method, path, parameters=None, body=None):
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self.connection.request(method, path, body=body, headers=self.headers)
            response = self.connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            raise
        if 200 <= response.status < 300:
            return json.loads(data)
        try:
            error = json.loads(data)["error"]
        except (ValueError, KeyError):
            error = {"code": "none", "message": data[:200].decode(errors="replace")}
        raise Refused(response.status, error["code"], error["message"])

    def status(self):
        return self.call("GET", "/v1/status")

    def try_call(self, *arguments, **more):
        """The answer, or None while nobody answers."""
        try:
            return self.call(*arguments, **more)
        except (OSError, http.client.HTTPException, Refused):
            return None


class Stack:
    """`kuaibao up` with a data folder of its own."""

    def __init__(self, folder=None, workers=(1, 1, 2), arguments=(), settings=None, key=None):
        self.is_ours = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="kuaibao-reliability-")
        self.http_port = free_port()
        self.zmq_port = free_port(10)
        names = ("--ingest-workers", "--index-workers", "--query-workers")
        counts = [word for name, count in zip(names, workers) for word in (name, str(count))]
        self.output = open(os.path.join(self.folder, "up.log"), "ab")
        self.process = subprocess.Popen(
            [PROGRAMS / "kuaibao", "up", "--data-dir", self.folder, "--http-port", str(self.http_port),
             "--zmq-port", str(self.zmq_port), *counts, *arguments],
            stdout=self.output, stderr=self.output, stdin=subprocess.DEVNULL, env=environment() | (settings or {}))
        self.gateway = Gateway(self.http_port, key=key)

    def __enter__(self):
        self.wait_until_ready()
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_ready(self, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.gateway.try_call("GET", "/v1/status")
            if status is not None and not status["problems"]:
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"the stack ended with {self.process.returncode}: see {self.folder}/up.log")
            time.sleep(0.02)
        raise RuntimeError(f"the stack was not ready within {seconds} s: see {self.folder}")

    def children(self):
        """(role, process number) of the processes that run now, by name."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) != self.process.pid or b"--role" not in words:
                continue
            role = words[words.index(b"--role") + 1].decode()
            found.append((os.path.basename(words[0].decode()) + "-" + role, int(entry)))
        return sorted(found)

    def kill_at_random(self, chooser, kills, pause, told=lambda: "", every=50):
        """SIGKILLs processes that run now, `pause` (from, to) seconds apart; tells `told()` every so often. How often of each name."""
        victims = {}
        while (done := sum(victims.values())) < kills:
            time.sleep(chooser.uniform(*pause))
            children = self.children()
            if not children:
                continue
            role, process = chooser.choice(children)
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
            victims[role] = victims.get(role, 0) + 1
            if (done + 1) % every == 0:
                print(f"  {done + 1} kills, {told()}", flush=True)
        return victims

    def settle(self, seconds=120, name="bulletins"):
        """Waits until every accepted document of a collection has been reflected, and returns the status."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.gateway.try_call("GET", "/v1/status")
            if status is not None and not status["problems"] and status["complete"]:
                collection = next(each for each in status["ingest"]["collections"] if each["name"] == name)
                counts = collection["counts"]
                in_flight = counts["accepted"] - counts["searchable"] - counts["superseded"] - counts["deadLettered"] - counts["dropped"]
                if in_flight == 0 and status["searchVersions"].get(name) == collection["version"]:
                    return status
            time.sleep(0.05)
        raise RuntimeError(f"documents were still in flight after {seconds} s: see {self.folder}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        self.output.close()
        if self.is_ours and sys.exc_info()[0] is None:
            shutil.rmtree(self.folder, ignore_errors=True)


def resident_bytes(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def report(scenario, promise, **figures):
    """Prints one scenario's outcome, for people and, as a line of JSON, for docs/reliability.md."""
    for name, value in figures.items():
        print(f"  {name:<28} {value}", flush=True)
    line = json.dumps({"scenario": scenario, "promise": promise, "figures": figures}, ensure_ascii=False)
    print(line, flush=True)
    results = os.environ.get("RELIABILITY_RESULTS")
    if results:
        with open(results, "a", encoding="utf-8") as file:
            file.write(line + "\n")
