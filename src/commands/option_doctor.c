/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_doctor.h"

#include "src/sink/sink.h"

const char doctor_text_format[] = "text";
static const char *const formats[] = { doctor_text_format, SINK_FORMAT_WORDS, NULL };

static const struct option_row rows[] = {
    { .letter = 'o',
      .name = "output",
      .argument = "FORMAT",
      .kind = OPTION_TEXT,
      COMMON_ROW(struct doctor_options, output),
      .help = "How findings are printed. text, the default, is for people; columns "
              "and the others have a row for each finding.",
      .choices = formats,
      .section = "Output" },
    FIELDS_ROW(struct doctor_options),
    COLOUR_ROW(struct doctor_options),
    ENGINE_ROWS(struct doctor_options),
    GENERAL_ROWS(struct doctor_options),
};

const struct option_table doctor_option_table = { rows, ARRAY_SIZE(rows) };

void doctor_options_defaults(void *values)
{
    struct doctor_options *options = values;

    common_options_defaults(&options->common);
    options->common.output = doctor_text_format;
}

const char doctor_description[] =
    "Looks whether this host lets capabilities be traced, and says what to do about each thing "
    "that is not as it should be.\n"
    "It tries rather than guesses: every back-end is loaded, made to see some known checks of this "
    "process, and taken away again; every engine is asked for its containers.\n"
    "The exit status is 0 if `trace capabilities` would work, else 1. An engine that does not "
    "answer costs names, not events, and does not count.";

const char doctor_examples[] = "  sudo local-gadget doctor\n"
                               "  Which back-ends does this kernel have? For a script:\n"
                               "    sudo local-gadget doctor -o json |\n"
                               "      jq -r '.[] | select(.section == \"Back-ends\" and .ok).name'";
