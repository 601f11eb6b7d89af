# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines: an initramfs from files of this machine, a boot, what the guest sent back."""

import io
import os
import re
import subprocess
import sys
import tarfile
import time

# A guard against hanging, not a measure: a boot takes some 15 seconds, and a busy machine several
# times that.
GUARD_SECONDS = 1500


# By the word of make's ARCHITECTURE: what QEMU is told, and what the guest calls its two serial
# lines. The timer check fails where the machine is busy enough. After cmpxchg16b, QEMU 7.2 without
# KVM leaves an operand in the flags; an interrupt that comes just then ends in a double fault, and
# newer kernels allocate memory by that instruction. The default of arm64 is to compute the
# signature of each return address as real processors do, which is slow.
MACHINES = {
    "x86": {
        "triplet": "x86_64-linux-gnu",
        "command": ("qemu-system-x86_64", "-cpu", "max,-cx16"),
        "results": ("-serial", "chardev:results"),
        "arguments": "console=ttyS0 no_timer_check RESULTS=ttyS1",
    },
    "arm64": {
        "triplet": "aarch64-linux-gnu",
        "command": ("qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on"),
        "results": ("-device", "pci-serial,chardev=results"),
        "arguments": "console=ttyAMA0 RESULTS=ttyS0",
    },
}
MACHINE = {"x86_64": "x86", "aarch64": "arm64"}.get(os.uname().machine)


def find_library(name, root, triplet):
    for folder in ("lib/" + triplet, "usr/lib/" + triplet, "lib", "usr/lib"):
        path = os.path.join(root, folder, name)
        if os.path.exists(path):
            return path
    raise FileNotFoundError(f"{name}: not in {root}")


def libraries(program, root="/", architecture=MACHINE):
    """
    What a program is linked with, and its loader, if any: name in the guest -> path here. They are
    those below `root`.
    """
    found, wanted = {}, [program]
    while wanted:
        listing = subprocess.run(["readelf", "--wide", "--dynamic", "--program-headers", wanted.pop()],
                                 capture_output=True, text=True, check=True).stdout
        for loader in re.findall(r"program interpreter: (\S+)\]", listing):
            found[loader] = os.path.join(root, loader.lstrip("/"))
        for name in re.findall(r"\(NEEDED\).*\[(\S+)\]", listing):
            if "/lib/" + name not in found:
                found["/lib/" + name] = find_library(name, root, MACHINES[architecture]["triplet"])
                wanted.append(found["/lib/" + name])
    return found


def write_initramfs(path, files):
    """A cpio archive of files: name in the guest -> path here. All of them executable."""
    archive = io.BytesIO()
    made = set()

    def add(name, mode, data):
        header = [len(made) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        entry = b"070701" + b"".join(b"%08X" % field for field in header) + name.encode() + b"\0"
        archive.write(entry + b"\0" * (-len(entry) % 4) + data + b"\0" * (-len(data) % 4))
        made.add(name)

    def add_parents(name):
        parent = os.path.dirname(name)
        if parent and parent not in made:
            add_parents(parent)
            add(parent, 0o040755, b"")

    for name, source in sorted(files.items()):
        add_parents(name.lstrip("/"))
        with open(source, "rb") as file:
            add(name.lstrip("/"), 0o100755, file.read())
    add("TRAILER!!!", 0, b"")
    with open(path, "wb") as file:
        file.write(archive.getvalue())


def boot(kernel, initramfs, arguments, log, memory=512, cpus=1, threads="multi", extra=(),
         architecture=MACHINE, guard=GUARD_SECONDS):
    """
    Boots and waits for the power to go off. The console goes to `log`, and what the guest wrote to
    its second serial line is returned, with the seconds that all took. With threads="single" the
    processors take turns.
    """
    results = log + ".results"
    machine = MACHINES[architecture]
    command = [
        *machine["command"], "-accel", "tcg,thread=" + threads, "-smp", str(cpus),
        "-m", str(memory), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-serial", "file:" + log, "-chardev", "file,id=results,path=" + results,
        *machine["results"], *extra, "-kernel", kernel, "-initrd", initramfs,
        "-append", machine["arguments"] + " panic=-1 " + arguments,
    ]
    start = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as guest:
        try:
            said = guest.communicate(timeout=guard)[0]
        except subprocess.TimeoutExpired:
            guest.kill()
            said = guest.communicate()[0] + b"the guest hangs\n"
    with open(log, "ab") as file:
        file.write(said)
    with open(results, "rb") as file:
        sent = file.read()
    os.unlink(results)
    return sent, time.monotonic() - start


class Results:
    """The files that a guest sent back. One that is not there reads as empty."""

    def __init__(self, sent):
        self.files = {}
        try:
            with tarfile.open(fileobj=io.BytesIO(sent)) as archive:
                for member in archive:
                    if member.isfile():
                        name = os.path.normpath(member.name)
                        self.files[name] = archive.extractfile(member).read()
        except tarfile.TarError:
            pass  # cut off, or nothing at all: the files that are missing tell

    def __contains__(self, name):
        return name in self.files

    def text(self, name):
        return self.files.get(name, b"").decode(errors="replace").strip()


def tail_of(log, count=40):
    with open(log, errors="replace") as file:
        return [line.rstrip() for line in file][-count:]


class Tap:
    """Test lines, printed as they come."""

    def __init__(self):
        self.count = self.failed = 0

    def test(self, title, notes, background=""):
        """Passes if there are no notes; the background is for the reader of a failure."""
        self.count += 1
        self.failed += bool(notes)
        print(f"{'not ok' if notes else 'ok'} {self.count} - {title}")
        lines = "\n".join([*notes, background]).splitlines() if notes else []
        for line in lines[:60]:
            print("# " + line[:2000])
        sys.stdout.flush()

    def finish(self):
        """The plan; returns the exit status."""
        print(f"1..{self.count}")
        return 1 if self.failed else 0
