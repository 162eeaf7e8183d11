/* SPDX-License-Identifier: MIT */
/* limits.h - the limits that hold for a process: of each key the tightest value along the
 * path of its cgroup, and the cgroup that sets it. Keys that say nothing are left out. */
#ifndef COMMON_CG_LIMITS_H
#define COMMON_CG_LIMITS_H

#include "base/fault.h"
#include "cg/keys.h"
#include "cg/world.h"
#include "target/facts.h"

struct cg_limit {
	const struct cg_key *key;
	const struct cg_hier *hier; /* of the world                                          */
	char *value;                /* as the key's file of cgroup2 has it; owned            */
	char *where;                /* the cgroup below the mount, "/a/b"; owned              */
	bool own;                   /* the process's own cgroup sets it, none above           */
};

struct cg_limits {
	struct cg_limit *v;
	size_t n;
	unsigned hidden; /* hierarchies in which its cgroup is not to be seen from here       */
};

/* Read them for the process of these facts (FACT_CGROUPS must be among them); w was read by
 * cg_world_read. Changes nothing. The caller frees *l with cg_limits_free. */
void cg_limits_read(struct cg_limits *l, const struct cg_world *w, const struct facts *p);
void cg_limits_free(struct cg_limits *l);

/* The process's cgroup in that hierarchy, below its mount without a leading slash (borrowed
 * from p), or NULL: not to be seen from here. */
const char *cg_path_of(const struct cg_hier *h, const struct facts *p);

#endif
