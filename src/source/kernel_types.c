/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/kernel_types.h"

#include <errno.h>
#include <sys/mman.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/event.h"
#include "src/host/kernel_btf_extract.h"

int kernel_types_file(char path[static KERNEL_TYPES_PATH_SIZE])
{
    int fd = memfd_create("kernel-types", MFD_CLOEXEC);

    if (fd < 0)
        return -errno;
    (void)snprintf(path, KERNEL_TYPES_PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd;
}

/* -------- what is read -------- */

struct names {
    char **items; /* owned */
    size_t count;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

/* Without what tells two views of one type apart: `cred___words` is a cred. */
static char *copy_name(const char *name)
{
    const char *end = strstr(name, "___");

    return end ? strndup(name, (size_t)(end - name)) : strdup(name);
}

/* Of all types of the object; the kernel has none of ours. */
static int list_names(const struct btf *own, struct names *names)
{
    uint32_t count = btf__type_cnt(own);

    names->items = calloc(count, sizeof(*names->items));
    if (!names->items)
        return -ENOMEM;
    for (uint32_t id = 1; id < count; id++) {
        const struct btf_type *type = btf__type_by_id(own, id);
        const char *name = btf__name_by_offset(own, type->name_off);

        if (!(btf_is_composite(type) || btf_is_any_enum(type)) || !name || !*name)
            continue;
        names->items[names->count] = copy_name(name);
        if (!names->items[names->count++])
            return -ENOMEM;
    }
    return 0;
}

static int write_text(int fd, const struct text *text)
{
    ssize_t written = pwrite(fd, text->data, text->length, 0);

    return written < 0 ? -errno : (size_t)written < text->length ? -ENOSPC : 0;
}

int kernel_types_write(int fd, const struct bpf_object *object, const struct kernel_btf *btf)
{
    _cleanup_(names_clear)
    struct names names = { 0 };
    _cleanup_(text_clear)
    struct text text = { 0 };
    int r = list_names(bpf_object__btf(object), &names);

    if (r >= 0)
        r = kernel_btf_extract(btf, (const char *const *)names.items, names.count, &text);
    return r < 0 ? r : write_text(fd, &text);
}

/* -------- numbers -------- */

/* All at once: a search goes through all types. */
enum { CAST, TASK_STRUCT, CRED, USER_NAMESPACE, CGROUP, LINUX_BINPRM, PT_REGS, TIMESPEC64 };

int kernel_types_find(const struct kernel_btf *btf, struct type_ids *ret_ids)
{
    struct kernel_btf_query queries[] = {
        [CAST] = { "bpf_rdonly_cast", BTF_KIND_FUNC, 0 },
        [TASK_STRUCT] = { "task_struct", BTF_KIND_STRUCT, 0 },
        [CRED] = { "cred", BTF_KIND_STRUCT, 0 },
        [USER_NAMESPACE] = { "user_namespace", BTF_KIND_STRUCT, 0 },
        [CGROUP] = { "cgroup", BTF_KIND_STRUCT, 0 },
        [LINUX_BINPRM] = { "linux_binprm", BTF_KIND_STRUCT, 0 },
        [PT_REGS] = { "pt_regs", BTF_KIND_STRUCT, 0 },
        [TIMESPEC64] = { "timespec64", BTF_KIND_STRUCT, 0 },
    };
    int r = kernel_btf_find_all(btf, queries, ARRAY_SIZE(queries));

    *ret_ids = (struct type_ids){ 0 };
    if (r < 0 || !queries[CAST].id)
        return r;
    *ret_ids = (struct type_ids){
        .task_struct = queries[TASK_STRUCT].id,
        .cred = queries[CRED].id,
        .user_namespace = queries[USER_NAMESPACE].id,
        .cgroup = queries[CGROUP].id,
        .linux_binprm = queries[LINUX_BINPRM].id,
        .pt_regs = queries[PT_REGS].id,
        .timespec64 = queries[TIMESPEC64].id,
    };
    return 0;
}
