"""A parse worker in another language: joins, takes one lease, gives items back, leaves. JSON codec."""

import json
import sys
import uuid

import zmq

socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
boot = uuid.uuid4().hex
number = 0


def send(kind, body, payload=(), parent=None):
    global number
    number += 1
    header = {"protocol": "kuaibao", "version": 1, "kind": kind, "id": f"py-{number}"}
    if parent:
        header["parent"] = parent
    socket.send_multipart([json.dumps(header).encode(), json.dumps(body).encode(), *payload])


ready = {"name": "python", "boot": boot, "window": 1, "release": "test"}
send("ready", ready)
while True:
    if not socket.poll(1000):
        send("heartbeat", {})
        continue
    frames = socket.recv_multipart()
    # The broker writes in the codec of our ready.
    header = json.loads(frames[0])
    if header["kind"] == "who":
        send("ready", ready)
    if header["kind"] != "lease":
        continue
    lease = json.loads(frames[1])
    outcomes, records, position = [], b"", 0
    for document in lease["documents"]:
        content = frames[2][position:position + document["byteCount"]]
        position += document["byteCount"]
        item = {
            "ordinal": 0, "title": "parsed by Python", "body": content.decode(), "events": [], "sources": [],
            "districts": [], "citations": [], "figures": [], "questions": [], "language": "zh-Hans", "flags": [],
            "range": {"lower": 0, "upper": len(content)},
        }
        record = json.dumps({
            "document": document["description"], "version": document["rawOffset"],
            "parsed": {
                "items": [item], "remainders": [], "format": "text", "encoding": "utf-8", "replacedSequences": 0,
                "warnings": [],
            },
        }).encode()
        records += record
        outcomes.append({
            "submission": document["submission"], "itemCount": 1, "recordBytes": len(record), "warnings": [],
        })
    send("done", {"ticket": lease["ticket"], "outcomes": outcomes}, [records], parent=header["id"])
    send("goodbye", {})
    socket.close(linger=2000)
    break
