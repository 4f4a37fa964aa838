"""A client in another language: submits a document, waits until it is found, asks for the status. JSON codec.

client.py SUBMIT ASK [KEYS-TO-SUBMIT KEYS-TO-ASK]
"""

import json
import sys
import time

import zmq


def header(kind, number):
    return json.dumps({"protocol": "kuaibao", "version": 1, "kind": kind, "id": f"py-{number}"}).encode()


def ask(socket, kind, number, body, *payload):
    socket.send_multipart([header(kind, number), json.dumps(body).encode(), *payload])
    assert socket.poll(60_000), f"no answer to {kind}"
    frames = socket.recv_multipart()
    answer = json.loads(frames[0])
    assert answer["parent"] == f"py-{number}", answer
    return answer["kind"], json.loads(frames[1])


def use_keys(socket, folder, server):
    """Gives a socket the keys of a folder that kuaibao keys made."""
    with open(f"{folder}/secret") as file:
        secret = file.read().split()[2].encode()
    with open(f"{folder}/{server}.public") as file:
        socket.curve_serverkey = file.read().strip().encode()
    socket.curve_secretkey, socket.curve_publickey = secret, zmq.curve_public(secret)


context = zmq.Context()
submit, query = context.socket(zmq.DEALER), context.socket(zmq.DEALER)
if len(sys.argv) > 3:
    use_keys(submit, sys.argv[3], "ingest-gateway")
    use_keys(query, sys.argv[4], "query-gateway")
submit.connect(sys.argv[1])
query.connect(sys.argv[2])

text = "来自蟒蛇的公告\n\n2020年2月8日\n\n蟒蛇客户端提交的内容。".encode()
kind, reply = ask(
    submit, "submit", 1,
    {"collection": "bulletins", "documents": [{"identity": "py", "byteCount": len(text), "contentType": "text/plain"}]},
    text,
)
assert kind == "receipt", reply
assert reply["receipts"][0]["identity"] == "py", reply

for attempt in range(3000):
    kind, reply = ask(query, "search", 100 + attempt, {"collection": "bulletins", "q": "蟒蛇客户端"})
    assert kind == "search-reply", reply
    if reply["total"] == 1:
        break
    time.sleep(0.02)
assert reply["hits"][0]["document"] == "py", reply
assert reply["complete"] is True

# The test has made a watch for it.
kind, reply = ask(query, "watch", 890, {"alerts": {"watch": "py", "after": 0, "limit": 10, "waitMilliseconds": 30_000}})
assert kind == "watch-reply", reply
alert = reply["alerts"]["_0"][0]
assert alert["item"]["document"] == "py" and alert["sequence"] == 1, reply
kind, reply = ask(query, "watch", 891, {"acknowledge": {"watch": "py", "_1": {"through": {"_0": 1}}}})
assert kind == "watch-reply" and reply["counts"]["_0"]["pending"] == 0, reply
kind, reply = ask(query, "watch", 892, {"alerts": {"watch": "none", "after": 0, "limit": 10, "waitMilliseconds": 0}})
assert kind == "error" and reply["code"] == "not-found", reply

kind, reply = ask(query, "search", 900, {"collection": "bulletins", "q": "(蟒蛇"})
assert kind == "error" and reply["code"] == "invalid-query", reply
kind, reply = ask(query, "status", 901, {})
assert kind == "status-reply" and reply["problems"] == [], reply
# A REQ socket's empty delimiter comes back.
request = context.socket(zmq.REQ)
if len(sys.argv) > 3:
    use_keys(request, sys.argv[4], "query-gateway")
request.connect(sys.argv[2])
request.send_multipart([header("ping", 902), b"{}"])
assert request.poll(60_000)
assert json.loads(request.recv_multipart()[0])["kind"] == "pong"
context.destroy(linger=0)
