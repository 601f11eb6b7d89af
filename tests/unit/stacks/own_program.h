/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place in the test program's own file, found without what is tested. */
#pragma once

#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/base/macros.h"

/* Neither moved nor merged with another: what is asked for by name is this. */
__attribute__((noinline, used)) int own_function(int number);
__attribute__((noinline, used)) int own_function(int number)
{
    return number * 2 + 1;
}

struct own_place {
    uintptr_t address; /* in memory */
    uint64_t linked;   /* as the linker counts */
    uint64_t offset;   /* in the file */
    uint8_t *build_id; /* 20 bytes are written there, NULL: not asked for */
    bool found;
};

static inline void own_find_build_id(const struct dl_phdr_info *info, struct own_place *place)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *at = (const char *)(info->dlpi_addr + header->p_vaddr);
        const char *end = at + header->p_memsz;

        while (header->p_type == PT_NOTE && at < end) {
            const ElfW(Nhdr) *note = (const void *)at;
            const char *bytes = at + sizeof(*note) + ((note->n_namesz + 3) & ~3U);

            if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz == 20) {
                memcpy(place->build_id, bytes, 20);
                place->found = true;
            }
            at = bytes + ((note->n_descsz + 3) & ~3U);
        }
    }
}

/* The first one is the program itself. */
static inline int own_visit(struct dl_phdr_info *info, UNUSED size_t size, void *userdata)
{
    struct own_place *place = userdata;

    if (place->build_id)
        own_find_build_id(info, place);
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type != PT_LOAD || place->address < start ||
            place->address >= start + header->p_filesz)
            continue;
        place->linked = place->address - info->dlpi_addr;
        place->offset = place->address - start + header->p_offset;
        place->found = true;
    }
    return 1;
}

static inline uint64_t own_offset_of(uintptr_t address)
{
    struct own_place place = { .address = address };

    (void)dl_iterate_phdr(own_visit, &place);
    assert_true(place.found);
    return place.offset;
}

static inline uint64_t own_address_of(uintptr_t address)
{
    struct own_place place = { .address = address };

    (void)dl_iterate_phdr(own_visit, &place);
    assert_true(place.found);
    return place.linked;
}

static inline void own_build_id(uint8_t *ret_id)
{
    struct own_place place = { .build_id = ret_id };

    (void)dl_iterate_phdr(own_visit, &place);
    assert_true(place.found);
}
