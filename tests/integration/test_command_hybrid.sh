#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All of test_command.sh where v1 hierarchies are mounted beside cgroup2.
HARNESS_LAYOUT=hybrid exec "$(dirname "$0")/test_command.sh"
