/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

struct command;

extern const struct command command_list_containers;
