/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_trace_filter.h"

#include "src/base/log.h"
#include "src/base/text.h"
#include "src/commands/option_trace.h"
#include "src/model/record.h"

static const struct short_form {
    const char *option, *field;
    size_t offset;    /* of its struct option_list */
    const char *each; /* a word that leaves nothing out; NULL: there is none */
} short_forms[] = {
    { "--cap", "capname", offsetof(struct trace_options, capabilities), "all" },
    { "--verdict", "verdict", offsetof(struct trace_options, verdicts), NULL },
    { "--pid", "pid", offsetof(struct trace_options, pids), NULL },
    { "--uid", "uid", offsetof(struct trace_options, uids), NULL },
    { "--comm", "comm", offsetof(struct trace_options, comms), NULL },
    { "--image", "image", offsetof(struct trace_options, images), NULL },
    { "--k8s-namespace", "namespace", offsetof(struct trace_options, pod_namespaces), NULL },
    { "--k8s-podname", "pod", offsetof(struct trace_options, pods), NULL },
};

static bool has_word(const struct option_list *list, const char *word)
{
    size_t i = 0;

    while (i < list->count && strcasecmp(list->words[i], word) != 0)
        i++;
    return i < list->count;
}

static int add_short_form(const struct short_form *form, const struct trace_options *options,
                          struct filter *filter, struct error *error)
{
    const struct option_list *list = (const void *)((const char *)options + form->offset);

    if (form->each && has_word(list, form->each))
        return 0;
    return filter_add_words(filter, form->option, form->field, list->words, list->count, error);
}

int trace_filter_prepare(const struct trace_options *options, struct filter *filter,
                         struct tracer_options *tracer, struct error *error)
{
    int r = 0;

    filter->table = &record_fields;
    for (size_t i = 0; i < options->filters.count && r >= 0; i++)
        r = filter_add(filter, "--filter", options->filters.words[i], error);
    for (size_t i = 0; i < ARRAY_SIZE(short_forms) && r >= 0; i++)
        r = add_short_form(&short_forms[i], options, filter, error);
    return r < 0 ? r : kernel_filter_set(filter, tracer, error);
}

void trace_filter_say(const struct filter *filter)
{
    static const char *const places[] = { "here", "in the kernel" };

    for (size_t place = 0; place < ARRAY_SIZE(places); place++) {
        struct text names = { 0 };

        for (size_t i = 0; i < filter->count; i++) {
            if (kernel_filter_decides(&filter->terms[i]) != (place == 1))
                continue;
            text_add_string(&names, names.length ? ", " : "");
            text_add_string(&names, filter->terms[i].field->name);
            text_add_string(&names, filter_operator_text(filter->terms[i].relation));
        }
        if (names.length)
            log_verbose("filtered %s: %.*s", places[place], (int)names.length, names.data);
        text_clear(&names);
    }
}
