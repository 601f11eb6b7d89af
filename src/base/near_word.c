/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/near_word.h"

#include <ctype.h>

#define WORD_MAX 40 /* longer words are no typing errors of ours */

static bool equal_letters(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: edits of one letter, and exchange of two neighbours. */
static unsigned int edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned int rows[3][WORD_MAX + 1];

    for (unsigned int j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (unsigned int i = 1; i <= a_length; i++) {
        unsigned int *row = rows[i % 3];
        const unsigned int *above = rows[(i + 2) % 3];
        const unsigned int *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (unsigned int j = 1; j <= b_length; j++) {
            unsigned int edits = above[j - 1] + !equal_letters(a[i - 1], b[j - 1]);

            edits = MIN(edits, MIN(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && equal_letters(a[i - 1], b[j - 2]) &&
                equal_letters(a[i - 2], b[j - 1]))
                edits = MIN(edits, two_above[j - 2] + 1);
            row[j] = edits;
        }
    }
    return rows[a_length % 3][b_length];
}

void near_word_offer(struct near_word *near_word, const char *candidate)
{
    size_t length = strlen(candidate);
    unsigned int limit = MAX((unsigned int)near_word->length / 3, 1U);
    unsigned int distance;

    if (near_word->length == 0 || near_word->length > WORD_MAX || length > WORD_MAX)
        return;
    distance = edit_distance(near_word->word, near_word->length, candidate, length);
    if (near_word->length >= 2 && near_word->length < length &&
        strncasecmp(near_word->word, candidate, near_word->length) == 0)
        distance = 1;
    if (distance > limit || (near_word->best && distance >= near_word->distance))
        return;
    near_word->best = candidate;
    near_word->distance = distance;
}
