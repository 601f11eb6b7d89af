/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is held, as the kernel has it, and in words. */
#include <ctype.h>

#include "src/base/kernel_file.h"
#include "src/host/powers.h"
#include "src/host/sandbox.h"

#define STATUS_SIZE 4096

static uint64_t value_of(const char *status, const char *label, int base)
{
    const char *line = strstr(status, label);

    return line ? strtoull(line + strlen(label), NULL, base) : 0;
}

bool sandbox_read(struct sandbox_state *ret_state)
{
    char status[STATUS_SIZE];

    if (!kernel_file_read("/proc/self/status", status, sizeof(status)))
        return false;
    *ret_state = (struct sandbox_state){
        .effective = value_of(status, "\nCapEff:", 16),
        .bounding = value_of(status, "\nCapBnd:", 16),
        .no_new_privs = value_of(status, "\nNoNewPrivs:", 10) == 1,
        .filtered = value_of(status, "\nSeccomp:", 10) == 2, /* SECCOMP_MODE_FILTER, proc(5) */
    };
    return true;
}

/* As the rest of the program writes them: without "cap_", in capitals. */
static size_t add_name(char *names, size_t length, cap_value_t capability)
{
    char *name = cap_to_name(capability);
    const char *rest = name && strncmp(name, "cap_", 4) == 0 ? name + 4 : name;

    if (length && length + 2 < SANDBOX_NAMES_SIZE) {
        memcpy(names + length, ", ", 2);
        length += 2;
    }
    for (; rest && *rest && length + 1 < SANDBOX_NAMES_SIZE; rest++)
        names[length++] = (char)toupper((unsigned char)*rest);
    (void)cap_free(name);
    return length;
}

void sandbox_name(uint64_t capabilities, char names[static SANDBOX_NAMES_SIZE])
{
    size_t length = 0;

    for (cap_value_t i = 0; i < 64; i++) {
        if (capabilities & POWER(i))
            length = add_name(names, length, i);
    }
    names[length] = '\0';
    if (!length)
        memcpy(names, "none", sizeof("none"));
}
