/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_module.h"

#include <fcntl.h>
#include <inttypes.h>

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#define NAME_SIZE 64

struct user_module {
    char name[NAME_SIZE];
    uint8_t build_id[BUILD_ID_SIZE];
    bool has_build_id;
    int fd;       /* owned until libdwfl has it */
    int debug_fd; /* likewise */
    Elf *elf;     /* owned; for the program headers */
    Dwfl *dwfl;   /* owned; made when a place is looked up */
    Dwfl_Module *dwfl_module;
    bool opened;
};

static void read_build_id(struct user_module *module)
{
    const void *bytes;
    ssize_t length = dwelf_elf_gnu_build_id(module->elf, &bytes);

    if (length <= 0)
        return;
    memcpy(module->build_id, bytes, MIN((size_t)length, sizeof(module->build_id)));
    module->has_build_id = true;
}

struct user_module *user_module_new(int fd, const char *name, size_t name_length)
{
    _cleanup_(user_module_free)
    struct user_module *module = calloc(1, sizeof(*module));

    if (!module) {
        close_fd(&fd);
        return NULL;
    }
    module->fd = fd;
    module->debug_fd = -1;
    (void)snprintf(module->name, sizeof(module->name), "%.*s",
                   (int)MIN(name_length, sizeof(module->name) - 1), name);
    (void)elf_version(EV_CURRENT);
    module->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (!module->elf || elf_kind(module->elf) != ELF_K_ELF)
        return NULL;
    read_build_id(module);
    return TAKE_PTR(module);
}

void user_module_free(struct user_module **module)
{
    if (!*module)
        return;
    if ((*module)->dwfl)
        dwfl_end((*module)->dwfl);
    if ((*module)->elf)
        (void)elf_end((*module)->elf);
    close_fd(&(*module)->fd);
    close_fd(&(*module)->debug_fd);
    free(*module);
    *module = NULL;
}

const uint8_t *user_module_build_id(const struct user_module *module)
{
    return module->has_build_id ? module->build_id : NULL;
}

void user_module_add_debug(struct user_module *module, int fd)
{
    close_fd(&module->debug_fd);
    module->debug_fd = fd;
}

/* libdwfl asks here for a file; it looks for none by itself. */
static int find_debug(Dwfl_Module *dwfl_module, void **userdata, const char *module_name,
                      Dwarf_Addr base, const char *file_name, const char *debuglink_file,
                      GElf_Word debuglink_crc, char **debuginfo_file_name)
{
    struct user_module *module = *userdata;

    (void)dwfl_module;
    (void)module_name;
    (void)base;
    (void)file_name;
    (void)debuglink_file;
    (void)debuglink_crc;
    (void)debuginfo_file_name;
    return module ? TAKE_FD(module->debug_fd) : -1;
}

static void open_symbols(struct user_module *module)
{
    static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_build_id_find_elf, /* never called: the module is reported with its file */
        .find_debuginfo = find_debug,
        .section_address = dwfl_offline_section_address,
    };
    void **userdata;
    int fd = fcntl(module->fd, F_DUPFD_CLOEXEC, 0);

    module->opened = true;
    module->dwfl = fd < 0 ? NULL : dwfl_begin(&callbacks);
    if (!module->dwfl) {
        close_fd(&fd);
        return;
    }
    dwfl_report_begin(module->dwfl);
    module->dwfl_module = dwfl_report_offline(module->dwfl, module->name, module->name, fd);
    (void)dwfl_report_end(module->dwfl, NULL, NULL);
    if (!module->dwfl_module) {
        close_fd(&fd);
        return;
    }
    if (dwfl_module_info(module->dwfl_module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
        *userdata = module;
}

/* From a place in the file to the address that the file was linked for. */
static bool address_of(const struct user_module *module, uint64_t offset, uint64_t *ret_address)
{
    size_t count = 0;

    if (elf_getphdrnum(module->elf, &count) < 0)
        return false;
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        GElf_Phdr header;

        if (!gelf_getphdr(module->elf, (int)i, &header) || header.p_type != PT_LOAD ||
            offset < header.p_offset || offset - header.p_offset >= header.p_filesz)
            continue;
        *ret_address = offset - header.p_offset + header.p_vaddr;
        return true;
    }
    return false;
}

/* " file.c:12", nothing where it is not known. */
static void format_line(const struct user_module *module, uint64_t address, char *buffer,
                        size_t size)
{
    Dwfl_Line *line = dwfl_module_getsrc(module->dwfl_module, address - 1);
    const char *file;
    int number = 0;

    file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    if (file && number > 0)
        (void)snprintf(buffer, size, " %s:%d", file, number);
}

void user_module_format(struct user_module *module, uint64_t offset, char *buffer, size_t size)
{
    const char *function = NULL;
    uint64_t address = offset;
    GElf_Addr bias = 0;
    GElf_Off distance;
    GElf_Sym symbol;
    int length;

    if (!module->opened)
        open_symbols(module);
    /* What follows a call belongs to the call: one byte before, also when it ends a function. */
    if (address_of(module, offset, &address) && module->dwfl_module &&
        dwfl_module_getelf(module->dwfl_module, &bias))
        function = dwfl_module_addrinfo(module->dwfl_module, address - 1 + bias, &distance, &symbol,
                                        NULL, NULL, NULL);
    if (!function) {
        (void)snprintf(buffer, size, "%s+0x%" PRIx64, module->name, address);
        return;
    }
    length = snprintf(buffer, size, "%s+0x%" PRIx64 " [%s]", function, distance + 1, module->name);
    if (length > 0 && (size_t)length < size)
        format_line(module, address + bias, buffer + length, size - (size_t)length);
}
