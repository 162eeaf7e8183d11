/* SPDX-License-Identifier: MIT */
/* looking.h - inside ns/: what the files behind ns_look() share. */
#ifndef COMMON_NS_LOOKING_H
#define COMMON_NS_LOOKING_H

#include "ns/look.h"

/* Who is looking at what, and who wants to know. */
struct looking {
	unsigned flags, does;
	bool admin;
	bool *any; /* something was refused */
	ns_see *see;
	void *arg;
};

/* One line of each sort. */
void looking_fine(const struct looking *k, const char *what, const char *says, ...) __attribute__((format(printf, 3, 4)));
void looking_refused(const struct looking *k, const char *what, int err, const char *says, const char *fix);

/* Are our children in another pid namespace than we (unshare --pid without a fork)? The first of them
 * begins it, and with its end nobody can be born there any more: of those that try, too. */
bool looking_elsewhere(void);

/* What a child finds out that makes all of it: may mounts be changed in there, and is there
 * anything that nobody has thought of. Only where nothing was refused before. */
void look_mounts(const struct looking *k);
void look_child(const struct looking *k);

#endif
