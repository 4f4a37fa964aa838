#!/usr/bin/env python3
"""Searches over ZeroMQ with pyzmq: search_zmq.py 复工复产 [tcp://127.0.0.1:7520] [API key or tenant token]

The messages are those of docs/protocol/ask.md: two frames, a header and a body, in JSON here.
"""
import itertools
import json
import sys

import zmq


class AskClient:
    """One DEALER to a query gateway; one question at a time."""

    def __init__(self, endpoint, key=None):
        self.key = {"key": key} if key else {}
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.connect(endpoint)
        self.numbers = itertools.count(1)

    def search(self, query, **more):
        name = f"q-{next(self.numbers)}"
        header = {"protocol": "kuaibao", "version": 1, "kind": "search", "id": name}
        body = {"collection": "bulletins", "q": query, **self.key, **more}
        self.socket.send_multipart([json.dumps(header).encode(), json.dumps(body).encode()])
        while self.socket.poll(10_000):
            frames = self.socket.recv_multipart()
            header, body = json.loads(frames[0]), json.loads(frames[1])
            if header.get("parent") != name:
                continue  # the late answer to an earlier question
            if header["kind"] == "error":
                raise ValueError(f"{body['code']}: {body['message']}; {body['fix']}")
            return body
        raise TimeoutError("no answer within 10 s")

    def close(self):
        self.context.destroy(linger=0)


if __name__ == "__main__":
    client = AskClient(*(sys.argv[2:4] or ["tcp://127.0.0.1:7520"]))
    try:
        answer = client.search(sys.argv[1], limit=5)
        for hit in answer["hits"]:
            print(hit.get("date", "no date"), hit["title"]["text"], hit["id"], sep="  ")
        print(f"{answer['total']} hits, version {answer['version']}, complete: {answer['complete']}")
    finally:
        client.close()
