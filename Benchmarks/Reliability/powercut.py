"""A power cut: the image of a mounted file system is cloned during writes, and the clone is mounted.

    sudo python3 powercut.py [--images 200] [--megabytes 64]

An ingest gateway writes to an ext4 file system in a loop-mounted image. The list of acknowledged documents is taken, then the image is
cloned while writing goes on: what only the page cache of the mounted file system knows is not in it. The clone is mounted, a
gateway starts on it, and every document of the list must be known under its key. Needs the right to mount, and mkfs.xfs.

The image lies on an xfs of its own, whose clone (FICLONE) is one instant, as a power cut is. A plain copy is not: while it reads on,
SQLite may carry a committed page from its log, not copied yet, to the file, copied already, and begin the log anew; the copy then has
it in neither. A disk never looks like that.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import threading
import time

from broker import Broker
from stack import report


class Writer(threading.Thread):
    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker, self.acknowledged, self.ends, self.errors = broker, 0, threading.Event(), 0

    def run(self):
        client = self.broker.client()
        while not self.ends.is_set():
            answer = client.submit(text(self.acknowledged), key=f"k-{self.acknowledged}")
            if answer and answer[0] == "receipt":
                self.acknowledged += 1
            else:
                self.errors += 1
        client.close()


def text(number):
    return f"第{number}号公告。".encode() * (1 + number % 90)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--checked", type=int, default=400, help="newest documents looked up in each image")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="kuaibao-power-")
    outer = f"{folder}/outer"
    image = f"{outer}/disk.img"
    source, target = f"{folder}/source", f"{folder}/target"
    missing, checked, images, unusable, total = [], 0, 0, [], 0
    try:
        for each in (outer, source, target):
            os.mkdir(each)
        # Room for the image and what differs in one clone.
        subprocess.run(["truncate", "-s", f"{max(512, options.megabytes * 4)}M", f"{folder}/outer.img"], check=True)
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", f"{folder}/outer.img"], check=True)
        subprocess.run(["mount", "-o", "loop", f"{folder}/outer.img", outer], check=True)
        while images < options.images:
            # A new file system now and then, so that it neither fills up nor is always old.
            subprocess.run(["truncate", "-s", f"{options.megabytes}M", image], check=True)
            subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
            subprocess.run(["mount", "-o", "loop", image, source], check=True)
            broker = Broker(source, settings={"disk-reserve-bytes": 0})
            client = broker.client()
            assert broker.wait_until_ready(client)
            client.close()
            writer = Writer(broker)
            writer.start()
            for _ in range(min(20, options.images - images)):
                time.sleep(0.1)
                sure = writer.acknowledged
                images += 1
                # A name of its own: a loop device that is still attached to the last one would show that one's blocks.
                copy = f"{outer}/copy-{images}.img"
                subprocess.run(["cp", "--reflink=always", image, copy], check=True)
                subprocess.run(["mount", "-o", "loop", copy, target], check=True)
                try:
                    after = Broker(target, settings={"disk-reserve-bytes": 0})
                    asker = after.client()
                    if not after.wait_until_ready(asker):
                        unusable.append((images, sure))
                    else:
                        for number in range(max(0, sure - options.checked), sure):
                            answer = asker.submit(text(number), key=f"k-{number}")
                            checked += 1
                            known = answer and answer[0] == "receipt" and answer[1]["receipts"][0]["isDuplicate"]
                            if not known:
                                if not missing:
                                    print(f"  image {images}: document {number} of {sure} is {answer}", flush=True)
                                missing.append((images, number, answer))
                    asker.close()
                    after.stop(kill=True)
                finally:
                    subprocess.run(["umount", target], check=True)
                    os.remove(copy)
            writer.ends.set()
            writer.join(timeout=20)
            total += writer.acknowledged
            broker.stop(kill=True)
            subprocess.run(["umount", source], check=True)
            os.remove(image)
            print(f"  {images} images, {checked} documents looked up, {len(missing)} missing {missing[:1]}", flush=True)
    finally:
        subprocess.run(["umount", "-l", source], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "-l", target], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "-l", outer], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    report(
        "powercut", "every acknowledged document is in every image", images=images, acknowledged=total, looked_up=checked,
        missing=len(missing), unusable=len(unusable), first=missing[:2] + unusable[:2])
    assert not missing and not unusable


if __name__ == "__main__":
    main()
