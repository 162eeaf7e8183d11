/* SPDX-License-Identifier: MIT */
/* idmapped.h - inside fs/: binds whose files have other ids inside; mount_setattr(2). */
#ifndef COMMON_FS_IDMAPPED_H
#define COMMON_FS_IDMAPPED_H

#include "fs/mount.h"

/* Pure: is the row's map one, and the row a bind? 0 or a fault. */
int idmapped_plan(struct mount_row *row, struct fault *f);

/* May the caller map a filesystem? Opens a user namespace that is given as a file, in
 * row->userns. 0 or a fault. */
int idmapped_check(struct mount_row *row, struct fault *f);

/* Before any namespace is made, since the kernel asks for the right to the filesystem, which
 * nobody in a new user namespace has: the mapped copies, detached, in row->held, and with
 * the propagation that p gives them. 0 or a fault. */
int idmapped_hold(struct mount_walk *w, struct mount_list *l, const struct propagation *p, struct fault *f);

#endif
