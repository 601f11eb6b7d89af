/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load COUNT: gives up SYS_ADMIN and asks for it so often, by a call that does nothing else: a host
 * name is refused before it is looked at. Prints the time of one call in ns.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int drop_all(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

    return (int)syscall(SYS_capset, &header, none);
}

int main(int argc, char **argv)
{
    long count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    double start;

    if (count <= 0 || drop_all() < 0) {
        fprintf(stderr, "usage: load COUNT\n");
        return 2;
    }
    start = seconds();
    for (long i = 0; i < count; i++) {
        if (sethostname("", 0) == 0 || errno != EPERM) {
            perror("load: sethostname");
            return 1;
        }
    }
    printf("%.1f\n", (seconds() - start) * 1e9 / (double)count);
    return 0;
}
