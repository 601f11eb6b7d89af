/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/kernel_btf_extract.h"

#include <errno.h>

#include "src/host/kernel_btf_private.h"

#define DEPTH_MAX 64 /* of what lies in one another: a guard */

struct extract {
    struct kernel_btf_parts parts;
    uint32_t *places;  /* owned: by id, where it stands among the types, and one more */
    uint32_t *numbers; /* owned: by id, its new one; 0: it has none yet */
    uint32_t count;    /* ids are below this */
    uint32_t pointer;  /* new id of the one pointer; 0: not there yet */
    uint32_t made;
    struct text types, strings; /* owned */
};

static void extract_clear(struct extract *extract)
{
    free(extract->places);
    free(extract->numbers);
    text_clear(&extract->types);
    text_clear(&extract->strings);
}

/* No type is shorter than its record. */
static int index_types(struct extract *extract)
{
    size_t most = extract->parts.types_size / sizeof(struct btf_type) + 2, at = 0, size;
    struct btf_type type;
    int r;

    extract->places = malloc(most * sizeof(*extract->places));
    extract->numbers = calloc(most, sizeof(*extract->numbers));
    if (!extract->places || !extract->numbers)
        return -ENOMEM;
    extract->count = 1;
    while ((r = kernel_btf_type_at(&extract->parts, at, &type, &size)) > 0) {
        extract->places[extract->count++] = (uint32_t)at;
        at += size;
    }
    return r;
}

static uint32_t add_string(struct extract *extract, uint32_t offset)
{
    const char *name = kernel_btf_string(&extract->parts, offset);
    uint32_t place = (uint32_t)extract->strings.length;

    if (!*name)
        return 0;
    text_add(&extract->strings, name, strlen(name) + 1);
    return place;
}

static uint32_t add_record(struct extract *extract, const void *record, size_t size)
{
    text_add(&extract->types, record, size);
    return ++extract->made;
}

static uint32_t add_named(struct extract *extract, struct btf_type type)
{
    type.name_off = add_string(extract, type.name_off);
    return add_record(extract, &type, sizeof(type));
}

static void add_tail(struct extract *extract, const void *tail, size_t size)
{
    text_add(&extract->types, tail, size);
}

static uint32_t add_type(struct extract *extract, uint32_t id, unsigned int depth);

static uint32_t add_pointer(struct extract *extract)
{
    const struct btf_type pointer = { .info = BTF_KIND_PTR << 24 };

    if (!extract->pointer)
        extract->pointer = add_record(extract, &pointer, sizeof(pointer));
    return extract->pointer;
}

static uint32_t add_array(struct extract *extract, const char *tail, unsigned int depth)
{
    const struct btf_type type = { .info = BTF_KIND_ARRAY << 24 };
    struct btf_array array;
    uint32_t number;

    memcpy(&array, tail, sizeof(array));
    array.type = add_type(extract, array.type, depth);
    array.index_type = add_type(extract, array.index_type, depth);
    number = add_record(extract, &type, sizeof(type));
    add_tail(extract, &array, sizeof(array));
    return number;
}

/* First what lies in it: then that has its numbers. */
static uint32_t add_struct(struct extract *extract, struct btf_type type, const char *tail,
                           unsigned int depth)
{
    uint32_t count = BTF_INFO_VLEN(type.info), number;
    struct btf_member member;

    for (uint32_t i = 0; i < count; i++) {
        memcpy(&member, tail + i * sizeof(member), sizeof(member));
        (void)add_type(extract, member.type, depth);
    }
    number = add_named(extract, type);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&member, tail + i * sizeof(member), sizeof(member));
        member.name_off = add_string(extract, member.name_off);
        member.type = add_type(extract, member.type, depth);
        add_tail(extract, &member, sizeof(member));
    }
    return number;
}

