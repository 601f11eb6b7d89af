/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_advise.h"

#include "src/advice/format.h"

#define ROW(member) .offset = offsetof(struct advise_options, member)

static const struct option_row rows[] = {
    SUBJECT_ROWS(struct advise_options),
    { .letter = 'o',
      .name = "output",
      .argument = "FORMAT",
      .kind = OPTION_TEXT,
      COMMON_ROW(struct advise_options, output),
      .help = "text, the default, is for people, json for programs; the others are to be pasted "
              "where they belong.",
      .choices = advice_format_words,
      .section = "Output" },
    { .name = "explain",
      .kind = OPTION_FLAG,
      ROW(explain),
      .help = "With text: for each capability what it allows, which programs asked for it how "
              "often, in which system calls, and what came of it." },
    { .name = "output-file",
      .argument = "FILE",
      .kind = OPTION_TEXT,
      ROW(output_file),
      .help = "Write the advice to this file instead of standard output; what was in it is gone." },
    { .name = "input",
      .argument = "FILE",
      .kind = OPTION_TEXT,
      ROW(input),
      .help =
          "Watch nothing, but judge the rows that trace capabilities -o json has written to this "
          "file; - is standard input.",
      .section = "What was traced before" },
    { .name = "journal",
      .kind = OPTION_FLAG,
      ROW(journal),
      .help =
          "Likewise the entries of trace capabilities -o journal in the journal of this host." },
    { .name = "since",
      .argument = "WHEN",
      .kind = OPTION_TEXT,
      ROW(since),
      .help = "With --journal: only what was written since then: 7d (ago), 2026-11-01, '2026-11-01 "
              "08:30', @SECONDS." },
    { .name = "until",
      .argument = "WHEN",
      .kind = OPTION_TEXT,
      ROW(until),
      .help = "With --journal: only what was written until then, likewise." },
    { .name = "directory",
      .argument = "PATH",
      .kind = OPTION_TEXT,
      ROW(directory),
      .help =
          "With --journal: the journals in this directory instead, such as those of other hosts "
          "that systemd-journal-remote has brought together." },
    { .name = "journal-namespace",
      .argument = "NAME",
      .kind = OPTION_TEXT,
      ROW(journal_namespace),
      .help =
          "With --journal: the journal of this namespace, into which trace capabilities wrote by "
          "the option of the same name." },
    { .name = "merge",
      .argument = "FILE",
      .kind = OPTION_TEXT,
      ROW(merge),
      .help = "Carry on an earlier run: what -o json has written to this file counts as seen. "
              "--output-file may be the same file.",
      .section = "Over time" },
    { .name = "check",
      .argument = "FILE",
      .kind = OPTION_TEXT,
      ROW(check),
      .help = "End with exit status 3 if a container used, or was denied, what it does not need by "
              "the advice that -o json has written to this file, and say what: for tests." },
    TIMEOUT_ROW(struct advise_options),
    UNTIL_EXIT_ROW(struct advise_options),
    COMMAND_ROWS(struct advise_options),
    ENGINE_ROWS(struct advise_options),
    KERNEL_ROWS(struct advise_options),
    GENERAL_ROWS(struct advise_options),
};

const struct option_table advise_option_table = { rows, ARRAY_SIZE(rows) };

void advise_options_defaults(void *values)
{
    struct advise_options *options = values;

    common_options_defaults(&options->common);
    watch_options_defaults(&options->watch);
    options->common.output = advice_format_words[0];
}

const char advise_description[] =
    "Watches containers at work, and then says for each which capabilities it uses, which it lacks, "
    "which it has for nothing, and the smallest set that would do, as options, keys or files to be "
    "pasted.\n"
    "Start it before the container, let the container do all of its work, and end it with Ctrl-C, "
    "--timeout or --until-exit. What did not happen meanwhile is not in the advice; of a container "
    "that was there before, neither is what only its start needs, and it says so.\n"
    "With a COMMAND it runs that and judges it, and the containers that are born meanwhile.";

const char advise_examples[] =
    "  What does the container web need? Start it in another terminal, and end this by Ctrl-C:\n"
    "    sudo local-gadget advise capabilities -c web\n"
    "  The same, with what it rests on:\n"
    "    sudo local-gadget advise capabilities -c web --explain\n"
    "  Options for the next docker run, from the whole life of a job:\n"
    "    sudo local-gadget advise capabilities -c job --until-exit -o docker\n"
    "  A drop-in for a unit of systemd, from ten minutes of work:\n"
    "    sudo local-gadget advise capabilities --unit nginx -t 10m -o systemd\n"
    "  A program, run as root:\n"
    "    sudo local-gadget advise capabilities --as-root -- ./server --port 80";
