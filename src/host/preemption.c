/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/preemption.h"

#include <sys/utsname.h>

#include <zlib.h>

#include "src/base/kernel_file.h"

#define MODE_PATH "/sys/kernel/debug/sched/preempt"

/* As preempt= and debugfs spell them. */
static const struct {
    const char *name;
    enum preemption preemption;
} modes[] = {
    { "none", PREEMPTION_OFF },
    { "voluntary", PREEMPTION_OFF },
    { "full", PREEMPTION_ON },
    { "lazy", PREEMPTION_ON },
};

static enum preemption mode_named(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        if (length == strlen(modes[i].name) && memcmp(name, modes[i].name, length) == 0)
            return modes[i].preemption;
    }
    return PREEMPTION_UNKNOWN;
}

enum preemption preemption_of_build(const char *version)
{
    if (!strstr(version, "PREEMPT"))
        return PREEMPTION_OFF;
    return strstr(version, "PREEMPT_DYNAMIC") ? PREEMPTION_UNKNOWN : PREEMPTION_ON;
}

enum preemption preemption_of_mode(const char *text)
{
    const char *open = strchr(text, '(');
    const char *close = open ? strchr(open, ')') : NULL;

    return close ? mode_named(open + 1, (size_t)(close - open) - 1) : PREEMPTION_UNKNOWN;
}

/* The kernel takes the last one. */
enum preemption preemption_of_command_line(const char *text)
{
    static const char key[] = "preempt=";
    enum preemption preemption = PREEMPTION_UNKNOWN;
    size_t length;

    for (const char *word = text; *word; word += length) {
        word += strspn(word, " \n");
        length = strcspn(word, " \n");
        if (strncmp(word, key, strlen(key)) == 0)
            preemption = mode_named(word + strlen(key), length - strlen(key));
    }
    return preemption;
}

enum preemption preemption_of_setting(const char *line)
{
    static const struct {
        const char *line;
        enum preemption preemption;
    } settings[] = {
        { "CONFIG_PREEMPT_NONE=y\n", PREEMPTION_OFF },
        { "CONFIG_PREEMPT_VOLUNTARY=y\n", PREEMPTION_OFF },
        { "CONFIG_PREEMPT=y\n", PREEMPTION_ON },
        { "CONFIG_PREEMPT_LAZY=y\n", PREEMPTION_ON },
    };

    for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
        if (strcmp(line, settings[i].line) == 0)
            return settings[i].preemption;
    }
    return PREEMPTION_UNKNOWN;
}

/* Compressed or not. */
static enum preemption ask_configuration(const char *path)
{
    enum preemption preemption = PREEMPTION_UNKNOWN;
    gzFile file = gzopen(path, "re");
    char line[256];

    if (!file)
        return PREEMPTION_UNKNOWN;
    while (preemption == PREEMPTION_UNKNOWN && gzgets(file, line, sizeof(line)))
        preemption = preemption_of_setting(line);
    (void)gzclose_r(file);
    return preemption;
}

/* What was chosen at boot, or else when the kernel was built. */
static enum preemption ask_boot(const char *release)
{
    char text[4096], path[256];
    enum preemption preemption;

    (void)kernel_file_read("/proc/cmdline", text, sizeof(text));
    preemption = preemption_of_command_line(text);
    if (preemption == PREEMPTION_UNKNOWN)
        preemption = ask_configuration("/proc/config.gz");
    if (preemption != PREEMPTION_UNKNOWN)
        return preemption;
    (void)snprintf(path, sizeof(path), "/boot/config-%s", release);
    return ask_configuration(path);
}

enum preemption preemption_of_kernel(void)
{
    enum preemption preemption;
    struct utsname host;
    char mode[128];

    if (uname(&host) < 0)
        return PREEMPTION_UNKNOWN;
    preemption = preemption_of_build(host.version);
    if (preemption == PREEMPTION_UNKNOWN && kernel_file_read(MODE_PATH, mode, sizeof(mode)))
        preemption = preemption_of_mode(mode);
    return preemption != PREEMPTION_UNKNOWN ? preemption : ask_boot(host.release);
}
