#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Boots kernels of kernels.table, each plain and locked down, and holds what the guest saw against
what provoke did. TAP, with a matrix at the end. Environment: LOCAL_GADGET, the program; TEST_BUILD,
where tests/provoke was built; KERNELS, names of the table, all by default; VM_CACHE; ARCHITECTURE
(x86, arm64), that of this machine by default, and SYSROOT, where its libraries and busybox are.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

import compare
import vm

ARCHITECTURE = os.environ.get("ARCHITECTURE") or vm.MACHINE
HERE = os.path.dirname(os.path.abspath(__file__))
BACKENDS = ("fexit", "tracepoint", "kprobe")
# Plain: tasks are preempted in the middle of a program wherever the kernel can do that (5.12 and
# later). Locked: as the distribution ships it.
MODES = {"plain": "preempt=full", "locked": "lockdown=confidentiality"}
CONTAINER = "0123456789abcdef" * 4

# What the sentence of a refusal must say.
REFUSALS = {
    "no-event": "no trace event",
    "no-trampoline": r"no trampolines .*\(on arm64 they are new in 6\.4\)",
    "locked": r"kernel lockdown \(confidentiality\) forbids",
}

# What doctor must say that a back-end needs.
ADVICE = {
    "fexit": {"x86": "Linux 5.5 .* 6.1 under lockdown", "arm64": "Linux 6.4 "}[ARCHITECTURE],
    "tracepoint": "Linux 6.14",
    "kprobe": "CONFIG_KPROBE_EVENTS",
}


# -------- one event against what provoke did --------

def wanted_stack(event, row):
    frames = event.get("kernelStack") or [""]
    top = ("cap_", "security_")
    return frames[0].startswith(top) and any(row["syscall"] in frame for frame in frames)


# Name of the column in the matrix -> whether the event is right. What was made is a line of provoke,
# with the back-end and the cgroup's number added.
CHECKS = {
    "capability": lambda event, row:
        (event["cap"], event["capName"]) == (row["cap"], row["capName"]),
    "verdict": lambda event, row: event["verdict"] == row["verdict"],
    "reason": lambda event, row: event["reason"] == row["reason"],
    "audit": lambda event, row:
        event["audit"] == row["audit"] and event["audit_inferred"] == (row["backend"] == "tracepoint"),
    "insetid": lambda event, row: event["insetid"] == row["insetid"],
    "syscall": lambda event, row: event["syscall"] == row["syscall"],
    "whose": lambda event, row:
        (event["foreign"], event["overridden"]) == (row["foreign"], row["overridden"]),
    "identity": lambda event, row:
        (event["uid"], event["gid"], event["tid"]) == (row["uid"], row["gid"], row["pid"]),
    "userns": lambda event, row:
        (event["currentuserns"], event["targetuserns"]) ==
        (row["currentuserns"], row["targetuserns"]),
    "effective": lambda event, row:
        event["caps"] == row["effective"] and
        len(event["capsNames"]) == bin(row["effective"]).count("1"),
    "cgroup": lambda event, row:
        (event["runtime"], event["containerId"], event["cgroupId"]) ==
        ("docker", CONTAINER, row["cgroup"]),
    "stack": lambda event, row: wanted_stack(event, row),
}
STACKS = ("stack", "user stack")  # only asked for on cgroup v2
COLUMNS = (*CHECKS, "32-bit", "user stack")


def judge_events(unseen, with_stack, events, rows):
    """Which columns of the matrix are wrong, and a line for each thing that is. Checks under
    borrowed credentials and of another's are shown with --all, as the guest traces v1, where no
    stacks are asked for."""
    wrong, notes = set(), []
    for row in rows:
        hidden = row["row"] == unseen or \
            with_stack and (row.get("foreign") or row.get("overridden"))
        times = 0 if hidden else row.get("times")
        if "skipped" in row:
            notes.append(f"{row['row']}: not made: {row['skipped']}")
            continue
        seen = [event for event in events
                if event["pid"] == row["pid"] and event["comm"] == row["comm"]]
        if len(seen) != times:
            notes.append(f"{row['row']}: seen {len(seen)} times instead of {times}")
        for event in seen:
            for name, check in CHECKS.items():
                if (name != "stack" or with_stack) and not check(event, row):
                    wrong.add(name)
                    notes.append(f"{row['row']}: {name}:\n made {dict(row)}\n seen {dict(event)}"
                                 if name != "stack" else
                                 f"{row['row']}: stack: {event['kernelStack']}")
    return wrong, notes


