"""A file system that fills up under the journal: clear refusals, reads go on, and it resumes by itself.

    sudo python3 diskfull.py [--rounds 5] [--megabytes 48]

The data folder of a whole stack lies on a small tmpfs. A ballast file fills it; documents must be refused with `disk-full` while
searches are answered; the ballast goes, and the time until a document is accepted again is taken. In the end every
acknowledged document must be found. Needs the right to mount.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import time

from stack import DOCUMENTS, SEARCH, Refused, Stack, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=48)
    parser.add_argument("--reserve", type=int, default=4, help="megabytes kept for what was accepted; 0 fills the disk whole")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="kuaibao-small-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={options.megabytes}m", "tmpfs", folder], check=True)
    acknowledged, refusals, resumed, searches = [], 0, [], 0
    other = {}
    try:
        # A reserve that a small disk can have; below it documents are refused before anything else fails.
        with Stack(folder=folder, settings={"KUAIBAO_DISK_RESERVE_BYTES": str(options.reserve << 20)}) as stack:
            def add(wait=False):
                nonlocal refusals
                number = len(acknowledged)
                text = f"第{number}号公告\n\n空间有限，编号DF{number}X。" + "".join(chr(0x4E00 + (number * 7919 + i * 104729) % 20000) for i in range(6000))
                parameters = {"identity": f"d-{number}", "key": f"k-{number}"} | ({"wait": "searchable"} if wait else {})
                try:
                    stack.gateway.call("POST", DOCUMENTS, parameters, text.encode())
                except Refused as refusal:
                    if refusal.code == "disk-full":
                        refusals += 1
                    else:
                        other[refusal.code] = other.get(refusal.code, 0) + 1
                    return refusal.code
                acknowledged.append(f"DF{number}X")
                return None

            for _ in range(5):
                assert add(wait=True) is None
            stack.settle()
            ballast = pathlib.Path(folder) / "ballast"
            for _ in range(options.rounds):
                with open(ballast, "wb", buffering=0) as file:
                    try:
                        while True:
                            file.write(bytes(64 << 10))
                    except OSError:
                        pass
                full = 0
                deadline = time.monotonic() + 60
                while full < 5:
                    assert time.monotonic() < deadline, "the disk was not seen to be full"
                    # The journal's files have room of their own at first.
                    full += add() == "disk-full"
                    reply = stack.gateway.call("GET", SEARCH, {"q": "DF1X"})
                    assert reply["total"] == 1, reply
                    searches += 1
                os.remove(ballast)
                began = time.monotonic()
                while add() is not None:
                    assert time.monotonic() - began < 30, "it did not resume"
                    time.sleep(0.02)
                resumed.append(time.monotonic() - began)
                stack.settle()
            lost = [word for word in acknowledged if stack.gateway.call("GET", SEARCH, {"q": word})["total"] != 1]
            counts = stack.settle()["ingest"]["collections"][0]["counts"]
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)
    report(
        "diskfull", "refused with disk-full, searches go on, resumes within 5 s", rounds=options.rounds,
        megabytes=options.megabytes, reserve_megabytes=options.reserve, acknowledged=len(acknowledged), refused_disk_full=refusals, refused_otherwise=other,
        searches_answered_meanwhile=searches, resumed_max_s=round(max(resumed), 3), lost=len(lost),
        accepted_by_ledger=counts["accepted"])
    assert not lost and max(resumed) <= 5 and counts["accepted"] == len(acknowledged)


if __name__ == "__main__":
    main()
