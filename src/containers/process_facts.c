/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/process_facts.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>

#include "src/base/kernel_file.h"

#define TEXT_SIZE 4096
#define GROUPS_MAX \
    ((size_t)1 << 20) /* bytes of status: of 65536 groups, before what is looked for */

uint64_t process_file_needs(const void *value, size_t size)
{
    struct vfs_ns_cap_data data = { 0 };
    uint32_t magic;

    memcpy(&data, value, MIN(size, sizeof(data)));
    magic = le32toh(data.magic_etc);
    if (!(magic & VFS_CAP_FLAGS_EFFECTIVE))
        return 0;
    switch (magic & VFS_CAP_REVISION_MASK) {
    case VFS_CAP_REVISION_1:
        return size == XATTR_CAPS_SZ_1 ? le32toh(data.data[0].permitted) : 0;
    case VFS_CAP_REVISION_2:
    case VFS_CAP_REVISION_3:
        if (size != XATTR_CAPS_SZ_2 && size != XATTR_CAPS_SZ_3)
            return 0;
        return (uint64_t)le32toh(data.data[1].permitted) << 32 | le32toh(data.data[0].permitted);
    default:
        return 0;
    }
}

static bool read_text(int directory, const char *name, char text[static TEXT_SIZE])
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name);
    return kernel_file_read(path, text, TEXT_SIZE);
}

/* "CapBnd:\t00000000a80425fb": the line that begins so, behind its colon. */
static const char *line_of(const char *text, const char *label)
{
    const char *line = strstr(text, label);

    return line ? line + strlen(label) : NULL;
}

static bool is_filtered(const char *status)
{
    const char *line = line_of(status, "\nSeccomp:");

    return line && strtoul(line, NULL, 10) == 2; /* SECCOMP_MODE_FILTER, proc(5) */
}

/* All of it, as a user may be in many groups. Owned; NULL: it has gone. */
static char *read_status_text(const char *path)
{
    char *text = NULL;

    for (size_t size = TEXT_SIZE; size <= GROUPS_MAX; size *= 4) {
        char *larger = realloc(text, size);

        if (!larger)
            break;
        text = larger;
        if (!kernel_file_read(path, text, size))
            break;
        if (strlen(text) < size - 1)
            return text;
    }
    free(text);
    return NULL;
}

bool process_is_filtered(pid_t pid)
{
    char path[32];
    _cleanup_(free_string)
    char *status = NULL;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
    status = read_status_text(path);
    return status && is_filtered(status);
}

static void read_status(int directory, struct process_facts *facts)
{
    char path[64];
    const char *line;
    _cleanup_(free_string)
    char *text = NULL;

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d/status", directory);
    text = read_status_text(path);
    if (!text)
        return;
    line = line_of(text, "\nCapBnd:");
    if (line)
        (void)sscanf(line, " %" SCNx64, &facts->bounding);
    facts->filtered = is_filtered(text);
}

static void read_root(int directory, struct process_facts *facts)
{
    char text[TEXT_SIZE];
    const char *line = text;

    if (!read_text(directory, "uid_map", text))
        return;
    while (line && !facts->root_known) {
        uint32_t inside;

        facts->root_known =
            sscanf(line, " %" SCNu32 " %" SCNu32, &inside, &facts->root) == 2 && inside == 0;
        line = strchr(line, '\n');
        if (line)
            line++;
    }
}

static void read_program(int directory, struct process_facts *facts)
{
    char text[TEXT_SIZE];
    ssize_t length = readlinkat(directory, "exe", facts->program, sizeof(facts->program) - 1);

    facts->program[MAX(length, 0)] = '\0';
    if (!read_text(directory, "comm", text))
        return;
    text[strcspn(text, "\n")] = '\0';
    memcpy(facts->comm, text, MIN(strlen(text), sizeof(facts->comm) - 1));
}

/* The kernel's own link leads there, wherever that is, without a name being looked up; and O_PATH
 * asks nothing of the file system. */
static int open_program(int directory)
{
    return openat(directory, "exe", O_PATH | O_CLOEXEC);
}

int process_facts_read(pid_t pid, struct process_facts *ret_facts, int *ret_program)
{
    char path[32];
    _cleanup_(close_fd)
    int directory = -1;

    (void)snprintf(path, sizeof(path), "/proc/%d", pid);
    directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -errno;
    memset(ret_facts, 0, sizeof(*ret_facts));
    read_status(directory, ret_facts);
    read_root(directory, ret_facts);
    read_program(directory, ret_facts);
    *ret_program = open_program(directory);
    return 0;
}
