/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All programs, in one object: they share the ring buffer, the policy table and what else lies in
 * memory. In the order in which they are attached.
 */
#include "bpf/capabilities.h"
#include "bpf/cgroups.h"
#include "bpf/symbols.h"

char LICENSE[] SEC("license") = "GPL";
