/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/record_values.h"

#include <sys/utsname.h>

#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/model/denial.h"
#include "src/model/record.h"
#include "src/model/syscall_name.h"
#include "src/model/systemd_unit.h"

static const struct capability_event *event_of(const void *object)
{
    return ((const struct record *)object)->event;
}

struct value record_get_node(UNUSED const void *object)
{
    static struct utsname host;

    if (!host.nodename[0])
        (void)uname(&host);
    return value_text(host.nodename);
}

/* What only a container has: none for a process of the host. */
#define CONTAINER_GETTER(name, expression)                                              \
    struct value record_get_##name(const void *object)                                  \
    {                                                                                   \
        const struct container *container = ((const struct record *)object)->container; \
                                                                                        \
        return container ? (expression) : value_none();                                 \
    }

CONTAINER_GETTER(namespace, value_text(container->pod_namespace))
CONTAINER_GETTER(pod, value_text(container->pod))
CONTAINER_GETTER(runtime, value_text(container->runtime))
CONTAINER_GETTER(container_id, value_text(container->id))
CONTAINER_GETTER(short_id, value_characters(container->id, container_short_id_length(container)))
CONTAINER_GETTER(image, value_text(container->image))
CONTAINER_GETTER(cgroup_path, value_text(container->cgroup_path))
CONTAINER_GETTER(labels, value_labels(container->labels, container->label_count))

uint64_t record_edition(const void *object)
{
    const struct container *container = ((const struct record *)object)->container;

    return container ? container->edition : 0;
}

static struct value unit_value(const char *path, struct unit_name (*unit_of)(const char *path))
{
    struct unit_name unit = path ? unit_of(path) : (struct unit_name){ 0 };

    return unit.length ? value_characters(unit.text, unit.length) : value_none();
}

CONTAINER_GETTER(unit, unit_value(container->cgroup_path, systemd_unit))
CONTAINER_GETTER(user_unit, unit_value(container->cgroup_path, systemd_user_unit))

struct value record_get_container(const void *object)
{
    static char short_id[CONTAINER_SHORT_ID + 1]; /* valid until the next row: enough for a sink */
    const struct container *container = ((const struct record *)object)->container;

    return container ? value_text(container_display_name(container, short_id)) : value_none();
}

struct value record_get_timestamp(const void *object)
{
    return (struct value){ .kind = VALUE_TIME, .number = ((const struct record *)object)->time_ns };
}

struct value record_get_type(UNUSED const void *object)
{
    return value_text("normal");
}

struct value record_get_message(UNUSED const void *object)
{
    return value_none();
}

#define NUMBER_GETTER(name, member)                      \
    struct value record_get_##name(const void *object)   \
    {                                                    \
        return value_unsigned(event_of(object)->member); \
    }

NUMBER_GETTER(pid, pid)
NUMBER_GETTER(tid, tid)
NUMBER_GETTER(uid, uid)
NUMBER_GETTER(gid, gid)
NUMBER_GETTER(euid, euid)
NUMBER_GETTER(capability, capability)
NUMBER_GETTER(mount_namespace, mount_namespace)
NUMBER_GETTER(cgroup_id, cgroup_id)
NUMBER_GETTER(target_userns, target_userns)
NUMBER_GETTER(current_userns, current_userns)
NUMBER_GETTER(target_level, target_level)
NUMBER_GETTER(current_level, current_level)

struct value record_get_comm(const void *object)
{
    const char *comm = event_of(object)->comm;

    return value_characters(comm, strnlen(comm, EVENT_COMM_SIZE));
}

struct value record_get_syscall(const void *object)
{
    static char number[16];
    const struct capability_event *event = event_of(object);
    const char *name = syscall_name(event->syscall, event->flags & EVENT_COMPAT);

    if (event->syscall < 0)
        return value_none();
    if (name)
        return value_text(name);
    (void)snprintf(number, sizeof(number), "%d", event->syscall);
    return value_text(number);
}

static const char *name_of_capability(unsigned int number)
{
    static char unknown[24];

    if (capability_name(number))
        return capability_name(number);
    (void)snprintf(unknown, sizeof(unknown), "UNKNOWN (%u)", number);
    return unknown;
}

