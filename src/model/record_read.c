/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/record_read.h"

#include <ctype.h>
#include <errno.h>

#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/model/denial.h"
#include "src/model/syscall_name.h"

#define NUMBER_TEXT_MAX 20 /* digits of 64 bits */

/* While a row is read. What is borrowed is the source's. */
struct reading {
    struct record_copy *copy;
    struct value name, id, runtime, image;
    enum denial denial;
};

void record_copy_clear(struct record_copy *copy)
{
    container_unref(&copy->container);
}

/* -------- values -------- */

static int take_number(const struct value *value, int base, uint64_t limit, uint64_t *ret_number)
{
    char text[NUMBER_TEXT_MAX + 1], *end;
    uint64_t number = value->number;

    if (value->kind == VALUE_TEXT) {
        if (!value->length || value->length > NUMBER_TEXT_MAX || !isxdigit(value->text[0]))
            return -EINVAL;
        memcpy(text, value->text, value->length);
        text[value->length] = '\0';
        errno = 0;
        number = strtoull(text, &end, base);
        if (errno || *end)
            return -EINVAL;
    } else if (value->kind != VALUE_UNSIGNED) {
        return -EINVAL;
    }
    if (number > limit)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

static int take_u32(const struct value *value, uint32_t *ret_number)
{
    uint64_t number;
    int r = take_number(value, 10, UINT32_MAX, &number);

    if (r >= 0)
        *ret_number = (uint32_t)number;
    return r;
}

static int take_u16(const struct value *value, uint16_t *ret_number)
{
    uint64_t number;
    int r = take_number(value, 10, UINT16_MAX, &number);

    if (r >= 0)
        *ret_number = (uint16_t)number;
    return r;
}

static bool is_word(const struct value *value, const char *word)
{
    return value->kind == VALUE_TEXT && value->length == strlen(word) &&
           memcmp(value->text, word, value->length) == 0;
}

static int take_flag(const struct value *value, uint32_t flag, uint32_t *flags)
{
    bool truth = value->kind == VALUE_BOOL ? value->truth : is_word(value, "true");

    if (value->kind != VALUE_BOOL && !truth && !is_word(value, "false"))
        return -EINVAL;
    *flags |= truth ? flag : 0;
    return 0;
}

/* "CHOWN,KILL" */
static int take_set(const struct value *value, uint64_t *ret_set)
{
    const char *at = value->text, *end = at + value->length;
    uint64_t set = 0;

    if (value->kind == VALUE_SET) {
        *ret_set = value->number;
        return 0;
    }
    if (value->kind != VALUE_TEXT)
        return -EINVAL;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        unsigned int number;

        if (!comma)
            comma = end;
        if (capability_parse(at, (size_t)(comma - at), &number) < 0)
            return -EINVAL;
        set |= UINT64_C(1) << number;
        at = comma + 1;
    }
    *ret_set = set;
    return 0;
}

/* -------- one reader a field -------- */

static int read_capability(struct reading *reading, const struct value *value)
{
    uint64_t number;
    int r = take_number(value, 10, CAPABILITY_MAX - 1, &number);

    if (r >= 0)
        reading->copy->event.capability = (uint8_t)number;
    return r;
}

static int read_verdict(struct reading *reading, const struct value *value)
{
    if (!is_word(value, "Allow") && !is_word(value, "Deny"))
        return -EINVAL;
    reading->copy->event.denied = is_word(value, "Deny");
    return 0;
}

static int read_audit(struct reading *reading, const struct value *value)
{
    uint64_t number = EVENT_UNKNOWN;
    int r = value->kind == VALUE_NONE ? 0 : take_number(value, 10, 1, &number);

    if (r >= 0)
        reading->copy->event.audit = (uint8_t)number;
    return r;
}

