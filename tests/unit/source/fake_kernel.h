/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that takes the BPF programs, refuses them, or tells of our own checks, as the test has
 * it: defines what would go to the real one, and comes before that. The object itself is opened for
 * real. One test program includes it once.
 */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "src/base/kernel_file.h"
#include "src/host/kernel_btf.h"
#include "src/host/lockdown.h"
#include "src/host/powers.h"
#include "src/host/preemption.h"
#include "src/source/kernel_types.h"
#include "src/source/self_test.h"
#include "src/source/tracer_private.h"
#include "tests/unit/source/fake_ring.h"

/* Where its functions are; the hook comes first, and its caller is another's. */
#define HOOK   UINT64_C(0xffffffff81000000)
#define OTHERS UINT64_C(0xffffffff82000000)

static struct {
    /* What it says of each step; 0: yes. */
    int no_types, torn_types, refuses_program, refuses_load, refuses_attach;
    bool refuses_ring;
    const char *refused;    /* only this back-end's programs are refused at load */
    unsigned int disturbed; /* self-tests of which it sees nothing, as another task is inside */
    bool wrong;             /* it takes what is denied for allowed */
    bool no_symbols;        /* it tells no addresses of functions */
    bool misplaced;         /* audit is told wrongly once callers are placed */
    uint32_t noaudit;       /* its bit of a check that asks silently */
    const char *lockdown;   /* its file; NULL: there is none */
    enum preemption preemption;

    struct gadget_bpf *skeleton; /* that was loaded last */
    bool inside;                 /* a task is, during the self-test that runs */
    unsigned int misses;
    size_t self_tests;
    bool second_copies; /* would be loaded */
} kernel;

/* -------- what the kernel is -------- */

int kernel_btf_load(struct kernel_btf *ret_btf, struct error *error)
{
    *ret_btf = (struct kernel_btf){ 0 };
    return kernel.no_types ? error_set(error, kernel.no_types, "no types") : 0;
}

void kernel_btf_clear(UNUSED struct kernel_btf *btf)
{
}

int kernel_btf_find(UNUSED const struct kernel_btf *btf, UNUSED const char *name,
                    UNUSED unsigned int kind)
{
    return 1;
}

