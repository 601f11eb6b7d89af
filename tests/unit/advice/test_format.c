/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format.h"

#include <cjson/cJSON.h>

#include "tests/unit/advice/checks.h"

static struct subject s;
static struct circumstances c;
static struct text out;

static int set_up(UNUSED void **state)
{
    memset(&s, 0, sizeof(s));
    c = (struct circumstances){
        .name = "web", .runtime = "docker", .image = "nginx:1", .start_seen = true
    };
    return 0;
}

static int tear_down(UNUSED void **state)
{
    subject_clear(&s);
    text_clear(&out);
    return 0;
}

/* All of it, so that a test says what is to be pasted. */
static const char *written(const char *word)
{
    struct advice advice = judge(&s, &c);
    const struct advice_format *format = advice_format_find(word);

    assert_non_null(format);
    text_clear(&out);
    (void)advice_format_write(format, &out, &advice, 1, true);
    text_add_char(&out, '\0');
    assert_false(out.failed);
    return out.data;
}

static void work(void)
{
    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    add(&s, root_asks(CAP_SYS_NICE, SYS_setpriority));
}

static void test_needs(UNUSED void **state)
{
    work();
    assert_string_equal(written("docker"), "--cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n");
    assert_string_equal(written("podman"), "--cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n");
    assert_string_equal(written("label"), "io.containers.capabilities=CHOWN,SYS_NICE\n");
    assert_string_equal(written("systemd"),
                        "[Service]\nCapabilityBoundingSet=CAP_CHOWN CAP_SYS_NICE\n");
    assert_string_equal(written("compose"),
                        "cap_drop:\n  - ALL\ncap_add:\n  - CHOWN\n  - SYS_NICE\n");
    assert_string_equal(written("kubernetes"),
                        "securityContext:\n  capabilities:\n    drop: [\"ALL\"]\n"
                        "    add: [\"CHOWN\", \"SYS_NICE\"]\n");
    assert_string_equal(written("oci"), "{\"process\":{\"capabilities\":{"
                                        "\"bounding\":[\"CAP_CHOWN\",\"CAP_SYS_NICE\"],"
                                        "\"effective\":[\"CAP_CHOWN\",\"CAP_SYS_NICE\"],"
                                        "\"permitted\":[\"CAP_CHOWN\",\"CAP_SYS_NICE\"],"
                                        "\"inheritable\":[],\"ambient\":[]}}}\n");
}

static void test_needs_nothing(UNUSED void **state)
{
    assert_string_equal(written("docker"), "--cap-drop ALL\n");
    assert_string_equal(written("compose"), "cap_drop:\n  - ALL\n");
    assert_string_equal(written("systemd"), "[Service]\nCapabilityBoundingSet=\n");
    assert_string_equal(written("kubernetes"),
                        "securityContext:\n  capabilities:\n    drop: [\"ALL\"]\n");
}

/* A user, whom systemd and a bundle can give it. */
static void test_user(UNUSED void **state)
{
    c.manner = MANNER_AMBIENT;
    add(&s, nobody_asks(CAP_SYS_NICE, SYS_setpriority));
    assert_non_null(strstr(written("systemd"), "\nAmbientCapabilities=CAP_SYS_NICE\n"));
    assert_non_null(strstr(written("oci"), "\"ambient\":[\"CAP_SYS_NICE\"]"));
}

/* Nothing was seen: nothing is to be pasted. */
static void test_no_advice(UNUSED void **state)
{
    c.start_seen = false;
    assert_string_equal(written("docker"), "");
    assert_non_null(strstr(written("text"), "No advice"));
    assert_non_null(strstr(written("json"), "\"need\":null"));
}

static void test_text(UNUSED void **state)
{
    const struct started_file file = { "/bin/\033[31mping", BIT(NET_RAW) };
    const char *text;

    c.files = &file;
    c.file_count = 1;
    c.is_filtered = true;
    c.name = "we\nb";
    work();
    add(&s, nobody_asks(CAP_KILL, SYS_kill));
    add(&s, root_asks(CAP_PERFMON, SYS_perf_event_open));
    add(&s, root_may(CAP_SYS_ADMIN, SYS_perf_event_open));
    text = written("text");
    assert_non_null(strstr(text, "we\\x0ab (docker, nginx:1): 5 checks, seen from its start on\n"));
    assert_non_null(strstr(text, "  uses         CHOWN\n"));
    assert_non_null(strstr(text, "  lacks        SYS_NICE\n"));
    assert_non_null(strstr(text, "PERFMON does all that SYS_ADMIN was used for\n"));
    assert_non_null(strstr(text, "  to start     NET_RAW for /bin/\\x1b[31mping,"));
    assert_non_null(strstr(text, "  not reached  KILL: "));
    assert_non_null(strstr(text, "  for nothing  SYS_ADMIN! DAC_OVERRIDE SETUID\n"));
    assert_non_null(strstr(text, "seccomp=unconfined"));
    assert_non_null(strstr(text, "1 x denied to job (uid 1000) in kill: bounding\n"));
    assert_non_null(strstr(text, "=> --cap-drop ALL --cap-add CHOWN --cap-add NET_RAW "
                                 "--cap-add SYS_NICE --cap-add PERFMON\n"));
}

