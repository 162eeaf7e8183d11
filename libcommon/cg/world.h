/* SPDX-License-Identifier: MIT */
/* world.h - which cgroup hierarchies are mounted where, and which cgroup the caller is
 * in: from one reading each of /proc/self/mountinfo and /proc/self/cgroup. Changes
 * nothing. */
#ifndef COMMON_CG_WORLD_H
#define COMMON_CG_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

enum {
	CG_HIERS = 24,    /* the kernel has fewer controllers than that                      */
	CG_SMALL = 1024,  /* bytes: more than the lists of controllers and single values are */
};

struct cg_hier {
	bool v2;
	const char *options; /* v1: the superblock's, among them the controllers            */
	const char *mount;   /* where it is mounted                                          */
	const char *root;    /* the cgroup that is mounted there                             */
	const char *own;     /* the caller's cgroup below `mount` without a leading slash,
			      * "" for the top; NULL when it is not below the mount          */
};

struct cg_world {
	size_t n;
	struct cg_hier h[CG_HIERS];
	char *mountinfo, *cgroups; /* what the strings point into */
};

/* Read the world. The caller frees it with cg_world_free, also after a failure.
 * Returns 0 or a fault (no hierarchy at all, /proc unreadable). */
int cg_world_read(struct cg_world *w, struct fault *f);
void cg_world_free(struct cg_world *w);

/* The cgroup2 mount, or NULL; the v1 hierarchy that has a controller (or "name=x"), or
 * NULL. */
const struct cg_hier *cg_world_v2(const struct cg_world *w);
const struct cg_hier *cg_world_v1(const struct cg_world *w, const char *controller, size_t len);

/* Is the controller one that cgroup2 has (cgroup.controllers at its mount)? */
bool cg_world_v2_has(const struct cg_world *w, const char *controller, size_t len);

/* What is left of `path`, a cgroup as /proc/PID/cgroup names it, below the cgroup that is
 * mounted, without a leading slash; or NULL: it lies elsewhere, above the cgroup namespace
 * ("/..") or is removed already. */
const char *cg_hier_below(const struct cg_hier *h, const char *path);

/* Open the mount point (O_PATH) and make sure that what lies there is a cgroup
 * filesystem of the right kind. Returns the descriptor, which the caller closes, or a
 * fault. */
int cg_hier_open(const struct cg_hier *h, struct fault *f);

/* Is the word of `len` characters in a list separated by the characters of `sep`? */
bool cg_listed(const char *list, const char *sep, const char *word, size_t len);

/* Read a small kernel file below dirfd into buf of n bytes: cut to n - 1, without the
 * newline at the end. Returns the length or -errno. */
ssize_t cg_read(int dirfd, const char *file, char *buf, size_t n);

#endif
