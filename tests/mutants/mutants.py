#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mutants.py TREE WORK [NAME...]: whether the tests see small faults; `make mutants`.

Each mutant of the table beside this is put into a copy of TREE in WORK, which is built, and its
suites are run until one fails: it is killed then. What no suite sees survives, and is a test that is
missing. Exit status 1 if any survives, or cannot be judged: a text that is no longer found, found
twice or does not compile, a suite that fails without any fault.

The table has blocks, with an empty line between them:

    mutant what would be wrong
    in src/folder/*.c           where the text stands, once among all files that match
    suites unit/folder/* ...    below tests/, those that are to see it, likely ones first
    - old text                  several lines are joined; blanks at both ends do not count
    + new text                  without one the old text is taken out
"""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys

Mutant = collections.namedtuple("Mutant", "name files suites old new")
GUARD_SECONDS = "900"  # only ends a suite that a mutant makes hang


class Wrong(Exception):
    """A mutant that cannot be judged."""


def read_table(path):
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if not line.startswith("#")]
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        words = {key: [] for key in ("mutant", "in", "suites", "-", "+")}
        for line in filter(str.strip, block.split("\n")):
            key, _, rest = line.partition(" ")
            if key not in words:
                sys.exit(f"{path}: not understood: {line}")
            words[key].append(rest.strip())
        if words["mutant"]:
            yield Mutant(words["mutant"][0], words["in"][0].split(), words["suites"][0].split(),
                         words["-"], words["+"])


def pattern_of(lines):
    """Blanks count for nothing, so that another layout does not hide the text."""
    parts = re.findall(r"\w+|[^\w\s]", " ".join(lines))
    return re.compile(r"\s*".join(re.escape(part) for part in parts))


class Tree:
    """The copy that is broken, built, and mended again."""

    def __init__(self, source, work):
        work = os.path.abspath(work)
        self.root = os.path.join(work, "tree")
        self.logs = os.path.join(work, "logs")
        self.good = {}  # suite: whether it passes without a fault
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                                cwd=source, check=True, stdout=subprocess.PIPE, text=True).stdout
        names = [name for name in listed.splitlines() if os.path.exists(os.path.join(source, name))]
        for folder, _, files in os.walk(self.root):
            below = os.path.relpath(folder, self.root)
            if below.split(os.sep)[0] != "build":
                for name in files:
                    if os.path.normpath(os.path.join(below, name)) not in names:
                        os.remove(os.path.join(folder, name))
        for name in names:
            self.copy(os.path.join(source, name), os.path.join(self.root, name))

    @staticmethod
    def copy(source, target):
        """Leaves alone what is the same, so that it is not compiled again."""
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as file:
            content = file.read()
        if not os.path.exists(target) or open(target, "rb").read() != content:
            shutil.copy(source, target)

    def suites_of(self, patterns):
        for pattern in patterns:
            found = sorted(name for name in glob.glob(os.path.join(self.root, "tests", pattern))
                           if re.search(r"/test_[^/]*\.(c|sh)$", name) or name.endswith(".py"))
            if not found:
                raise Wrong(f"no suite is tests/{pattern}")
            yield from (os.path.relpath(name, self.root) for name in found)

    def make(self, *targets):
        return subprocess.run(["make", f"-j{os.cpu_count()}", "VARIANT=debug", *targets],
                              cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, check=False)

    def passes(self, suite):
        """Raises Wrong where it cannot be built."""
        build = os.path.join(self.root, "build", "debug")
        program = os.path.join("build/debug", suite[:-2]) if suite.endswith(".c") else suite
        built = self.make(program) if suite.endswith(".c") else self.make("test-programs")
        if built.returncode:
            raise Wrong("does not compile:\n" + built.stderr)
        run = subprocess.run(["tests/run.sh", self.logs, program], cwd=self.root, check=False,
                             stdout=subprocess.PIPE, text=True,
                             env={**os.environ, "LOCAL_GADGET": os.path.join(build, "local-gadget"),
                                  "TEST_BUILD": build, "TEST_GUARD_SECONDS": GUARD_SECONDS})
        if re.search(r"^0 passed, 0 failed, [1-9]", run.stdout, re.MULTILINE):
            raise Wrong(f"{suite} was skipped")
        if run.returncode not in (0, 1):
            raise Wrong(f"{suite} was ended from outside")
        return run.returncode == 0

    def place_of(self, mutant):
        """The one file in which the text stands, and the file's whole text, whole and broken."""
        pattern, places = pattern_of(mutant.old), []
        for part in mutant.files:
            for name in sorted(glob.glob(os.path.join(self.root, part))):
                with open(name, encoding="utf-8") as file:
                    text = file.read()
                places += [(name, text, match) for match in pattern.finditer(text)]
        if len(places) != 1:
            what = f"found {len(places)} times" if places else "no longer found"
            raise Wrong(f"{what} in {' '.join(mutant.files)}: {' '.join(mutant.old)}")
        name, text, match = places[0]
        return name, text, text[:match.start()] + " ".join(mutant.new) + text[match.end():]

    def killer_of(self, mutant):
        """The suite that sees it; None if it survives."""
        name, whole, broken = self.place_of(mutant)
        suites = list(self.suites_of(mutant.suites))
        for suite in suites:
            if suite not in self.good:
                self.good[suite] = self.passes(suite)
            if not self.good[suite]:
                raise Wrong(f"{suite} fails without a fault, too")
        try:
            write(name, broken)
            return next((suite for suite in suites if not self.passes(suite)), None)
        finally:
            write(name, whole)


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    source, work, *names = sys.argv[1:]
    table = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table")
    mutants = [mutant for mutant in read_table(table)
               if not names or any(name in mutant.name for name in names)]
    tree = Tree(source, work)
    counts = collections.Counter()
    for mutant in mutants:
        try:
            killer = tree.killer_of(mutant)
            counts["killed" if killer else "survived"] += 1
            print(f"killed    {mutant.name}  ({killer})" if killer else f"SURVIVED  {mutant.name}")
        except Wrong as wrong:
            counts["wrong"] += 1
            print(f"WRONG     {mutant.name}: {wrong}")
        sys.stdout.flush()
    print(f"{len(mutants)} mutants, {counts['killed']} killed, {counts['survived']} survived" +
          (f", {counts['wrong']} that cannot be judged" if counts["wrong"] else ""))
    return 1 if counts["survived"] or counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
