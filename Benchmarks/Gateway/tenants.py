#!/usr/bin/env python3
"""Hunts for foreign documents: tenants.py PROGRAMS [--requests 100000] [--forged 10000] [--seed N]

A stack with two query workers over 300 documents of eight departments. Tenants with filters of many kinds ask at random:
searches with facets, months and explanations, over HTTP and (with pyzmq) over the ask link, suggestions, similar items, documents, originals, exports, digests, figures;
documents come and go meanwhile. What a tenant may see is known from what was submitted. Every document, total, facet, month
and suggestion of an answer is held against it. Then forged tokens: changed characters, other filters under old signatures,
signatures of other keys and of no key, other times, cut and grown texts. Ends with 1 at the first thing that is foreign.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from stack import ENVIRONMENT, AskClient, Client, Stack, target

BASE = "/v1/collections/bulletins"
DEPARTMENTS = ["市公安局", "市教育局", "市民政局", "市卫健委", "市司法局", "市商务委", "市人社局", "市住建委"]
SOURCES = ["上海发布", "解放日报", "新华网", "劳动报"]
WORDS = ["复工", "复产", "疫情", "防控", "口罩", "学校", "社区", "通告", "企业", "隔离", "核酸", "标准", "绿码", "候鸟", "稻谷"]
TYPED = ["市", "市公", "公安", "shi", "sgaj", "jyj", "fugong", "fg", "复", "复工", "疫晴", "通高", "第1", "第", "shanghai", "上海", "解放", "labao"]


def make(number, chance):
    department, source = chance.choice(DEPARTMENTS), chance.choice(SOURCES)
    words = [chance.choice(WORDS) for _ in range(6)]
    day = f"2020-{chance.randint(1, 6):02}-{chance.randint(1, 28):02}"
    title = f"{department}关于{words[0]}{words[1]}第{number}号事项的通告"
    body = f"{department}发布：{words[2]}{words[3]}，{words[4]}人数为{number}人。{words[5]}有序推进。"
    year, month, date = day.split("-")
    text = f"{title}\n\n{int(year)}年{int(month)}月{int(date)}日\n\n{body}\n\n来源：{source}\n"
    return {"id": f"d{number}", "department": department, "source": source, "day": day, "title": title, "text": text}


FILTERS = (
    [(f"部门:{name}", lambda row, name=name: row["department"] == name) for name in DEPARTMENTS]
    + [(f"来源:{name}", lambda row, name=name: row["source"] == name) for name in SOURCES]
    + [(f"-部门:{name}", lambda row, name=name: row["department"] != name) for name in DEPARTMENTS[:4]]
    + [(f"部门:{one} OR 部门:{other}", lambda row, pair=(one, other): row["department"] in pair)
       for one, other in zip(DEPARTMENTS[::2], DEPARTMENTS[1::2])]
    + [(f"部门:{one} 来源:{two}", lambda row, one=one, two=two: row["department"] == one and row["source"] == two)
       for one, two in zip(DEPARTMENTS, SOURCES * 2)]
    + [("日期:2020-02", lambda row: row["day"].startswith("2020-02")), ("日期>=2020-04", lambda row: row["day"] >= "2020-04")])


class Hunt:
    def __init__(self, stack, key, chance):
        self.stack, self.key, self.chance = stack, key, chance
        self.client = Client(stack.port)
        self.asker = AskClient.make(stack.ask)
        self.rows = {}
        self.counts = {}

    def call(self, method, path, key, body=None):
        request = urllib.request.Request(self.stack.base + path, data=body, method=method, headers={"Authorization": "Bearer " + key})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def add(self, row):
        path = target(BASE + "/documents", identity=row["id"], wait="searchable", **{"hint.department": row["department"]})
        self.call("POST", path, self.key, row["text"].encode())
        self.rows[row["id"]] = row

    def remove(self, name):
        self.call("DELETE", target(BASE + "/documents/" + name, wait="searchable"), self.key)
        del self.rows[name]

    def token(self, filter, seconds=36000):
        body = json.dumps({"tenant": "t", "filter": filter, "seconds": seconds}).encode()
        return self.call("POST", "/v1/tokens", self.key, body)["token"]

    def get(self, key, path, **parameters):
        status, body, _ = self.client.get(target(path, **parameters) if parameters else path, key)
        return status, body

    def fail(self, what, *values):
        sys.exit("FOREIGN: " + what + " " + " ".join(map(str, values))[:2000])

    def expect(self, truth, what, *values):
        if not truth:
            self.fail(what, *values)

    def query(self):
        chance = self.chance
        word = lambda: chance.choice(WORDS)
        return chance.choice([
            lambda: "*", lambda: word(), lambda: f"{word()} {word()}", lambda: f"{word()} OR {word()}", lambda: f"-{word()}",
            lambda: f"部门:{chance.choice(DEPARTMENTS)}", lambda: f"来源:{chance.choice(SOURCES)} OR *", lambda: f"标题:{word()}",
            lambda: f'"{word()}{word()}"~4', lambda: f"第{chance.randint(1, 300)}号", lambda: "日期:2020-03", lambda: f"{word()}*",
            lambda: f"-部门:{chance.choice(DEPARTMENTS)}", lambda: f"(({word()} OR *) -{word()})^2", lambda: "-*", lambda: f"人数>{chance.randint(1, 300)}",
        ])()

    def ask(self, token, allowed):
        """One request of a tenant; what it may see is `allowed`: rows by identity."""
        kind = self.chance.choices(
            ["search", "ask", "suggest", "similar", "document", "original", "export", "digest", "figures"],
            [30, 10 if self.asker else 0, 25, 8, 10, 6, 4, 4, 3])[0]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        titles = {row["title"] for row in allowed.values()}
        if kind in ("search", "ask"):
            text = self.query()
            sort = self.chance.choice(["relevance", "newest", "oldest"])
            if kind == "ask":
                answer = self.asker.search(collection="bulletins", q=text, limit=300, facets=["department", "source"], histogram=True,
                                           sort=sort, key=token)
            else:
                status, body = self.get(token, BASE + "/search", q=text, limit=300, facets="department,source", histogram="1", sort=sort,
                                        explain=self.chance.choice("01"), collapse=self.chance.choice("01"))
                answer = json.loads(body)
                self.expect(status == 200, "a search fails", text, body)
            found = [hit for hit in answer["hits"]] + [copy for hit in answer["hits"] for copy in hit.get("copies", [])]
            ids = [hit["document"] for hit in found]
            self.expect(set(ids) <= set(allowed), "a hit", text, set(ids) - set(allowed))
            self.expect(answer["total"] == len(ids), "a total", text, answer["total"], len(ids))
            self.expect(sum(bar["count"] for bar in answer["histogram"]) == answer["total"], "months", text)
            for field in ("department", "source"):
                for value in answer["facets"][field]:
                    true = sum(allowed[name][field] == value["value"] for name in ids)
                    self.expect(value["count"] == true, "a facet", text, value, true)
        elif kind == "suggest":
            typed = self.chance.choice(TYPED)
            status, body = self.get(token, BASE + "/suggest", q=typed, limit=self.chance.choice([1, 10, 50]))
            self.expect(status == 200, "a suggestion fails", typed, body)
            for one in json.loads(body)["suggestions"]:
                if one["field"] == "title":
                    self.expect(one["text"] in titles, "a suggested title", typed, one)
                elif one["field"] in ("department", "source"):
                    true = sum(row[one["field"]] == one["text"] for row in allowed.values())
                    self.expect(0 < one["count"] == true, "a suggested name", typed, one, true)
        elif kind in ("document", "original", "similar"):
            name = self.chance.choice(list(self.rows))
            path = {"document": f"{BASE}/documents/{name}", "original": f"{BASE}/documents/{name}/original", "similar": BASE + "/similar"}[kind]
            status, body = self.get(token, path, **({"id": name} if kind == "similar" else {}))
            self.expect(status == (200 if name in allowed else 404), "a document", kind, name, status)
            if status == 200 and kind == "similar":
                self.expect({hit["document"] for hit in json.loads(body)["hits"]} <= set(allowed), "a similar item", name)
            if status == 404:
                self.expect(name.encode() not in body.replace(f'"{name}"'.encode(), b"").replace(f'\\"{name}\\"'.encode(), b""), "a refusal tells", body)
        else:
            text = self.query()
            if kind == "export":
                stream = self.call_text(target(BASE + "/export", q=text), token)
                ids = {json.loads(line)["document"] for line in stream.splitlines() if line}
                self.expect(ids <= set(allowed), "an exported item", text, ids - set(allowed))
            else:
                body = self.call_text(target(f"{BASE}/{kind}", q=text, **({"format": "json"} if kind == "digest" else {})), token)
                for row in self.rows.values():
                    if row["id"] not in allowed:
                        self.expect(row["title"] not in body, "a title in a " + kind, text, row["title"])

    def call_text(self, path, key):
        request = urllib.request.Request(self.stack.base + path, headers={"Authorization": "Bearer " + key})
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read().decode()


def forged(token, other, chance):
    """A text that no key of the gateway has signed."""
    head, payload, signature = token.split(".")
    unpack = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    pack = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    body = json.loads(unpack(payload))

    def changed():
        text = list(token)
        place = chance.randrange(5, len(text))
        text[place] = chance.choice([sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if sign != text[place]])
        # The last sign of a part has bits that stand for nothing; those are left alone.
        return "".join(text) if place not in (len(head) + len(payload), len(token) - 1) else token[:-8] + "AAAAAAAA"

    def with_body(**change):
        return f"{head}.{pack(json.dumps({**body, **change}, sort_keys=True, ensure_ascii=False).encode())}.{signature}"

    return chance.choice([
        changed, changed, changed, lambda: with_body(filter="*"), lambda: with_body(filter=body["filter"] + " OR *"),
        lambda: with_body(expiresAt=body["expiresAt"] + 10 ** 9), lambda: with_body(tenant="root"), lambda: with_body(key="0" * 16),
        lambda: f"{head}.{payload}.", lambda: f"{head}.{payload}", lambda: f"{head}.{payload}.{pack(bytes(64))}",
        lambda: f"{head}.{payload}.{other.split('.')[2]}", lambda: f"{head}.{other.split('.')[1]}.{signature}", lambda: token + "A",
        lambda: token[:-4], lambda: f"kbt0.{payload}.{signature}", lambda: f"{payload}.{signature}", lambda: token + "." + signature,
        lambda: f"kbk_{body['key']}_{pack(os.urandom(32))}", lambda: f"{head}..{signature}",
    ])()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--forged", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10 ** 9)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="kuaibao-tenants-") as folder:
        programs = arguments.programs.resolve()
        console = lambda *words: subprocess.run(
            [str(programs / "kuaibao"), *words], env={**ENVIRONMENT, "KUAIBAO_DATA_DIR": folder}, stdout=subprocess.PIPE, check=True, text=True).stdout
        os.makedirs(folder + "/data")
        keys = [json.loads(console("api-keys", "create", f"tenants {number}", "--scopes", "search,add,delete,admin", "--data-dir", folder + "/data", "--json"))["key"]
                for number in range(2)]
        stack = Stack(programs, folder + "/data", folder + "/log.txt", settings={"KUAIBAO_DOCUMENTS_PER_WORKER": "1"})
        try:
            stack.query_worker("one")
            stack.query_worker("two")
            stack.until("ready", lambda: len(stack.get("/v1/status", keys[0])["searchWorkers"]) == 2 and not stack.get("/v1/status", keys[0])["problems"])
            hunt = Hunt(stack, keys[0], chance)
            for number in range(300):
                hunt.add(make(number, chance))
            tokens = [(hunt.token(filter), test) for filter, test in FILTERS]
            began = time.monotonic()
            next_number = 300
            for number in range(arguments.requests):
                if number % 500 == 499:
                    # The collection changes under the tenants.
                    hunt.remove(chance.choice(list(hunt.rows)))
                    hunt.add(make(next_number, chance))
                    next_number += 1
                token, test = chance.choice(tokens)
                hunt.ask(token, {name: row for name, row in hunt.rows.items() if test(row)})
            print(f"{arguments.requests} requests under {len(tokens)} tenant tokens in {time.monotonic() - began:.0f} s: {hunt.counts}, nothing foreign", flush=True)
            other = Hunt(stack, keys[1], chance).token("部门:市公安局")
            genuine = {token for token, _ in tokens} | {other}
            tried = 0
            while tried < arguments.forged:
                text = forged(chance.choice(tokens)[0], other, chance)
                if text in genuine:
                    continue
                tried += 1
                path = chance.choice([BASE + "/search?q=*", BASE + "/suggest?q=shi", BASE + "/documents/d5", "/v1/status", BASE + "/export?q=*"])
                status, body, _ = hunt.client.get(path, text)
                hunt.expect(status == 401, "a forged token is taken", path, text, body)
                if hunt.asker and tried % 4 == 0:
                    kind, refusal = hunt.asker.request("search", {"collection": "bulletins", "q": "*", "key": text})
                    hunt.expect(kind == "error" and refusal["code"] == "unauthenticated", "a forged token is taken over ZeroMQ", text, refusal)
                for row in hunt.rows.values():
                    hunt.expect(row["title"].encode() not in body, "a refusal tells", body)
            print(f"{tried} forged tokens, all refused", flush=True)
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
