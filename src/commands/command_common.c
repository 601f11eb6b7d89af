/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_common.h"

#include <errno.h>
#include <fcntl.h>

#include "src/base/log.h"
#include "src/base/terminal.h"

#define OUTPUT_SIZE ((size_t)256 << 10)

void command_prepare_discovery(const struct common_options *common,
                               struct discovery_options *ret_options)
{
    *ret_options = (struct discovery_options){
        .runtimes = common->runtimes.words,
        .runtime_count = common->runtimes.count,
    };
    for (size_t i = 0; i < OPTION_SOCKETS; i++) {
        ret_options->sockets[i].runtime = option_sockets[i].runtime;
        ret_options->sockets[i].path = common_options_socket(common, &option_sockets[i]);
    }
}

/* Owned; with commas between them. */
static char *join(const struct option_list *words)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);

    if (!memory)
        return NULL;
    for (size_t i = 0; i < words->count; i++)
        (void)fprintf(memory, "%s%s", i ? "," : "", words->words[i]);
    return fclose(memory) == 0 ? text : NULL;
}

int command_output_choose(struct command_output *output, const struct common_options *common,
                          const struct field_table *table, bool array, struct error *error)
{
    struct sink_options *options = &output->options;
    const char *list = NULL;
    _cleanup_(free_string)
    char *joined = NULL;
    int r;

    output->colour = common->colour;
    *options = (struct sink_options){ .table = table, .header = true, .array = array };
    r = sink_format_parse(common->output, &options->format, &list, error);
    if (r < 0)
        return r;
    if (common->fields.count) {
        joined = join(&common->fields);
        if (!joined)
            return error_set(error, -ENOMEM, "out of memory");
        list = joined;
    }
    if (!list)
        return 0;
    r = sink_fields_parse(table, list, &output->fields, &options->field_count, error);
    options->fields = output->fields;
    return r;
}

int command_output_place(struct command_output *output, const char *file, struct error *error)
{
    output->file = file;
    output->fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
    if (output->fd < 0)
        return error_set(error, -errno, "cannot open %s: %s", file, strerror(errno));
    return 0;
}

int command_output_open(struct command_output *output, int signal_fd, struct error *error)
{
    int r = output_init(&output->output, output->fd, signal_fd, OUTPUT_SIZE);

    output->options.width = terminal_width(output->fd);
    output->options.aim = terminal_usual_width();
    output->options.follow = isatty(output->fd);
    output->options.colour = terminal_wants_colour(output->fd, output->colour);
    if (r < 0)
        return error_set(error, r, "cannot prepare the output: %s", strerror(-r));
    return sink_new(&output->options, &output->output, &output->sink, error);
}

void command_output_clear(struct command_output *output)
{
    sd_event_source_disable_unref(output->watcher);
    output->watcher = NULL;
    sink_free(&output->sink);
    output_clear(&output->output);
    free(output->fields);
    output->fields = NULL;
    if (output->file)
        close_fd(&output->fd);
}

static int on_reader_gone(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                          void *userdata)
{
    loop_end(userdata, LOOP_END_DONE);
    return 0;
}

int command_output_watch(struct command_output *output, struct loop *loop)
{
    int r =
        sd_event_add_io(loop_event(loop), &output->watcher, output->fd, 0, on_reader_gone, loop);

    return r == -EPERM ? 0 : r; /* no pipe, socket or terminal */
}

int command_output_close(struct command_output *output, int r, struct error *error)
{
    if (output->file && close(TAKE_FD(output->fd)) < 0 && r >= 0)
        r = -errno;
    if (r >= 0 || r == -EPIPE || r == -EINTR)
        return 0;
    return error_set(error, r, "cannot write to %s: %s",
                     output->file                  ? output->file
                     : output->fd == STDOUT_FILENO ? "standard output"
                                                   : "standard error",
                     strerror(-r));
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