/* `size` is that of one of its values, of which the name comes first. */
static uint32_t add_enum(struct extract *extract, struct btf_type type, const char *tail,
                         size_t size)
{
    uint32_t number = add_named(extract, type);

    for (uint32_t i = 0; i < BTF_INFO_VLEN(type.info); i++, tail += size) {
        uint32_t name;

        memcpy(&name, tail, sizeof(name));
        name = add_string(extract, name);
        add_tail(extract, &name, sizeof(name));
        add_tail(extract, tail + sizeof(name), size - sizeof(name));
    }
    return number;
}

static uint32_t add_plain(struct extract *extract, struct btf_type type, const char *tail,
                          size_t tail_size)
{
    uint32_t number = add_named(extract, type);

    add_tail(extract, tail, tail_size);
    return number;
}

static uint32_t add_kind(struct extract *extract, const struct btf_type *type, const char *tail,
                         size_t tail_size, unsigned int depth)
{
    switch (BTF_INFO_KIND(type->info)) {
    case BTF_KIND_INT:
    case BTF_KIND_FLOAT:
    case BTF_KIND_FWD:
        return add_plain(extract, *type, tail, tail_size);
    case BTF_KIND_PTR:
        return add_pointer(extract);
    case BTF_KIND_ARRAY:
        return add_array(extract, tail, depth);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return add_struct(extract, *type, tail, depth);
    case BTF_KIND_ENUM:
        return add_enum(extract, *type, tail, sizeof(struct btf_enum));
    case BTF_KIND_ENUM64:
        return add_enum(extract, *type, tail, sizeof(struct btf_enum64));
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG: /* the type itself will do */
        return add_type(extract, type->type, depth);
    default:
        return 0; /* lies in no struct */
    }
}

/* Its new id; 0, which stands for nothing at all, when it has none. */
static uint32_t add_type(struct extract *extract, uint32_t id, unsigned int depth)
{
    struct btf_type type;
    size_t size;

    if (!id || id >= extract->count || depth == DEPTH_MAX)
        return 0;
    if (extract->numbers[id])
        return extract->numbers[id];
    if (kernel_btf_type_at(&extract->parts, extract->places[id], &type, &size) <= 0)
        return 0;
    extract->numbers[id] =
        add_kind(extract, &type, extract->parts.types + extract->places[id] + sizeof(type),
                 size - sizeof(type), depth + 1);
    return extract->numbers[id];
}

static bool is_wanted(const struct extract *extract, const struct btf_type *type,
                      const char *const *names, size_t count)
{
    const char *name = kernel_btf_string(&extract->parts, type->name_off);

    for (size_t i = 0; *name && i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static bool can_be_wanted(const struct btf_type *type)
{
    switch (BTF_INFO_KIND(type->info)) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return true;
    default:
        return false;
    }
}

static void add_wanted(struct extract *extract, const char *const *names, size_t count)
{
    struct btf_type type;

    for (uint32_t id = 1; id < extract->count; id++) {
        memcpy(&type, extract->parts.types + extract->places[id], sizeof(type));
        if (can_be_wanted(&type) && is_wanted(extract, &type, names, count))
            (void)add_type(extract, id, 0);
    }
}

static int put_together(const struct extract *extract, struct text *out)
{
    const struct btf_header header = {
        .magic = BTF_MAGIC,
        .version = BTF_VERSION,
        .hdr_len = sizeof(header),
        .type_len = (uint32_t)extract->types.length,
        .str_off = (uint32_t)extract->types.length,
        .str_len = (uint32_t)extract->strings.length,
    };

    text_add(out, (const char *)&header, sizeof(header));
    text_add(out, extract->types.data, extract->types.length);
    text_add(out, extract->strings.data, extract->strings.length);
    return extract->types.failed || extract->strings.failed || out->failed ? -ENOMEM : 0;
}

int kernel_btf_extract(const struct kernel_btf *btf, const char *const *names, size_t count,
                       struct text *out)
{
    _cleanup_(extract_clear)
    struct extract extract = { 0 };
    int r = kernel_btf_parts(btf, &extract.parts);

    if (r >= 0)
        r = index_types(&extract);
    if (r < 0)
        return r;
    text_add_char(&extract.strings, '\0');
    add_wanted(&extract, names, count);
    return put_together(&extract, out);
}
