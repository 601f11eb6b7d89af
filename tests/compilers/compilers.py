#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The BPF programs, compiled by one clang after the other: without a warning, with a stack that leaves
room, without instructions or relocations that old kernels refuse; then the whole program with them,
on this kernel and on others. TAP, with a table at the end. Environment: CLANGS, versions, `newest`,
or `all`; COMPILER_KERNELS, names of ../kernels/kernels.table to boot with each, none if empty;
TEST_BUILD, where the programs of the tests were built; VM_CACHE.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.abspath(os.path.join(HERE, "../.."))
KERNELS = os.path.join(HERE, "../kernels")
sys.path.insert(0, KERNELS)

import bpf_object  # noqa: E402
import compare  # noqa: E402
import vm  # noqa: E402

STACK_MAX = 256  # half of what the kernel allows: the rest is for what the next compiler thinks of
TRIES = 200  # of a tracer that starts: a guard, not a measure


def make(version, clang, target):
    """In a build folder of its own. Returns what was wrong, as lines."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "-C", TREE, "-j2", f"VARIANT=clang-{version}", f"CLANG={clang}",
                           target], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    said = done.stdout.splitlines()
    if done.returncode:
        return said
    return [line for line in said if re.search("warning|error:", line)]


def judge_object(path):
    """What old kernels, or libbpf on some of them, would refuse; and the deepest stack."""
    made = bpf_object.Object(path)
    depths = made.depths()
    notes = [f"{name}: {depth} bytes of stack" for name, depth in depths.items()
             if depth > STACK_MAX]
    notes += ["fetches, as Linux 5.12 can: " + place for place in made.fetching()]
    # An array of one entry here, of as many as there are controllers in the kernel.
    notes += ["load at a relocated place: " + place
              for place in made.loads_of("css_set", "subsys")]
    return notes, max(depths.values())


def wait_for_events(tracer, path, provoke):
    """Until the tracer shows what is provoked, or has given up."""
    for _ in range(TRIES):
        if os.path.getsize(path) or tracer.poll() is not None:
            return
        subprocess.run([provoke, "sethostname"], stdout=subprocess.DEVNULL)
        time.sleep(0.1)


def trace_here(program, provoke):
    """Events on this host while provoke does all it can; rows it made; last words."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "events")
        with open(path, "w") as events, open(path + ".said", "w") as said:
            tracer = subprocess.Popen(
                [program, "trace", "capabilities", "--host", "--all", "--audit-only=false",
                 "-o", "json"],
                stdout=events, stderr=said)
        try:
            wait_for_events(tracer, path, provoke)
            rows = subprocess.run([provoke], capture_output=True, text=True).stdout
        finally:
            tracer.send_signal(signal.SIGTERM)
            tracer.wait()
        with open(path) as events, open(path + ".said") as said:
            return compare.parse(events.read()), compare.parse(rows), said.read()


def judge_here(program, provoke):
    """Each check that provoke made on this host is shown, as often as it was made."""
    events, rows, said = trace_here(program, provoke)
    made = [row for row in rows if "skipped" not in row]
    notes = [] if made else ["provoke did nothing"]
    for row in made:
        seen = [(event["cap"], event["verdict"], event["audit"]) for event in events
                if (event["pid"], event["comm"]) == (row["pid"], row["comm"])]
        if seen != [(row["cap"], row["verdict"], row["audit"])] * row["times"]:
            notes.append(f"{row['row']}: seen {seen}")
    return notes and notes + said.splitlines()


def boot_kernels(tap, version, program, names):
    """The suite of the kernels with this program; its lines become ours. Returns how it went."""
    done = subprocess.run([os.path.join(KERNELS, "kernels.py")], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "LOCAL_GADGET": program, "KERNELS": names})
    passed = failed = 0
    for part in re.split(r"^(?=(?:not )?ok )", done.stdout, flags=re.MULTILINE):
        result = re.match(r"(not )?ok \d+ - (.*)", part)
        if result:
            passed, failed = passed + (not result[1]), failed + bool(result[1])
            tap.test(f"clang {version}: {result[2]}", part.splitlines()[1:] if result[1] else [])
    if not passed + failed or bool(failed) != bool(done.returncode):
        tap.test(f"clang {version}: kernels {names}", done.stdout.splitlines()[-20:])
    return f"{passed} ok, {failed} not ok"


def judge_compiler(tap, version, clang, kernels):
    """All that is to be known of one compiler; returns its row of the table."""
    build = os.path.join(TREE, "build", f"clang-{version}")
    program = os.path.join(build, "local-gadget")
    notes = make(version, clang, program[len(TREE) + 1:])
    tap.test(f"clang {version}: builds without a warning", notes)
    if notes:
        return version, "-", "-", "-"
    notes, deepest = judge_object(os.path.join(build, "bpf/gadget.bpf.o"))
    tap.test(f"clang {version}: nothing that an old kernel refuses", notes)
    notes = judge_here(program, os.path.join(os.environ["TEST_BUILD"], "tests/provoke"))
    tap.test(f"clang {version}: each check on this host is seen", notes)
    here = "FAIL" if notes else "ok"
    return version, deepest, here, boot_kernels(tap, version, program, kernels) if kernels else "-"


def main():
    cache = os.environ["VM_CACHE"]
    kernels = os.environ.get("COMPILER_KERNELS", "")
    wanted = os.environ.get("CLANGS", "").split() or ["all"]
    versions = subprocess.run([os.path.join(HERE, "fetch"), cache, *wanted], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split()
    tap = vm.Tap()
    table = [judge_compiler(tap, version, os.path.join(cache, "compilers", version, "clang"), kernels)
             for version in versions]
    print(f"#\n# clang  stack  this host  kernels {kernels or '(none)'}")
    for version, deepest, here, elsewhere in table:
        print(f"# {version:5}  {deepest:>5}  {here:9}  {elsewhere}")
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
