"""Workers that die or join under load: how soon their work is leased again, and how soon a new one gets some.

    python3 workers.py [--kills 40] [--joins 20] [--stops 10]

Re-lease: workers written here join a real ingest gateway and hold their leases without finishing them. One closes its
connection (a killed process), or stays connected and falls silent (a stopped one); the time until its documents have been
granted to the other is taken. Join: another worker joins a gateway with documents waiting; the time until its first lease.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
import uuid

import zmq

from broker import Broker
from stack import percentile, report


class Worker(threading.Thread):
    """A parse worker that says what it is given, and when; it finishes nothing unless told to."""

    def __init__(self, endpoint, window=4):
        super().__init__(daemon=True)
        self.endpoint, self.window = endpoint, window
        self.boot = uuid.uuid4().hex
        self.leased = {}  # submission -> when it came
        self.first = None
        self.joined_at = None
        self.ends, self.falls_silent = threading.Event(), threading.Event()

    def run(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(self.endpoint)
        ready = {"name": f"w-{self.boot[:6]}", "boot": self.boot, "window": self.window, "release": "reliability"}
        number = 0

        def send(kind, body):
            nonlocal number
            number += 1
            header = {"protocol": "kuaibao", "version": 1, "kind": kind, "id": f"{self.boot[:6]}-{number}"}
            socket.send_multipart([json.dumps(header).encode(), json.dumps(body).encode()])

        self.joined_at = time.monotonic()
        send("ready", ready)
        beat = time.monotonic()
        while not self.ends.is_set():
            if self.falls_silent.is_set():
                time.sleep(0.01)
                continue
            if time.monotonic() - beat > 0.5:
                beat = time.monotonic()
                send("heartbeat", {})
            if not socket.poll(20):
                continue
            frames = socket.recv_multipart()
            kind = json.loads(frames[0])["kind"]
            if kind == "who":
                send("ready", ready)
            if kind == "lease":
                now = time.monotonic()
                self.first = self.first or now
                for document in json.loads(frames[1])["documents"]:
                    self.leased[document["submission"]] = now
        socket.close()


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("waited in vain")
        time.sleep(0.002)


def release(broker, silent):
    """Seconds from a worker's end to the moment when all of its documents are with the other one."""
    first = Worker(broker.endpoints["parse"])
    first.start()
    until(lambda: len(first.leased) >= first.window, 10)
    held = set(first.leased)
    second = Worker(broker.endpoints["parse"], window=64)
    second.start()
    until(lambda: second.first, 10)
    began = time.monotonic()
    (first.falls_silent if silent else first.ends).set()
    until(lambda: held <= set(second.leased), 20)
    latest = max(second.leased[each] for each in held) - began
    for worker in (first, second):
        worker.ends.set()
        worker.join()
    return latest


def join(broker):
    worker = Worker(broker.endpoints["parse"])
    worker.start()
    until(lambda: worker.first, 10)
    worker.ends.set()
    worker.join()
    return worker.first - worker.joined_at


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--joins", type=int, default=20)
    options = parser.parse_args()
    killed, stopped, joined = [], [], []
    data = tempfile.mkdtemp(prefix="kuaibao-workers-")
    try:
        for count, silent, times in ((options.kills, False, killed), (options.stops, True, stopped)):
            for number in range(count):
                # A ledger of its own each time: a document that was lost with three workers is given up, rightly.
                shutil.rmtree(data)
                broker = Broker(data)
                client = broker.client()
                assert broker.wait_until_ready(client)
                for document in range(8):
                    assert client.submit(f"第{document}号公告".encode())[0] == "receipt"
                times.append(release(broker, silent))
                client.close()
                broker.stop()
        broker = Broker(data)
        client = broker.client()
        assert broker.wait_until_ready(client)
        for document in range(400):
            assert client.submit(f"第{document}号公告".encode())[0] == "receipt"
        for _ in range(options.joins):
            joined.append(join(broker))
        client.close()
        broker.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)
    figures = {}
    for name, times in (("killed", killed), ("stopped", stopped), ("joined", joined)):
        figures |= {f"{name}_count": len(times), f"{name}_p50_s": round(percentile(times, 0.5), 3),
                    f"{name}_p99_s": round(percentile(times, 0.99), 3), f"{name}_max_s": round(max(times), 3)}
    report("workers", "leased again within 3.5 s p99; first lease of a new worker within 1 s", **figures)
    assert percentile(killed + stopped, 0.99) <= 3.5 and max(joined) <= 1, figures


if __name__ == "__main__":
    main()
