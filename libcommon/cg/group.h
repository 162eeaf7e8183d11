/* SPDX-License-Identifier: MIT */
/* group.h - one control group in one hierarchy: find or make it, put processes into it,
 * take it away. What differs between v1 and cgroup2 is in two tables (v1.c, v2.c).
 *
 * A cgroup filesystem holds no symbolic links and no files that people make, so a path
 * without ".." below a descriptor of its mount point names a group and nothing else;
 * what was found in the check phase is then used by descriptor. */
#ifndef COMMON_CG_GROUP_H
#define COMMON_CG_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/sys.h"
#include "cg/world.h"

struct cg_ops;

struct cg_enable {   /* controllers that one level has to give to its children          */
	char *file;  /* its cgroup.subtree_control, below the mount; owned                  */
	char *text;  /* "+memory +pids"; owned                                              */
};

struct cg_group {
	const struct cg_hier *hier;
	const struct cg_ops *ops;
	char *path;               /* below the mount, without a leading slash; owned         */
	size_t name;              /* where in it the group's own name begins                 */
	int top, up, dir;         /* O_PATH: the mount point, the parent, the group; or -1   */
	int entry;                /* open for writing: who writes 0 there is in; or -1       */
	bool made;                /* by us                                                   */
	bool inside;              /* this process is in it                                   */
	struct cg_enable *enable; /* v2: from the top down; owned                            */
	size_t n_enable;
};

struct cg_ops {
	/* The file by which a process goes in. On v1 it is "tasks": a thread that moves itself
	 * spares the kernel the lock that costs 10 ms when it has to wait for it. */
	const char *entry;
	const char *events; /* the file that counts what the OOM killer did ("oom_kill N")  */
	/* May a process be put into the group that was found? May be NULL. */
	int (*find)(struct cg_group *g, struct fault *f);
	/* Read what make will need of the parent; change nothing. */
	int (*plan)(struct cg_group *g, const char *controllers, struct fault *f);
	/* Done before the directory is made, and after it. May be NULL. */
	int (*enable)(struct sys *s, struct cg_group *g, struct fault *f);
	int (*settle)(struct sys *s, struct cg_group *g, struct fault *f);
	/* Kill whoever is in the group: it is one that we made. */
	void (*kill)(struct sys *s, int dir);
	/* Say why a process may not be put there, for errors whose cause is known. */
	void (*why_not)(int err, struct fault *f);
	/* The file in which 1 says that the group is frozen, and what thaws it. */
	struct {
		const char *file, *write, *thaw;
	} freeze;
};

extern const struct cg_ops cg_v1_ops, cg_v2_ops;

/* Find the group `path` (without a leading slash) and make sure that processes may be
 * put there. Changes nothing. *g needs no initial value; cg_group_close after a failure
 * too. Returns 0 or a fault with OP_CG_MOVE; -ENOENT when there is no such group. */
int cg_group_find(struct cg_group *g, const struct cg_hier *h, const char *path, struct fault *f);

/* Prepare to make a group below `parent`: it exists, may be written, and can provide the
 * controllers (separated by blanks). Changes nothing; as cg_group_find, with OP_CG_NEW
 * or OP_CG_CONTROLLER. */
int cg_group_plan(struct cg_group *g, const struct cg_hier *h, const char *parent,
		  const char *controllers, struct fault *f);

/* Will the planned group certainly not have this file? The parent has the files that it
 * will have, except at the top; there any group below it tells. false: it cannot be said. */
bool cg_group_lacks(const struct cg_group *g, const char *file);

/* Make the planned group under this name. What a failure left of it cg_group_remove takes
 * away. Returns 0 or a fault; -EEXIST when the name is taken. */
int cg_group_make(struct sys *s, struct cg_group *g, const char *name, struct fault *f);

/* Open the file through which a process goes in. The kernel judges by who opened it, so
 * it is opened before any right is given up and before any namespace is left. Returns 0
 * or a fault. */
int cg_group_open_entry(struct sys *s, struct cg_group *g, struct fault *f);

/* Go in: the calling process, which has one thread. Returns 0 or a fault. */
int cg_group_enter(struct sys *s, struct cg_group *g, struct fault *f);

/* Remove a group that was made: kill what is left in it and in groups below, and wait
 * for it up to two seconds. Does nothing to a group that we did not make. Returns 0, or
 * -errno when it is still there; then it may be tried again. */
int cg_group_remove(struct sys *s, struct cg_group *g);

/* How many processes of the group the OOM killer has killed; 0 when that is not known. */
unsigned long cg_group_oom_kills(const struct cg_group *g);

/* Is the pids.max of a group, or of one above it, reached? Then says so in buf:
 * "pids.max=5 of /a/b is reached". top: descriptor of the mount. */
bool cg_pids_full(int top, const char *path, char *buf, size_t n);

/* The name of a file of the group, for people: written to buf, which is returned. */
const char *cg_group_file(const struct cg_group *g, const char *file, char *buf, size_t n);

/* Close the descriptors and free what it owns. */
void cg_group_close(struct cg_group *g);

#endif
