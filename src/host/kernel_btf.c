/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/kernel_btf_private.h"

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

int kernel_btf_parts(const struct kernel_btf *btf, struct kernel_btf_parts *ret_parts)
{
    struct btf_header header;

    if (btf->size < sizeof(header))
        return -EBADMSG;
    memcpy(&header, btf->data, sizeof(header));
    if (header.magic != BTF_MAGIC || header.hdr_len > btf->size ||
        (uint64_t)header.hdr_len + header.type_off + header.type_len > btf->size ||
        (uint64_t)header.hdr_len + header.str_off + header.str_len > btf->size)
        return -EBADMSG;
    *ret_parts = (struct kernel_btf_parts){
        .types = btf->data + header.hdr_len + header.type_off,
        .types_size = header.type_len,
        .strings = btf->data + header.hdr_len + header.str_off,
        .strings_size = header.str_len,
    };
    if (!header.str_len || ret_parts->strings[header.str_len - 1] != '\0')
        return -EBADMSG;
    return 0;
}

/* 1 with a type and how long it is, with what follows it; 0 at the end; -EBADMSG. */
int kernel_btf_type_at(const struct kernel_btf_parts *parts, size_t at, struct btf_type *ret_type,
                       size_t *ret_size)
{
    size_t left = parts->types_size - at;
    int tail;

    if (left < sizeof(*ret_type))
        return 0;
    memcpy(ret_type, parts->types + at, sizeof(*ret_type));
    tail = tail_of(ret_type);
    if (tail < 0 || (size_t)tail > left - sizeof(*ret_type))
        return -EBADMSG;
    *ret_size = sizeof(*ret_type) + (size_t)tail;
    return 1;
}

const char *kernel_btf_string(const struct kernel_btf_parts *parts, uint32_t offset)
{
    return offset < parts->strings_size ? parts->strings + offset : "";
}

static void answer(struct kernel_btf_query *queries, size_t count, const char *name,
                   unsigned int kind, uint32_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (queries[i].kind == kind && !queries[i].id && strcmp(queries[i].name, name) == 0)
            queries[i].id = id;
    }
}

int kernel_btf_find_all(const struct kernel_btf *btf, struct kernel_btf_query *queries,
                        size_t count)
{
    struct kernel_btf_parts parts;
    struct btf_type type;
    uint32_t kinds = 0, id = 1;
    size_t size;
    int r = kernel_btf_parts(btf, &parts);

    if (r < 0)
        return r;
    for (size_t i = 0; i < count; i++) {
        queries[i].id = 0;
        kinds |= UINT32_C(1) << queries[i].kind;
    }
    for (size_t at = 0; (r = kernel_btf_type_at(&parts, at, &type, &size)) > 0; at += size, id++) {
        if (kinds >> BTF_INFO_KIND(type.info) & 1)
            answer(queries, count, kernel_btf_string(&parts, type.name_off),
                   BTF_INFO_KIND(type.info), id);
    }
    return r;
}

int kernel_btf_find(const struct kernel_btf *btf, const char *name, unsigned int kind)
{
    struct kernel_btf_query query = { .name = name, .kind = kind };
    int r = kernel_btf_find_all(btf, &query, 1);

    if (query.id)
        return (int)query.id;
    return r < 0 ? r : -ENOENT;
}
