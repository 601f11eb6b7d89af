/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/programs.h"

#include <bpf/libbpf.h>

/* Second copies of what every back-end needs. */
static const char *const seconds[] = {
    "cgroup_born2", "cgroup_gone2", "cgroup_exec2", "cgroup_entered2", "process_forked2",
};

static bool is_of(const struct backend *backend, const char *name)
{
    for (size_t i = 0; i < BACKEND_PROGRAMS_MAX && backend->programs[i]; i++) {
        if (strcmp(backend->programs[i], name) == 0)
            return true;
    }
    return false;
}

static bool is_second_of(const struct backend *backend, const char *name)
{
    return backend->second && strcmp(backend->second, name) == 0;
}

/* What belongs to no back-end belongs to all. */
static bool is_selected(const char *name, const struct backend *backend, bool have_second)
{
    for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
        if (strcmp(seconds[i], name) == 0)
            return have_second;
    }
    for (size_t i = 0; i < backend_count; i++) {
        if (is_of(&backends[i], name))
            return &backends[i] == backend;
        if (is_second_of(&backends[i], name))
            return &backends[i] == backend && have_second;
    }
    return true;
}

int programs_select(struct bpf_object *object, const struct backend *backend, bool have_second)
{
    struct bpf_program *program;
    int r = 0;

    bpf_object__for_each_program (program, object) {
        bool selected = is_selected(bpf_program__name(program), backend, have_second);

        if (r >= 0)
            r = bpf_program__set_autoload(program, selected);
    }
    return r;
}
