"""SIGKILL of any process while registrations come in and a rule gives each to the desk of its community.

    python3 rules.py [--kills 200] [--seed 1] [--writers 8] [--communities 24] [--pause 0.5 2.5]

Writers register invented people in random communities (none, one or two), move some to another community, and deal with
some, by replacing the registration or by changing a field, each until it is acknowledged, again under the same key. The rule is routed by the community; each desk is read with a
tenant token whose filter is that community and nothing else. Two thirds of the desks acknowledge what they read, some only
read, some are not read before the end. A model knows which version of which registration belongs to which desk.

In the end each desk must have the alerts of the model: none lost, none twice, none of another community, in the order of
their numbers, none again after its acknowledgement; matched = acknowledged + pending + dead, pending = overdue after the
rule's time, delivered = the last that was read. A version that was replaced before it was indexed makes no alert: those may
be missing, unless their sender saw them searchable before it sent the next. Ends with 1 otherwise.
"""

import argparse
import json
import random
import shutil
import subprocess
import tempfile
import threading
import time

from stack import PROGRAMS, Gateway, Refused, Stack, environment, report

COLLECTION = """collection: arrivals
title: 登记
identity: registration
shows: registration
fields:
  registration: {type: keyword, required: true}
  street: {type: keyword, names: [街道], facet: true}
  community: {type: keyword, names: [社区], list: true, facet: true}
  focus: {type: boolean, names: [重点人员], facet: true}
  status: {type: keyword, names: [处置], values: [待核实, 已联系], default: 待核实, facet: true, live: true}
  step: {type: integer}
"""
RECORDS = "/v1/collections/arrivals/documents"
RULE = {"collection": "arrivals", "q": "重点人员:是 处置:待核实", "id": "concerned", "route": "社区", "dueSeconds": 1}


class Version:
    """One version of a registration that was acknowledged."""

    def __init__(self, submission, identity, communities, matches, was_seen):
        self.submission, self.identity, self.communities, self.matches = submission, identity, communities, matches
        # Whether its sender saw it searchable: then it was indexed by itself.
        self.was_seen = was_seen


class Writer(threading.Thread):
    """Sends registrations of identities of its own, one after the other."""

    def __init__(self, stack, key, number, seed, communities):
        super().__init__(daemon=True)
        self.random = random.Random(f"{seed}-{number}")
        self.gateway = Gateway(stack.http_port, timeout=20, key=key)
        self.name = f"w{number}"
        self.communities = communities
        # Half of the writers replace registrations whole and wait for nothing, so that they go on while only the gateways live.
        self.only_adds = number % 2 == 0
        self.state = {}  # identity -> (communities, focus, status)
        self.versions = []
        self.attempts = 0
        self.ends = threading.Event()

    def choose(self):
        chance = self.random.random()
        return [] if chance < 0.03 else sorted(self.random.sample(self.communities, 2 if chance < 0.1 else 1))

    def run(self):
        step = 0
        while not self.ends.is_set():
            step += 1
            chance = self.random.random()
            if chance < 0.7 or not self.state:
                identity = f"{self.name}-{step}"
                self.put(identity, (self.choose(), self.random.random() < 0.7, "待核实" if self.random.random() < 0.9 else "已联系"), step)
                continue
            identity = self.random.choice(list(self.state))
            communities, focus, status = self.state[identity]
            if self.only_adds:
                self.put(identity, (self.choose() if chance < 0.85 else communities, focus, status if chance < 0.85 else "已联系"), step)
                continue
            if chance < 0.85:
                communities = self.choose()
                change = {"community": communities or None, "step": step}
            else:
                status = "已联系"
                change = {"status": status, "step": step}
            self.send("PATCH", identity, (communities, focus, status), step, {"registration": identity, **change})

    def put(self, identity, state, step):
        communities, focus, status = state
        body = {"registration": identity, "focus": focus, "status": status, "step": step}
        if communities:
            body |= {"community": communities, "street": communities[0].split("第")[0]}
        self.send("POST", identity, state, step, body)

    def send(self, method, identity, state, step, body):
        waits = not self.only_adds and self.random.random() < 0.2
        parameters = {"key": f"{self.name}-{step}"} | ({"wait": "searchable"} if waits else {})
        text = json.dumps(body, ensure_ascii=False).encode()
        while True:
            self.attempts += 1
            try:
                answer = self.gateway.call(method, RECORDS, parameters, text)
                break
            except Exception as error:  # whatever it was, it is sent again
                # A change of what was acknowledged a moment ago waits for the index, which may have been killed.
                if isinstance(error, Refused) and error.status < 429 and not (error.status == 404 and method == "PATCH"):
                    raise
                time.sleep(0.01)
        communities, focus, status = self.state[identity] = state
        seen = waits and answer.get("version") is not None and not answer.get("dead")
        self.versions.append(Version(answer["submission"], identity, communities, focus and status == "待核实", seen))


