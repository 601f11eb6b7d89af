#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A whole Debian in a virtual machine, with systemd and every engine that the distribution has: the
walkthrough from Deny to Allow with each, and the shape of each one's cgroups; the journal and the
service; what is there when it has booted again. TAP. Environment: SUITE, trixie by default;
VM_CACHE. What runs there is our package, built on that suite.
"""

import filecmp
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
import judge_service  # noqa: E402
import vm  # noqa: E402

# As vm's: some minutes of work, and several times that on a busy machine.
GUARD_SECONDS = 3000

# The suites' own kernels lack the trace event, or differ: this one has every back-end.
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

MANUAL = "/usr/share/man/man"
PACKAGED = ["/usr/bin/local-gadget", MANUAL + "1/local-gadget.1.gz",
            MANUAL + "7/local-gadget-journal-fields.7.gz", "/etc/default/local-gadget",
            "/usr/lib/systemd/system/local-gadget.service",
            "/usr/lib/systemd/catalog/local-gadget.catalog",
            "/usr/share/bash-completion/completions/local-gadget",
            "/usr/share/fish/vendor_completions.d/local-gadget.fish",
            "/usr/share/zsh/vendor-completions/_local-gadget",
            "/usr/share/doc/local-gadget/copyright", "/usr/share/doc/local-gadget/changelog.gz"]
# What a shell must say, where it is asked what may follow.
COMPLETED = {"bash": "capabilities", "zsh": "_local-gadget", "fish": r"capabilities\b.*"}


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


def judge_pages(results, added):
    """man finds and shows each page that was installed, with nothing to say about it."""
    names = sorted(os.path.basename(path)[:-len(".N.gz")] for path in added
                   if path.startswith(MANUAL))
    notes = [] if "local-gadget" in names else ["local-gadget has no page"]
    for name in names:
        page = results.text(name + ".page")
        if not re.match(rf"LOCAL-GADGET.*\n\nNAME\n +{name} +\S+ .*(\n.*)*\nDESCRIPTION\n", page):
            notes += [f"{name}:", page[:200] or "empty"]
    return notes


def judge_package(tap, results, directory):
    """Built the same again, installed, used: all of it is there."""
    tap.test("package: built again elsewhere it is the same",
             [] if filecmp.cmp(*(os.path.join(directory, name) for name in
                                 ("local-gadget.deb", "again.deb")), shallow=False)
             else ["local-gadget.deb and again.deb differ"])
    added = results.text("added").splitlines()
    tap.test("package: installs, with pages, completions, service, copyright and changelog",
             [path + " is missing" for path in PACKAGED if path not in added],
             results.text("install"))
    tap.test("package: the program runs", []
             if results.text("version").startswith("local-gadget ") else [results.text("version")])
    tap.test("package: doctor finds nothing in the way",
             [] if results.text("doctor.status") == "0" else [results.text("doctor")])
    tap.test("package: man shows its pages", judge_pages(results, added))
    for shell, words in COMPLETED.items():
        said = results.text(shell + ".words")
        tap.test(f"package: {shell} completes it",
                 [] if re.fullmatch(words, said) else [said or "nothing"])


def judge_purge(tap, results):
    """Nothing of it stays; what dpkg and the journal keep of their own changes all the time."""
    own = ("/var/lib/dpkg/", "/var/log/", "/var/cache/")
    changed = [path for path in results.text("changed").split() if not path.startswith(own)
               or "gadget" in path]
    tap.test("purge: nothing stays, nothing else has gone",
             changed if "changed" in results else ["not looked for"], results.text("purge"))


def boot(cache, suite, disk, guest):
    """One boot, of which `guest` is the work; returns what it sent, the console and the seconds."""
    directory = os.path.join(cache, "workstation", suite)
    initramfs = os.path.join(directory, "initramfs")
    files = {"/init": os.path.join(HERE, "initramfs"), "/bin/busybox": "/bin/busybox",
             "/job/guest": os.path.join(HERE, guest),
             "/job/common.sh": os.path.join(HERE, "common.sh"),
             "/job/service.sh": os.path.join(HERE, "service.sh"),
             "/job/local-gadget.deb": os.path.join(directory, "local-gadget.deb")}
    for module in os.listdir(os.path.join(directory, "modules")):
        files["/modules/" + module] = os.path.join(directory, "modules", module)
    vm.write_initramfs(initramfs, files)
    log = os.path.join(cache, "logs", f"workstation-{suite}-{guest}.console")
    sent, seconds = vm.boot(
        os.path.join(cache, "kernels", KERNEL, "vmlinuz"), initramfs,
        "quiet root=/dev/vda rw systemd.unit=job.target systemd.firstboot=no", log,
        memory=2048, cpus=2, guard=GUARD_SECONDS,
        extra=("-object", "rng-random,filename=/dev/urandom,id=random",
               "-device", "virtio-rng-pci,rng=random", "-drive",
               f"file={disk},format=raw,if=virtio,cache=unsafe"))
    return vm.Results(sent), log, seconds


def boot_twice(cache, suite):
    """The same machine, on a disk of its own."""
    directory = os.path.join(cache, "workstation", suite)
    disk = os.path.join(directory, "disk")
    subprocess.run(["cp", "--sparse=always", os.path.join(directory, "image"), disk], check=True)
    try:
        return [boot(cache, suite, disk, guest) for guest in ("guest", "again")]
    finally:
        os.unlink(disk)


def main():
    if os.uname().machine != "x86_64":
        print("1..0 # SKIP the workstation is an x86_64 machine")
        return
    cache = os.environ["VM_CACHE"]
    suite = os.environ.get("SUITE") or "trixie"
    os.makedirs(os.path.join(cache, "logs"), exist_ok=True)
    start = time.monotonic()
    subprocess.run([os.path.join(KERNELS, "fetch"), cache, KERNEL], check=True)
    said = subprocess.run([os.path.join(HERE, "package"), cache, suite], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    subprocess.run([os.path.join(HERE, "image"), cache, suite], check=True)
    print(f"# package and image ready after {time.monotonic() - start:.0f} s", flush=True)
    (results, log, seconds), (again, second_log, more) = boot_twice(cache, suite)
    print(f"# {suite}, Linux {results.text('kernel')}: {seconds:.0f} s and {more:.0f} s")
    for line in [*said.splitlines(), *results.text("versions").splitlines()]:
        print("# " + line)
    tap = vm.Tap()
    tap.test("boots, works, boots again", [] if "status" in results else vm.tail_of(log))
    judge_package(tap, results, os.path.join(cache, "workstation", suite))
    events = compare.parse(results.text("events"))
    for row in ENGINES:
        judge_engine(tap, results, events, row)
    messages = results.text("messages")
    tap.test("the tracer ends well, nothing lost",
             [] if results.text("status") == "0" and " 0 lost" in messages else [messages])
    judge_service.judge_walkthrough(tap, results)
    judge_service.judge_service(tap, results)
    tap.test("works after that, powers off",
             [] if "changed" in again else vm.tail_of(second_log))
    judge_service.judge_again(tap, again)
    judge_purge(tap, again)
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
