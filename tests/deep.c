/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deep: asks for a better priority, some functions deep, for a test of user stacks.
 *
 *   deep [N]     N times, with pauses; once, and ends at once, by default
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Something is left to do after each call, so that none is a jump. */
static __attribute__((noinline)) long deep_inner(void)
{
    return syscall(SYS_setpriority, PRIO_PROCESS, 0, -20) + 1;
}

static __attribute__((noinline)) long deep_outer(void)
{
    return deep_inner() + 1;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 1;

    for (long i = 0; i < count; i++) {
        if (i > 0)
            (void)usleep(100000);
        if (deep_outer() > 1)
            (void)puts("permitted");
    }
    return 0;
}