static void test_json(UNUSED void **state)
{
    cJSON *document;

    c.name = "we\"b\n";
    work();
    document = cJSON_Parse(written("json"));
    assert_non_null(document);
    assert_string_equal(cJSON_GetObjectItem(document, "container")->valuestring, "we\"b\n");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(document, "need")), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(document, "evidence")), 2);
    cJSON_Delete(document);
}

/* Of several, each has its name above it. */
static void test_several(UNUSED void **state)
{
    struct advice advices[2];

    work();
    advices[0] = advices[1] = judge(&s, &c);
    assert_int_equal(advice_format_write(advice_format_find("docker"), &out, advices, 2, false), 2);
    text_add_char(&out, '\0');
    assert_non_null(strstr(out.data, "# web\n--cap-drop"));
}

/* Each program that asked, but none that does whatever it is told. */
static void test_filecap(UNUSED void **state)
{
    static const struct seen_program programs[] = {
        { "/usr/sbin/server", "job" }, { "/usr/sbin/server", "worker" }, { "/bin/busybox", "nice" },
        { "/opt/a b", "odd" },         { "/bin/true", "true" },
    };
    struct capability_event event = root_asks(CAP_SETUID, SYS_setuid);

    work();
    c.programs = programs;
    c.program_count = ARRAY_SIZE(programs);
    (void)snprintf(event.comm, sizeof(event.comm), "worker");
    add(&s, event);
    event = root_asks(CAP_KILL, SYS_kill);
    (void)snprintf(event.comm, sizeof(event.comm), "nice");
    add(&s, event);
    event = root_asks(CAP_SYS_CHROOT, SYS_chroot);
    (void)snprintf(event.comm, sizeof(event.comm), "odd");
    add(&s, event);
    event = root_asks(CAP_MKNOD, SYS_mknod);
    (void)snprintf(event.comm, sizeof(event.comm), "gone");
    add(&s, event);
    assert_string_equal(
        written("filecap"),
        "setcap cap_chown,cap_setuid,cap_sys_nice+ep /usr/sbin/server\n"
        "# not for /bin/busybox, which does whatever it is told: KILL\n"
        "# not for /opt/a b, which has a strange name: SYS_CHROOT\n"
        "# programs whose files were not seen need MKNOD\n"
        "# and start the container with --cap-drop ALL --cap-add CHOWN --cap-add KILL "
        "--cap-add SETUID --cap-add SYS_CHROOT --cap-add SYS_NICE --cap-add MKNOD\n");
}

static void test_unseen(UNUSED void **state)
{
    work();
    assert_null(strstr(written("text"), "had ended"));
    c.unseen_programs = 3;
    assert_non_null(strstr(written("text"), "before their files could be looked at: 3."));
    assert_non_null(strstr(written("json"), "\"programsUnseen\":3"));
}

static const char *summary(void)
{
    struct advice advice = judge(&s, &c);

    text_clear(&out);
    advice_summary_write(&out, &advice);
    text_add_char(&out, '\0');
    return out.data;
}

static void test_summary(UNUSED void **state)
{
    assert_string_equal(summary(), "");
    work();
    assert_string_equal(summary(), "web needs CHOWN\nweb lacks SYS_NICE\n");
    add(&s, root_asks(CAP_FSETID, SYS_write));
    c.is_blind = true;
    c.name = "a\nb";
    assert_string_equal(summary(), "a\\x0ab needs at least CHOWN\na\\x0ab lacks SYS_NICE\n"
                                   "a\\x0ab asked without need for FSETID\n");
}

static void test_words(UNUSED void **state)
{
    for (size_t i = 0; advice_format_words[i]; i++)
        assert_non_null(advice_format_find(advice_format_words[i]));
    assert_null(advice_format_find("columns"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_needs),   TEST(test_needs_nothing), TEST(test_user),    TEST(test_no_advice),
        TEST(test_text),    TEST(test_json),          TEST(test_several), TEST(test_words),
        TEST(test_filecap), TEST(test_unseen),        TEST(test_summary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