def judge_user_stacks(events):
    """That of deep, which asks once, and whose file only its own mount namespace has."""
    stacks = [event["userStack"] for event in events
              if event["comm"] == "deep" and event["capName"] == "SYS_NICE"]
    frames = (r"syscall\+0x\w+ \[libc\.so\.6\]", r"deep_outer\+0x\w+ \[deep\] .*deep\.c:\d+",
              r"main\+0x\w+ \[deep\] .*deep\.c:\d+", r".*libc.*")
    good = len(stacks) == 1 and len(stacks[0]) >= len(frames) and \
        all(map(re.fullmatch, frames, stacks[0]))
    return [] if good else [f"user stacks: {stacks}"]


def judge_compat(events):
    """What the 32-bit program does, by the names of its own table."""
    made = [("sethostname", "SYS_ADMIN"), ("chroot", "SYS_CHROOT"), ("setpriority", "SYS_NICE")]
    seen = [(event["syscall"], event["capName"]) for event in events if event["comm"] == "p-32bit"]
    return [] if seen == made else [f"32-bit program: {seen}"]


# -------- one guest --------

class Guest:
    """One kernel, booted in one mode: what came back, judged."""

    def __init__(self, kernel, mode, machine):
        self.kernel, self.mode = kernel, mode
        log = os.path.join(machine.logs, f"{kernel['name']}-{mode}.console")
        # The processors take turns: QEMU gets a kernel wrong that patches its code on one of them
        # while the other runs it ("Oops: int3", with 7.x and static calls).
        both = kernel[mode]["fexit"] == kernel[mode]["tracepoint"] == "works"
        self.compares = both and mode == "plain"
        sent, self.seconds = vm.boot(
            os.path.join(machine.cache, "kernels", kernel["name"], "vmlinuz"), machine.initramfs,
            " ".join(("quiet", MODES[mode], "compare" if self.compares else "")), log,
            cpus=2 if self.compares else 1, threads="single", architecture=ARCHITECTURE)
        self.results = vm.Results(sent)
        self.log = log
        self.release, _, self.version = self.results.text("kernel").split("\n")[0].partition(" ")

    def title(self, what):
        return f"{self.kernel['name']} {self.mode} {what}"

    def judge_boot(self):
        """The guest came to its end, and lockdown is as it was asked for."""
        notes = []
        locked = "[confidentiality]" in self.results.text("kernel")
        if "v1/kprobe/status" not in self.results:
            notes = ["the guest did not come to its end"] + vm.tail_of(self.log)
        elif locked != (self.mode == "locked"):
            notes = ["lockdown is not as asked for: " + self.results.text("kernel")]
        return notes

    def judge_refusal(self, place, reason):
        """Status 1, nothing shown, and a sentence that says why."""
        notes = []
        messages = self.results.text(place + "/messages")
        if self.results.text(place + "/status") != "1":
            notes.append("exit status " + self.results.text(place + "/status") + " instead of 1")
        if self.results.text(place + "/events"):
            notes.append("events in spite of a refusal")
        if not re.search("^local-gadget: cannot trace .*" + REFUSALS[reason], messages, re.MULTILINE):
            notes.append(f"refused, but not for '{reason}': {messages}")
        return notes

    def judge_trace(self, place, backend, with_stack):
        """Which columns are wrong, and why."""
        messages = self.results.text(place + "/messages")
        if self.results.text(place + "/status") != "0":
            return set(COLUMNS), ["does not work: " + messages]
        rows = compare.parse(self.results.text(place + "/provoked"))
        for row in rows:
            row["backend"] = backend
            row["cgroup"] = int(self.results.text(place + "/cgroups").split()[0])
        events = compare.parse(self.results.text(place + "/events"))
        wrong, notes = judge_events(self.kernel["unseen"], with_stack, events, rows)
        bad_names = judge_compat(events)
        wrong |= {"32-bit"} if bad_names else set()
        notes += bad_names
        if with_stack:
            bad_stacks = judge_user_stacks(events)
            wrong |= {"user stack"} if bad_stacks else set()
            notes += bad_stacks
        if not rows:
            notes.append("provoke did nothing")
        notes += judge_held(self.results.text(place + "/held"))
        # To the end: "by unwinding" would say that a stack was another than what stood in its place.
        if place == "v2/tracepoint" and ("from the caller, by its place" not in messages or
                                         "by unwinding" in messages):
            notes.append("callers are not read in their place: " + messages)
        # Where tasks can be preempted inside of both copies of a program, a check of others may be
        # lost and is counted. None of provoke's is: each row is seen as often as it was made.
        preempted = "PREEMPT" in self.version and \
            re.search("preempted|at both ends of a check", messages)
        if "ring buffer full" in messages or not (preempted or ", 0 lost" in messages):
            notes.append("events were lost: " + messages)
        return wrong, notes


