/* SPDX-License-Identifier: MIT */
/* filter.h - the link sc-filter: a seccomp filter for the program, from a profile. */
#ifndef COMMON_SC_FILTER_H
#define COMMON_SC_FILTER_H

#include <stdbool.h>

#include "base/link.h"
#include "sc/bpf.h"

struct sc_filter_spec {
	const char *profile;    /* the operand: a file, "-", or a process's (sc/process.h) */
	const char *output;     /* --output: write the filter there and run nothing       */
	bool strict;            /* --strict: unknown system call names are errors         */

	bool bpf;               /* found by check(): the profile is BPF, which has no names */
	struct sc_program prog; /* made by check(); insns are owned                       */
};

/* plan: c->has_filter. check: reads and compiles (from c->cap_bounding), and refuses a
 * filter under which nothing could be executed. act: loads, as the last call before
 * execve; without CAP_SYS_ADMIN it sets no_new_privs first. */
extern const struct link sc_filter_link;

#endif