static int read_reason(struct reading *reading, const struct value *value)
{
    if (value->kind == VALUE_NONE)
        return 0;
    for (enum denial denial = DENIAL_NONE + 1; denial < DENIALS; denial++) {
        if (is_word(value, denial_word(denial)))
            reading->denial = denial;
    }
    return reading->denial ? 0 : -EINVAL;
}

static int read_comm(struct reading *reading, const struct value *value)
{
    if (value->kind != VALUE_TEXT)
        return -EINVAL;
    memcpy(reading->copy->event.comm, value->text, MIN(value->length, EVENT_COMM_SIZE - 1UL));
    return 0;
}

static int read_syscall(struct reading *reading, const struct value *value)
{
    struct capability_event *event = &reading->copy->event;
    char name[64];
    bool compat;

    event->syscall = EVENT_NO_SYSCALL;
    if (value->kind == VALUE_NONE)
        return 0;
    if (value->kind != VALUE_TEXT || value->length >= sizeof(name))
        return -EINVAL;
    memcpy(name, value->text, value->length);
    name[value->length] = '\0';
    event->syscall = syscall_number(name, &compat);
    event->flags |= compat ? EVENT_COMPAT : 0;
    return 0;
}

#define NUMBER_READER(name, take, member)                                      \
    static int read_##name(struct reading *reading, const struct value *value) \
    {                                                                          \
        return take(value, &reading->copy->event.member);                      \
    }

NUMBER_READER(pid, take_u32, pid)
NUMBER_READER(tid, take_u32, tid)
NUMBER_READER(uid, take_u32, uid)
NUMBER_READER(euid, take_u32, euid)
NUMBER_READER(target_level, take_u16, target_level)
NUMBER_READER(current_level, take_u16, current_level)

static int read_effective(struct reading *reading, const struct value *value)
{
    uint64_t set;
    int r = take_number(value, 16, UINT64_MAX, &set);

    if (r >= 0)
        reading->copy->event.effective = set;
    return r;
}

static int read_permitted(struct reading *reading, const struct value *value)
{
    uint64_t set;
    int r = take_set(value, &set);

    if (r >= 0)
        reading->copy->event.permitted = set;
    return r;
}

static int read_bounding(struct reading *reading, const struct value *value)
{
    uint64_t set;
    int r = take_set(value, &set);

    if (r < 0)
        return r;
    reading->copy->event.bounding = set;
    reading->copy->knows_bounding = true;
    return 0;
}

#define FLAG_READER(name, flag)                                                \
    static int read_##name(struct reading *reading, const struct value *value) \
    {                                                                          \
        return take_flag(value, flag, &reading->copy->event.flags);            \
    }

FLAG_READER(setup, EVENT_SETUP)
FLAG_READER(overridden, EVENT_OVERRIDDEN)
FLAG_READER(foreign, EVENT_FOREIGN)

#define TEXT_READER(name)                                                            \
    static int read_##name(struct reading *reading, const struct value *value)       \
    {                                                                                \
        reading->name = *value;                                                      \
        return value->kind == VALUE_TEXT || value->kind == VALUE_NONE ? 0 : -EINVAL; \
    }

TEXT_READER(name)
TEXT_READER(id)
TEXT_READER(runtime)
TEXT_READER(image)

static const struct reader {
    const char *field; /* its name in the table of fields */
    bool optional;     /* a row need not have it */
    int (*read)(struct reading *reading, const struct value *value);
} readers[] = {
    { "container", false, read_name },
    { "containerid", false, read_id },
    { "runtime", false, read_runtime },
    { "image", true, read_image },
    { "cap", false, read_capability },
    { "verdict", false, read_verdict },
    { "audit", false, read_audit },
    { "reason", false, read_reason },
    { "pid", false, read_pid },
    { "tid", false, read_tid },
    { "comm", false, read_comm },
    { "syscall", false, read_syscall },
    { "uid", false, read_uid },
    { "euid", false, read_euid },
    { "targetlevel", false, read_target_level },
    { "currentlevel", false, read_current_level },
    { "caps", false, read_effective },
    { "permitted", true, read_permitted },
    { "bounding", true, read_bounding },
    { "setup", false, read_setup },
    { "overridden", false, read_overridden },
    { "foreign", false, read_foreign },
};

