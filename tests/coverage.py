#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coverage.py BUILD [--least TOTAL FILE] [--core FOLDER...]: which lines of src/ and runtimes/ have run.

BUILD was built with VARIANT=coverage, and something of it has run since. A line of a header counts
once, and has run if it has in any object; a file that no test links counts with nothing run. Prints
a line for each folder, the total, and each file of the core below FILE percent; fails if the total
is below TOTAL percent or such a file is left.
"""
import argparse
import collections
import json
import os
import subprocess
import sys


def objects(build):
    """The notes that the compiler left beside each object of the program itself."""
    for top in ("src", "runtimes"):
        for folder, _, names in os.walk(os.path.join(build, top)):
            yield from (os.path.join(folder, name) for name in names
                        if name.endswith(".gcno") and not name.endswith(".pb-c.gcno"))


def read_lines(build):
    """{file: {line: times that it has run}}."""
    lines = collections.defaultdict(dict)
    for notes in objects(build):
        said = subprocess.run(["gcov", "--json-format", "--stdout", notes], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for document in said.splitlines():
            for file in json.loads(document)["files"]:
                name = file["file"]
                # What has gone from the tree may have left its object.
                if name.startswith(("src/", "runtimes/")) and os.path.exists(name):
                    known = lines[name]
                    for line in file["lines"]:
                        number = line["line_number"]
                        known[number] = max(known.get(number, 0), line["count"])
    return lines


def percent(ran, known):
    return 100 * ran / known if known else 100


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--least", nargs=2, type=float, default=(0, 0))
    parser.add_argument("--core", nargs="*", default=[])
    options = parser.parse_args()
    least_total, least_file = options.least

    files = {name: (sum(count > 0 for count in known.values()), len(known))
             for name, known in read_lines(options.build).items() if known}
    folders = collections.defaultdict(lambda: (0, 0))
    for name, (ran, known) in files.items():
        folder = os.path.dirname(name)
        folders[folder] = (folders[folder][0] + ran, folders[folder][1] + known)
    for folder, (ran, known) in sorted(folders.items()):
        print(f"{percent(ran, known):6.1f} %  {ran:6} of {known:6}  {folder}")
    ran, known = (sum(part) for part in zip(*files.values()))
    total = percent(ran, known)
    print(f"{total:6.1f} %  {ran:6} of {known:6}  lines in all")

    low = sorted((percent(*lines), name) for name, lines in files.items()
                 if os.path.dirname(name) in options.core and percent(*lines) < least_file)
    if low:
        print(f"files of the core below {least_file:g} %:")
    for part, name in low:
        print(f"{part:6.1f} %  {name}")
    if total < least_total:
        print(f"the total is below {least_total:g} %")
    return 1 if low or total < least_total else 0


if __name__ == "__main__":
    sys.exit(main())
