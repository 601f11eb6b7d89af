/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What discovery.c (who is asked, and waited for) takes from discovery_choice.c. */
#pragma once

#include "src/containers/discovery.h"

/* NULL: none was given. Borrowed. */
const char *discovery_socket_for(const struct discovery_options *options, const char *runtime);
bool discovery_is_asked_for(const struct discovery_options *options, const char *runtime);

/* 0, or -EINVAL for a name that is no engine's. */
int discovery_check_names(const struct discovery_options *options, struct error *error);
