"""Every k-th write, sync, open and truncation of the journal fails, once and for ever.

    python3 faults.py [--documents 12] [--most 400]

For each kind of call, and each k until the scenario makes fewer calls: an ingest gateway starts on an empty folder with the
failing library, is sent documents, and is killed or has ended by itself. Then it starts without the library on the same folder.
Every document that was acknowledged must be there: sent again under its key, it is known. After a failed fsync nothing may
be acknowledged any more, and the process must have ended by itself.
"""

import argparse
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

from broker import Broker
from stack import report

HERE = pathlib.Path(__file__).resolve().parent
EIO, ENOSPC = 5, 28


def run(library, counter, call, at, ever, error, documents):
    """(calls seen, acknowledged, violations) of one failure."""
    data = tempfile.mkdtemp(prefix="kuaibao-faults-")
    violations = []
    acknowledged = []
    try:
        if os.path.exists(counter):
            os.remove(counter)
        broker = Broker(data, extra_environment={
            "LD_PRELOAD": library, "FAIL_UNDER": data, "FAIL_CALL": call, "FAIL_AT": str(at), "FAIL_EVER": str(int(ever)),
            "FAIL_WITH": str(error), "FAIL_COUNT": counter})
        client = broker.client()
        first_refusal = None
        if broker.wait_until_ready(client, 10):
            for number in range(documents):
                text = f"第{number}号公告。".encode() * 200
                answer = client.submit(text, key=f"k-{number}", milliseconds=1500)
                if answer is not None and answer[0] == "receipt":
                    acknowledged.append((number, answer[1]["receipts"][0]["submission"]))
                    if first_refusal is not None and call == "fsync" and ever:
                        violations.append(f"document {number} was acknowledged after a failed fsync")
                elif first_refusal is None:
                    first_refusal = number
                if not broker.is_alive():
                    break
        if first_refusal is not None and call == "fsync":
            deadline = time.monotonic() + 3
            while broker.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            if broker.is_alive():
                violations.append("the process went on after a failed fsync")
        client.close()
        broker.stop(kill=True)
        with open(counter, "rb") as file:
            calls = struct.unpack("q", file.read(8))[0]
        broker = Broker(data)
        client = broker.client()
        if not broker.wait_until_ready(client):
            violations.append("it does not start again")
        else:
            for number, submission in acknowledged:
                text = f"第{number}号公告。".encode() * 200
                answer = client.submit(text, key=f"k-{number}")
                receipt = answer[1]["receipts"][0] if answer and answer[0] == "receipt" else {}
                if not receipt.get("isDuplicate") or receipt.get("submission") != submission:
                    violations.append(f"document {number} was acknowledged as {submission} and is {answer}")
            if client.submit("再来一份。".encode(), key="after") is None:
                violations.append("it takes nothing after the restart")
        client.close()
        broker.stop()
        return calls, len(acknowledged), violations
    finally:
        shutil.rmtree(data, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--most", type=int, default=400, help="failures tried of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "failing_calls.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "failing_calls.c", "-ldl"], check=True)
        counter = os.path.join(folder, "count")
        points, acknowledged, violations, kinds, skipped = 0, 0, [], {}, 0
        for call, error in (("write", EIO), ("write", ENOSPC), ("fsync", EIO), ("open", EIO), ("truncate", EIO), ("rename", EIO)):
            calls, _, wrong = run(library, counter, call, 0, False, error, options.documents)
            assert not wrong, wrong
            step = max(1, calls // options.most)
            for at in range(1, calls + 1, step):
                for ever in (False, True):
                    _, kept, wrong = run(library, counter, call, at, ever, error, options.documents)
                    points += 1
                    acknowledged += kept
                    violations += [f"{call} {at} {'for ever' if ever else 'once'} error {error}: {each}" for each in wrong]
            skipped += calls - len(range(1, calls + 1, step))
            kinds[f"{call}-{error}"] = calls
            print(f"  {call} with error {error}: {calls} calls, {len(violations)} violations so far", flush=True)
    report(
        "faults", "every point fails once and for ever; no acknowledged document is missing", points=points, calls=kinds,
        points_skipped=skipped, acknowledged=acknowledged, violations=len(violations), first=violations[:3])
    assert not violations, violations[:10]


if __name__ == "__main__":
    main()
