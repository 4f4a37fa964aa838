"""The corpus as rows, the tokens that every engine is given, and the query classes (fixed seed).

Tokens: runs of Han characters as overlapping pairs (a single character as itself), runs of a-z and 0-9 in lower case.
Words of queries are pairs of characters, frequent or rare by the number of documents that hold them; the words of one
conjunction or disjunction stand in one document, so that conjunctions have answers. Patterns are words of letters in which
one letter is any, or a stretch of letters any stretch."""

import collections
import json
import random
import re

RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")
HAN = re.compile("[\u4e00-\u9fff]+")
LETTERS = re.compile("[a-z]{5,12}")


def pairs(text):
    tokens = []
    for run in RUN.findall(text.lower()):
        if run[0] >= "\u3400" and len(run) > 1:
            tokens += [run[place:place + 2] for place in range(len(run) - 1)]
        else:
            tokens.append(run)
    return tokens


def rows(path, limit=None):
    """Yields (number, month, source, text)."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if limit is not None and number >= limit:
                return
            item = json.loads(line)
            text = (item.get("title") or "") + "\n" + (item.get("body") or item.get("text") or "")
            yield number, (item.get("date") or "none")[:7], item.get("source") or "none", text


def classes(path, count, seed, limit=None):
    """Name of a class -> its queries."""
    chance = random.Random(seed)
    held = collections.Counter()
    latin = collections.Counter()
    sample = []
    total = 0
    for number, _, _, text in rows(path, limit):
        words = set(pairs(text))
        held.update({word for word in words if HAN.fullmatch(word)})
        latin.update({word for word in words if LETTERS.fullmatch(word)})
        if chance.random() < 0.1:
            sample.append(text)
        total += 1
    frequent = {word for word, documents in held.items() if total // 50 <= documents <= total // 4}
    rare = {word for word, documents in held.items() if max(3, total // 20000) <= documents <= total // 500}
    made = collections.defaultdict(list)
    for kind, words in (("frequent", frequent), ("rare", rare)):
        ordered = sorted(words)
        for word in chance.sample(ordered, min(count, len(ordered))):
            made[f"single {kind}"].append({"op": "term", "words": [word]})
    while min(len(made[f"{name} {kind}"]) for name in ("and-2", "or-2", "or-4") for kind in ("frequent", "rare")) < count:
        here = {word for word in pairs(chance.choice(sample)) if HAN.fullmatch(word)}
        for kind, words in (("frequent", sorted(here & frequent)), ("rare", sorted(here & rare))):
            for name, operator, number in (("and-2", "and", 2), ("or-2", "or", 2), ("or-4", "or", 4)):
                if len(words) >= number and len(made[f"{name} {kind}"]) < count:
                    made[f"{name} {kind}"].append({"op": operator, "words": chance.sample(words, number)})
    while min(len(made["phrase frequent"]), len(made["phrase rare"])) < count:
        runs = [run for run in HAN.findall(chance.choice(sample)) if len(run) >= 4]
        if not runs:
            continue
        run = chance.choice(runs)
        length = chance.randint(3, min(8, len(run)))
        place = chance.randrange(len(run) - length + 1)
        piece = run[place:place + length]
        parts = [piece[at:at + 2] for at in range(length - 1)]
        name = "phrase frequent" if all(part in frequent for part in parts) else "phrase rare"
        if len(made[name]) < count:
            made[name].append({"op": "phrase", "words": [piece]})
    made.update(patterns(sorted(word for word, documents in latin.items() if documents >= 3), count, random.Random(seed)))
    return dict(made)


def patterns(words, count, chance):
    """Patterns inside words, which keep their first two letters and their last one."""
    made = {"pattern ?": [], "pattern *": []}
    for name, sign in (("pattern ?", "?"), ("pattern *", "*")):
        for word in chance.sample(words, min(count, len(words))):
            first = chance.randrange(2, len(word) - 1)
            last = first + 1 if sign == "?" else chance.randrange(first + 1, len(word))
            made[name].append({"op": "pattern", "words": [word[:first] + sign + word[last:]]})
    return made


def tokens(query):
    """The pairs of each word of a query; a pattern is its own."""
    if query["op"] == "pattern":
        return [query["words"]]
    return [pairs(word) for word in query["words"]]
