/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * month: what 50 containers ask for in 30 days, into the journal, through the program's own sink.
 * Each hour each of them does the same: root uses CHOWN, is denied SYS_NICE, and reads what is not
 * its own by DAC_OVERRIDE, which the kernel asks for when it has denied DAC_READ_SEARCH.
 *
 * Prints how many checks that were.
 */
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/base/output.h"
#include "src/model/container.h"
#include "src/model/record.h"
#include "src/sink/sink.h"

#define CONTAINERS 50
#define HOURS      (30 * 24)

static const struct {
    uint8_t capability;
    bool denied;
    int syscall;
} deeds[] = {
    { CAP_CHOWN, false, SYS_fchown },
    { CAP_DAC_READ_SEARCH, true, SYS_openat },
    { CAP_DAC_OVERRIDE, false, SYS_openat },
    { CAP_SYS_NICE, true, SYS_setpriority },
};

static uint64_t checks;

static void on_state(UNUSED void *userdata, UNUSED const struct error *reason)
{
}

static struct container *make_container(unsigned int number)
{
    char text[65];
    struct container *container;

    (void)snprintf(text, sizeof(text), "%064x", number + 1);
    container = container_new("docker", text);
    (void)snprintf(text, sizeof(text), "service-%u", number);
    if (!container || container_set_text(&container->name, text) < 0 ||
        container_set_text(&container->image, "registry.example/service:1") < 0)
        return NULL;
    return container;
}

static int work(struct sink *sink, const struct container *container, uint32_t pid)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(deeds); i++) {
        const uint64_t held = 1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE;
        const struct capability_event event = {
            .pid = pid,
            .tid = pid,
            .capability = deeds[i].capability,
            .denied = deeds[i].denied,
            .syscall = deeds[i].syscall,
            .audit = 1,
            .effective = held,
            .permitted = held,
            .bounding = held,
            .comm = "server",
        };
        const struct record record = {
            .event = &event,
            .container = container,
            .time_ns = clock_ns(CLOCK_REALTIME),
        };

        r = sink_row(sink, &record);
        checks++;
    }
    return r;
}

static int fill(struct sink *sink)
{
    struct container *containers[CONTAINERS];
    int r = 0;

    for (unsigned int i = 0; i < CONTAINERS; i++) {
        containers[i] = make_container(i);
        if (!containers[i])
            return -1;
    }
    for (unsigned int hour = 0; r >= 0 && hour < HOURS; hour++) {
        for (unsigned int i = 0; r >= 0 && i < CONTAINERS; i++)
            r = work(sink, containers[i], 1000 + i);
        if (r >= 0)
            r = sink_flush(sink, true);
    }
    for (unsigned int i = 0; i < CONTAINERS; i++)
        container_unref(&containers[i]);
    return r;
}

int main(void)
{
    struct sink_journal_options journal = { .signal_fd = -1, .state = on_state };
    const struct sink_options options = { .format = SINK_JOURNAL,
                                          .table = &record_fields,
                                          .journal = &journal };
    struct error error = { 0 };
    struct output output;
    struct loop *loop;
    struct sink *sink;

    if (loop_new(&loop) < 0 || output_init(&output, -1, -1, 64) < 0 ||
        sink_journal_path(NULL, journal.path, &error) < 0)
        return 1;
    journal.event = loop_event(loop);
    if (sink_new(&options, &output, &sink, &error) < 0) {
        (void)fprintf(stderr, "month: %s\n", error.message);
        return 1;
    }
    if (fill(sink) < 0 || sink_rows_written(sink) != checks)
        return 1;
    sink_free(&sink);
    output_clear(&output);
    loop_free(&loop);
    (void)printf("%" PRIu64 "\n", checks);
    return 0;
}