def judge_held(status):
    """What the tracer still had in its hands: few capabilities, and a list of system calls."""
    held = dict(line.split(":", 1) for line in status.splitlines())
    held = {name: value.strip() for name, value in held.items()}
    few = bin(int(held.get("CapEff", "f" * 10), 16)).count("1") <= 3
    if few and held["CapEff"] == held["CapPrm"] and int(held["CapBnd"], 16) == 0 and \
            held["NoNewPrivs"] == "1" and held["Seccomp"] == "2":
        return []
    return [f"too much is held: {held}"]


# -------- the run --------

class Machine:
    """What all guests have in common."""

    def __init__(self, program, programs, cache, directory):
        root = os.environ.get("SYSROOT") or "/"
        self.cache = cache
        self.logs = os.path.join(cache, "logs")
        self.initramfs = os.path.join(directory, "initramfs")
        os.makedirs(self.logs, exist_ok=True)
        files = {"/init": os.path.join(HERE, "guest"), "/bin/local-gadget": program,
                 "/bin/busybox": os.path.join(root, "bin/busybox")}
        for linked in (program, *programs):
            files |= vm.libraries(linked, root, ARCHITECTURE)
        files |= {"/bin/" + os.path.basename(path): path for path in programs}
        vm.write_initramfs(self.initramfs, files)


def cells_of(wrong, notes, with_stack):
    if notes and not wrong:
        return ["FAIL"]
    return [("-" if name in STACKS and not with_stack else "FAIL" if name in wrong else "ok")
            for name in COLUMNS]


def print_matrix(matrix):
    width = max(len(title) for title, _ in matrix)
    print("#\n# " + " " * width + "  " + " ".join(f"{name:10}" for name in COLUMNS))
    for title, cells in matrix:
        print(f"# {title:{width}}  " + " ".join(f"{cell:10}" for cell in cells))


def judge_backend(tap, guest, version, backend):
    """One test; returns its row of the matrix."""
    expected = guest.kernel[guest.mode][backend]
    place = f"{version}/{backend}"
    title = guest.title(f"cgroup {version} {backend}")
    if expected == "works":
        with_stack = version == "v2"
        wrong, notes = guest.judge_trace(place, backend, with_stack)
        tap.test(title, notes)
        return title, cells_of(wrong, notes, with_stack)
    notes = guest.judge_refusal(place, expected)
    tap.test(f"{title}: refused, {expected}", notes)
    return title, ["FAIL" if notes else f"refused as expected: {expected}"]


def judge_choice(guest):
    """Without --backend the best that works is taken; if none does, every reason is given."""
    expected = guest.kernel[guest.mode]
    works = [backend for backend in BACKENDS if expected[backend] == "works"]
    messages = guest.results.text("v2/auto/messages")
    if works:
        good = f"back-end {works[0]}" in messages
    else:
        good = all(f"{backend}: " in messages for backend in BACKENDS)
    return [] if good else [messages or "no messages"]


