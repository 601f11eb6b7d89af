/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * needs: does what services do at their start, one deed after the other, so that a test knows which
 * capabilities a container needs in which it runs. Static: it runs in any image.
 *
 *   needs DEED...
 *
 * Exit status: 0 when all went well; 1 and a sentence at the first that did not; 2 usage.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USER 1000

static int deed_port80(void)
{
    const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int deed_user(void)
{
    return setgroups(0, NULL) < 0 || setgid(USER) < 0 ? -1 : setuid(USER);
}

static int deed_nice(void)
{
    return setpriority(PRIO_PROCESS, 0, -5);
}

/* Goes on without it. */
static int deed_try_nice(void)
{
    (void)deed_nice();
    return 0;
}

static int deed_chown(void)
{
    int fd = open("/tmp/owned", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    return fd < 0 ? -1 : fchown(fd, USER, USER);
}

/* After deed_chown(). */
static int deed_read(void)
{
    return open("/tmp/owned", O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int deed_write(void)
{
    return open("/tmp/owned", O_WRONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int deed_mount(void)
{
    return mount("none", "/tmp", "tmpfs", 0, NULL);
}

/* Keeps of what it has been given just this, and says it does without the rest. */
static int keep(uint32_t set)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    const struct __user_cap_data_struct data[2] = { { .effective = set, .permitted = set } };

    return (int)syscall(SYS_capset, &header, data);
}

static int deed_keep_bind(void)
{
    return keep(1U << CAP_NET_BIND_SERVICE);
}

static int deed_keep_more(void)
{
    return keep(1U << CAP_NET_BIND_SERVICE | 1U << CAP_KILL);
}

static int deed_wait(void)
{
    (void)signal(SIGTERM, _exit);
    (void)pause();
    return 0;
}

static const struct {
    const char *name;
    int (*act)(void);
} deeds[] = {
    { "port80", deed_port80 },       { "user", deed_user },           { "nice", deed_nice },
    { "try-nice", deed_try_nice },   { "chown", deed_chown },         { "read", deed_read },
    { "write", deed_write },         { "mount", deed_mount },         { "wait", deed_wait },
    { "keep-bind", deed_keep_bind }, { "keep-more", deed_keep_more },
};

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t at = 0;

        while (at < sizeof(deeds) / sizeof(deeds[0]) && strcmp(deeds[at].name, argv[i]) != 0)
            at++;
        if (at == sizeof(deeds) / sizeof(deeds[0])) {
            (void)fprintf(stderr, "needs: no deed '%s'\n", argv[i]);
            return 2;
        }
        if (deeds[at].act() < 0) {
            perror(argv[i]);
            return 1;
        }
    }
    return 0;
}