struct value record_get_capability_name(const void *object)
{
    return value_text(name_of_capability(event_of(object)->capability));
}

static const char *capability_word(size_t index)
{
    return index < CAPABILITY_COUNT ? capability_name((unsigned int)index) : NULL;
}

static const char *spell_capability(const char *text, size_t length)
{
    unsigned int number;

    return capability_parse(text, length, &number) < 0 ? NULL : name_of_capability(number);
}

const struct field_words record_capability_words = {
    .what = "capability",
    .usual = "capabilities(7) lists them, such as SYS_NICE or CAP_SYS_NICE",
    .word = capability_word,
    .spell = spell_capability,
};

struct value record_get_meaning(const void *object)
{
    return value_text(capability_meaning(event_of(object)->capability));
}

struct value record_get_audit(const void *object)
{
    const struct capability_event *event = event_of(object);
    struct value value = value_unsigned(event->audit);

    value.uncertain = event->flags & EVENT_AUDIT_INFERRED;
    return event->audit == EVENT_UNKNOWN ? value_none() : value;
}

struct value record_get_audit_inferred(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_AUDIT_INFERRED);
}

struct value record_get_insetid(const void *object)
{
    const struct capability_event *event = event_of(object);

    return event->insetid == EVENT_UNKNOWN ? value_none() : value_bool(event->insetid);
}

/* In any letter case. */
static const char *spell(const char *(*word)(size_t index), const char *text, size_t length)
{
    for (size_t i = 0; word(i); i++) {
        if (strlen(word(i)) == length && strncasecmp(word(i), text, length) == 0)
            return word(i);
    }
    return NULL;
}

static const char *verdict_word(size_t index)
{
    static const char *const verdicts[] = { "Allow", "Deny", NULL };

    return verdicts[index];
}

static const char *spell_verdict(const char *text, size_t length)
{
    return spell(verdict_word, text, length);
}

const struct field_words record_verdict_words = {
    .what = "verdict",
    .usual = "it is Allow or Deny",
    .word = verdict_word,
    .spell = spell_verdict,
};

struct value record_get_verdict(const void *object)
{
    bool denied = event_of(object)->denied;
    struct value value = value_text(verdict_word(denied));

    value.tone = denied ? TONE_BAD : TONE_GOOD;
    return value;
}

struct value record_get_caps(const void *object)
{
    return (struct value){ .kind = VALUE_HEX, .number = event_of(object)->effective };
}

struct value record_get_caps_names(const void *object)
{
    return (struct value){ .kind = VALUE_SET, .number = event_of(object)->effective };
}

struct value record_get_permitted(const void *object)
{
    return (struct value){ .kind = VALUE_SET, .number = event_of(object)->permitted };
}

struct value record_get_bounding(const void *object)
{
    return (struct value){ .kind = VALUE_SET, .number = event_of(object)->bounding };
}

static const char *reason_word(size_t index)
{
    return index + 1 < DENIALS ? denial_word((enum denial)(index + 1)) : NULL;
}

static const char *spell_reason(const char *text, size_t length)
{
    return spell(reason_word, text, length);
}

const struct field_words record_reason_words = {
    .what = "reason",
    .usual = "it is bounding, permitted, effective or namespace",
    .word = reason_word,
    .spell = spell_reason,
};

struct value record_get_reason(const void *object)
{
    return value_text(denial_word(denial_of(event_of(object))));
}

struct value record_get_explanation(const void *object)
{
    return value_text(denial_sentence(denial_of(event_of(object))));
}

struct value record_get_setup(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_SETUP);
}

struct value record_get_foreign(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_FOREIGN);
}

struct value record_get_overridden(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_OVERRIDDEN);
}

struct value record_get_kernel_stack(const void *object)
{
    const struct record_stacks *stacks = ((const struct record *)object)->stacks;

    if (!stacks || !(event_of(object)->flags & EVENT_KERNEL_STACK))
        return value_none();
    return value_stack(stacks->kernel, stacks->kernel_count);
}

struct value record_get_user_stack(const void *object)
{
    const struct record_stacks *stacks = ((const struct record *)object)->stacks;

    if (!stacks || !(event_of(object)->flags & EVENT_USER_STACK))
        return value_none();
    return value_stack(stacks->user, stacks->user_count);
}
