/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of engines, whichever way they are asked. */
#pragma once

/*
 * Several engines may know one container: docker's are containerd's too, and runc's. The one that
 * the user speaks to, of the highest rank, has the last word. 0: an unknown engine.
 */
unsigned int engine_rank(const char *runtime);
