/* SPDX-License-Identifier: MIT */
/* place.h - inside fs/: places in the root, which a stranger's links may turn. */
#ifndef COMMON_FS_PLACE_H
#define COMMON_FS_PLACE_H

#include "fs/mount.h"

/* The row's destination, made when missing. A destination that is the root itself, or in a
 * proc filesystem, is refused. Returns an O_PATH descriptor or a fault. */
int mount_target(struct mount_walk *w, const struct mount_row *row, struct fault *f);

/* True when fd (of a path looked up in the root) is the root: what is mounted on it would
 * be below the root, where nobody comes. */
bool place_is_root(struct mount_walk *w, int fd);

/* The list for what is made in the directory dir (an O_PATH descriptor): the walk's when it
 * is on the root's own files, NULL in a mount of ours, which goes away by itself. */
struct path_made *place_made(struct mount_walk *w, int dir);

/* The fault for it. op: what was to be done to the path; file: it is to be a file, for the
 * remedy. Returns -EINVAL. */
int place_refuse_root(struct mount_walk *w, enum op op, const char *path, bool file, struct fault *f);

/* The fault for a path in the root that could not be opened: with ELOOP it names the link
 * and what to name instead. Returns -err. */
int place_no_way(struct mount_walk *w, enum op op, const char *path, int err, struct fault *f);

#endif
