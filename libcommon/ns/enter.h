/* SPDX-License-Identifier: MIT */
/* enter.h - ns-enter: the namespaces of another process. */
#ifndef COMMON_NS_ENTER_H
#define COMMON_NS_ENTER_H

#include "base/link.h"
#include "ns/idmap.h"
#include "target/target.h"

/* What ns-enter is to do, as argv says it. Strings are borrowed. */
struct ns_enter {
	const char *target;
	bool all;
	unsigned kinds; /* asked for: CLONE_NEW* */
	bool keep_ids;
	struct idmap users, groups; /* that its user namespace has to have */
	bool planned;
	/* found by check */
	struct target t;
	int nsfd;      /* of a namespace file      */
	unsigned join; /* those that differ        */
	bool has_root; /* id 0 is mapped in there  */
};

extern const struct link ns_enter_link;

#endif
