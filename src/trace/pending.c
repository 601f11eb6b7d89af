/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/pending.h"

#include <errno.h>
#include <stddef.h>

#define STACKS (EVENT_KERNEL_STACK | EVENT_USER_STACK)

/* What is kept of an event with stacks: as much of them as is used. */
struct pending_record {
    struct capability_event event;
    struct captured_stacks stacks;
};
_Static_assert(offsetof(struct pending_record, stacks) == sizeof(struct capability_event),
               "what follows an event is its stacks");

static bool has_stacks(const struct capability_event *event)
{
    return event->flags & STACKS;
}

/* Each record is aligned behind the one before. */
static size_t size_of(const struct capability_event *event, const struct captured_stacks *stacks)
{
    size_t size = sizeof(*event) + (stacks && has_stacks(event) ? captured_stacks_size(stacks) : 0);

    return (size + 7) & ~(size_t)7;
}

static int make_room(struct pending_events *pending, size_t size)
{
    size_t wanted = MAX(pending->size * 2, pending->length + size + 4096);
    char *grown;

    if (pending->length + size <= pending->size)
        return 0;
    grown = realloc(pending->bytes, wanted);
    if (!grown)
        return -ENOMEM;
    pending->bytes = grown;
    pending->size = wanted;
    return 0;
}

int pending_add(struct pending_events *pending, const struct capability_event *event,
                const struct captured_stacks *stacks, uint64_t *total)
{
    struct capability_event kept = *event;
    size_t size;
    char *place;

    if (!stacks)
        kept.flags &= ~(uint32_t)STACKS;
    size = size_of(&kept, stacks);
    if (*total + size > PENDING_SIZE_MAX)
        return -ENOBUFS;
    if (make_room(pending, size) < 0)
        return -ENOMEM;
    place = pending->bytes + pending->length;
    memcpy(place, &kept, sizeof(kept));
    if (stacks && has_stacks(&kept))
        memcpy(place + sizeof(kept), stacks, captured_stacks_size(stacks));
    pending->length += size;
    *total += size;
    return 0;
}

const struct capability_event *pending_next(const struct pending_events *pending, size_t *offset,
                                            const struct captured_stacks **ret_stacks)
{
    const struct pending_record *record;

    if (*offset >= pending->length)
        return NULL;
    record = (const void *)(pending->bytes + *offset);
    *ret_stacks = has_stacks(&record->event) ? &record->stacks : NULL;
    *offset += size_of(&record->event, &record->stacks);
    return &record->event;
}

void pending_clear(struct pending_events *pending, uint64_t *total)
{
    *total -= pending->length;
    free(pending->bytes);
    pending->bytes = NULL;
    pending->length = pending->size = 0;
}
