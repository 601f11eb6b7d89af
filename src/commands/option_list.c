/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_list.h"

static const struct option_row rows[] = {
    { .letter = 'w',
      .name = "watch",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct list_options, watch),
      .help = "Go on: print the containers that are there, then each one that starts or "
              "stops. TIMESTAMP and EVENT come in front.",
      .section = "What to list" },
    { .letter = 'c',
      .name = "containername",
      .argument = "NAME,...",
      .kind = OPTION_LIST,
      .offset = offsetof(struct list_options, containers),
      .help = "Only containers of these names, or of these ids. '!NAME' leaves one out." },
    { .letter = 'F',
      .name = "filter",
      .argument = "FIELD:VALUE,...",
      .kind = OPTION_REPEATED,
      .offset = offsetof(struct list_options, filters),
      .help = "Only containers for which all of this holds: FIELD:VALUE or FIELD:!VALUE, "
              "FIELD:~REGEX or FIELD:!~REGEX for text, FIELD:>N and the like for numbers. "
              "local-gadget-trace-capabilities(1) has the whole of it." },
    { .name = "runtime-containername",
      .kind = OPTION_LIST,
      .offset = offsetof(struct list_options, containers),
      .hidden = true },
    { .name = "all",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct list_options, all),
      .help = "Pod sandboxes too: the containers that only hold a pod's namespaces." },
    OUTPUT_ROWS(struct list_options, option_formats),
    { .name = "sort",
      .argument = "FIELD,...",
      .kind = OPTION_LIST,
      .offset = offsetof(struct list_options, order),
      .help = "The order of those that are there, by these fields; --sort=-FIELD has the greatest "
              "first. By default by engine and name." },
    TIMEOUT_ROW(struct list_options),
    ENGINE_ROWS(struct list_options),
    GENERAL_ROWS(struct list_options),
    NO_SANDBOX_ROW(.offset = offsetof(struct list_options, no_sandbox)),
};

const struct option_table list_option_table = { rows, ARRAY_SIZE(rows) };

void list_options_defaults(void *values)
{
    struct list_options *options = values;

    common_options_defaults(&options->common);
}

const char list_description[] =
    "Lists the running containers of this host, sorted by engine and name: those that `trace "
    "capabilities` can tell apart, under the same names.\n"
    "A container is listed because its cgroup has processes. Where no engine knows it, its id is all "
    "there is. With -r only containers of those engines are listed.";

const char list_examples[] = "  sudo local-gadget list-containers\n"
                             "  All that is known of each, for a script:\n"
                             "    sudo local-gadget list-containers -o json\n"
                             "  What starts and stops in the next five minutes?\n"
                             "    sudo local-gadget list-containers --watch -t 5m";
