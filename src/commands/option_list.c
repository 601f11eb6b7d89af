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
    { .name = "all",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct list_options, all),
      .help = "Pod sandboxes too: the containers that only hold a pod's namespaces." },
    OUTPUT_ROWS(struct list_options, option_formats),
    TIMEOUT_ROW(struct list_options),
    ENGINE_ROWS(struct list_options),
    GENERAL_ROWS(struct list_options),
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
    "there is.";

const char list_examples[] = "  sudo local-gadget list-containers\n"
                             "  All that is known of each, for a script:\n"
                             "    sudo local-gadget list-containers -o json\n"
                             "  What starts and stops in the next five minutes?\n"
                             "    sudo local-gadget list-containers --watch -t 5m";