/* -------- a whole row -------- */

/* The sets are made to say what the row says, where it has none of them. */
static void settle_denial(struct capability_event *event, enum denial denial)
{
    uint64_t bit = UINT64_C(1) << event->capability;

    if (denial == DENIAL_NAMESPACE)
        event->flags |= EVENT_OUT_OF_REACH;
    if (denial == DENIAL_NONE || denial == DENIAL_NAMESPACE)
        return;
    event->effective &= ~bit;
    event->permitted &= ~bit;
    event->bounding &= ~bit;
    if (denial == DENIAL_EFFECTIVE)
        event->permitted |= bit;
    if (denial != DENIAL_BOUNDING)
        event->bounding |= bit;
}

const char *record_runtime(const char *text, size_t length)
{
    const struct value word = value_characters(text, length);
    static const char *const runtimes[] = { "docker", "containerd", "cri-o",   "cri",    "podman",
                                            "runc",   "crun",       "systemd", "command" };

    for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
        if (is_word(&word, runtimes[i]))
            return runtimes[i];
    }
    return "unknown";
}

static const char *runtime_of(const struct value *value)
{
    return value->kind == VALUE_TEXT ? record_runtime(value->text, value->length) : "unknown";
}

/* Not strndup(3), which may look for an end that it has not. */
static char *copy_text(const struct value *value)
{
    const char *end = value->kind == VALUE_TEXT ? memchr(value->text, '\0', value->length) : NULL;
    size_t length = end ? (size_t)(end - value->text) : value->length;
    char *copy = value->kind == VALUE_TEXT ? malloc(length + 1) : NULL;

    if (copy) {
        memcpy(copy, value->text, length);
        copy[length] = '\0';
    }
    return copy;
}

/* A row has a name in any case: the short id where it knows no other. */
static bool is_name(const struct value *name, const struct container *container)
{
    return name->kind == VALUE_TEXT && (name->length != container_short_id_length(container) ||
                                        memcmp(container->id, name->text, name->length) != 0);
}

static int make_container(struct reading *reading)
{
    struct container *container;
    char *id = copy_text(&reading->id);
    bool is_host = !id;

    container = id ? container_new(runtime_of(&reading->runtime), id) : NULL;
    free(id);
    if (!container)
        return is_host && reading->id.kind == VALUE_NONE ? 0 : -ENOMEM;
    reading->copy->container = container;
    if (is_name(&reading->name, container)) {
        container->name = copy_text(&reading->name);
        container->named = container->name != NULL;
    }
    container->image = copy_text(&reading->image);
    return 0;
}

/* Looked up once. */
static const struct field *field_of(const struct reader *reader)
{
    static const struct field *fields[ARRAY_SIZE(readers)];
    const struct field **field = &fields[reader - readers];

    if (!*field)
        *field = field_find(&record_fields, reader->field, strlen(reader->field));
    return *field;
}

static int read_field(struct reading *reading, const struct record_source *source,
                      const struct reader *reader)
{
    struct value value = { .kind = VALUE_NONE };

    if (!source->get(source->userdata, field_of(reader), &value))
        return reader->optional ? 0 : -ENOENT;
    return reader->read(reading, &value);
}

int record_read(const struct record_source *source, struct record_copy *ret_copy,
                const struct field **ret_field)
{
    struct record_copy copy = { .event.kind = EVENT_CAPABILITY };
    struct reading reading = { .copy = &copy };
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
        r = read_field(&reading, source, &readers[i]);
        if (r >= 0)
            continue;
        *ret_field = field_of(&readers[i]);
        return r;
    }
    settle_denial(&copy.event, reading.denial);
    r = make_container(&reading);
    if (r >= 0)
        *ret_copy = copy;
    return r;
}
