/* SPDX-License-Identifier: MIT */
/* list.h - namespaces as rows: what ns-list prints. */
#ifndef COMMON_NS_LIST_H
#define COMMON_NS_LIST_H

#include "base/row.h"
#include "base/sys.h"

struct ns_list {
	struct row_opts rows;
	unsigned kinds;          /* CLONE_NEW*, 0: all                   */
	struct words targets;    /* whose namespaces                     */
	const char *by, *tree;
	const char *of;          /* the process that a sentence is about */
	bool persistent, all_mounts, follow, dot, list, no_wrap;
	/* what chain/ does, which knows more of a process */
	bool diff, same;
	const char *why, *as_command;
	struct opt_num interval; /* seconds                              */
};

extern const struct opt ns_list_opts[];

/* List, as the options and operands say. Returns how many rows there were, or a fault. */
int ns_list(struct ns_list *s, const struct words *operands, const struct sys *sys, struct fault *f);

/* --of TARGET: one sentence about a process, or an object of JSON. Returns 1, or a fault. */
int ns_list_of(const struct ns_list *s, const struct sys *sys, struct fault *f);

/* Free what the options own. */
void ns_list_drop(void *spec);

#endif
