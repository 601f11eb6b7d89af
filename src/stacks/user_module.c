/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_module.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#define NAME_SIZE    64
#define SEGMENTS_MAX 32 /* linkers make less than ten */
/* Compressed debug information may grow to so much in all. libdw unpacks all of it at once: a file
 * of a megabyte that grows a thousandfold takes seconds of that and the whole of our memory. */
#define UNPACKED_MAX (UINT64_C(128) << 20)

/* What a program header says of code: which part of the file lies where. */
struct segment {
    uint64_t offset, size, address;
    bool executable;
};

struct user_module {
    char name[NAME_SIZE];
    uint8_t build_id[BUILD_ID_SIZE];
    bool has_build_id;
    bool has_symbols; /* none that would have to be unpacked */
    bool has_lines;   /* what would have to be unpacked is within its bound */
    uint64_t size;    /* bytes that looking up a place takes: mapped or unpacked */
    int fd;           /* owned */
    int debug_fd;     /* owned, -1: none */
    struct segment segments[SEGMENTS_MAX];
    size_t segment_count;
    Dwfl *dwfl; /* owned; made when a place is looked up */
    Dwfl_Module *dwfl_module;
    bool opened;
};

static void free_elf(Elf **elf)
{
    if (*elf)
        (void)elf_end(*elf);
}

static void read_build_id(struct user_module *module, Elf *elf)
{
    const void *bytes;
    ssize_t length = dwelf_elf_gnu_build_id(elf, &bytes);

    if (length <= 0)
        return;
    memcpy(module->build_id, bytes, MIN((size_t)length, sizeof(module->build_id)));
    module->has_build_id = true;
}

static void read_segments(struct user_module *module, Elf *elf)
{
    size_t count = 0;

    (void)elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        GElf_Phdr header;

        if (!gelf_getphdr(elf, (int)i, &header) || module->segment_count == SEGMENTS_MAX)
            break;
        if (header.p_type == PT_LOAD)
            module->segments[module->segment_count++] = (struct segment){
                .offset = header.p_offset,
                .size = header.p_filesz,
                .address = header.p_vaddr,
                .executable = header.p_flags & PF_X,
            };
    }
}

/* Bytes that a section grows to, 0: it is as it lies there. */
static uint64_t unpacked_size(Elf_Scn *section, const GElf_Shdr *header)
{
    GElf_Chdr compressed;

    if (!(header->sh_flags & SHF_COMPRESSED))
        return 0;
    return gelf_getchdr(section, &compressed) ? compressed.ch_size : UINT64_MAX;
}

/* Before ".debug_*" could be marked as compressed, it was called ".zdebug_*", and began with its
 * size. Nothing makes that any more: it is left alone. */
static bool is_of_old(Elf *elf, size_t names, const GElf_Shdr *header)
{
    const char *name = elf_strptr(elf, names, header->sh_name);

    return name && strncmp(name, ".zdebug", strlen(".zdebug")) == 0;
}

/* What is compressed in a file, and whether to keep away from it. */
static void measure(struct user_module *module, Elf *elf, int fd)
{
    uint64_t unpacked = 0;
    Elf_Scn *section = NULL;
    struct stat status;
    size_t names = 0;

    (void)elf_getshdrstrndx(elf, &names);
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        uint64_t size;

        if (!gelf_getshdr(section, &header))
            continue;
        size = unpacked_size(section, &header);
        if (size && header.sh_type != SHT_PROGBITS) /* symbols and their names never are */
            module->has_symbols = false;
        if (size > UNPACKED_MAX - unpacked || is_of_old(elf, names, &header))
            module->has_lines = false;
        else
            unpacked += size;
    }
    module->size += unpacked + (fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0);
}

struct user_module *user_module_new(int fd, const char *name, size_t name_length)
{
    _cleanup_(user_module_free)
    struct user_module *module = calloc(1, sizeof(*module));
    _cleanup_(free_elf)
    Elf *elf = NULL;

    if (!module) {
        close_fd(&fd);
        return NULL;
    }
    module->fd = fd;
    module->debug_fd = -1;
    (void)snprintf(module->name, sizeof(module->name), "%.*s",
                   (int)MIN(name_length, sizeof(module->name) - 1), name);
    (void)elf_version(EV_CURRENT);
    elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        return NULL;
    read_build_id(module, elf);
    read_segments(module, elf);
    module->has_symbols = module->has_lines = true;
    measure(module, elf, fd);
    return TAKE_PTR(module);
}

void user_module_free(struct user_module **module)
{
    if (!*module)
        return;
    user_module_close(*module);
    close_fd(&(*module)->fd);
    close_fd(&(*module)->debug_fd);
    free(*module);
    *module = NULL;
}

const uint8_t *user_module_build_id(const struct user_module *module)
{
    return module->has_build_id ? module->build_id : NULL;
}

/* What a call as the last instruction leaves on the stack is the end of the code. */
bool user_module_has_code(const struct user_module *module, uint64_t offset)
{
    bool told = false;

    for (size_t i = 0; i < module->segment_count; i++) {
        const struct segment *segment = &module->segments[i];

        if (!segment->executable)
            continue;
        if (offset >= segment->offset && offset - segment->offset <= segment->size)
            return true;
        told = true;
    }
    return !told;
}

void user_module_add_debug(struct user_module *module, int fd)
{
    _cleanup_(user_module_free)
    struct user_module *debug = user_module_new(fd, "", 0);

    if (!debug || !debug->has_symbols)
        return;
    module->has_lines &= debug->has_lines; /* they are in one of both, who knows in which */
    module->size += debug->size;
    close_fd(&module->debug_fd);
    module->debug_fd = TAKE_FD(debug->fd);
}

uint64_t user_module_size(const struct user_module *module)
{
    return module->size;
}

bool user_module_is_open(const struct user_module *module)
{
    return module->opened;
}

void user_module_close(struct user_module *module)
{
    if (module->dwfl)
        dwfl_end(module->dwfl);
    module->dwfl = NULL;
    module->dwfl_module = NULL;
    module->opened = false;
}

/* libdwfl asks here for a file; it looks for none by itself. */
static int find_debug(UNUSED Dwfl_Module *dwfl_module, void **userdata,
                      UNUSED const char *module_name, UNUSED Dwarf_Addr base,
                      UNUSED const char *file_name, UNUSED const char *debuglink_file,
                      UNUSED GElf_Word debuglink_crc, UNUSED char **debuginfo_file_name)
{
    struct user_module *module = *userdata;

    return module && module->debug_fd >= 0 ? fcntl(module->debug_fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static void open_symbols(struct user_module *module)
{
    static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_build_id_find_elf, /* never called: the module is reported with its file */
        .find_debuginfo = find_debug,
        .section_address = dwfl_offline_section_address,
    };
    void **userdata;
    int fd;

    module->opened = true;
    if (!module->has_symbols)
        return;
    fd = fcntl(module->fd, F_DUPFD_CLOEXEC, 0);
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
    for (size_t i = 0; i < module->segment_count; i++) {
        const struct segment *segment = &module->segments[i];

        if (offset < segment->offset || offset - segment->offset >= segment->size)
            continue;
        *ret_address = offset - segment->offset + segment->address;
        return true;
    }
    return false;
}

/* " FILE:LINE", nothing where it is not known. */
static void format_line(const struct user_module *module, uint64_t address, char *buffer,
                        size_t size)
{
    Dwfl_Line *line =
        module->has_lines ? dwfl_module_getsrc(module->dwfl_module, address - 1) : NULL;
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
