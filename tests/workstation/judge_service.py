# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user of -o journal and of the service finds with journalctl, before and after a boot."""

import json
import re

# systemd-analyze security: 0 is best, 10 worst; it rounds up.
EXPOSURE_END = 2.0

SENTENCE = r"(?m)^{}: nice \(pid \d+\) was (denied|allowed) SYS_NICE in setpriority"


def entries(results, name):
    """journalctl -o json; what journald adds to a field makes a list of it, the first is ours."""
    found = []
    for line in results.text(name).splitlines():
        fields = json.loads(line)
        found.append({key: value[0] if isinstance(value, list) else value
                      for key, value in fields.items()})
    return found


def judge_entries(results, name, **wanted):
    """There are some, and each has these fields."""
    found = entries(results, name)
    notes = [] if found else ["no entry was found"]
    for entry in found:
        notes += [f"{key}: {entry.get(key)}, not {value}" for key, value in wanted.items()
                  if entry.get(key) != value]
        notes += [f"{key} is an engine's" for key in ("CONTAINER_ID_FULL", "CONTAINER_TAG")
                  if key in entry]
    return notes


def denials(name):
    return {"CONTAINER_NAME": name, "VERDICT": "Deny", "CAPABILITY": "SYS_NICE",
            "SYSCALL": "setpriority", "OBJECT_COMM": "nice", "PRIORITY": "4"}


def judge_walkthrough(tap, results):
    log = results.text("journal.log")
    for phase, verdict in (("deny", "Deny"), ("allow", "Allow")):
        wanted = denials("set-priority") | {"VERDICT": verdict, "CONTAINER_RUNTIME": "docker",
                                            "PRIORITY": "4" if phase == "deny" else "6"}
        tap.test(f"-o journal: journalctl finds {verdict}",
                 judge_entries(results, "journal." + phase, **wanted), log)
        said = results.text(f"journal.{phase}.text")
        tap.test(f"-o journal: {verdict} in a sentence",
                 [] if re.search(SENTENCE.format("set-priority"), said) else [said or "nothing"])
    tap.test("-o journal: it ends well, with a summary",
             judge_entries(results, "journal.summary", LOST="0") +
             ([] if results.text("journal.status") == "0" else [results.text("journal.words")]))


def judge_logs(tap, results):
    """
    What a container wrote at its first start, without us, and at its second, which we watched: the
    engine shows the same twice, and nothing else.
    """
    for engine in ("docker", "podman"):
        notes = judge_entries(results, "talk." + engine, CONTAINER_NAME="talk-" + engine)
        for stream in ("output", "errors"):
            before, after = (results.files.get(f"talk.{engine}.{run}.{stream}", b"")
                             for run in ("without", "with"))
            if not before or after != before * 2:
                notes.append(f"{stream}: {before!r}, then {after!r}")
        tap.test(f"{engine} logs shows what the container wrote, and nothing of ours", notes,
                 results.text("service.log"))


def judge_state(results, name):
    state = dict(line.split("=", 1) for line in results.text(name).splitlines())
    wanted = {"ActiveState": "active", "SubState": "running", "NRestarts": "0"}
    return [f"{key}: {state.get(key)}" for key, value in wanted.items() if state.get(key) != value]


def judge_exposure(results):
    said = results.text("service.security")
    figure = re.search(r"Overall exposure level for \S+ (\d+\.\d+)", said)
    return [] if figure and float(figure[1]) < EXPOSURE_END else [said or "nothing was said"]


def judge_stacks(results, name, **frames):
    notes = judge_entries(results, name, CONTAINER_NAME="web")
    for entry in entries(results, name):
        notes += [f"{field}: {entry.get(field)}" for field, frame in frames.items()
                  if not re.search(frame, entry.get(field) or "")]
    return notes


def judge_service(tap, results):
    words = results.text("service.words")
    tap.test("service: off, until it is enabled",
             [] if results.text("service.at-first") == "disabled" else ["it is not off"])
    tap.test("service: systemctl enable --now starts it",
             [] if results.text("service.enabled") == "0" else [results.text("service.log")])
    tap.test(f"service: its exposure is under {EXPOSURE_END}", judge_exposure(results))
    judge_logs(tap, results)
    tap.test("service: journalctl finds a container's denials",
             judge_entries(results, "service.deny", **denials("web"),
                           _SYSTEMD_UNIT="local-gadget.service"), words)
    unread = [line for line in words.splitlines() if "cannot read" in line]
    tap.test("service: it reads what the engines keep", unread if words else ["it says nothing"])
    explained = results.text("service.explained")
    tap.test("service: journalctl -x says what to do",
             [] if "docker run --cap-drop ALL --cap-add SYS_NICE" in explained else [explained])
    tap.test("service: journalctl -u finds a unit's denials",
             judge_entries(results, "service.unit", OBJECT_SYSTEMD_UNIT="asker.service",
                           CAPABILITY="SYS_NICE", OBJECT_UID="1000"), words)
    tap.test("service: its helper reads the stacks of programs",
             judge_stacks(results, "service.user-stacks", USER_STACK=r"\[libc"), words)
    tap.test("service: with a drop-in it names functions of the kernel, too",
             judge_stacks(results, "service.stacks", USER_STACK=r"\[libc",
                          KERNEL_STACK=r"cap_capable\+0x"), words)
    before, after = (results.text(f"service.{when}-reload") for when in ("before", "after"))
    tap.test("service: systemctl reload leaves it as it is",
             judge_state(results, "service.after-reload") +
             ([] if results.text("service.reloaded") == "0" and before == after
              else [before, after]) +
             judge_entries(results, "service.after-reload.deny", CONTAINER_NAME="web"), words)
    tap.test("service: it finds the names of a user's own containers in her home",
             judge_entries(results, "service.rootless", CONTAINER_NAME="user/1000/hers",
                           CAPABILITY="CHOWN", OBJECT_COMM="chown", VERDICT="Deny"), words)


def judge_again(tap, results):
    """After the boot."""
    log = results.text("again.log")
    tap.test("boot: the service is on", judge_state(results, "again.state"))
    tap.test("boot: the denials of before are found",
             judge_entries(results, "again.before", **denials("web")), log)
    tap.test("boot: a container that its engine has started again is seen",
             judge_entries(results, "again.restarted", **denials("web")), log)
    tap.test("boot: so is one that comes later",
             judge_entries(results, "again.late", **denials("late")), log)
    left = results.text("again.left")
    tap.test("purge: no process and no text of ours is left",
             ([] if "again.left" in results and not left else [left or "not looked for"]) +
             ([] if "could not be found" in results.text("again.gone")
              else [results.text("again.gone")]))
