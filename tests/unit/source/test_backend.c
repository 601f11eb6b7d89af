/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of kernels that refuse a back-end. The kernel's answers, its type information and
 * our own powers are the test's: what defines them here comes before the real ones. */
#include "src/source/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/btf.h>

#include "src/base/kernel_file.h"
#include "src/host/kernel_btf.h"
#include "src/host/lockdown.h"
#include "src/host/powers.h"

static struct {
    int refusal;     /* of programs; 0: it takes them */
    bool powerless;  /* we are */
    bool no_kprobes; /* the kernel has none */
    const char *lockdown;
    const char *has; /* in its type information */
    enum bpf_prog_type type;
    struct bpf_prog_load_opts options; /* of the program that it was asked to take */
} t;

/* Under that name for the linker only: whether its options are const depends on libbpf's version.
 */
int load(enum bpf_prog_type type, const char *name, const char *license,
         const struct bpf_insn *instructions, size_t count,
         const struct bpf_prog_load_opts *options) __asm__("bpf_prog_load");

int load(enum bpf_prog_type type, UNUSED const char *name, UNUSED const char *license,
         UNUSED const struct bpf_insn *instructions, size_t count,
         const struct bpf_prog_load_opts *options)
{
    assert_int_equal(count, 2);
    t.type = type;
    t.options = *options;
    if (!t.refusal)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    errno = -t.refusal;
    return t.refusal;
}

int access(const char *path, UNUSED int mode)
{
    assert_string_equal(path, "/sys/bus/event_source/devices/kprobe");
    errno = ENOENT;
    return t.no_kprobes ? -1 : 0;
}

#define TYPE_ID 42

int kernel_btf_find(UNUSED const struct kernel_btf *btf, const char *name, unsigned int kind)
{
    bool is_function = kind == BTF_KIND_FUNC;

    if (!t.has || strcmp(t.has, name) != 0)
        return -ENOENT;
    assert_int_equal(is_function, strcmp(name, "cap_capable") == 0);
    return TYPE_ID;
}

int powers_check(struct error *error)
{
    return t.powerless ? error_set(error, -EPERM, "run it with sudo") : 0;
}

bool kernel_file_read(const char *path, char *text, size_t size)
{
    assert_string_equal(path, LOCKDOWN_PATH);
    (void)snprintf(text, size, "%s", t.lockdown);
    return *text;
}

static int set_up(UNUSED void **state)
{
    memset(&t, 0, sizeof(t));
    t.lockdown = "";
    return 0;
}

static const struct kernel_btf btf;
static struct error error;

static int probe(const char *name)
{
    const struct backend *backend = backend_find(name);

    assert_non_null(backend);
    error.message[0] = '\0';
    return backend->probe(&btf, &error);
}

static void check_refused(const char *name, int expected, const char *words)
{
    assert_int_equal(probe(name), expected);
    assert_int_equal(error.code, expected);
    if (!strstr(error.message, words))
        fail_msg("'%s' is not in: %s", words, error.message);
}

/* -------- what a kernel has -------- */

static void test_taken(UNUSED void **state)
{
    t.has = "cap_capable";
    assert_int_equal(probe("fexit"), 0);
    assert_int_equal(t.type, BPF_PROG_TYPE_TRACING);
    assert_int_equal(t.options.expected_attach_type, BPF_TRACE_FEXIT);
    assert_int_equal(t.options.attach_btf_id, TYPE_ID);
    t.has = "btf_trace_cap_capable";
    assert_int_equal(probe("tracepoint"), 0);
    assert_int_equal(t.type, BPF_PROG_TYPE_TRACING);
    assert_int_equal(t.options.expected_attach_type, BPF_TRACE_RAW_TP);
    assert_int_equal(t.options.attach_btf_id, TYPE_ID);
    assert_int_equal(probe("kprobe"), 0);
    assert_int_equal(t.type, BPF_PROG_TYPE_KPROBE);
}

static void test_absent(UNUSED void **state)
{
    check_refused("fexit", -ENOENT, "no function cap_capable");
    check_refused("tracepoint", -ENOENT, "new in 6.14");
    t.no_kprobes = true;
    check_refused("kprobe", -ENOENT, "CONFIG_KPROBE_EVENTS");
    assert_int_equal(t.type, 0); /* nothing was tried */
}

/* -------- what it says of programs -------- */

/* Its own error is said, and of ENOTSUPP, which has no text in user space, a word that is right. */
static void test_refused(UNUSED void **state)
{
    t.refusal = -EINVAL;
    t.has = "cap_capable";
    check_refused("fexit", -EINVAL, "refuses fexit programs: Invalid argument");
    t.has = "btf_trace_cap_capable";
    check_refused("tracepoint", -EINVAL, "refuses programs on trace events: Invalid argument");
    t.refusal = -E2BIG;
    check_refused("kprobe", -E2BIG, "refuses kprobe programs: Argument list too long");
    t.refusal = -KERNEL_ENOTSUPP;
    check_refused("kprobe", -KERNEL_ENOTSUPP, error_text(-KERNEL_ENOTSUPP));
}

/* Whoever is not permitted is told whether it is himself or everybody. */
static void test_not_permitted(UNUSED void **state)
{
    t.refusal = -EPERM;
    check_refused("kprobe", -EPERM, "to anybody: that is kernel lockdown (confidentiality), or");
    t.lockdown = "[none] integrity confidentiality\n";
    check_refused("kprobe", -EPERM, "to anybody: that is not kernel lockdown");
    t.powerless = true;
    check_refused("kprobe", -EPERM, "kprobe programs: run it with sudo");
}

/* -------- the table -------- */

static void test_names(UNUSED void **state)
{
    static const char *const words[] = { BACKENDS(BACKEND_WORD) };

    assert_int_equal(backend_count, ARRAY_SIZE(words));
    for (size_t i = 0; i < backend_count; i++) {
        assert_string_equal(backends[i].name, words[i]);
        assert_ptr_equal(backend_find(words[i]), &backends[i]);
        assert_non_null(backends[i].programs[0]);
        assert_non_null(backends[i].summary);
        assert_non_null(backends[i].remedy);
    }
    assert_null(backend_find("auto"));
    assert_null(backend_find(""));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_taken),         TEST(test_absent), TEST(test_refused),
        TEST(test_not_permitted), TEST(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
