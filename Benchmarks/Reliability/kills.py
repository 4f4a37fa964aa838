"""SIGKILL of any process at random moments under a load of mixed documents; a model says afterwards what must be there.

    python3 kills.py [--kills 2000] [--seed 1] [--writers 3] [--pause 0.2 1.2]

The writers add new documents, replace older ones, remove some, and send some that cannot be read. Each sends one document
until it is acknowledged, again under the same key. The model is what was acknowledged. In the end every identity is searched for:
exactly the newest version must be found, once; a removed one must not; an unreadable one must be a dead letter.
"""

import argparse
import random
import threading
import time

from stack import DOCUMENTS, SEARCH, Gateway, Refused, Stack, report

JUNK = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


class Writer(threading.Thread):
    """Sends documents of identities of its own, one after the other."""

    def __init__(self, stack, number, seed):
        super().__init__(daemon=True)
        self.random = random.Random(f"{seed}-{number}")
        self.gateway = Gateway(stack.http_port, timeout=20)
        self.name = f"w{number}"
        self.model = {}  # identity -> word of the newest version, None where it was removed
        self.dead = set()  # submissions that cannot be parsed
        self.acknowledged = 0
        self.attempts = 0
        self.ends = threading.Event()

    def run(self):
        step = 0
        while not self.ends.is_set():
            step += 1
            chance = self.random.random()
            known = sorted(self.model)
            if chance < 0.04 or (chance < 0.34 and not known):
                self.send("POST", DOCUMENTS, f"{self.name}-junk-{step}", step, JUNK)
                continue
            if chance < 0.24 and known:
                identity = self.random.choice(known)
            elif chance < 0.34:
                identity = self.random.choice(known)
                self.send("DELETE", f"{DOCUMENTS}/{identity}", None, step, None)
                self.model[identity] = None
                continue
            else:
                identity = f"{self.name}-{step}"
            word = f"BH{self.name}Q{step}X"
            text = f"第{step}号通知\n\n2020年3月{step % 28 + 1}日\n\n本通知的编号是{word}，请各单位遵照执行。" + "复工复产。" * self.random.randrange(60)
            self.send("POST", DOCUMENTS, identity, step, text.encode())
            self.model[identity] = word

    def send(self, method, path, identity, step, body):
        parameters = {"key": f"{self.name}-{step}"}
        if identity:
            parameters["identity"] = identity
        while True:
            self.attempts += 1
            try:
                answer = self.gateway.call(method, path, parameters, body)
                self.acknowledged += 1
                if identity and "junk" in identity:
                    self.dead.add(answer["submission"])
                return
            except Exception as error:  # whatever it was, it is sent again
                if isinstance(error, Refused) and error.status < 429:
                    raise
                time.sleep(0.01)


def dead_letters(gateway):
    """All dead letters, page by page."""
    found, start = [], 0
    while page := gateway.call("GET", "/v1/collections/bulletins/dead-letters", {"from": start, "limit": 1000})["dead"]:
        found += page
        start = int(page[-1]["submission"].rsplit("-", 1)[1]) + 1
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20200208)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--pause", type=float, nargs=2, default=(0.2, 1.2), help="seconds between two kills")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.kills} kills")
    chooser = random.Random(options.seed)
    began = time.monotonic()
    with Stack() as stack:
        writers = [Writer(stack, number, options.seed) for number in range(options.writers)]
        for writer in writers:
            writer.start()
        victims = stack.kill_at_random(
            chooser, options.kills, options.pause, lambda: f"{sum(w.acknowledged for w in writers)} acknowledged", every=200)
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join(timeout=60)
            assert not writer.is_alive(), f"{writer.name} was never answered"
        stack.wait_until_ready()
        status = stack.settle(300)
        wanted_dead = set().union(*(writer.dead for writer in writers))
        # A document that lost its worker as often as the delivery limit is a dead letter, kept whole. It is retried, as a
        # person would do; what cannot be read stays dead.
        given_up = 0
        while True:
            again = [entry["submission"] for entry in dead_letters(stack.gateway) if entry["submission"] not in wanted_dead]
            if not again:
                break
            given_up += len(again)
            for submission in again:
                stack.gateway.call("POST", f"/v1/submissions/{submission}/retry")
            status = stack.settle(300)
        counts = status["ingest"]["collections"][0]["counts"]
        acknowledged = sum(writer.acknowledged for writer in writers)
        lost, doubled, checked = [], [], 0
        for writer in writers:
            for identity, word in writer.model.items():
                checked += 1
                if word is None:
                    # Gone: the count of searchable documents, below, would tell of one that is still there.
                    continue
                hits = stack.gateway.call("GET", SEARCH, {"q": word, "limit": 5})
                if not any(hit["document"] == identity for hit in hits["hits"]):
                    lost.append((identity, word))
                if hits["total"] > 1:
                    doubled.append((identity, word))
        dead = {entry["submission"] for entry in dead_letters(stack.gateway)}
        live = sum(1 for writer in writers for word in writer.model.values() if word)
        missing_dead = len(wanted_dead - dead)
        report(
            "kills", "0 lost, 0 duplicated", kills=sum(victims.values()), seed=options.seed, seconds=round(time.monotonic() - began),
            victims=victims, acknowledged=acknowledged, attempts=sum(w.attempts for w in writers), identities_checked=checked,
            lost=len(lost), doubled=len(doubled), given_up_and_retried=given_up,
            dead_letters=len(wanted_dead), dead_letters_missing=missing_dead,
            accepted_by_ledger=counts["accepted"], searchable_by_ledger=counts["searchable"], searchable_by_model=live,
            balanced=counts["accepted"] == counts["searchable"] + counts["superseded"] + counts["deadLettered"] + counts["dropped"])
        assert not lost and not doubled and not missing_dead, (lost[:5], doubled[:5])
        assert counts["accepted"] == acknowledged, "the ledger accepted another number than was acknowledged"
        assert counts["searchable"] == live and counts["deadLettered"] == len(wanted_dead)


if __name__ == "__main__":
    main()
