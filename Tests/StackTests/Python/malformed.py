"""Malformed messages: each is answered with a stable code, or dropped, and never hurts."""

import json
import os
import sys

import zmq

context = zmq.Context()


def answer(endpoint, frames):
    socket = context.socket(zmq.DEALER)
    socket.connect(endpoint)
    socket.send_multipart(frames)
    assert socket.poll(60_000), frames[0][:60]
    reply = socket.recv_multipart()
    socket.close(linger=0)
    return json.loads(reply[1])["code"]


def header(**changes):
    value = {"protocol": "kuaibao", "version": 1, "kind": "search", "id": "m-1"}
    value.update(changes)
    return json.dumps(value).encode()


for endpoint in sys.argv[1:]:
    assert answer(endpoint, [header(version=99), b"{}"]) == "unknown-version"
    assert answer(endpoint, [header(kind="dance"), b"{}"]) == "unknown-kind"
    assert answer(endpoint, [header(protocol="other"), b"{}"]) == "invalid-message"
    assert answer(endpoint, [b"{ not json", b"{}"]) == "invalid-message"
    assert answer(endpoint, [header(id="x" * 65), b"{}"]) == "invalid-message"
    assert answer(endpoint, [header(), b"{}"] + [b""] * 30) == "invalid-message"
    assert answer(endpoint, [b"\x00\x01\x02", b"{}"]) == "invalid-message"
submit, ask, parse = sys.argv[1:]
assert answer(submit, [header(kind="submit"), b"{}"]) == "invalid-message"
assert answer(submit, [header(kind="search"), b"{}"]) == "unknown-kind"
body = {"collection": "bulletins", "documents": [{"byteCount": 10}]}
assert answer(submit, [header(kind="submit"), json.dumps(body).encode(), b"123"]) == "invalid-request"
assert answer(ask, [header(kind="search"), b"[" * 1000]) == "invalid-message"
for number in range(300):
    socket = context.socket(zmq.DEALER)
    socket.connect(sys.argv[1 + number % 3])
    socket.send_multipart([os.urandom(number % 40 + 1) for _ in range(number % 5 + 1)])
    socket.close(linger=100)
context.destroy(linger=200)
