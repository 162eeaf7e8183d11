/* SPDX-License-Identifier: MIT */
/* where.h - the paths that people write for cgroups, and where in a hierarchy they are. */
#ifndef COMMON_CG_WHERE_H
#define COMMON_CG_WHERE_H

#include "base/fault.h"
#include "cg/world.h"

/* Split "CONTROLLER,...:PATH" (as cgexec writes it): *controllers gets a pointer to the
 * text and *len its length, or 0 when it is a path alone. Returns the path. A path that
 * begins with a slash is never split. */
const char *cg_split(const char *text, const char **controllers, size_t *len);

/* May this be a path of a cgroup: no empty or dot components, no newline; for a new one
 * also a last component, which is no name of a controller's file. `said` is the option's
 * text, for the fault. Returns 0 or a fault with OP_CG_PATH. */
int cg_path_check(const char *path, bool make, const char *said, struct fault *f);

/* The path below the mount point, owned by the caller: an absolute one from the top of the
 * hierarchy, a relative one below the caller's own cgroup. NULL with a fault when that is
 * not visible. */
char *cg_path_in(const struct cg_hier *h, const char *path, struct fault *f);

/* Cut the last component off a path below a mount point: the path becomes its parent's, the
 * component goes to name (NAME_MAX + 1 bytes). */
void cg_path_cut(char *path, char *name);

/* Where a new cgroup without a path goes, owned by the caller: the top of the hierarchy for
 * a superuser who may write there; else beside the caller's own cgroup, since on cgroup2 one
 * that has processes cannot give controllers to cgroups below. NULL with a fault. */
char *cg_default_parent(const struct cg_hier *h, struct fault *f);

#endif
