"""A producer ten times faster than its consumer: memory stays bounded, refusals are told, nothing is dropped.

    python3 pressure.py [--seconds 600] [--producers 8] [--slow-milliseconds 20]

One slow parse worker, written here, takes as long as asked for each document; producers send over ZeroMQ and HTTP as fast as they
are answered. The resident memory of the gateways is sampled; its slope over the second half must be flat. In the end everything
accepted is in the journal: accepted = searchable + superseded + dead + dropped + in flight.
"""

import argparse
import json
import os
import signal
import threading
import time
import uuid

import zmq

from broker import Client
from stack import DOCUMENTS, Gateway, Refused, Stack, report, resident_bytes


class SlowWorker(threading.Thread):
    """A parse worker that gives every document up after a while, as unreadable: a slow consumer with the real flow control."""

    def __init__(self, endpoint, milliseconds):
        super().__init__(daemon=True)
        self.endpoint, self.pause = endpoint, milliseconds / 1000
        self.done, self.ends = 0, threading.Event()

    def run(self):
        boot = uuid.uuid4().hex
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(self.endpoint)
        number = 0

        def send(kind, body, parent=None):
            nonlocal number
            number += 1
            header = {"protocol": "kuaibao", "version": 1, "kind": kind, "id": f"{boot[:6]}-{number}"}
            if parent:
                header["parent"] = parent
            socket.send_multipart([json.dumps(header).encode(), json.dumps(body).encode(), b""])

        ready = {"name": "slow", "boot": boot, "window": 2, "release": "reliability"}
        send("ready", ready)
        beat = time.monotonic()
        while not self.ends.is_set():
            if time.monotonic() - beat > 0.5:
                beat = time.monotonic()
                send("heartbeat", {})
            if not socket.poll(50):
                continue
            frames = socket.recv_multipart()
            header = json.loads(frames[0])
            if header["kind"] == "who":
                send("ready", ready)
            if header["kind"] == "lease":
                body = json.loads(frames[1])
                outcomes = []
                for document in body["documents"]:
                    time.sleep(self.pause)
                    self.done += 1
                    error = {"code": "unreadable-document", "message": "slow", "fix": "none"}
                    outcomes.append({"submission": document["submission"], "itemCount": 0, "recordBytes": 0, "warnings": [], "failure": error})
                send("done", {"ticket": body["ticket"], "outcomes": outcomes}, header["id"])
        socket.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--producers", type=int, default=8)
    parser.add_argument("--slow-milliseconds", type=float, default=20)
    parser.add_argument("--kilobytes", type=int, default=16)
    parser.add_argument("--cap", type=int, default=600, help="megabytes that a gateway may have")
    options = parser.parse_args()
    ends = threading.Event()
    sent, refused = [0] * options.producers, {}
    with Stack(settings={"KUAIBAO_KEEP_RAW_HOURS": "0"}) as stack:
        # The parse workers of the stack step aside for the slow one.
        for role, process in stack.children():
            if role == "ingest-worker":
                os.kill(process, signal.SIGSTOP)
        worker = SlowWorker(f"ipc://{stack.folder}/run/parse", options.slow_milliseconds)
        worker.start()

        def produce(number):
            body = os.urandom(options.kilobytes << 10)
            over_http = number % 2 == 0
            gateway = Gateway(stack.http_port)
            client = Client(f"tcp://127.0.0.1:{stack.zmq_port}")
            while not ends.is_set():
                key = f"p{number}-{sent[number]}"
                code = None
                try:
                    if over_http:
                        gateway.call("POST", DOCUMENTS, {"identity": key, "key": key}, body)
                    else:
                        answer = client.submit(body, key=key)
                        if answer is None or answer[0] != "receipt":
                            code = answer[1]["code"] if answer else "silence"
                except Refused as refusal:
                    code = refusal.code
                except OSError:
                    code = "connection"
                if code is None:
                    sent[number] += 1
                else:
                    refused[code] = refused.get(code, 0) + 1
                    time.sleep(0.02)

        threads = [threading.Thread(target=produce, args=(number,), daemon=True) for number in range(options.producers)]
        for thread in threads:
            thread.start()
        samples = {}
        began = time.monotonic()
        gateways = [(role, process) for role, process in stack.children() if role.endswith("gateway")]
        while time.monotonic() - began < options.seconds:
            time.sleep(1)
            for role, process in gateways:
                samples.setdefault(role, []).append(resident_bytes(process) / 1e6)
        ends.set()
        for thread in threads:
            thread.join(timeout=30)
        status = stack.gateway.status()
        counts = status["ingest"]["collections"][0]["counts"]
        figures = {}
        for role, values in samples.items():
            half = values[len(values) // 2:]
            third = max(1, len(half) // 3)
            slope = (sum(half[-third:]) - sum(half[:third])) / third / (len(half) * 2 / 3) * 60
            figures |= {f"{role}_max_mb": round(max(values)), f"{role}_slope_mb_per_minute": round(slope, 2)}
        worker.ends.set()
        balance = sum(counts[name] for name in ("searchable", "superseded", "deadLettered", "dropped"))
        report(
            "pressure", "memory under its cap, slope flat, nothing dropped", seconds=round(options.seconds), sent=sum(sent),
            consumed=worker.done, ratio=round(sum(sent) / max(1, worker.done), 1), refused=refused,
            accepted_by_ledger=counts["accepted"], in_flight=counts["accepted"] - balance, **figures)
        assert counts["accepted"] >= sum(sent)
        assert all(max(values) < options.cap for values in samples.values()), figures
        for role, process in stack.children():
            if role == "ingest-worker":
                os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main()
