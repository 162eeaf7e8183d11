/* SPDX-License-Identifier: MIT */
/* held.h - the cgroups of something that runs, known by their directories: one in each
 * hierarchy. For those who come later than the chain that made them. */
#ifndef COMMON_CG_HELD_H
#define COMMON_CG_HELD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/words.h"
#include "cg/world.h"

struct cg_held {
	size_t n;
	struct cg_held_one {
		int dir;       /* O_PATH                                                        */
		bool v2;
		char *path;    /* absolute; owned                                               */
	} g[CG_HIERS];
};

/* The directories of the cgroups that a cg-exec (spec of cg_exec_link, past before()) made,
 * appended to *out as words that the caller frees with words_free_all. */
void cg_made_dirs(const void *spec, struct words *out);

/* Open them. Those that are gone are passed over; what is no cgroup is refused. Returns 0 or
 * a fault; cg_held_close in both cases. */
int cg_held_open(struct cg_held *h, size_t n, char *const *dirs, struct fault *f);
void cg_held_close(struct cg_held *h);

/* The processes in it and below, in ascending order and each once; *ret is the caller's to free.
 * Returns their number, or a fault. */
ssize_t cg_held_pids(const struct cg_held *h, pid_t **ret, struct fault *f);

/* Stop all of them, or let them go on, and wait until it is so (at most two seconds). 0 or a
 * fault. */
int cg_held_freeze(struct sys *s, const struct cg_held *h, bool on, struct fault *f);

/* Are they stopped? */
bool cg_held_frozen(const struct cg_held *h);

/* Send a signal to each of them; with SIGKILL those that are stopped end as well. 0 or a fault. */
int cg_held_signal(struct sys *s, const struct cg_held *h, int sig, struct fault *f);

/* Set keys (KEY=VALUE, as cg-exec --set has them), in whatever order the kernel takes them. 0 or
 * a fault. */
int cg_held_set(struct sys *s, const struct cg_held *h, const struct words *sets, struct fault *f);

/* Kill what is left in it, and remove it with all below. 0 or a fault. */
int cg_held_remove(struct sys *s, struct cg_held *h, struct fault *f);

#endif