int kernel_types_file(char path[static KERNEL_TYPES_PATH_SIZE])
{
    path[0] = '\0';
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int kernel_types_write(UNUSED int fd, UNUSED const struct bpf_object *object,
                       UNUSED const struct kernel_btf *btf)
{
    return kernel.torn_types;
}

int kernel_types_find(UNUSED const struct kernel_btf *btf, struct type_ids *ret_ids)
{
    *ret_ids = (struct type_ids){ .task_struct = 7 };
    return 0;
}

bool kernel_file_read(const char *path, char *text, size_t size)
{
    assert_string_equal(path, LOCKDOWN_PATH);
    (void)snprintf(text, size, "%s", kernel.lockdown ? kernel.lockdown : "");
    return kernel.lockdown != NULL;
}

enum preemption preemption_of_kernel(void)
{
    return kernel.preemption;
}

int powers_check(UNUSED struct error *error)
{
    return 0;
}

int access(UNUSED const char *path, UNUSED int mode)
{
    return 0;
}

/* -------- what it does with programs -------- */

static int answer(int refusal)
{
    errno = -refusal;
    return refusal;
}

/* Under that name for the linker only: what it takes depends on libbpf's version. */
int load_program(void) __asm__("bpf_prog_load");

int load_program(void)
{
    return kernel.refuses_program ? answer(kernel.refuses_program)
                                  : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool would_load(const char *name)
{
    return bpf_program__autoload(bpf_object__find_program_by_name(kernel.skeleton->obj, name));
}

int bpf_object__load_skeleton(struct bpf_object_skeleton *skeleton)
{
    kernel.skeleton =
        (struct gadget_bpf *)((char *)skeleton->obj - offsetof(struct gadget_bpf, obj));
    kernel.second_copies = would_load("cgroup_born2");
    return kernel.refused && would_load(kernel.refused) ? -EINVAL : kernel.refuses_load;
}

int bpf_object__attach_skeleton(UNUSED struct bpf_object_skeleton *skeleton)
{
    return kernel.refuses_attach;
}

void bpf_object__detach_skeleton(UNUSED struct bpf_object_skeleton *skeleton)
{
}

/* Of the ring; it has a new one each time. */
int bpf_map__fd(const struct bpf_map *map)
{
    if (kernel.refuses_ring)
        return -1;
    if (fake_ring.memory)
        fake_ring_unmake();
    fake_ring_make(bpf_map__max_entries(map));
    return fake_ring.fd;
}

int bpf_program__fd(UNUSED const struct bpf_program *program)
{
    return -1;
}

int bpf_obj_get_info_by_fd(UNUSED int fd, void *info, UNUSED __u32 *size)
{
    ((struct bpf_prog_info *)info)->recursion_misses = kernel.misses;
    return 0;
}

/* It is asked where a function is. */
int bpf_prog_test_run_opts(UNUSED int fd, UNUSED struct bpf_test_run_opts *options)
{
    struct symbol_query *query = &kernel.skeleton->bss->symbol_query;

    if (kernel.no_symbols)
        return answer(-EPERM);
    query->address = strcmp(query->name, "security_capable") == 0 ? HOOK : OTHERS;
    (void)snprintf(query->text, sizeof(query->text), "%.60s+0x0/0x100", query->name);
    return 0;
}

/* -------- what it tells of our checks -------- */

static void tell(int syscall_number, bool denied, uint64_t effective)
{
    bool silent = syscall_number == SYS_mmap;
    bool wrong = kernel.misplaced && kernel.skeleton->bss->caller_places;
    const struct capability_event event = {
        .kind = EVENT_CAPABILITY,
        .flags = EVENT_SELF_TEST,
        .capability = CAP_SYS_ADMIN,
        .syscall = syscall_number,
        .denied = denied && !kernel.wrong,
        .audit = silent == wrong,
        .options = silent ? kernel.noaudit : 0,
        .effective = effective,
        .pid = (uint32_t)getpid(),
        .uid = getuid(),
    };

    assert_int_equal(kernel.skeleton->bss->self_testing, 1);
    assert_true(fake_ring_write(&event, sizeof(event), 0));
}

/* The hook has been called from elsewhere; both addresses lie on the stack. */
static void leave_sample(void)
{
    struct caller_sample *sample = &kernel.skeleton->bss->caller_sample;

    sample->words[5] = sample->frames[1] = HOOK + 0x40;
    sample->words[9] = sample->frames[2] = OTHERS + 0x40;
}

/* The first one of each self-test is made without any capability. */
static void see_check(uint64_t effective)
{
    if (!effective) {
        kernel.self_tests++;
        kernel.inside = kernel.disturbed > 0;
        kernel.disturbed -= kernel.inside;
        kernel.misses += kernel.inside;
    }
    if (kernel.inside)
        return;
    leave_sample();
    tell(SYS_sethostname, !effective, effective);
    tell(SYS_mmap, false, effective);
}

static uint64_t own_effective(void)
{
    cap_t own = cap_get_proc();
    uint64_t effective = 0;

    for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++) {
        cap_flag_value_t value = CAP_CLEAR;

        if (cap_get_flag(own, i, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET)
            effective |= UINT64_C(1) << i;
    }
    (void)cap_free(own);
    return effective;
}

/* Sees what asks for a capability, and goes on to the real one. */
long syscall(long number, ...)
{
    long (*real)(long, ...) = (long (*)(long, ...))(intptr_t)dlsym(RTLD_NEXT, "syscall");
    long arguments[6], result;
    va_list list;

    va_start(list, number);
    for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    result = real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                  arguments[5]);
    if (number == SYS_sethostname)
        see_check(own_effective());
    return result;
}
