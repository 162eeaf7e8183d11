/* SPDX-License-Identifier: MIT */
/* keep.h - namespaces that outlive their processes: each is bind mounted on a file. */
#ifndef COMMON_NS_KEEP_H
#define COMMON_NS_KEEP_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/sys.h"
#include "ns/choice.h"

/* The files of one ns-run, in the order of ns_kinds. */
struct ns_keep {
	struct ns_kept {
		int dir;          /* O_PATH of the directory that the file is in, or -1   */
		const char *name; /* in there; NULL: this kind is not kept                */
		bool made, bound; /* by us                                                */
	} kept[NS_KINDS];
};

/* Open the directories, and refuse what could not be bound: no rights over the mounts, a
 * file that holds a namespace already, a mount that would pass it on. Changes nothing.
 * Returns 0 or a fault. */
int ns_keep_check(struct ns_keep *k, const struct ns_choice *c, struct fault *f);

/* Make the files that are missing. */
int ns_keep_begin(struct ns_keep *k, struct sys *s, const struct ns_choice *c, struct fault *f);

/* Bind the namespaces of the process whose /proc/PID is procfd; in a new user namespace or
 * with a new pid namespace it is a child that they are of. */
int ns_keep_bind(struct ns_keep *k, struct sys *s, const struct ns_choice *c, int procfd, struct fault *f);

/* Take back what begin and bind did. */
void ns_keep_undo(struct ns_keep *k, struct sys *s);

/* Close what check opened; the struct may have been zeroed only. */
void ns_keep_close(struct ns_keep *k);

#endif
