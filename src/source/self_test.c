/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/self_test.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "src/model/capability.h"

/* By system call, for this thread only: libcap speaks for processes. */
static int get_sets(struct __user_cap_data_struct sets[static 2])
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

    return syscall(SYS_capget, &header, sets) < 0 ? -errno : 0;
}

static int put_sets(const struct __user_cap_data_struct sets[static 2])
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

    return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

/* The kernel asks for the capability first and looks at the length then: nothing can change. */
static void ask_for_sys_admin(void)
{
    (void)syscall(SYS_sethostname, "", -1);
}

static int map_a_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return -errno;
    (void)munmap(page, size);
    return 0;
}

int self_test_provoke(struct self_test *test, struct error *error)
{
    struct __user_cap_data_struct sets[2], none[2];
    int r = get_sets(sets);

    if (r < 0)
        return error_set(error, r, "cannot read our own capabilities: %s", strerror(-r));
    test->effective = (uint64_t)sets[1].effective << 32 | sets[0].effective;
    test->can_allow = test->effective >> CAP_SYS_ADMIN & 1;
    memcpy(none, sets, sizeof(none));
    none[0].effective = none[1].effective = 0;
    r = put_sets(none);
    if (r < 0)
        return error_set(error, r, "cannot lay down our capabilities: %s", strerror(-r));
    ask_for_sys_admin();
    r = put_sets(sets);
    if (r < 0)
        return error_set(error, r, "cannot take up our capabilities again: %s", strerror(-r));
    if (test->can_allow)
        ask_for_sys_admin();
    r = map_a_page();
    return r < 0 ? error_set(error, r, "cannot map a page: %s", strerror(-r)) : 0;
}

void self_test_observe(struct self_test *test, const struct capability_event *event)
{
    enum self_test_step step;

    if (event->capability != CAP_SYS_ADMIN)
        return;
    if (event->syscall == SYS_mmap)
        step = SELF_TEST_SILENT;
    else if (event->syscall == SYS_sethostname || event->syscall == EVENT_NO_SYSCALL)
        step = test->count[SELF_TEST_DENIED] ? SELF_TEST_ALLOWED : SELF_TEST_DENIED;
    else
        return;
    test->seen[step] = *event;
    test->count[step]++;
}

static int judge_step(const struct self_test *test, enum self_test_step step, bool denied,
                      uint64_t effective, struct error *error)
{
    const struct capability_event *seen = &test->seen[step];

    if (!test->count[step])
        return error_set(error, -EBADMSG,
                         "self-test: a check of our own (SYS_ADMIN, %s) was not seen: run in the "
                         "host's pid namespace (docker run --pid=host)",
                         denied ? "denied" : "allowed");
    if (seen->denied != denied || seen->effective != effective || seen->pid != (uint32_t)getpid() ||
        seen->uid != getuid())
        return error_set(error, -EBADMSG,
                         "self-test: expected SYS_ADMIN %s for uid %u with effective set 0x%llx, "
                         "the tracer saw %s %s for uid %u with 0x%llx: please report this kernel",
                         denied ? "denied" : "allowed", getuid(), (unsigned long long)effective,
                         capability_name(seen->capability), seen->denied ? "denied" : "allowed",
                         seen->uid, (unsigned long long)seen->effective);
    return 0;
}

int self_test_judge(const struct self_test *test, bool with_options, bool with_audit,
                    uint32_t *ret_noaudit, struct error *error)
{
    const struct capability_event *audited = &test->seen[SELF_TEST_DENIED];
    const struct capability_event *silent = &test->seen[SELF_TEST_SILENT];
    int r = judge_step(test, SELF_TEST_DENIED, true, 0, error);

    if (r >= 0 && test->can_allow)
        r = judge_step(test, SELF_TEST_ALLOWED, false, test->effective, error);
    if (r >= 0 && test->can_allow && test->count[SELF_TEST_SILENT])
        r = judge_step(test, SELF_TEST_SILENT, false, test->effective, error);
    if (r < 0)
        return r;
    *ret_noaudit = 0;
    if (with_options && test->count[SELF_TEST_SILENT]) {
        *ret_noaudit = silent->options & ~audited->options;
        if (!*ret_noaudit)
            return error_set(error, -EBADMSG,
                             "self-test: the options of an audited check (0x%x) and of a silent "
                             "one (0x%x) do not tell them apart: please report this kernel",
                             audited->options, silent->options);
    }
    if (with_audit && !with_options &&
        (audited->audit == EVENT_UNKNOWN || silent->audit == EVENT_UNKNOWN))
        return error_set(error, -EAGAIN,
                         "self-test: the kernel stack of a check could not be read, as others were "
                         "reading theirs: try again");
    if (with_audit && !with_options &&
        (audited->audit != 1 || (test->count[SELF_TEST_SILENT] && silent->audit != 0)))
        return error_set(error, -EBADMSG,
                         "self-test: an audited check was taken for audit %u, a silent one for "
                         "%u: please report this kernel",
                         audited->audit, silent->audit);
    return 0;
}
