/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/denial.h"

static const struct {
    const char *word;
    const char *sentence;
} denials[DENIALS] = {
    [DENIAL_NAMESPACE] = { "namespace",
                           "it was asked for in a user namespace that the process has no power "
                           "over, whatever capabilities it has in its own" },
    [DENIAL_BOUNDING] = { "bounding",
                          "it is not in the bounding set of the process, so that nothing in there "
                          "could have got it: the container was started without it, or a program "
                          "dropped it" },
    [DENIAL_PERMITTED] = { "permitted",
                           "it is in the bounding set, but the process does not have it: the user "
                           "is not root and neither its program's file nor the ambient set gives "
                           "it, or it was given up" },
    [DENIAL_EFFECTIVE] = { "effective",
                           "the process has it in its permitted set, but not in its effective one: "
                           "the program has switched it off" },
};

enum denial denial_of(const struct capability_event *event)
{
    uint64_t bit = UINT64_C(1) << (event->capability & 63);

    if (!event->denied)
        return DENIAL_NONE;
    if (event->flags & EVENT_OUT_OF_REACH)
        return DENIAL_NAMESPACE;
    if (event->effective & bit)
        return DENIAL_NONE;
    if (event->permitted & bit)
        return DENIAL_EFFECTIVE;
    return event->bounding & bit ? DENIAL_PERMITTED : DENIAL_BOUNDING;
}

const char *denial_word(enum denial denial)
{
    return denials[denial].word;
}

const char *denial_sentence(enum denial denial)
{
    return denials[denial].sentence;
}
