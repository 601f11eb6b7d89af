#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""latency.py LOCAL-GADGET CGROUP COUNT: from a lone check to its row, in milliseconds.

A process in CGROUP makes COUNT checks, one after the other, with pauses of all lengths between them;
the row of each is read where a person or a program reads it. Prints, for each such place, a line:
its name, the median and the slowest.
"""
import os
import pty
import random
import subprocess
import sys
import time

PAUSE_S = 0.04  # the longest between a row and the next check: asleep or awake, the tracer is met


def make_checks():
    """One for each byte of standard input; when, to standard output. To be nicer again takes none."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    while os.read(0, 1):
        before = time.monotonic_ns()
        try:
            os.setpriority(os.PRIO_PROCESS, 0, usual - 1)
        except PermissionError:
            pass
        os.write(1, before.to_bytes(8, "little"))
        os.setpriority(os.PRIO_PROCESS, 0, usual)


def start_checks(cgroup):
    """Below a shell: what enters a container and executes its parent's program is the engine."""
    place = os.path.join(cgroup, "cgroup.procs")
    return subprocess.Popen(["sh", "-c", 'echo $$ >"$0"; "$@"; :', place, sys.executable, __file__],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def check(checks):
    """When it was."""
    checks.stdin.write(b"!")
    return int.from_bytes(checks.stdout.read(8), "little")


def read_row(file):
    """To the end of a line of a check; the header is passed over."""
    text = b""
    while not (text.endswith(b"\n") and b"SYS_NICE" in text):
        text += os.read(file, 65536)


def measure(program, cgroup, count, ends, options):
    ours, theirs = ends
    took = []
    # Its first words, on standard error, say that it sees checks from now on.
    with subprocess.Popen([program, "trace", "capabilities", "-v", "--cap", "SYS_NICE", *options],
                          stdout=theirs, stderr=subprocess.PIPE) as tracer:
        while b"tracing with back-end" not in tracer.stderr.readline():
            pass
        with start_checks(cgroup) as checks:
            check(checks)
            read_row(ours)  # it waited for a name
            for _ in range(count):
                time.sleep(random.random() * PAUSE_S)
                before = check(checks)
                read_row(ours)
                took.append((time.monotonic_ns() - before) / 1e6)
        tracer.terminate()
        tracer.communicate()
    os.close(ours)
    os.close(theirs)
    return sorted(took)


def main(program, cgroup, count):
    random.seed(1)
    for name, ends, options in (("terminal", pty.openpty, []), ("pipe", os.pipe, []),
                                ("pipe-json", os.pipe, ["-o", "json"])):
        took = measure(program, cgroup, int(count), ends(), options)
        print(f"{name} {took[len(took) // 2]:.2f} {took[-1]:.2f}", flush=True)


if len(sys.argv) > 1:
    main(*sys.argv[1:])
else:
    make_checks()
