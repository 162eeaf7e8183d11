/* SPDX-License-Identifier: MIT */
/* mask.h - paths of a root that are hidden, or may not be written. */
#ifndef COMMON_FS_MASK_H
#define COMMON_FS_MASK_H

#include "base/link.h"
#include "fs/mount.h"

/* Hide each path: a directory under an empty read-only tmpfs, anything else under the
 * host's /dev/null, which was verified to be that device. What does not exist in the
 * root is hidden already. Returns 0 or a fault. */
int mask_paths(struct mount_walk *w, const struct words *paths, struct fault *f);

/* Make each path, with all mounts below it, read-only. Missing ones are passed over. */
int mask_writes(struct mount_walk *w, const struct words *paths, struct fault *f);

/* Pure: refuse paths that lead upward, or are the root itself. op: of the fault. */
int mask_plan(const struct words *paths, enum op op, struct fault *f);

#endif
