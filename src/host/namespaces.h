/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this process sees the host as the host does. */
#pragma once

#include "src/base/macros.h"

enum host_namespace {
    NAMESPACE_USER,
    NAMESPACE_PID,
    NAMESPACE_CGROUP,
};

/* Whether it is the one that the kernel was started with. A kernel without such namespaces has no
 * other. */
bool namespace_is_hosts(enum host_namespace which);
