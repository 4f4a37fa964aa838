"""Bad connections and bad messages on every socket of a stack: nothing traps, hangs or grows.

    python3 malformed.py [--connections 100000] [--seed 1]

Round robin over the TCP and local sockets of a stack: random bytes, broken greetings, huge lengths, half handshakes, well-framed
messages with broken headers, unknown kinds, wrong bodies, too many frames. Meanwhile a client asks and submits; in the
end every process must be the one that it was, with its memory and files about as before.
"""

import argparse
import json
import os
import random
import socket
import struct
import time

import zmq

from stack import DOCUMENTS, Stack, percentile, report, resident_bytes

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL" + bytes(16) + b"\x00" + bytes(31)


def ready_command():
    body = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
    return b"\x04" + bytes([len(body)]) + body


def raw_bytes(choose):
    """What one raw connection sends."""
    kind = choose.randrange(8)
    if kind == 0:
        return choose.randbytes(choose.randrange(1, 300))
    if kind == 1:
        return GREETING[:choose.randrange(1, 64)]
    if kind == 2:
        broken = bytearray(GREETING)
        broken[choose.randrange(64)] ^= 1 << choose.randrange(8)
        return bytes(broken) + choose.randbytes(40)
    if kind == 3:
        return GREETING + choose.randbytes(choose.randrange(1, 200))
    if kind == 4:
        return GREETING + ready_command() + b"\x02" + struct.pack(">Q", 1 << choose.randrange(32, 63)) + b"xx"
    if kind == 5:
        return GREETING + ready_command() + b"\x01\x00" * choose.randrange(1, 80) + b"\x00\x00"
    if kind == 6:
        return b"\x01\x00" + choose.randbytes(50)
    frame = choose.randbytes(choose.randrange(0, 120))
    return GREETING + ready_command() + b"\x00" + bytes([len(frame)]) + frame


def messages(choose):
    """Frames of one well-framed message that is wrong in itself."""
    kinds = ["submit", "ready", "done", "failed", "ledger", "search", "status", "lease", "nonsense", "heartbeat"]
    header = {"protocol": "kuaibao", "version": 1, "kind": choose.choice(kinds), "id": "x"}
    kind = choose.randrange(7)
    if kind == 0:
        header["version"] = choose.randrange(-5, 1 << 40)
    if kind == 1:
        return [choose.randbytes(choose.randrange(200)) for _ in range(choose.randrange(1, 6))]
    if kind == 2:
        return [b"[" * choose.randrange(1, 4000), b"{}"]
    body = json.dumps({choose.choice(["documents", "collection", "ticket", "q", "read", "name"]): choose.choice(
        [None, -1, 1 << 62, "x" * 500, [[]] * 50, {"epoch": -1, "sequence": 1 << 60}])}).encode()
    if kind == 3:
        body = b"{" * choose.randrange(1, 3000)
    if kind == 4:
        body = bytes([choose.randrange(0x80, 0x100)]) + choose.randbytes(choose.randrange(100))
    frames = [json.dumps(header).encode(), body]
    if kind == 5:
        frames += [b""] * choose.randrange(1, 60)
    return frames


def open_raw(endpoint):
    if endpoint.startswith("ipc://"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(2)
        connection.connect(endpoint[6:])
    else:
        host, port = endpoint[6:].rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=2)
    return connection


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    context = zmq.Context()
    print(f"seed {options.seed}")
    with Stack() as stack:
        run = f"ipc://{stack.folder}/run"
        endpoints = [f"tcp://127.0.0.1:{stack.zmq_port}", f"tcp://127.0.0.1:{stack.zmq_port + 10}",
                     *(f"{run}/{name}" for name in ("parse", "ledger", "news", "search"))]

        def files(process):
            return len(os.listdir(f"/proc/{process}/fd"))

        def good(number):
            began = time.monotonic()
            stack.gateway.call("POST", DOCUMENTS, {"identity": f"g-{number % 50}"}, f"第{number}号公告".encode())
            return time.monotonic() - began

        before_times = [good(number) for number in range(100)]
        stack.settle()
        # Memory grows for a while in any case; what counts is growth after the first tenth.
        memory, open_files, children, times, wrong, early = {}, {}, stack.children(), [], 0, options.connections // 10
        began = time.monotonic()
        sender = None
        for number in range(options.connections):
            endpoint = endpoints[number % len(endpoints)]
            if number % 4 == 3:
                sender = context.socket(zmq.DEALER)
                sender.linger = 200
                sender.connect(endpoint)
                sender.send_multipart(messages(choose) or [b""])
                sender.close()
            else:
                try:
                    connection = open_raw(endpoint)
                    connection.sendall(raw_bytes(choose))
                    if choose.random() < 0.02:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                except OSError:
                    wrong += 1
            if number % 200 == 0:
                times.append(good(number))
            if number == early:
                time.sleep(2)
                memory = {process: resident_bytes(process) for _, process in children}
                open_files = {process: files(process) for _, process in children}
            if number % 20_000 == 0:
                print(f"  {number} connections, {time.monotonic() - began:.0f} s", flush=True)
        seconds = time.monotonic() - began
        time.sleep(6)
        stack.settle()
        same = stack.children() == children
        growth = {role: round((resident_bytes(process) - memory[process]) / 1e6, 1) for role, process in children}
        more_files = {role: files(process) - open_files[process] for role, process in children}
        status = stack.gateway.status()
        counted = sum(value for name, value in (status["counters"] | status["ingest"]["counters"]).items()
                      if "rejected" in name or "handshakes_failed" in name)
        context.destroy(linger=0)
    report(
        "malformed", "no trap, no hang, no growth", connections=options.connections, seed=options.seed, seconds=round(seconds),
        not_connected=wrong, same_processes=same, growth_megabytes=growth, growth_files=more_files, counted=int(counted),
        submit_p99_before_ms=round(percentile(before_times, 0.99) * 1000, 1),
        submit_p99_meanwhile_ms=round(percentile(times, 0.99) * 1000, 1))
    assert same and all(value < 40 for value in growth.values()) and all(value < 50 for value in more_files.values())


if __name__ == "__main__":
    main()
