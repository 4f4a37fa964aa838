"""Faults of the network between a gateway and its workers, in network namespaces.

    sudo python3 namespaces.py [--schedules 100] [--seed 1]

The gateway with the ledger has one namespace, the parse worker and a client another, with a pair of virtual interfaces between
them, and CURVE on every link. One schedule is one fault, drawn by the seed, under a load of documents:

    black hole   packets of both directions vanish, then come through again
    one way      packets from or to the gateway vanish
    reset        every packet is answered with a reset for a moment
    new address  the gateway's interface gets another address; its name is resolved anew

After it the time is taken until a document is accepted again, and until one is parsed again. In the end every acknowledged document
must be known under its key, and have come out of the parser once. Needs the right to make namespaces (ip, nft).
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from stack import PROGRAMS, environment, percentile, report

GATEWAY, OTHERS = "kbr-gateway", "kbr-others"
PORTS = {"submit": 7510, "parse": 7511, "ledger": 7512, "news": 7513}
NAME = "kuaibao-gateway"


def sh(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


def inside(space, *words):
    return ["ip", "netns", "exec", space, *map(str, words)]


def set_address(number):
    """Gives the gateway's end this address, and the others its name."""
    sh("ip", "-n", GATEWAY, "addr", "flush", "dev", "kbr0")
    sh("ip", "-n", GATEWAY, "addr", "add", f"10.77.0.{number}/24", "dev", "kbr0")
    pathlib.Path(f"/etc/netns/{OTHERS}/hosts").write_text(f"127.0.0.1 localhost\n10.77.0.{number} {NAME}\n")


def make_spaces():
    drop_spaces()
    for space in (GATEWAY, OTHERS):
        sh("ip", "netns", "add", space)
        sh("ip", "-n", space, "link", "set", "lo", "up")
    sh("ip", "link", "add", "kbr0", "netns", GATEWAY, "type", "veth", "peer", "name", "kbr1", "netns", OTHERS)
    os.makedirs(f"/etc/netns/{OTHERS}", exist_ok=True)
    set_address(1)
    sh("ip", "-n", OTHERS, "addr", "add", "10.77.0.200/24", "dev", "kbr1")
    sh("ip", "-n", GATEWAY, "link", "set", "kbr0", "up")
    sh("ip", "-n", OTHERS, "link", "set", "kbr1", "up")


def drop_spaces():
    for space in (GATEWAY, OTHERS):
        sh("ip", "netns", "del", space, check=False)
    shutil.rmtree(f"/etc/netns/{OTHERS}", ignore_errors=True)


def rules(*lines):
    """Replaces the packet rules of the others' namespace."""
    text = "flush ruleset\n"
    if lines:
        text += "table inet f {\n chain in { type filter hook input priority 0;\n" + "\n".join(
            line for line in lines if "saddr" in line) + "\n }\n chain out { type filter hook output priority 0;\n" + "\n".join(
            line for line in lines if "daddr" in line) + "\n }\n}\n"
    subprocess.run(inside(OTHERS, "nft", "-f", "-"), input=text, text=True, check=True, capture_output=True)


class Client(threading.Thread):
    """The client, as a process of its own in the others' namespace: it submits without end and says when it succeeded."""

    def __init__(self, keys):
        super().__init__(daemon=True)
        self.process = subprocess.Popen(
            inside(OTHERS, sys.executable, pathlib.Path(__file__).resolve(), "--client", keys), stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, env=environment())
        self.last, self.acknowledged = 0.0, {}

    def run(self):
        for line in self.process.stdout:
            key, submission = line.split()
            self.acknowledged[key] = submission
            self.last = time.monotonic()


def client_main(keys):
    """Runs in the others' namespace."""
    import zmq
    folder = pathlib.Path(keys)
    number = 0

    def connect():
        socket = zmq.Context.instance().socket(zmq.DEALER)
        secret = (folder / "secret").read_text().split()[2].encode()
        socket.curve_secretkey, socket.curve_publickey = secret, zmq.curve_public(secret)
        socket.curve_serverkey = (folder / "ingest-gateway.public").read_text().strip().encode()
        for option, value in ((zmq.HEARTBEAT_IVL, 500), (zmq.HEARTBEAT_TIMEOUT, 2500), (zmq.RECONNECT_IVL, 100),
                              (zmq.CONNECT_TIMEOUT, 2000), (zmq.IMMEDIATE, 1), (zmq.LINGER, 0), (zmq.SNDTIMEO, 100)):
            socket.setsockopt(option, value)
        socket.connect(f"tcp://{NAME}:{PORTS['submit']}")
        return socket

    socket = connect()
    while True:
        text = f"第{number}号公告\n\n网络故障期间的公告。".encode()
        header = {"protocol": "kuaibao", "version": 1, "kind": "submit", "id": f"c-{number}"}
        document = {"byteCount": len(text), "submissionKey": f"n-{number}", "identity": f"n-{number}"}
        try:
            socket.send_multipart([json.dumps(header).encode(), json.dumps({"collection": "bulletins", "documents": [document]}).encode(), text])
        except zmq.Again:
            continue
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            if not socket.poll(50):
                continue
            frames = socket.recv_multipart()
            answer = json.loads(frames[0])
            if answer.get("parent") == header["id"] and answer["kind"] == "receipt":
                print(f"n-{number}", json.loads(frames[1])["receipts"][0]["submission"], flush=True)
                number += 1
                break
        time.sleep(0.01)