class Desk:
    """What one community reads of its desk, and what breaks the promise."""

    def __init__(self, stack, community, token, acknowledges):
        self.gateway = Gateway(stack.http_port, timeout=20, key=token)
        self.community, self.acknowledges = community, acknowledges
        self.path = None
        self.alerts = {}  # sequence -> submission
        self.settled = self.attempted = self.read = 0
        self.breaches = []

    def turn(self):
        """Pages from the first that is pending, and their acknowledgement; anything that fails is tried again by the next turn."""
        if self.path is None:
            watches = self.gateway.call("GET", "/v1/watches")["watches"]
            if not watches:
                return
            if len(watches) > 1 or watches[0]["desk"] != self.community:
                self.breaches.append(f"sees {[watch.get('desk') for watch in watches]}")
            self.path = "/v1/watches/" + watches[0]["id"]
        last = self.settled
        while True:
            page = self.gateway.call("GET", self.path + "/alerts", {"after": 0 if last == self.settled else last, "limit": 500})["alerts"]
            if page and last == self.settled and last + 1 < page[0]["sequence"] <= self.attempted + 1:
                # The last acknowledgement was taken, and its answer was lost.
                last = self.settled = page[0]["sequence"] - 1
            for alert in page:
                sequence, submission = alert["sequence"], alert["item"]["submission"]
                if sequence <= self.settled:
                    self.breaches.append(f"{sequence} came after its acknowledgement")
                elif sequence != last + 1:
                    self.breaches.append(f"{sequence} came after {last}")
                if self.alerts.setdefault(sequence, submission) != submission:
                    self.breaches.append(f"{sequence} was {self.alerts[sequence]} and is {submission}")
                last = sequence
            self.read = max(self.read, last)
            if len(page) < 500:
                break
        if self.acknowledges and last > self.settled:
            self.attempted = last
            counts = self.gateway.call("POST", self.path + "/ack", None, json.dumps({"through": last}).encode())
            self.settled = last
            if counts["matched"] != counts["acknowledged"] + counts["pending"] + counts["dead"] or counts["acknowledged"] < last:
                self.breaches.append(f"the balance is {counts}")


class Reader(threading.Thread):
    """Reads some desks, one after the other, again and again."""

    def __init__(self, desks):
        super().__init__(daemon=True)
        self.desks = desks
        self.ends = threading.Event()

    def run(self):
        while not self.ends.is_set():
            for desk in self.desks:
                try:
                    desk.turn()
                except Exception as error:  # the gateway was killed
                    if isinstance(error, Refused) and error.status in (401, 403):
                        desk.breaches.append(str(error))
            self.ends.wait(0.02)


def dead_letters(gateway):
    found, start = [], 0
    while page := gateway.call("GET", "/v1/collections/arrivals/dead-letters", {"from": start, "limit": 1000})["dead"]:
        found += page
        start = int(page[-1]["submission"].rsplit("-", 1)[1]) + 1
    return found


