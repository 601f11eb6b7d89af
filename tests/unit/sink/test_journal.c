/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal, with a journald that takes what it likes: what gets there, and that what does not is
 * counted, and said. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/model/notice.h"
#include "src/sink/journal_entry.h"
#include "src/sink/journal_socket.h"
#include "tests/unit/sample_record.h"

#define ENTRY_SIZE (1 << 22)

struct journald {
    char path[SINK_JOURNAL_PATH_SIZE];
    int fd;
    struct loop *loop;
    struct sink_journal_options options;
    struct output output;
    struct sink *sink;
    char *entry; /* the last one that was read */
    size_t length;
    unsigned int away, back;
};

static void on_state(void *userdata, const struct error *reason)
{
    struct journald *journald = userdata;

    journald->away += reason != NULL;
    journald->back += reason == NULL;
}

static void listen_at(struct journald *journald)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)unlink(journald->path);
    memcpy(address.sun_path, journald->path, sizeof(address.sun_path));
    journald->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(journald->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static int open_sink(struct journald *journald, const struct field_table *table,
                     struct error *error)
{
    const struct sink_options options = { .format = SINK_JOURNAL,
                                          .table = table,
                                          .journal = &journald->options };

    journald->options.signal_fd = -1;
    journald->options.event = loop_event(journald->loop);
    journald->options.state = on_state;
    journald->options.userdata = journald;
    memcpy(journald->options.path, journald->path, sizeof(journald->path));
    return sink_new(&options, &journald->output, &journald->sink, error);
}

static void journald_init(struct journald *journald)
{
    *journald = (struct journald){ .fd = -1, .entry = malloc(ENTRY_SIZE) };
    (void)snprintf(journald->path, sizeof(journald->path), "/tmp/lg-journal.%d", getpid());
    assert_int_equal(loop_new(&journald->loop), 0);
    assert_int_equal(output_init(&journald->output, -1, -1, 64), 0);
}

static void journald_clear(struct journald *journald)
{
    sink_free(&journald->sink);
    output_clear(&journald->output);
    loop_free(&journald->loop);
    close_fd(&journald->fd);
    (void)unlink(journald->path);
    free(journald->entry);
}

/* A datagram, or what is in the file that came with an empty one. */
static bool take(struct journald *journald)
{
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec part = { journald->entry, ENTRY_SIZE };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t length = recvmsg(journald->fd, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int fd;

    if (length < 0)
        return false;
    if (header) {
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
        assert_int_equal(fcntl(fd, F_GET_SEALS),
                         F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
        length = pread(fd, journald->entry, ENTRY_SIZE, 0);
        assert_true(length > 0);
        (void)close(fd);
    }
    journald->length = (size_t)length;
    return true;
}

/* As journald reads it: the value of a field, of which there is one; NULL if there is none. */
static char *get(const struct journald *journald, const char *name)
{
    const char *at = journald->entry, *end = at + journald->length;
    char *found = NULL;

    while (at < end) {
        size_t name_length = strcspn(at, "=\n"), length;
        const char *value = at + name_length + 1;
        bool mine = strlen(name) == name_length && memcmp(at, name, name_length) == 0;

        if (at[name_length] == '=') {
            length = (size_t)((const char *)memchr(value, '\n', (size_t)(end - value)) - value);
        } else {
            uint64_t size;

            memcpy(&size, value, sizeof(size));
            length = le64toh(size);
            value += sizeof(size);
        }
        assert_true(value + length < end);
        assert_int_equal(value[length], '\n');
        if (mine) {
            assert_null(found);
            found = strndup(value, length);
        }
        at = value + length + 1;
    }
    return found;
}

static void assert_field(const struct journald *journald, const char *name, const char *expected)
{
    char *value = get(journald, name);

    if (!value != !expected || (value && strcmp(value, expected) != 0))
        fail_msg("%s is %s, not %s", name, value ? value : "not there",
                 expected ? expected : "not there");
    free(value);
}

static uint64_t number_of(const struct journald *journald, const char *name)
{
    char *value = get(journald, name);
    uint64_t number = value ? strtoull(value, NULL, 10) : 0;

    free(value);
    return number;
}

static void test_entry(UNUSED void **state)
{
    struct container *container = sample_container("web\nINJECTED=1");
    struct capability_event event = sample_event();
    const struct record record = { .event = &event,
                                   .container = container,
                                   .time_ns = 1700000000123456789 };
    struct journald journald;

    assert_int_equal(container_add_label(container, "a\nINJECTED=1", "\"b\n\nINJECTED=2\n"), 0);
    memcpy(event.comm, "ni\nINJECTED=3", 14);
    journald_init(&journald);
    listen_at(&journald);
    assert_int_equal(open_sink(&journald, &record_fields, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sink_row(journald.sink, &record), 0);
    assert_false(take(&journald));
    assert_int_equal(sink_flush(journald.sink, true), 0);
    assert_true(take(&journald));
    assert_field(&journald, "INJECTED", NULL);
    assert_field(&journald, "CONTAINER_NAME", "web\nINJECTED=1");
    assert_field(&journald, "CONTAINER_LABELS",
                 "{\"tier\":\"db\\n\",\"a\\nINJECTED=1\":\"\\\"b\\n\\nINJECTED=2\\n\"}");
    assert_field(&journald, "OBJECT_COMM", "ni\nINJECTED=3");
    assert_field(&journald, "MESSAGE",
                 "web\\x0aINJECTED=1: ni\\x0aINJECTED=3 (pid 1234) was denied SYS_NICE, 3 times");
    assert_field(&journald, "COUNT", "3");
    assert_field(&journald, "CONTAINER_ID", "0123456789ab");
    assert_field(&journald, "LOCAL_GADGET_CONTAINER_ID", SAMPLE_ID);
    assert_field(&journald, "EVENT_TIME_USEC", "1700000000123456");
    assert_field(&journald, "PRIORITY", "4");
    assert_field(&journald, "SYSCALL", NULL);
    assert_field(&journald, "CONTAINER_ID_FULL", NULL);
    assert_false(take(&journald));
    assert_int_equal(sink_rows_written(journald.sink), 3);
    container_unref(&container);
    journald_clear(&journald);
}

/* Labels of a megabyte go as a file. */
static void test_large(UNUSED void **state)
{
    struct container *container = sample_container("web");
    struct capability_event event = sample_event();
    const struct record record = { .event = &event, .container = container };
    char key[16], *value = calloc(1, CONTAINER_TEXT_MAX);
    struct journald journald;

    memset(value, 'x', CONTAINER_TEXT_MAX - 1);
    for (int i = 0; i < CONTAINER_LABELS_MAX - 1; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(container_add_label(container, key, value), 0);
    }
    journald_init(&journald);
    listen_at(&journald);
    assert_int_equal(open_sink(&journald, &record_fields, NULL), 0);
    assert_int_equal(sink_row(journald.sink, &record), 0);
    assert_int_equal(sink_flush(journald.sink, true), 0);
    assert_true(take(&journald));
    assert_true(journald.length > (size_t)CONTAINER_LABELS_MAX * CONTAINER_TEXT_MAX / 2);
    assert_field(&journald, "COUNT", "1");
    container_unref(&container);
    free(value);
    journald_clear(&journald);
}

static void test_nobody(UNUSED void **state)
{
    struct error error = {};
    struct journald journald;

    journald_init(&journald);
    assert_int_equal(open_sink(&journald, &record_fields, &error), -ENOENT);
    assert_non_null(strstr(error.message, journald.path));
    journald_clear(&journald);
}

struct sums {
    uint64_t shown, lost;
};

static void take_all(struct journald *journald, struct sums *sums)
{
    while (take(journald)) {
        char *verdict = get(journald, "VERDICT");

        *(verdict ? &sums->shown : &sums->lost) += number_of(journald, "COUNT");
        free(verdict);
    }
}

/* For so long, while journald reads all that comes. */
static void run_loop(struct journald *journald, uint64_t usec, struct sums *sums)
{
    uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + usec * 1000;

    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        assert_true(sd_event_run(loop_event(journald->loop), USEC_PER_SEC / 100) >= 0);
        take_all(journald, sums);
    }
}

/* Nobody reads, then nobody is there, then somebody is; entries of 16 KiB each, so that some find
 * no room. What was handed over is in entries, or in one that says that it was lost. */
static void test_sums(UNUSED void **state)
{
    enum { ROWS = 8000 };
    struct container *container = sample_container("web");
    struct capability_event event = sample_event();
    const struct record record = { .event = &event, .container = container };
    struct record_loss loss = { .count = 5, .total = 5, .reason = "ring buffer full" };
    char *value = calloc(1, CONTAINER_TEXT_MAX), key[8];
    struct journald journald;
    struct sums sums = { 0 };

    memset(value, 'x', CONTAINER_TEXT_MAX - 1);
    for (int i = 0; i < 4; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(container_add_label(container, key, value), 0);
    }
    journald_init(&journald);
    listen_at(&journald);
    assert_int_equal(open_sink(&journald, &record_fields, NULL), 0);
    for (unsigned int i = 0; i < ROWS; i++) {
        if (i == ROWS / 2) {
            take_all(&journald, &sums);
            close_fd(&journald.fd);
        }
        event.audit = (uint8_t)(i % 100); /* part of the key */
        event.capability = (uint8_t)(i / 100);
        assert_int_equal(sink_row(journald.sink, &record), 0);
    }
    assert_int_equal(sink_loss(journald.sink, &loss), 0);
    assert_int_equal(sink_loss(journald.sink, &loss), 0);
    run_loop(&journald, USEC_PER_SEC / 10, &sums);
    assert_int_equal(journald.away, 1);
    listen_at(&journald);
    while (!journald.back || sums.lost <= 10)
        run_loop(&journald, USEC_PER_SEC / 10, &sums);
    run_loop(&journald, USEC_PER_SEC * 3 / 2, &sums);
    assert_int_equal(sink_flush(journald.sink, true), 0);
    take_all(&journald, &sums);
    assert_int_equal(journald.back, 1);
    assert_int_equal(sink_rows_written(journald.sink), sums.shown);
    assert_int_equal(sums.shown + sums.lost, ROWS + 10);
    container_unref(&container);
    free(value);
    journald_clear(&journald);
}

static void test_notice(UNUSED void **state)
{
    const struct notice away = { .kind = JOURNAL_ENGINE_AWAY,
                                 .runtime = "docker",
                                 .reason = "no\nsocket" };
    const struct notice summary = {
        .kind = JOURNAL_SUMMARY,
        .shown = 3,
        .lost = 2,
        .totals[LOSS_UNWRITTEN] = 2,
        .hidden = { .setup = 4, .overridden = 5, .foreign = 6, .repeats = 7 },
        .crowded = 8,
    };
    struct journald journald;

    journald_init(&journald);
    listen_at(&journald);
    assert_int_equal(open_sink(&journald, &record_fields, NULL), 0);
    assert_int_equal(sink_notice(journald.sink, &away), 0);
    assert_true(take(&journald));
    assert_field(&journald, "CONTAINER_RUNTIME", "docker");
    assert_field(&journald, "REASON", "no\nsocket");
    assert_field(&journald, "SHOWN", NULL);
    assert_int_equal(sink_notice(journald.sink, &summary), 0);
    assert_true(take(&journald));
    assert_field(&journald, "MESSAGE", "3 events shown, 2 lost (2 not written)");
    assert_field(&journald, "SHOWN", "3");
    assert_field(&journald, "HIDDEN_SETUP", "4");
    assert_field(&journald, "HIDDEN_OVERRIDDEN", "5");
    assert_field(&journald, "HIDDEN_FOREIGN", "6");
    assert_field(&journald, "HIDDEN_REPEATS", "7");
    assert_field(&journald, "CROWDED", "8");
    assert_field(&journald, "COUNT", NULL);
    journald_clear(&journald);
}

static void test_names(UNUSED void **state)
{
    static const struct {
        const char *name, *path;
    } good[] = {
        { NULL, "/run/systemd/journal/socket" },
        { "web", "/run/systemd/journal.web/socket" },
    };
    static const char *const bad[] = { "", ".", "..", "a/b", "a b", "a\n" };
    char path[SINK_JOURNAL_PATH_SIZE];
    char longer[SINK_JOURNAL_PATH_SIZE];

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_int_equal(sink_journal_path(good[i].name, path, NULL), 0);
        assert_string_equal(path, good[i].path);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(sink_journal_path(bad[i], path, NULL), -EINVAL);
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(sink_journal_path(longer, path, NULL), -EINVAL);
}

/* -------- the tables -------- */

static bool is_field_name(const char *name)
{
    return strlen(name) <= 64 && !strchr("0123456789", name[0]) &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

static void test_tables(UNUSED void **state)
{
    static const struct field_table *const tables[] = { &record_fields, &loss_fields,
                                                        &notice_fields };

    for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
        assert_non_null(tables[t]->tell);
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct field *field = &tables[t]->fields[i];

            if (!field->journal || !field->help || !is_field_name(field->journal))
                fail_msg("%s has no field of the journal", field->name);
            for (size_t k = 0; journal_forbidden_fields[k]; k++)
                assert_string_not_equal(field->journal, journal_forbidden_fields[k]);
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(field->journal, tables[t]->fields[k].journal);
        }
    }
    for (size_t i = 0; i < JOURNAL_KINDS; i++) {
        assert_int_equal(strspn(journal_kinds[i].message_id, "0123456789abcdef"), 32);
        assert_int_equal(strlen(journal_kinds[i].message_id), 32);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(journal_kinds[i].message_id, journal_kinds[k].message_id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry),  cmocka_unit_test(test_large),  cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_sums),   cmocka_unit_test(test_notice), cmocka_unit_test(test_names),
        cmocka_unit_test(test_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
