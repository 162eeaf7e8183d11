/* SPDX-License-Identifier: MIT */
/* cpus.h - lists of processors: "0-3,8" (the kernel's List format, cpuset(7)). */
#ifndef COMMON_PROC_CPUS_H
#define COMMON_PROC_CPUS_H

#include <sched.h>

#include "base/fault.h"
#include "base/sys.h"

enum { CPUS_MAX = 8192 }; /* the kernel has no more (CONFIG_NR_CPUS) */

/* Read a list into a set of CPUS_MAX bits that the caller frees with CPU_FREE. NULL with a fault. */
cpu_set_t *cpus_read(const char *text, struct fault *f);

/* Have the calling process run on these processors alone. 0 or a fault. */
int cpus_set(struct sys *s, const char *text, struct fault *f);

#endif
