/* SPDX-License-Identifier: MIT */
/* sets.h - which five sets a wish leads to: pure, so that a table can test it. */
#ifndef COMMON_CAP_SETS_H
#define COMMON_CAP_SETS_H

#include "base/fault.h"
#include "base/link.h"
#include "cap/names.h"

struct cap_wish {
	struct cap_list only, drop;                                          /* shaped sets */
	struct cap_list bounding, permitted, effective, inheritable, ambient; /* exact sets */
	unsigned securebits;                                                 /* to be added */
};

/* Contradictions in the wish itself: exact sets beside --only or --drop, --effective
 * beyond --permitted, --ambient beyond --permitted or --inheritable. 0 or a fault. */
int cap_wish_check(const struct cap_wish *w, struct fault *f);

/* Every capability named in the wish is one of `all`, which the kernel knows. 0 or a fault
 * that names the kernel's last. */
int cap_wish_known(const struct cap_wish *w, uint64_t all, struct fault *f);

/* What is left when a process in state *now becomes uid (-1: stays what it is), with
 * PR_SET_KEEPCAPS or without; see capabilities(7), "Effect of user ID changes". */
struct cap_facts cap_after_setuid(const struct cap_facts *now, int64_t uid, bool keep);

/* The state that the wish asks for, for a process in state *now that becomes uid (-1:
 * stays), to hold until execve(2). A list "all" means what can be had. 0 and *ret, or a
 * fault naming the first capability that cannot be had, and why. */
int cap_sets_next(const struct cap_wish *w, const struct cap_facts *now, int64_t uid,
		  struct cap_facts *ret, struct fault *f);

/* The same, once more as execve(2) of a file without capabilities will leave it; see
 * capabilities(7), "Transformation of capabilities during execve()". */
struct cap_facts cap_after_exec(const struct cap_facts *now);

#endif
