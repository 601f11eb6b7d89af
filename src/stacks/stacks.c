/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/stacks.h"

#include <errno.h>

#include "src/stacks/kernel_symbols.h"

#define FRAME_SIZE 256 /* KSYM_NAME_LEN is 512, of which C needs a tenth */

struct stacks {
    struct kernel_symbols *kernel; /* owned; NULL: not asked for */
    struct user_symbols *user;     /* likewise */
    struct captured_stacks captured;
    struct record_stacks view;
    const char *frames[EVENT_STACK_DEPTH];
    const char *user_frames[EVENT_STACK_DEPTH];
    char text[EVENT_STACK_DEPTH][FRAME_SIZE];
};

int stacks_new(bool kernel, bool user, struct stacks **ret_stacks, struct error *error)
{
    _cleanup_(stacks_free)
    struct stacks *stacks = calloc(1, sizeof(*stacks));
    int r = 0;

    if (!stacks)
        return error_set(error, -ENOMEM, "out of memory");
    if (user)
        r = user_symbols_new(&stacks->user, error);
    if (r >= 0 && kernel)
        r = kernel_symbols_new(&stacks->kernel, error);
    if (r < 0)
        return r;
    stacks->view.user = stacks->user_frames;
    *ret_stacks = TAKE_PTR(stacks);
    return 0;
}

void stacks_free(struct stacks **stacks)
{
    if (!*stacks)
        return;
    kernel_symbols_free(&(*stacks)->kernel);
    user_symbols_free(&(*stacks)->user);
    free(*stacks);
    *stacks = NULL;
}

const struct captured_stacks *stacks_capture(struct stacks *stacks,
                                             const struct capability_event *event,
                                             const struct capability_stacks *raw, uint64_t owner,
                                             pid_t neighbour)
{
    struct captured_stacks *captured = &stacks->captured;

    captured->kernel_count = MIN(raw->kernel_count, (uint32_t)EVENT_STACK_DEPTH);
    memcpy(captured->kernel, raw->kernel, captured->kernel_count * sizeof(raw->kernel[0]));
    captured->user.count = captured->user.length = 0;
    if (stacks->user && (event->flags & EVENT_USER_STACK))
        user_symbols_resolve(stacks->user, event, raw, owner, neighbour, &captured->user);
    return captured;
}

bool stacks_is_helper(const struct stacks *stacks, const struct capability_event *event)
{
    return stacks->user && user_symbols_is_helper(stacks->user, event->pid, event->time_ns);
}

uint64_t stacks_failures(const struct stacks *stacks)
{
    return stacks->user ? user_symbols_failures(stacks->user) : 0;
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
                                          const struct captured_stacks *captured)
{
    size_t count = stacks->kernel ? captured->kernel_count : 0, own;
    const char *text = captured->user.text;

    for (size_t i = 0; i < count; i++) {
        (void)kernel_symbols_format(stacks->kernel, captured->kernel[i], stacks->text[i],
                                    FRAME_SIZE);
        stacks->frames[i] = stacks->text[i];
    }
    own = own_frames(stacks, count);
    stacks->view.kernel = stacks->frames + own;
    stacks->view.kernel_count = count - own;
    for (size_t i = 0; i < captured->user.count; i++) {
        stacks->user_frames[i] = text;
        text += strlen(text) + 1;
    }
    stacks->view.user_count = captured->user.count;
    return &stacks->view;
}
