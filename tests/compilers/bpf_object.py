# SPDX-License-Identifier: GPL-2.0-or-later
"""What a compiler made of the BPF programs: how deep their stack is, which instructions they use."""

import collections
import io
import json
import struct
import subprocess

from elftools.elf.elffile import ELFFile

FRAME = 10  # the register that points to the end of the stack
LD, LDX, ST, STX, ALU64 = 0x00, 0x01, 0x02, 0x03, 0x07  # classes: the lowest three bits
MOVE, ADD_NUMBER = 0xbf, 0x07
ATOMIC, FETCH = 0xc0, 0x01  # mode of STX; bit of its number, since Linux 5.12

Instruction = collections.namedtuple("Instruction", "code to source offset number")


def decode(data):
    """Instructions, one for each 8 bytes."""
    for code, registers, offset, number in struct.iter_unpack("<BBhi", data):
        yield Instruction(code, registers & 15, registers >> 4, offset, number)


def stack_depth(instructions):
    """Bytes below the frame that are named, directly or by a register that was made from it."""
    deepest = 0
    copies = set()  # registers that hold the frame's address
    for i in instructions:
        kind = i.code & 7
        if kind == LDX and i.source == FRAME or kind in (ST, STX) and i.to == FRAME:
            deepest = max(deepest, -i.offset)
        elif i.code == ADD_NUMBER and i.to in copies:
            deepest = max(deepest, -i.number)
        if i.code == MOVE and i.source == FRAME:
            copies.add(i.to)
        elif kind in (LD, LDX, ALU64):
            copies.discard(i.to)
    return deepest


class Object:
    """One relocatable BPF object."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.elf = ELFFile(io.BytesIO(file.read()))
        self.sections = {section.name: section.data() for section in self.elf.iter_sections()}
        self.programs = {section.name: list(decode(section.data()))
                         for section in self.elf.iter_sections()
                         if section["sh_flags"] & 4 and section["sh_size"]}  # executable
        types = subprocess.run(["bpftool", "-j", "btf", "dump", "file", path], check=True,
                               capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        self.types = {entry["id"]: entry for entry in json.loads(types.stdout)["types"]}

    def depths(self):
        """Section -> bytes of stack."""
        return {name: stack_depth(program) for name, program in self.programs.items()}

    def fetching(self):
        """Where an atomic operation fetches the old value."""
        return [f"{name}, instruction {index}" for name, program in self.programs.items()
                for index, i in enumerate(program)
                if i.code & 7 == STX and i.code & 0xe0 == ATOMIC and i.number & FETCH]

    def relocations(self):
        """(section, instruction, name of the type, access) of each CO-RE relocation."""
        extension, strings = self.sections[".BTF.ext"], self.sections[".BTF"]
        header_size, = struct.unpack_from("<I", extension, 4)
        strings_header, = struct.unpack_from("<I", strings, 4)
        strings_at = strings_header + struct.unpack_from("<I", strings, 16)[0]
        at, size = struct.unpack_from("<II", extension, 24)
        at += header_size
        end = at + size
        record_size, = struct.unpack_from("<I", extension, at)
        at += 4

        def text(offset):
            start = strings_at + offset
            return strings[start:strings.index(b"\0", start)].decode()

        while at < end:
            section, count = struct.unpack_from("<II", extension, at)
            at += 8
            for _ in range(count):
                offset, type_id, access, _ = struct.unpack_from("<IIII", extension, at)
                at += record_size
                name = text(section)
                yield (name, self.programs[name][offset // 8],
                       self.types[type_id].get("name", ""), text(access))

    def loads_of(self, type_name, member):
        """Loads whose place is relocated by that member's."""
        index = next(number for entry in self.types.values()
                     if entry["kind"] == "STRUCT" and entry["name"] == type_name
                     for number, found in enumerate(entry["members"]) if found["name"] == member)
        return [f"{section}: {access}" for section, i, name, access in self.relocations()
                if name == type_name and access.split(":")[1:2] == [str(index)] and i.code & 7 == LDX]