class Ledger:
    """Asks the gateway's status from its own namespace, with the query gateway's key."""

    CODE = """
import json, pathlib, sys, zmq
folder = pathlib.Path(sys.argv[1])
socket = zmq.Context.instance().socket(zmq.DEALER)
secret = (folder / "secret").read_text().split()[2].encode()
socket.curve_secretkey, socket.curve_publickey = secret, zmq.curve_public(secret)
socket.curve_serverkey = (folder / "ingest-gateway.public").read_text().strip().encode()
socket.connect("tcp://127.0.0.1:7512")
for line in sys.stdin:
    socket.send_multipart([json.dumps({"protocol": "kuaibao", "version": 1, "kind": "ledger", "id": "s"}).encode(), b'{"status":{}}'])
    frames = socket.recv_multipart()
    print(frames[1].decode(), flush=True)
"""

    def __init__(self, keys):
        self.process = subprocess.Popen(
            inside(GATEWAY, sys.executable, "-c", self.CODE, keys), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def status(self):
        self.process.stdin.write("s\n")
        self.process.stdin.flush()
        body = json.loads(self.process.stdout.readline())["status"]
        return body.get("_0", body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schedules", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--client")
    options = parser.parse_args()
    if options.client:
        return client_main(options.client)
    choose = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="kuaibao-net-")
    processes = []
    accepted, parsed, violations = {}, {}, []
    try:
        make_spaces()
        subprocess.run([PROGRAMS / "kuaibao", "keys", "--folder", f"{folder}/keys"], check=True, stdout=subprocess.DEVNULL)
        log = open(f"{folder}/log", "ab")

        def start(space, program, role, keys, host, extra=()):
            words = [word for name, port in PORTS.items() for word in (f"--{name}-endpoint", f"tcp://{host}:{port}")]
            process = subprocess.Popen(
                inside(space, PROGRAMS / program, "--role", role, "--keys", f"{folder}/keys/{keys}", *words, *extra),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment())
            processes.append(process)

        start(GATEWAY, "ingest", "gateway", "ingest-gateway", "*", ["--data-dir", f"{folder}/data"])
        start(OTHERS, "ingest", "worker", "parse-worker", NAME, ["--threads", "2"])
        client = Client(f"{folder}/keys/submit-client")
        client.start()
        processes.append(client.process)
        ledger = Ledger(f"{folder}/keys/query-gateway")
        processes.append(ledger.process)

        def parsed_count():
            return ledger.status()["collections"][0]["counts"]["parsed"]

        def until(condition, what, seconds=30):
            deadline = time.monotonic() + seconds
            while not condition():
                if time.monotonic() > deadline:
                    violations.append(f"{what} in vain for {seconds} s")
                    return seconds
                time.sleep(0.005)
            return seconds - (deadline - time.monotonic())

        until(lambda: client.last > 0, "waited for the first document")
        address = 1
        for number in range(options.schedules):
            kind = choose.choice(["black hole", "one way in", "one way out", "reset", "new address"])
            length = choose.uniform(0.5, 6) if kind != "reset" else choose.uniform(0.1, 1)
            source, target = f"ip saddr 10.77.0.{address} drop", f"ip daddr 10.77.0.{address} drop"
            if kind == "new address":
                address = address % 100 + 1
                set_address(address)
            else:
                rules(*{"black hole": (source, target), "one way in": (source,), "one way out": (target,),
                        "reset": (f"ip daddr 10.77.0.{address} meta l4proto tcp reject with tcp reset",)}[kind])
                time.sleep(length)
                rules()
            healed = time.monotonic()
            before = parsed_count()
            took = until(lambda: client.last > healed, f"schedule {number}, {kind}: waited for a document")
            accepted.setdefault(kind, []).append(took)
            until(lambda: parsed_count() > before, f"schedule {number}, {kind}: waited for the parser")
            parsed.setdefault(kind, []).append(time.monotonic() - healed)
            time.sleep(choose.uniform(0, 0.5))
            if number % 10 == 9:
                print(f"  {number + 1} schedules, {len(client.acknowledged)} acknowledged, {len(violations)} violations", flush=True)
        client.process.kill()
        time.sleep(1)
        acknowledged = dict(client.acknowledged)
        until(lambda: parsed_count() >= len(acknowledged), "waited for the rest", 60)
        counts = ledger.status()["collections"][0]["counts"]
        if not len(acknowledged) <= counts["accepted"] <= len(acknowledged) + 1:
            violations.append(f"{len(acknowledged)} acknowledged, {counts['accepted']} accepted")
        if counts["deadLettered"]:
            violations.append(f"{counts['deadLettered']} dead letters")
        if len(set(acknowledged.values())) != len(acknowledged):
            violations.append("two documents have one submission")
        if counts["items"] != counts["accepted"]:
            violations.append(f"{counts['items']} parsed records for {counts['accepted']} documents")
    finally:
        for process in processes:
            process.kill()
        drop_spaces()
        if not violations:
            shutil.rmtree(folder, ignore_errors=True)
    figures = {}
    for kind in sorted(accepted):
        figures[kind] = {"count": len(accepted[kind]), "accepted_max_s": round(max(accepted[kind]), 2),
                         "parsed_p50_s": round(percentile(parsed[kind], 0.5), 2), "parsed_max_s": round(max(parsed[kind]), 2)}
    slow = [(kind, round(value, 2)) for kind, values in parsed.items() for value in values if value > (1 if kind == "reset" else 4)]
    report(
        "namespaces", "0 violations; recovers within 4 s, 1 s after a reset", schedules=options.schedules, seed=options.seed,
        acknowledged=len(acknowledged), violations=len(violations), first=violations[:3], slower_than_promised=slow, **figures)
    assert not violations and not slow, (violations, slow)


if __name__ == "__main__":
    main()
