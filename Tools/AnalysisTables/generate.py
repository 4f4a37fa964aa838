#!/usr/bin/env python3
"""Writes Shared/Analysis/FoldingData.swift: what every character counts as, and what it is folded to.

Sources (Debian packages unicode-data, libopencc-data, opencc, icu-devtools):
    apt-get download unicode-data libopencc-data opencc libopencc1.1 libmarisa0
    for f in *.deb; do dpkg -x $f DIR; done
    generate.py --unicode DIR/usr/share/unicode --opencc DIR/usr/share/opencc \
        --opencc-dict DIR/usr/bin/opencc_dict > Shared/Analysis/FoldingData.swift

The folding is a function of one character, never of its neighbours: only so is every run of an indexed text found again
by a query for that run alone. Where one traditional character has several simplified ones, all of them are folded to
one representative. docs/analysis.md has the classes and the licences.
"""
import argparse
import bz2
import os
import subprocess
import sys
import tempfile

SEPARATOR, TRANSPARENT, CJK, LETTER, DIGIT, LETTERS, CHARACTERS, VOICING, PERCENT, POINT, COMMA, APOSTROPHE = range(12)

# Scripts written without spaces: every character is a position of its own.
CJK_SCRIPTS = {"Han", "Hiragana", "Katakana", "Hangul", "Bopomofo", "Thai", "Lao", "Khmer", "Myanmar", "Yi", "Tangut",
               "Nushu", "Khitan_Small_Script"}
# Quotation marks, hyphens and middle dots: they neither separate nor count.
TRANSPARENT_SIGNS = "\"-_“”„‟‘‚‛「」『』﹁﹂﹃﹄《》〈〉﹏‐‑­·•‧∙⋅・･゠"
APOSTROPHES = "'’ʼ＇"
IGNORED_MARKS = [(0x300, 0x36F), (0x483, 0x489), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2), (0x5C4, 0x5C5),
                 (0x5C7, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC), (0x6DF, 0x6E4),
                 (0x6E7, 0x6E8), (0x6EA, 0x6ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
                 (0x302A, 0x302F), (0xFE20, 0xFE2F)]


def rows(path):
    opener = bz2.open if path.endswith(".bz2") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            line = line.split("#")[0].strip()
            if line:
                yield [part.strip() for part in line.split(";")]