def overtaken(versions, given_up):
    """Versions of registrations of which one was given up: it was retried when newer ones may have been indexed."""
    touched = {version.identity for version in versions if version.submission in given_up}
    return {version.submission for version in versions if version.identity in touched}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20200212)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--communities", type=int, default=24)
    parser.add_argument("--pause", type=float, nargs=2, default=(0.5, 2.5), help="seconds between two kills")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.kills} kills")
    chooser = random.Random(options.seed)
    communities = [f"{'甲乙丙丁'[number % 4]}街道第{number + 1}居委" for number in range(options.communities)]
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="kuaibao-rules-")
    made = subprocess.run(
        [PROGRAMS / "kuaibao", "api-keys", "create", "house", "--scopes", "search,add,watch,admin", "--data-dir", folder, "--json"],
        env=environment(), check=True, capture_output=True, text=True)
    key = json.loads(made.stdout)["key"]
    with Stack(folder=folder, key=key) as stack:
        house = stack.gateway
        house.call("POST", "/v1/collections", None, COLLECTION.encode())
        house.call("POST", "/v1/watches", None, json.dumps(RULE).encode())
        desks = []
        for number, community in enumerate(communities):
            body = {"tenant": community, "filter": f"社区:{community}", "seconds": 36_000}
            token = house.call("POST", "/v1/tokens", None, json.dumps(body).encode())["token"]
            desks.append(Desk(stack, community, token, acknowledges=number % 3 != 0))
        # Of those that acknowledge nothing, every second is not even read before the end.
        reading = [desk for number, desk in enumerate(desks) if number % 6 != 0]
        readers = [Reader(reading[number::2]) for number in range(2)]
        writers = [Writer(stack, key, number, options.seed, communities) for number in range(options.writers)]
        for thread in readers + writers:
            thread.start()
        victims = stack.kill_at_random(
            chooser, options.kills, options.pause, lambda: f"{sum(len(w.versions) for w in writers)} acknowledged", every=50)
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join(timeout=60)
            assert not writer.is_alive(), f"{writer.name} was never answered"
        stack.wait_until_ready()
        stack.settle(300, "arrivals")
        given_up = set()
        while again := [entry["submission"] for entry in dead_letters(house)]:
            given_up |= set(again)
            for submission in again:
                house.call("POST", f"/v1/submissions/{submission}/retry")
            stack.settle(300, "arrivals")
        for reader in readers:
            reader.ends.set()
        for reader in readers:
            reader.join(timeout=60)
        for desk in desks:
            desk.turn()
            if desk.acknowledges:
                desk.turn()
        versions = [version for writer in writers for version in writer.versions]
        excused = overtaken(versions, given_up)
        newest = {version.identity: version.submission for version in versions}
        known = {version.submission: version for version in versions}
        lost, doubled, wrong, breaches, optional = [], [], [], [], 0
        for desk in desks:
            breaches += [f"{desk.community}: {breach}" for breach in desk.breaches]
            got = [submission for _, submission in sorted(desk.alerts.items())]
            doubled += [(desk.community, submission) for submission in set(got) if got.count(submission) > 1]
            for submission in got:
                version = known.get(submission)
                if version is None or desk.community not in version.communities or not version.matches:
                    if submission not in excused:
                        wrong.append((desk.community, submission))
            have = set(got)
            for version in versions:
                if version.matches and desk.community in version.communities and version.submission not in have:
                    if version.submission in excused or not (version.was_seen or newest[version.identity] == version.submission):
                        optional += 1
                    else:
                        lost.append((desk.community, version.submission))
        # Those without a community stay with the rule.
        own, after = [], 0
        while page := house.call("GET", "/v1/watches/concerned/alerts", {"after": after, "limit": 500})["alerts"]:
            own += [alert["item"]["submission"] for alert in page]
            after = page[-1]["sequence"]
        wrong += [("the rule", submission) for submission in own if known[submission].communities and submission not in excused]
        doubled += [("the rule", submission) for submission in set(own) if own.count(submission) > 1]
        lost += [("the rule", version.submission) for version in versions
                 if version.matches and not version.communities and version.submission not in own and version.submission not in excused
                 and (version.was_seen or newest[version.identity] == version.submission)]
        # The balance of each desk, once what is pending is overdue.
        time.sleep(RULE["dueSeconds"] + 0.5)
        unbalanced = []
        totals = {"matched": 0, "acknowledged": 0, "pending": 0, "overdue": 0}
        shown = {desk["desk"]: desk for desk in house.call("GET", "/v1/watches/concerned/desks", {"limit": 1000})["desks"]}
        for desk in desks:
            view = shown.get(desk.community)
            if view is None:
                if desk.alerts:
                    unbalanced.append((desk.community, "is not among the desks"))
                continue
            counts = view["counts"]
            expected = {"matched": len(desk.alerts), "acknowledged": desk.settled, "pending": len(desk.alerts) - desk.settled, "dead": 0}
            if counts != expected or view["due"]["overdue"] != counts["pending"] or view["delivered"] != desk.read:
                unbalanced.append((desk.community, view, expected))
            for name in ("matched", "acknowledged", "pending"):
                totals[name] += counts[name]
            totals["overdue"] += view["due"]["overdue"]
        # A token opens its own desk and nothing else.
        opened = 0
        for desk, other in zip(desks, desks[1:] + desks[:1]):
            for path in filter(None, (other.path, "/v1/watches/concerned")):
                try:
                    desk.gateway.call("GET", path + "/alerts")
                    opened += 1
                except Refused as error:
                    assert error.status == 404, error
        status = house.status()
        counts = next(each for each in status["ingest"]["collections"] if each["name"] == "arrivals")["counts"]
        found = house.call("GET", "/v1/collections/arrivals/search", {"q": "*", "limit": 0})["total"]
        report(
            "rules", "0 lost, 0 doubled, 0 at the wrong desk", kills=sum(victims.values()), seed=options.seed, seconds=round(time.monotonic() - began),
            victims=victims, acknowledged=len(versions), attempts=sum(w.attempts for w in writers), registrations=len(newest),
            desks=len(shown), alerts=totals["matched"] + len(own), acknowledged_alerts=totals["acknowledged"], pending=totals["pending"],
            overdue=totals["overdue"], lost=len(lost), doubled=len(doubled), at_wrong_desk=len(wrong), breaches=len(breaches),
            unbalanced=len(unbalanced), foreign_desks_opened=opened, replaced_before_indexed=optional, given_up_and_retried=len(given_up),
            searchable_by_ledger=counts["searchable"], found=found)
        assert versions and totals["matched"], "nothing was tried"
        assert not lost and not doubled and not wrong, (lost[:5], doubled[:5], wrong[:5])
        assert not breaches and not unbalanced and not opened, (breaches[:5], unbalanced[:3], opened)
        assert counts["accepted"] == len(versions), "the ledger accepted another number than was acknowledged"
        assert counts["searchable"] == len(newest) == found
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
