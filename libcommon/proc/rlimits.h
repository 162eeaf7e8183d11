/* SPDX-License-Identifier: MIT */
/* rlimits.h - resource limits: read, checked against what the caller may, set. */
#ifndef COMMON_PROC_RLIMITS_H
#define COMMON_PROC_RLIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/opt.h"
#include "base/sys.h"

enum { RLIMITS_MAX = 16 }; /* RLIM_NLIMITS of the kernel */

/* The limits to set, by RLIMIT_ number; UINT64_MAX means unlimited. */
struct rlimits {
	struct {
		bool given;
		uint64_t soft, hard;
	} rows[RLIMITS_MAX];
	unsigned raised; /* by rlimits_check: bit n, the hard limit n goes up */
};

/* A struct rlimits: TYPE=SOFT[:HARD], repeatable; one type twice is an error. */
extern const struct opt_kind opt_rlimit;

/* The number of "nofile" or "RLIMIT_NOFILE", in any case, or a fault. */
int rlimit_find(const char *name, size_t len, struct fault *f);

/* Which of them go up, and may they? 0, or a fault that names the present hard limit. */
int rlimits_check(struct rlimits *l, struct fault *f);

/* Set those whose bit is in `which` on pid (0: the caller). 0 or a fault. */
int rlimits_set(const struct rlimits *l, unsigned which, struct sys *s, pid_t pid, struct fault *f);

#endif
