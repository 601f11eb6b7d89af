/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_common.h"

#include <errno.h>

#include "src/base/log.h"
#include "src/base/terminal.h"

#define OUTPUT_SIZE ((size_t)256 << 10)

void command_prepare_discovery(const struct common_options *common,
                               struct discovery_options *ret_options)
{
    static const char *const engines[] = { "docker", "containerd", "cri-o", "podman" };

    *ret_options = (struct discovery_options){
        .runtimes = common->runtimes.words,
        .runtime_count = common->runtimes.count,
    };
    for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
        ret_options->sockets[i].runtime = engines[i];
        ret_options->sockets[i].path = common_options_socket(common, engines[i]);
    }
}

int command_output_open(const struct common_options *common, const struct field_table *table,
                        bool array, int signal_fd, struct command_output *output,
                        struct error *error)
{
    struct sink_options options = {
        .table = table,
        .width = terminal_width(STDOUT_FILENO),
        .colour = terminal_wants_colour(STDOUT_FILENO),
        .header = true,
        .array = array,
    };
    const char *list = NULL;
    int r;

    r = sink_format_parse(common->output, &options.format, &list, error);
    if (r < 0)
        return r;
    if (common->fields)
        list = common->fields;
    if (list) {
        r = sink_fields_parse(table, list, &output->fields, &options.field_count, error);
        if (r < 0)
            return r;
        options.fields = output->fields;
    }
    r = output_init(&output->output, STDOUT_FILENO, signal_fd, OUTPUT_SIZE);
    if (r >= 0)
        r = sink_new(&options, &output->output, &output->sink);
    return r < 0 ? error_set(error, r, "cannot prepare the output: %s", strerror(-r)) : 0;
}

void command_output_clear(struct command_output *output)
{
    sink_free(&output->sink);
    output_clear(&output->output);
    free(output->fields);
    output->fields = NULL;
}

void command_tell_engine(UNUSED void *userdata, const char *runtime, enum runtime_state state,
                         const struct error *reason)
{
    if (state == RUNTIME_DOWN)
        log_warning("%s: %s", runtime, reason->message);
    else if (state == RUNTIME_UP)
        log_verbose("%s: connected%s%s", runtime, reason ? "; " : "",
                    reason ? reason->message : "");
    else if (state == RUNTIME_ABSENT)
        log_verbose("%s: not here", runtime);
}

int command_output_failure(int r, struct error *error)
{
    if (r >= 0 || r == -EPIPE || r == -EINTR)
        return 0;
    return error_set(error, r, "cannot write to standard output: %s", strerror(-r));
}
