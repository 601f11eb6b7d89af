/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/doctor/doctor_report.h"

#include <errno.h>

#include "src/base/escape.h"
#include "src/base/help.h"

#define NAME_WIDTH 20 /* "CHECKPOINT_RESTORE" and two blanks */
#define INDENT     (2 + 5 + NAME_WIDTH)

static const struct {
    const char *word;
    const char *colour;
} marks[] = {
    [FINDING_FACT] = { "   ", NULL },
    [FINDING_GOOD] = { "yes", "32" },
    [FINDING_BAD] = { "no ", "31" },
};

static void print_mark(const struct help *help, enum finding_mark mark)
{
    if (help->bold && marks[mark].colour)
        (void)fprintf(help->file, "  \033[%sm%s\033[0m  ", marks[mark].colour, marks[mark].word);
    else
        (void)fprintf(help->file, "  %s  ", marks[mark].word);
}

static int print_finding(const struct help *help, const struct finding *finding)
{
    struct text detail = { 0 };

    (void)escape_terminal(&detail, finding->detail, strlen(finding->detail), 0, false);
    if (detail.failed) {
        text_clear(&detail);
        return -ENOMEM;
    }
    print_mark(help, finding->mark);
    (void)fprintf(help->file, "%-*s", NAME_WIDTH, finding->name);
    help_wrap(help, INDENT, INDENT, detail.data, detail.length);
    text_clear(&detail);
    if (finding->advice) {
        (void)fprintf(help->file, "%*s", INDENT, "");
        help_wrap(help, INDENT, INDENT, finding->advice, strlen(finding->advice));
    }
    return 0;
}

int doctor_report(FILE *file, const struct findings *findings)
{
    const struct help help = help_for(file);
    const char *section = "";

    (void)fprintf(file, "local-gadget %s\n", VERSION);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        int r;

        if (strcmp(section, finding->section) != 0) {
            section = finding->section;
            help_heading(&help, section);
        }
        r = print_finding(&help, finding);
        if (r < 0)
            return r;
    }
    errno = 0;
    return fflush(file) == 0 && !ferror(file) ? 0 : errno ? -errno : -EIO;
}