def span(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


class Unicode:
    def __init__(self, folder):
        self.category, self.decomposition, self.compatibility, self.decimal = {}, {}, {}, {}
        pending = None
        for fields in rows(os.path.join(folder, "UnicodeData.txt")):
            code, name = int(fields[0], 16), fields[1]
            if name.endswith("First>"):
                pending = code
                continue
            start = pending if name.endswith("Last>") else code
            pending = None
            for each in range(start, code + 1):
                self.category[each] = fields[2]
            if fields[5]:
                parts = fields[5].split()
                if parts[0].startswith("<"):
                    self.compatibility[code] = parts.pop(0)
                self.decomposition[code] = [int(part, 16) for part in parts]
            if fields[2] == "Nd":
                self.decimal[code] = int(fields[6])
        self.script = {}
        for codes, script in rows(os.path.join(folder, "Scripts.txt")):
            for code in span(codes):
                self.script[code] = script
        self.casefold = {}
        self.ignorable = set()
        for fields in rows(os.path.join(folder, "DerivedNormalizationProps.txt")):
            if fields[1] == "NFKC_CF":
                for code in span(fields[0]):
                    self.casefold[code] = [int(part, 16) for part in fields[2].split()]
                    if not self.casefold[code]:
                        self.ignorable.add(code)
        self.space = set()
        for codes, name in rows(os.path.join(folder, "PropList.txt")):
            if name == "White_Space":
                self.space.update(span(codes))
        self.radical = {}
        for codes, target in rows(os.path.join(folder, "EquivalentUnifiedIdeograph.txt")):
            for code in span(codes):
                self.radical[code] = int(target, 16)
        self.z_variants, self.simplified = [], []
        for line in bz2.open(os.path.join(folder, "Unihan_Variants.txt.bz2"), "rt", encoding="utf-8"):
            if not line.startswith("U+"):
                continue
            code, kind, values = line.rstrip("\n").split("\t")
            targets = [int(value.split("<")[0][2:], 16) for value in values.split()]
            if kind == "kZVariant":
                self.z_variants += [(int(code[2:], 16), target) for target in targets]
            elif kind == "kSimplifiedVariant":
                self.simplified.append((int(code[2:], 16), targets))

    def canonical(self, code):
        if code in self.compatibility or code not in self.decomposition:
            return [code]
        return [last for part in self.decomposition[code] for last in self.canonical(part)]


def opencc_pairs(tool, folder, name):
    with tempfile.NamedTemporaryFile() as output:
        subprocess.run([tool, "-i", os.path.join(folder, name + ".ocd2"), "-o", output.name, "-f", "ocd2", "-t", "text"],
                       check=True)
        for line in open(output.name, encoding="utf-8"):
            source, targets = line.rstrip("\n").split("\t")
            yield source, targets.split(" ")


def gb2312_level(character):
    """0: everyday, 1: less so, 2: not in GB 2312 (so not an everyday simplified character)."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return 2
    return 0 if code < b"\xd8" else 1


def han_representatives(unicode, tool, folder):
    """Joins every traditional, simplified and variant form of a character; answers form → representative."""
    parent, votes = {}, {}

    def root(item):
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(first, second):
        parent[root(first)] = root(second)

    listed = set()
    for source, targets in opencc_pairs(tool, folder, "TSCharacters"):
        listed.add(source)
        for rank, target in enumerate(targets):
            listed.add(target)
            join(source, target)
            votes[target] = votes.get(target, 0) + (2 if rank == 0 else 1)
    for name in ("TWVariants", "HKVariants"):
        for source, targets in opencc_pairs(tool, folder, name):
            for target in targets:
                join(source, target)
    for source, target in unicode.z_variants:
        source, target = chr(source), chr(target)
        if gb2312_level(source) == 2 or gb2312_level(target) == 2:
            if {source, target} != {"茉", "苿"}:
                join(source, target)
    for source, targets in unicode.simplified:
        character = chr(source)
        if character in listed or gb2312_level(character) < 2 or source in targets:
            continue
        for target in targets:
            join(character, chr(target))
            votes[chr(target)] = votes.get(chr(target), 0) + 1
    # ICU knows some forms that the others lack (砲 炮, 姪 侄). Everyday simplified characters keep their own class.
    ideographs = [chr(code) for code in range(0x4E00, 0x9FA6)]
    converted = subprocess.run(["uconv", "-x", "Traditional-Simplified"], input="\n".join(ideographs).encode(),
                               capture_output=True, check=True).stdout.decode().split("\n")
    for source, target in zip(ideographs, converted):
        if source != target and len(target) == 1 and source not in listed and gb2312_level(source) == 2:
            join(source, target)
            votes[target] = votes.get(target, 0) + 1
    classes = {}
    for item in list(parent):
        classes.setdefault(root(item), []).append(item)
    result = {}
    for members in classes.values():
        best = min(members, key=lambda item: (gb2312_level(item), -votes.get(item, 0), ord(item)))
        for item in members:
            if item != best:
                result[item] = best
    return result, classes


def fold(unicode, han, code):
    """The folded characters of one character."""
    if code in unicode.radical:
        parts = [unicode.radical[code]]
    else:
        parts = unicode.casefold.get(code, [code])
    result = []
    for part in parts:
        for piece in unicode.canonical(part) if unicode.script.get(part) != "Hangul" else [part]:
            if any(first <= piece <= last for first, last in IGNORED_MARKS):
                continue
            if piece in unicode.decimal:
                piece = ord("0") + unicode.decimal[piece]
            result.append(ord(han.get(chr(piece), chr(piece))))
    return result


def is_mark(unicode, code):
    return any(first <= code <= last for first, last in IGNORED_MARKS) or code in unicode.ignorable


def simple_class(unicode, code):
    """The class of a character that folds to itself."""
    category = unicode.category.get(code, "Cn")
    if code in (0x3099, 0x309A):
        return VOICING
    if chr(code) in APOSTROPHES:
        return APOSTROPHE
    if code in unicode.space or is_mark(unicode, code) or category == "Cf" or chr(code) in TRANSPARENT_SIGNS:
        return TRANSPARENT
    if chr(code) in "%‰‱٪":
        return PERCENT
    if chr(code) == ".":
        return POINT
    if chr(code) == ",":
        return COMMA
    if category == "Nd":
        return DIGIT
    if category[0] in "LM" or code == 0x3007 or code == 0x2103:
        if unicode.script.get(code) in CJK_SCRIPTS or code == 0x30FC:
            return CJK
        return LETTER
    if category == "Nl":
        return LETTER
    return SEPARATOR


def classify(unicode, han, code):
    """(class, folded characters) of one character."""
    category = unicode.category.get(code, "Cn")
    if category in ("Cn", "Co", "Cs") and code not in unicode.ignorable:
        return SEPARATOR, [code]
    if code == 0x2103 or code in unicode.space or code in (0x3099, 0x309A) or chr(code) in APOSTROPHES:
        return simple_class(unicode, code), [code]
    if unicode.compatibility.get(code) in ("<circle>", "<fraction>") or category == "No" and \
            unicode.compatibility.get(code) not in ("<super>", "<sub>"):
        return SEPARATOR, [code]
    parts = fold(unicode, han, code)
    if not parts:
        return TRANSPARENT, [code]
    kinds = [simple_class(unicode, part) for part in parts]
    if len(parts) == 1:
        return kinds[0], parts
    if all(kind == CJK for kind in kinds[:1]) and all(kind in (CJK, VOICING) for kind in kinds):
        return CHARACTERS, parts
    if all(kind in (LETTER, DIGIT, VOICING) for kind in kinds) and kinds[0] == LETTER:
        return LETTERS, parts
    return simple_class(unicode, code), [code]


def wrap(items, separator, width=116):
    lines, line = [], ""
    for item in items:
        if len(line) + len(item) + len(separator) > width and line:
            lines.append(line)
            line = ""
        line += (separator if line else "") + item
    return "\n".join("        " + each for each in lines + ([line] if line else []))


def literal(name, comment, body):
    return f'    /// {comment}\n    static let {name} = """\n{body}\n        """\n'


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--unicode", required=True)
    arguments.add_argument("--opencc", required=True)
    arguments.add_argument("--opencc-dict", required=True)
    arguments.add_argument("--classes", action="store_true", help="list the joined Han characters instead")
    options = arguments.parse_args()
    unicode = Unicode(options.unicode)
    han, classes = han_representatives(unicode, options.opencc_dict, options.opencc)
    if options.classes:
        for members in classes.values():
            everyday = [item for item in members if gb2312_level(item) < 2]
            if len(everyday) > 1:
                print(han.get(members[0], members[0]), "".join(sorted(members)))
        return

    ranges, singles, expansions = [], [], []
    open_kind = None  # the class of the range that a character may still join, across characters with folds of their own
    for code in range(0x110000):
        kind, parts = classify(unicode, han, code)
        if parts == [code]:
            if kind == SEPARATOR:
                open_kind = None
            elif kind == open_kind:
                ranges[-1][1] = code
            else:
                ranges.append([code, code, kind])
                open_kind = kind
        elif len(parts) == 1:
            singles.append((code, kind, parts[0]))
        else:
            expansions.append((code, kind, parts))

    plain = []   # written as readable pairs: a Han character that no normalisation form touches
    numeric = []
    for code, kind, target in singles:
        if chr(code) in han and code not in unicode.decomposition and code not in unicode.radical:
            plain.append(chr(code) + chr(target))
        else:
            numeric.append((code, kind, target))
    runs = []  # start, count, step of the source, kind, first target, step of the target
    index = 0
    while index < len(numeric):
        best = 1
        code, kind, target = numeric[index]
        shape = (1, 0)
        for step, target_step in ((1, 1), (1, 0), (2, 2), (1, 0)):
            count = 1
            while index + count < len(numeric) and \
                    numeric[index + count] == (code + count * step, kind, target + count * target_step):
                count += 1
            if count > best:
                best, shape = count, (step, target_step)
        runs.append((code, best, shape[0], kind, target, shape[1]))
        index += best

    out = sys.stdout
    out.write("// Generated by Tools/AnalysisTables/generate.py; do not edit.\n")
    out.write("//\n// What every character counts as and what it is folded to, from the Unicode Character Database 15.0.0\n")
    out.write("// and ICU 72 (Unicode licence) and OpenCC 1.1.6's character tables (Apache-2.0); see docs/analysis.md.\n\n")
    out.write("/// The tables in text form; `FoldingTables` unpacks them once.\nenum FoldingData {\n")
    out.write(literal("ranges", "Characters that fold to themselves: `first,last,class` in hexadecimal.",
                      wrap([f"{first:x},{last:x},{kind:x}" for first, last, kind in ranges], " ")))
    out.write(literal("folds", "Characters with one folded character: `first,count,step,class,target,targetStep`.",
                      wrap([",".join(f"{part:x}" for part in run) for run in runs], " ")))
    out.write(literal("expansions", "Characters with several folded characters: `code,class,target,target…`.",
                      wrap([",".join(f"{part:x}" for part in [code, kind] + parts) for code, kind, parts in expansions],
                           " ")))
    out.write(literal("han", "Han characters: each variant form, followed by its representative.",
                      wrap(plain, "", 80)))
    out.write("}\n")


if __name__ == "__main__":
    main()