def judge_doctor(guest):
    """doctor says of each back-end what the table says, and whether any of them works."""
    expected = guest.kernel[guest.mode]
    try:
        findings = json.loads(guest.results.text("doctor"))
    except ValueError:
        return ["no JSON: " + guest.results.text("doctor.messages")]
    found = {(finding["section"], finding["name"]): finding for finding in findings}
    notes = []
    for backend in BACKENDS:
        finding = found["Back-ends", backend]
        works = expected[backend] == "works"
        if bool(finding["ok"]) != works or \
                not (works or re.search(REFUSALS[expected[backend]], finding["detail"]) and
                     re.search(ADVICE[backend], finding["advice"])):
            notes.append(f"{backend}: {finding}")
    works = "works" in expected.values()
    if found["Result", "tracing"]["ok"] != works or \
            guest.results.text("doctor.status") != ("0" if works else "1"):
        notes.append(f"result: {found['Result', 'tracing']}")
    if not found["Kernel", "lockdown"]["detail"].startswith(
            "confidentiality" if guest.mode == "locked" else "none"):
        notes.append(f"lockdown: {found['Kernel', 'lockdown']}")
    preemption = found["Kernel", "preemption"]["detail"]
    if "PREEMPT" not in guest.version:
        word = "none"
    elif guest.mode == "plain" or "PREEMPT_DYNAMIC" not in guest.version:
        word = "full"
    else:
        word = "unknown"  # chosen when it was built: a guest has no /boot
    if not preemption.startswith(word):
        notes.append(f"preemption: {preemption} instead of {word}")
    return notes + [f"{finding}" for finding in findings
                    if finding["ok"] is False and finding["section"] not in ("Back-ends", "Result")]


def run_guest(tap, guest):
    """All that one boot shows; returns the rows of the matrix."""
    print(f"# {guest.title(guest.release)}: {guest.seconds:.1f} s")
    notes = guest.judge_boot()
    tap.test(guest.title("boots and powers off"), notes)
    if notes:
        return [(guest.title("boot"), ["FAIL"])]
    rows = [judge_backend(tap, guest, version, backend)
            for version in ("v2", "v1") for backend in BACKENDS]
    tap.test(guest.title("the best back-end is chosen"), judge_choice(guest))
    tap.test(guest.title("doctor says so"), judge_doctor(guest))
    if guest.compares:
        notes, figures, mismatches = compare.compare(guest.results)
        tap.test(guest.title("tracepoint infers what fexit reads"), notes)
        for line in [figures, *mismatches]:
            print("# " + line)
    return rows


def read_table():
    kernels = []
    with open(os.path.join(HERE, "kernels.table")) as table:
        for line in table:
            if not line.startswith("#") and line.strip():
                words = line.split()
                kernels.append({"architecture": words[0], "name": words[1], "unseen": words[3],
                                "plain": dict(zip(BACKENDS, words[4:7])),
                                "locked": dict(zip(BACKENDS, words[7:10]))})
    return [kernel for kernel in kernels if kernel["architecture"] == ARCHITECTURE]


def main():
    names = os.environ.get("KERNELS", "").split()
    cache = os.environ["VM_CACHE"]
    kernels = [kernel for kernel in read_table() if not names or kernel["name"] in names]
    if len(kernels) < max(len(names), 1):
        sys.exit("kernels.py: unknown kernel: " + " ".join(names))
    start = time.monotonic()
    tap = vm.Tap()
    matrix = []
    subprocess.run([os.path.join(HERE, "fetch"), cache, *(k["name"] for k in kernels)], check=True)
    print(f"# kernels fetched in {time.monotonic() - start:.1f} s")
    programs = [os.path.join(os.environ["TEST_BUILD"], path)
                for path in ("tests/provoke", "tests/deep", "tests/kernels/workload",
                             "tests/kernels/compat")]
    with tempfile.TemporaryDirectory() as directory:  # the cache may serve two runs at once
        machine = Machine(os.environ["LOCAL_GADGET"], programs, cache, directory)
        for kernel in kernels:
            for mode in MODES:
                matrix += run_guest(tap, Guest(kernel, mode, machine))
    print_matrix(matrix)
    print(f"# {len(kernels)} kernels, {time.monotonic() - start:.0f} s")
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
