#!/usr/bin/env python3
"""Writes the page's files into Swift sources, so that the program carries them: run it after every change to the page.

    Services/Query/Service/Page/embed.py           writes ../PageText/*.swift
    Services/Query/Service/Page/embed.py --check   changes nothing; fails where they are not up to date

SwiftPM's own `.embedInCode` makes an array literal of every byte: for 110 KB the compiler took 9 s of processor time in a
debug build, and 0.1 s for the same text as raw string literals (Swift 6.3.1).
"""

import pathlib
import sys

PAGE = pathlib.Path(__file__).resolve().parent
TARGET = PAGE.parent / "PageText"
SUFFIXES = {".html": "HTML", ".css": "CSS", ".js": "JS", ".svg": "SVG"}


def constant(path):
    """index.html is `indexHTML`."""
    return path.stem + SUFFIXES[path.suffix]


def source(path):
    text = path.read_text(encoding="utf-8")
    for sign in ('"""#', "\\#", "\0", "\r"):
        if sign in text:
            raise SystemExit(f"{path.name} holds {sign!r}, which a raw string literal cannot")
    return (
        f"// Page/{path.name} as text: made by Page/embed.py, not to be changed here.\n"
        "// swift-format-ignore-file\n\n"
        "extension PageText {\n"
        f'static let {constant(path)} = #"""\n{text}\n"""#\n'
        "}\n"
    )


def main():
    wanted = {
        TARGET / f"{constant(path)}.swift": source(path) for path in sorted(PAGE.iterdir()) if path.suffix in SUFFIXES
    }
    found = {path: path.read_text(encoding="utf-8") for path in TARGET.glob("*.swift")} if TARGET.is_dir() else {}
    if "--check" in sys.argv[1:]:
        stale = sorted(path.name for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))
        if stale:
            raise SystemExit(f"not up to date: {', '.join(stale)}; run {pathlib.Path(__file__).name}")
        return
    TARGET.mkdir(exist_ok=True)
    for path in found.keys() - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        if found.get(path) != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
