/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks.h"

#include <errno.h>

#include "src/kernel_symbols.h"

#define FRAME_SIZE 256 /* KSYM_NAME_LEN is 512, of which C needs a tenth */

struct stacks {
    struct kernel_symbols *kernel; /* owned */
    struct record_stacks view;
    const char *frames[EVENT_STACK_DEPTH];
    char text[EVENT_STACK_DEPTH][FRAME_SIZE];
};

int stacks_new(struct stacks **ret_stacks, struct error *error)
{
    _cleanup_(stacks_free)
    struct stacks *stacks = calloc(1, sizeof(*stacks));
    int r;

    if (!stacks)
        return error_set(error, -ENOMEM, "out of memory");
    r = kernel_symbols_new(&stacks->kernel, error);
    if (r < 0)
        return r;
    stacks->view.kernel = stacks->frames;
    *ret_stacks = TAKE_PTR(stacks);
    return 0;
}

void stacks_free(struct stacks **stacks)
{
    if (!*stacks)
        return;
    kernel_symbols_free(&(*stacks)->kernel);
    free(*stacks);
    *stacks = NULL;
}

static size_t find_frame(const struct stacks *stacks, size_t count, const char *prefix)
{
    size_t frame = 0;

    while (frame < count && strncmp(stacks->text[frame], prefix, strlen(prefix)) != 0)
        frame++;
    return frame;
}

/* Everything above cap_capable is how the tracer came to be called. Where that has returned already
 * (fexit on 7.x), everything above the security hook that called it. */
static size_t own_frames(const struct stacks *stacks, size_t count)
{
    size_t frame = find_frame(stacks, count, "cap_capable+");

    if (frame == count)
        frame = MIN(find_frame(stacks, count, "cap_"), find_frame(stacks, count, "security_"));
    return frame < count ? frame : 0;
}

const struct record_stacks *stacks_format(struct stacks *stacks,
                                          const struct capability_stacks *raw)
{
    size_t count = MIN(raw->kernel_count, (uint32_t)EVENT_STACK_DEPTH), own;

    for (size_t i = 0; i < count; i++) {
        (void)kernel_symbols_format(stacks->kernel, raw->kernel[i], stacks->text[i], FRAME_SIZE);
        stacks->frames[i] = stacks->text[i];
    }
    own = own_frames(stacks, count);
    stacks->view.kernel = stacks->frames + own;
    stacks->view.kernel_count = count - own;
    return &stacks->view;
}
