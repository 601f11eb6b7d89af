/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load COUNT [KIND]: without any capability, does so often what the kernel asks for one. Prints the
 * time of one in ns. hostname (asked for), by a call that does nothing else, as a host name is
 * refused before it is looked at; open: a file that nobody may read, two denials; mmap, fork, exec:
 * silent checks, whether there is memory left for root.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char unreadable[] = "/tmp/load-XXXXXX";

static bool ask_hostname(void)
{
    return sethostname("", 0) < 0 && errno == EPERM;
}

static bool ask_open(void)
{
    return open(unreadable, O_RDONLY) < 0 && errno == EACCES;
}

static bool ask_mmap(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page != MAP_FAILED && munmap(page, 4096) == 0;
}

static bool ask_fork(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool ask_exec(void)
{
    char name[] = "true", *arguments[] = { name, NULL };
    pid_t child;

    return posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL) == 0 &&
           waitpid(child, NULL, 0) == child;
}

static const struct kind {
    const char *name;
    bool (*ask)(void);
} kinds[] = {
    { "hostname", ask_hostname }, { "open", ask_open }, { "mmap", ask_mmap },
    { "fork", ask_fork },         { "exec", ask_exec },
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

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

static int make_unreadable(void)
{
    int fd = mkstemp(unreadable);

    return fd < 0 || fchmod(fd, 0) < 0 ? -1 : close(fd);
}

static int measure(const struct kind *kind, long count)
{
    double start = seconds();

    for (long i = 0; i < count; i++) {
        if (!kind->ask()) {
            perror(kind->name);
            return 1;
        }
    }
    printf("%.1f\n", (seconds() - start) * 1e9 / (double)count);
    return 0;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const struct kind *kind = find_kind(argc > 2 ? argv[2] : "hostname");
    int status;

    if (count <= 0 || !kind || make_unreadable() < 0 || drop_all() < 0) {
        (void)fprintf(stderr, "usage: load COUNT [hostname|open|mmap|fork|exec]\n");
        return 2;
    }
    status = measure(kind, count);
    (void)unlink(unreadable);
    return status;
}
