"""One ingest gateway on local sockets, and a submit client for it: for scenarios that need no more than the journal."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import uuid

import zmq

from stack import PROGRAMS, environment


class Broker:
    """`ingest --role gateway` over ipc. Its data folder may be anywhere; its sockets have a folder of their own."""

    def __init__(self, data, settings=None, log=None, extra_environment=None):
        self.data = data
        self.sockets = tempfile.mkdtemp(prefix="kbr-")
        names = ("submit", "parse", "ledger", "news")
        self.endpoints = {name: f"ipc://{self.sockets}/{name}" for name in names}
        words = [word for name in names for word in (f"--{name}-endpoint", self.endpoints[name])]
        for name, value in (settings or {}).items():
            words += [f"--{name}", str(value)]
        self.log = open(log or os.devnull, "ab")
        self.process = subprocess.Popen(
            [PROGRAMS / "ingest", "--role", "gateway", "--data-dir", data, *words], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL, env=environment() | (extra_environment or {}))

    def client(self, link="submit"):
        return Client(self.endpoints[link])

    def is_alive(self):
        return self.process.poll() is None

    def wait_until_ready(self, client, seconds=20):
        """True once it answers; False where it ended before."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if client.ping(200):
                return True
            if not self.is_alive():
                return False
        return False

    def stop(self, kill=False):
        if self.is_alive():
            (self.process.kill if kill else self.process.terminate)()
        status = self.process.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.sockets, ignore_errors=True)
        return status


class Client:
    """Asks over one DEALER; answers are matched by their parent."""

    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)
        self.number = 0

    def send(self, kind, body, *payload):
        self.number += 1
        name = f"c-{self.number}"
        header = {"protocol": "kuaibao", "version": 1, "kind": kind, "id": name}
        self.socket.send_multipart([json.dumps(header).encode(), json.dumps(body).encode(), *payload])
        return name

    def receive(self, milliseconds):
        """(parent, kind, body), or None when nothing came in time."""
        if not self.socket.poll(milliseconds):
            return None
        frames = self.socket.recv_multipart()
        header = json.loads(frames[0])
        return header.get("parent"), header["kind"], json.loads(frames[1]) if len(frames) > 1 else {}

    def ask(self, kind, body, *payload, milliseconds=10_000):
        name = self.send(kind, body, *payload)
        deadline = time.monotonic() + milliseconds / 1000
        while (left := deadline - time.monotonic()) > 0:
            answer = self.receive(int(left * 1000) + 1)
            if answer is not None and answer[0] == name:
                return answer[1], answer[2]
        return None

    def ping(self, milliseconds=1000):
        return self.ask("ping", {}, milliseconds=milliseconds) is not None

    def submit(self, text, key=None, milliseconds=10_000):
        """("receipt", body), ("error", body), or None without an answer."""
        document = {"byteCount": len(text), "submissionKey": key or uuid.uuid4().hex}
        return self.ask(
            "submit", {"collection": "bulletins", "documents": [document]}, text, milliseconds=milliseconds)

    def close(self):
        self.socket.close()
