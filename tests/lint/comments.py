#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""comments.py FILE...: prints FILE:LINE: ... for each comment that names what is not in the tree.

FILEs are the whole tree. A function is named as "name()": of others, as those of a library that is
not called here, one speaks as "name(3)". A file is named by its last name, or by a path that begins
with one of our own folders; headers of others stand in <>. Scripts, and texts for people, are read
for such paths only.
"""
import os
import re
import sys

COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
FUNCTION = re.compile(r"\b([A-Za-z]\w*)\(\)")
FILE = re.compile(r"(?<![\w./<*-])[\w./-]*\w\.(?:c|h|sh|py|proto)\b")
OURS = re.compile(r"(?<![\w./$<*{}-])(?:src|runtimes|bpf|tests|man)/[\w./-]*\w\.(?:c|h|sh|py|proto|md|in)\b")


def read(name):
    with open(name, encoding="utf-8", errors="replace") as file:
        return file.read()


def is_text(name):
    """Whether it is a script, or written for people."""
    return name.endswith((".sh", ".py", ".md")) or os.path.basename(name) == "Makefile"


def comments_of(text):
    """Line and text of each comment of C; what looks like one within a string is none."""
    for match in COMMENT.finditer(text):
        if match[0].startswith("/*"):
            yield text.count("\n", 0, match.start()) + 1, match[0]


def breaches(tree):
    last_names = {os.path.basename(name) for name in tree}
    texts = {name: read(name) for name in tree if name.endswith((".c", ".h"))}
    code = " ".join(re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL) for text in texts.values())
    words = set(re.findall(r"[A-Za-z_]\w*", code))
    for name, text in texts.items():
        for line, comment in comments_of(text):
            for match in FUNCTION.finditer(comment):
                if match[1] not in words:
                    yield name, line + comment.count("\n", 0, match.start()), match[0]
            for match in FILE.finditer(comment):
                path = match[0]
                known = path in tree if OURS.match(path) else "/" in path or path in last_names
                if not known:
                    yield name, line + comment.count("\n", 0, match.start()), path
    for name in filter(is_text, tree):
        for number, line in enumerate(read(name).split("\n"), 1):
            if name.endswith(".md") or line.lstrip().startswith("#"):
                for match in OURS.finditer(line):
                    if match[0] not in tree:
                        yield name, number, match[0]


def main():
    tree = set(filter(os.path.isfile, sys.argv[1:]))
    for name, line, what in sorted(breaches(tree)):
        print(f"{name}:{line}: a comment names {what}, which is not in the tree")


if __name__ == "__main__":
    main()
