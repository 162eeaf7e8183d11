/* SPDX-License-Identifier: MIT */
/* root.h - the link fs-root: build a root from a directory and mounts, and enter it. */
#ifndef COMMON_FS_ROOT_H
#define COMMON_FS_ROOT_H

#include <sys/types.h>

#include "base/link.h"
#include "fs/mount.h"

struct fs_root {
	const char *root;             /* the directory, as written                        */
	struct mount_list mounts;     /* in the order of mounting                         */
	struct words masks;           /* then hidden ...                                  */
	struct words read_only_paths; /* ... then made read-only ...                      */
	bool read_only;               /* ... then the root itself                         */
	struct propagation propagation; /* of the root, and what binds may be           */
	bool scratch;                 /* changes to the root go to memory                 */
	/* found by check */
	char *path;  /* `root` without trailing slashes, which would follow a link     */
	dev_t dev;
	ino_t ino;
	mode_t mode;
	bool makes; /* some mount point has to be made on the root's own files          */
};

/* The word that gives p, or "". Writes to buf. */
void propagation_word(const struct propagation *p, char buf[static 16]);

extern const struct link fs_root_link;

/* Make of the directory at->path a mount that can become the root, attached on top of it in
 * this mount namespace: a copy of the mount it is on, or with `scratch` an overlay whose
 * upper layer is a tmpfs. Fills w->root, and w->cwd when the working directory changes.
 * Returns 0 or a fault. */
int root_mount(struct mount_walk *w, const struct fs_root *at, struct fault *f);

/* Make the attached mount the root of this process and of its mount namespace, and let
 * go of all other mounts. Returns 0 or a fault. */
int root_enter(struct sys *s, int mount, const char *object, struct fault *f);

#endif
