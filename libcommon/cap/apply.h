/* SPDX-License-Identifier: MIT */
/* apply.h - from one capability state to another, call by call. */
#ifndef COMMON_CAP_APPLY_H
#define COMMON_CAP_APPLY_H

#include "base/link.h"
#include "cap/ids.h"

/* The ids to take on between the two states. */
struct cap_ids {
	int64_t uid, gid;               /* -1: stays                             */
	const struct id_groups *groups; /* exactly these, or NULL: they stay     */
	bool hidden;                    /* not dumpable, and to stay so          */
};

/* Make exactly the calls that lead from *now to *next. 0 or a fault. */
int cap_apply(struct sys *sys, const struct cap_facts *now, const struct cap_facts *next,
	      const struct cap_ids *ids, struct fault *f);

#endif
