/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/kernel_btf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define BTF_SIZE_MAX (64U << 20) /* the largest distribution kernels have 10 MiB */

/* Before 6.16, where the file cannot be mapped: a page a call. */
static int read_all(struct kernel_btf *btf, int fd)
{
    size_t length = 0;

    btf->data = malloc(btf->size);
    if (!btf->data)
        return -ENOMEM;
    while (length < btf->size) {
        ssize_t got = read(fd, btf->data + length, btf->size - length);

        if (got <= 0)
            return -EBADMSG;
        length += (size_t)got;
    }
    return 0;
}

int kernel_btf_load(struct kernel_btf *ret_btf, struct error *error)
{
    _cleanup_(close_fd)
    int fd = open(KERNEL_BTF_PATH, O_RDONLY | O_CLOEXEC);
    _cleanup_(kernel_btf_clear)
    struct kernel_btf btf = { 0 };
    struct stat status;
    int r = 0;

    if (fd < 0 || fstat(fd, &status) < 0)
        return error_set(error, -ENOENT,
                         "the kernel has no type information at %s: it needs CONFIG_DEBUG_INFO_BTF",
                         KERNEL_BTF_PATH);
    if (status.st_size <= 0 || status.st_size > BTF_SIZE_MAX)
        return error_set(error, -EBADMSG, "%s is malformed", KERNEL_BTF_PATH);
    btf.size = (size_t)status.st_size;
    btf.data = mmap(NULL, btf.size, PROT_READ, MAP_PRIVATE, fd, 0);
    btf.mapped = btf.data != MAP_FAILED;
    if (!btf.mapped)
        r = read_all(&btf, fd);
    if (r < 0)
        return error_set(error, r, "cannot read %s: %s", KERNEL_BTF_PATH, strerror(-r));
    *ret_btf = btf;
    btf = (struct kernel_btf){ 0 };
    return 0;
}

void kernel_btf_clear(struct kernel_btf *btf)
{
    if (btf->mapped)
        (void)munmap(btf->data, btf->size);
    else
        free(btf->data);
    *btf = (struct kernel_btf){ 0 };
}

/* Bytes that follow a type's own record. Kinds above those of linux/btf.h end the search. */
static int tail_of(const struct btf_type *type)
{
    int count = (int)BTF_INFO_VLEN(type->info);

    switch (BTF_INFO_KIND(type->info)) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return 4;
    case BTF_KIND_ARRAY:
        return sizeof(struct btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return count * (int)sizeof(struct btf_member);
    case BTF_KIND_ENUM:
        return count * (int)sizeof(struct btf_enum);
    case BTF_KIND_ENUM64:
        return count * (int)sizeof(struct btf_enum64);
    case BTF_KIND_FUNC_PROTO:
        return count * (int)sizeof(struct btf_param);
    case BTF_KIND_DATASEC:
        return count * (int)sizeof(struct btf_var_secinfo);
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
        return 0;
    default:
        return -EBADMSG;
    }
}

/* Where a name begins in the string section; 0, which is the empty name, when it is not there. */
static uint32_t find_name(const char *strings, size_t size, const char *name)
{
    size_t length = strlen(name) + 1;

    for (const char *at = strings; (at = memmem(at, size - (size_t)(at - strings), name, length));
         at++) {
        if (at > strings && at[-1] == '\0')
            return (uint32_t)(at - strings);
    }
    return 0;
}

int kernel_btf_find(const struct kernel_btf *btf, const char *name, unsigned int kind)
{
    struct btf_header header;
    const char *types, *end;
    uint32_t wanted;

    if (btf->size < sizeof(header))
        return -EBADMSG;
    memcpy(&header, btf->data, sizeof(header));
    if (header.magic != BTF_MAGIC || header.hdr_len > btf->size ||
        (uint64_t)header.hdr_len + header.type_off + header.type_len > btf->size ||
        (uint64_t)header.hdr_len + header.str_off + header.str_len > btf->size)
        return -EBADMSG;
    types = btf->data + header.hdr_len + header.type_off;
    end = types + header.type_len;
    wanted = find_name(btf->data + header.hdr_len + header.str_off, header.str_len, name);
    if (!wanted)
        return -ENOENT;
    for (int id = 1; (size_t)(end - types) >= sizeof(struct btf_type); id++) {
        struct btf_type type;
        int tail;

        memcpy(&type, types, sizeof(type));
        if (type.name_off == wanted && BTF_INFO_KIND(type.info) == kind)
            return id;
        tail = tail_of(&type);
        types += sizeof(type);
        if (tail < 0 || tail > end - types)
            return -EBADMSG;
        types += tail;
    }
    return -ENOENT;
}
