/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Docker's Engine API, which podman's service speaks too: a driver of another name with the same
 * three functions follows that one. Containers are reported under runtime_engine().
 */
#pragma once

#include "runtimes/runtime_driver.h"

int docker_open(struct runtime *runtime, void **ret_connection, struct error *error);
void docker_close(void *connection);
int docker_lookup(void *connection, const char *id);
