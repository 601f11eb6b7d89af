/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/help.h"

#include "src/base/terminal.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     30
#define WIDTH_MAX     100
#define ENTRY_INDENT  2
#define TEXT_MIN      40 /* narrower than this beside a name reads badly: put it below */
#define BELOW_INDENT  8

struct help help_for(FILE *file)
{
    unsigned int width = terminal_width(fileno(file));

    return (struct help){
        .file = file,
        .width = width ? MAX(MIN(width, WIDTH_MAX), WIDTH_MIN) : WIDTH_DEFAULT,
        .bold = terminal_wants_colour(fileno(file), "auto"),
    };
}

void help_heading(const struct help *help, const char *text)
{
    (void)fprintf(help->file, help->bold ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

void help_wrap(const struct help *help, unsigned int column, unsigned int indent, const char *text,
               size_t length)
{
    const char *end = text + length;
    bool first = true;

    while (text < end) {
        unsigned int word = 0;

        while (text < end && *text == ' ')
            text++;
        while (text + word < end && text[word] != ' ')
            word++;
        if (word == 0)
            break;
        if (!first && column + 1 + word > help->width) {
            (void)fprintf(help->file, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            (void)fputc(' ', help->file);
            column++;
        }
        (void)fwrite(text, 1, word, help->file);
        column += word;
        text += word;
        first = false;
    }
    (void)fputc('\n', help->file);
}

void help_text(const struct help *help, unsigned int indent, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (length > 0)
            (void)fprintf(help->file, "%*s", (int)indent, "");
        if (*text == ' ')
            (void)fprintf(help->file, "%.*s\n", (int)length, text);
        else
            help_wrap(help, indent, indent, text, length);
        text += length;
        if (*text == '\n' && *++text != ' ')
            (void)fputc('\n', help->file);
    }
}

void help_entry(const struct help *help, unsigned int left_width, const char *name,
                const char *text)
{
    unsigned int column = ENTRY_INDENT + left_width + 2;
    bool below = column + TEXT_MIN > help->width;

    if (below || strlen(name) > left_width) {
        column = below ? BELOW_INDENT : column;
        (void)fprintf(help->file, "%*s%s\n%*s", ENTRY_INDENT, "", name, (int)column, "");
    } else {
        (void)fprintf(help->file, "%*s%-*s  ", ENTRY_INDENT, "", (int)left_width, name);
    }
    help_wrap(help, column, column, text, strlen(text));
}
