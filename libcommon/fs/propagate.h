/* SPDX-License-Identifier: MIT */
/* propagate.h - inside fs/: which mounts of the host go on reaching a root, and which of
 * the root's reach the host; mount_namespaces(7). */
#ifndef COMMON_FS_PROPAGATE_H
#define COMMON_FS_PROPAGATE_H

#include "fs/mount.h"

/* Option kind for a struct propagation: private, slave, shared, unbindable, or with r. */
extern const struct opt_kind opt_propagation;
extern const char propagation_words[]; /* of it, for completion */

/* While the mounts of this new namespace are still what they were: take hold, in row->held,
 * of the binds that are to be more than private. A slave gets the host's mounts and gives
 * none; a peer, which a bind is only when its own option and p both say shared, gives too,
 * and sets w->peers. Nothing is mounted. Returns 0 or a fault. */
int propagation_hold(struct mount_walk *w, struct mount_list *l, const struct propagation *p, struct fault *f);

/* The same for a row that is held already. 0 or a fault. */
int propagation_of_held(struct mount_walk *w, struct mount_row *row, const struct propagation *p, struct fault *f);

/* Refuse to mount at fd, a place in the root, when the mount it is on is a peer of the
 * host's: there it would be seen as well. op and path are for the fault. 0 or a fault. */
int propagation_guard(const struct mount_walk *w, enum op op, const char *path, int fd, struct fault *f);

/* In the new root: what p says of the root itself, and with r of all in it. 0 or a fault. */
int propagation_finish(struct sys *s, const struct propagation *p, struct fault *f);

#endif
