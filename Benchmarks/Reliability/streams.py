#!/usr/bin/env python3
"""Many streams of one gateway at once, slow readers among them: streams.py [--streams 1000] [--slow 100] [--documents 300]

Opens the streams of alerts of some watches, hands documents in, and waits until every reader has every alert of its watch, in
order, once. Slow readers have a socket with almost no room and take a few hundred bytes a second; the gateway lets go those that
are stuck, and they come back behind the last alert that they had. At the end they read on and must have everything too. Prints
how long it took and how the memory of the query gateway grew; ends with 1 if something is missing or doubled.
"""
import argparse
import asyncio
import json
import resource
import socket
import sys
import time

from stack import DOCUMENTS, Stack

WATCHES = 10
# What a slow reader takes at once, and how long it rests then.
SLOW_BYTES, SLOW_SECONDS = 256, 1.0


def memory(stack):
    """Anonymous memory of the query gateway, in MB."""
    number = next(number for role, number in stack.children() if "query" in role and "gateway" in role)
    with open(f"/proc/{number}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


class Reader:
    """One stream; keeps the sequences that came."""

    def __init__(self, port, watch, is_slow):
        self.port, self.watch, self.is_slow = port, watch, is_slow
        self.sequences, self.times, self.returns = [], {}, 0
        self.may_read = asyncio.Event()
        if not is_slow:
            self.may_read.set()

    async def open(self):
        await self.connect()
        self.task = asyncio.create_task(self.read())

    async def connect(self):
        end = socket.socket()
        if self.is_slow:
            # The least that the kernel gives, so that the gateway feels it.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", self.port))
        self.reader, self.writer = await asyncio.open_connection(sock=end, limit=1 << 12 if self.is_slow else 1 << 20)
        behind = f"Last-Event-ID: {self.sequences[-1]}\r\n" if self.sequences else ""
        self.writer.write(f"GET /v1/watches/{self.watch}/events HTTP/1.1\r\nHost: x\r\n{behind}\r\n".encode())
        await self.writer.drain()
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, head

    async def read(self):
        rest = b""
        while True:
            if not self.may_read.is_set():
                await asyncio.sleep(SLOW_SECONDS)
            try:
                part = await self.reader.read(1 << 16 if self.may_read.is_set() else SLOW_BYTES)
            except ConnectionError:
                part = b""
            if not part:
                rest, self.returns = b"", self.returns + 1
                await self.connect()
                continue
            *events, rest = (rest + part).split(b"\n\n")
            for event in events:
                for line in event.splitlines():
                    if line.startswith(b"id: "):
                        self.sequences.append(int(line[4:]))
                        self.times[self.sequences[-1]] = time.monotonic()


async def run(options):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.streams * 2 + 256)), hard))
    with Stack(workers=(1, 1, 1)) as stack:
        gateway = stack.gateway
        for number in range(WATCHES):
            body = json.dumps({"q": f"通报 -甲{number}甲", "id": f"w{number}"})
            gateway.call("POST", "/v1/watches", body=body)
        before = memory(stack)
        readers = [Reader(stack.http_port, f"w{number % WATCHES}", number < options.slow) for number in range(options.streams)]
        began = time.monotonic()
        for start in range(0, len(readers), 50):
            await asyncio.gather(*(reader.open() for reader in readers[start:start + 50]))
        opened = memory(stack)
        print(f"{len(readers)} streams open in {time.monotonic() - began:.1f} s, {options.slow} of them read nothing; gateway {before:.0f} MB, then {opened:.0f} MB")
        began = time.monotonic()
        sent = []
        for number in range(options.documents):
            text = f"第{number}号通报\n\n" + "本通报说明疫情防控的有关安排。" * 20
            await asyncio.to_thread(gateway.call, "POST", DOCUMENTS, {"identity": f"d{number}"}, text.encode())
            sent.append(time.monotonic())
        expected = list(range(1, options.documents + 1))
        fast = [reader for reader in readers if not reader.is_slow]
        deadline = time.monotonic() + options.seconds
        while any(len(reader.sequences) < options.documents for reader in fast) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        delivered = time.monotonic() - began
        during = memory(stack)
        unread = sum(options.documents - len(reader.sequences) for reader in readers if reader.is_slow)
        print(f"  the slow ones have {unread} of {options.slow * options.documents} events before them")
        for reader in readers:
            reader.may_read.set()
        while any(len(reader.sequences) < options.documents for reader in readers) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        wrong = [reader for reader in readers if reader.sequences != expected]
        late = sorted(max(0.0, reader.times[number] - sent[number - 1]) for reader in fast[:100] for number in reader.times)
        print(f"{options.documents} documents, {options.documents * len(readers)} events: all readers but the slow ones had theirs after {delivered:.1f} s")
        print(f"  from the receipt of a document to its event: p50 {late[len(late) // 2] * 1000:.0f} ms, p99 {late[len(late) * 99 // 100] * 1000:.0f} ms")
        print(f"  gateway {during:.0f} MB with the slow ones unread, {memory(stack):.0f} MB at the end")
        counters = stack.gateway.status()["counters"]
        behind = sum(options.documents - len(reader.sequences) for reader in readers if reader.is_slow)
        print(f"  slow readers came back {sum(reader.returns for reader in readers)} times; {behind} of their events are missing")
        print(f"  streams open {counters['query_event_streams']:.0f}, stalled {counters['query_event_streams_stalled_total']:.0f}")
        for reader in readers:
            reader.task.cancel()
            reader.writer.close()
        if wrong:
            sys.exit(f"{len(wrong)} readers miss or repeat something, for example {wrong[0].sequences[:20]}")
        print("  every reader had every alert of its watch, in order, once")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--slow", type=int, default=100)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=240)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
