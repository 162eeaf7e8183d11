/* SPDX-License-Identifier: MIT */
/* run.h - what cg-exec found out in its check phase and works with afterwards. */
#ifndef COMMON_CG_RUN_H
#define COMMON_CG_RUN_H

#include <limits.h>

#include "cg/exec.h"
#include "cg/group.h"
#include "cg/sets.h"

struct cg_run {
	struct cg_world world;
	struct cg_sets sets;
	struct cg_group g[CG_HIERS]; /* the cgroup, once in each hierarchy that is used       */
	size_t n;
	char name[NAME_MAX + 1];     /* of the new one; "" until a free one is found          */
	bool used[CG_HIERS];         /* --new: the hierarchies in which it is made            */
	struct cg_above {            /* --parents: groups above it that were made, outermost  */
		int top;             /* first: the mount, and the path below it; both owned   */
		char *path;
	} *above;
	size_t n_above;
};

/* For --group: find the cgroup in every hierarchy that is meant. run->world was read.
 * Changes nothing. Returns 0 or a fault. */
int cg_run_find(const struct cg_exec *e, struct cg_run *run, struct fault *f);

/* For --new: resolve the keys, and prepare the cgroup in the hierarchies that they need
 * and in no other; without keys in cgroup2. As cg_run_find. */
int cg_run_plan(const struct cg_exec *e, struct cg_run *run, struct fault *f);

/* Where devices are limited: the v1 hierarchy with that controller, else cgroup2; or NULL. */
const struct cg_hier *cg_devices_hier(const struct cg_world *w);

/* For --parents: make what is missing above the new cgroup, and plan what could not be before.
 * Returns 0 or a fault; what was made is in run->above. */
int cg_run_above(struct sys *s, const struct cg_exec *e, struct cg_run *run, struct fault *f);

/* Remove what cg_run_above made, as far as nobody uses it, and forget it. With s NULL it is
 * only forgotten. */
void cg_run_above_drop(struct sys *s, struct cg_run *run);

/* The cgroup in that hierarchy, or NULL. */
struct cg_group *cg_run_group(struct cg_run *run, const struct cg_hier *h);

#endif
