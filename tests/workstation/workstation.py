#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A whole Debian in a virtual machine, with systemd and every engine that the distribution has: the
walkthrough from Deny to Allow with each, and the shape of each one's cgroups. TAP. Environment:
LOCAL_GADGET, the program; VM_CACHE.
"""

import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(HERE, "../kernels")
sys.path.insert(0, KERNELS)

import compare  # noqa: E402
import vm  # noqa: E402

# bookworm's own kernel lacks the trace event: this one has every back-end.
KERNEL = "6.18"

ID = "[0-9a-f]{64}"
USER = r"/user\.slice/user-1000\.slice/user@1000\.service/user\.slice"

NICE = ("SYS_NICE", "nice", "setpriority")
CHOWN = ("CHOWN", "chown", "fchownat")

# Engine of the guest; as local-gadget calls it; the cgroup that systemd's driver makes; what it is
# about; what stands before the name.
ENGINES = [
    ("docker", "docker", rf"/system\.slice/docker-{ID}\.scope", NICE, ""),
    ("ctr", "containerd", r"/machine\.slice/ctr-NAME\.scope", NICE, ""),
    ("podman", "podman", rf"/machine\.slice/libpod-{ID}\.scope/container", NICE, ""),
    ("podman_runc", "podman", rf"/machine\.slice/libpod-{ID}\.scope", NICE, ""),
    ("podman_rootless", "podman", rf"{USER}/libpod-{ID}\.scope/container", CHOWN, "user/1000/"),
    ("crun", "crun", r"/system\.slice/crun-NAME\.scope(/container)?", NICE, ""),
    ("runc", "runc", r"/system\.slice/runc-NAME\.scope", NICE, ""),
]


def judge_cgroup(results, name, shape):
    path = results.text(name + ".cgroup")
    good = re.fullmatch("0::" + shape.replace("NAME", name), path)
    return [] if good else [f"cgroup: {path or 'none'}"]


def judge_events(events, name, runtime, about, verdict):
    """Checks of this capability under this name: some, by one program, all with this verdict."""
    capability, *asked_by = about
    mine = [event for event in events
            if event["container"] == name and event["capName"] == capability]
    notes = [] if mine else [f"{capability} was not seen under this name"]
    for event in mine:
        seen = [event["runtime"], event["verdict"], event["comm"], event["syscall"]]
        if seen != [runtime, verdict, *asked_by]:
            notes.append("seen: " + " ".join(map(str, seen)))
    return notes


def judge_list(results, file, name, runtime):
    """list-containers shows the running container, by name and engine."""
    try:
        rows = json.loads(results.text(file + ".list") or "[]")
    except ValueError:
        rows = []
    found = [row for row in rows if (row["name"], row["runtime"]) == (name, runtime)]
    return [] if found else ["not in list-containers:", results.text(file + ".list")]


def judge_engine(tap, results, events, row):
    engine, runtime, shape, about, prefix = row
    for phase, verdict in (("deny", "Deny"), ("allow", "Allow")):
        name = f"walk-{engine}-{phase}".replace("_", "-")
        tap.test(f"{engine}: {verdict} with the container's name",
                 judge_events(events, prefix + name, runtime, about, verdict),
                 results.text(engine + ".log"))
        tap.test(f"{engine}: cgroup as systemd makes it ({phase})",
                 judge_cgroup(results, name, shape))
        tap.test(f"{engine}: listed ({phase})",
                 judge_list(results, name, prefix + name, runtime))


def boot(cache, program):
    directory = os.path.join(cache, "workstation")
    initramfs = os.path.join(directory, "initramfs")
    files = {"/init": os.path.join(HERE, "initramfs"), "/bin/busybox": "/bin/busybox",
             "/job/guest": os.path.join(HERE, "guest"), "/job/local-gadget": program}
    for module in os.listdir(os.path.join(directory, "modules")):
        files["/modules/" + module] = os.path.join(directory, "modules", module)
    vm.write_initramfs(initramfs, files)
    log = os.path.join(cache, "logs", "workstation.console")
    sent, seconds = vm.boot(
        os.path.join(cache, "kernels", KERNEL, "vmlinuz"), initramfs,
        "quiet root=/dev/vda rw systemd.unit=job.target systemd.firstboot=no", log,
        memory=2048, cpus=2,
        extra=("-snapshot", "-object", "rng-random,filename=/dev/urandom,id=random",
               "-device", "virtio-rng-pci,rng=random", "-drive",
               f"file={directory}/image,format=raw,if=virtio,cache=unsafe"))
    return vm.Results(sent), log, seconds


def main():
    if os.uname().machine != "x86_64":
        print("1..0 # SKIP the workstation is an x86_64 machine")
        return
    cache = os.environ["VM_CACHE"]
    os.makedirs(os.path.join(cache, "logs"), exist_ok=True)
    start = time.monotonic()
    subprocess.run([os.path.join(KERNELS, "fetch"), cache, KERNEL], check=True)
    subprocess.run([os.path.join(HERE, "image"), cache], check=True)
    print(f"# image ready after {time.monotonic() - start:.0f} s", flush=True)
    results, log, seconds = boot(cache, os.environ["LOCAL_GADGET"])
    print(f"# {results.text('kernel')}: {seconds:.0f} s")
    tap = vm.Tap()
    tap.test("boots, works, powers off", [] if "status" in results else vm.tail_of(log))
    events = compare.parse(results.text("events"))
    for row in ENGINES:
        judge_engine(tap, results, events, row)
    messages = results.text("messages")
    tap.test("the tracer ends well, nothing lost",
             [] if results.text("status") == "0" and " 0 lost" in messages else [messages])
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
