/* SPDX-License-Identifier: MIT */
/* set.h - the link cap-set: capabilities, ids, securebits and no_new_privs of the program. */
#ifndef COMMON_CAP_SET_H
#define COMMON_CAP_SET_H

#include "base/link.h"
#include "cap/apply.h"
#include "cap/ids.h"
#include "cap/lsm.h"
#include "cap/sets.h"

/* What cap-set is to do, as argv or config.json says it. */
struct cap_spec {
	struct cap_wish wish;
	struct id_user user;
	struct id_word group;
	struct id_groups groups;
	bool keep_groups;
	bool no_new_privs;
	struct cap_lsm lsm;

	/* Found by plan() and check(), not part of what was asked. */
	int64_t uid_before;       /* that links before this one gave, or -1                */
	uint64_t bounding_before; /* c->cap_bounding as the links before left it           */
	struct cap_ids ids;       /* user, group, groups as numbers                        */
	struct cap_facts now;     /* before this link                                      */
	struct cap_facts next;    /* behind it, until execve                               */
};

extern const struct link cap_set_link;

#endif
