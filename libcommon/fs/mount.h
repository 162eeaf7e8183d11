/* SPDX-License-Identifier: MIT */
/* mount.h - the mounts of a new root, as rows: read, printed, checked, done in order.
 *
 * A row is what one option of fs-root says, or one element of mounts[] in config.json. */
#ifndef COMMON_FS_MOUNT_H
#define COMMON_FS_MOUNT_H

#include <sys/types.h>

#include "base/link.h"
#include "base/opt.h"
#include "fs/options.h"

enum mount_kind { /* what wrote the row; MOUNT_ANY can say every mount but dev and cgroup */
	MOUNT_PROC,
	MOUNT_SYS,
	MOUNT_DEV,
	MOUNT_CGROUP,
	MOUNT_MQUEUE,
	MOUNT_TMPFS,
	MOUNT_BIND,
	MOUNT_RO_BIND,
	MOUNT_ANY,
	MOUNT_NODES,  /* no mounts: device nodes, in their place among the mounts */
	MOUNT_DEVICE,
};

struct mount_row {
	enum mount_kind kind;
	char *type;    /* of the filesystem, for MOUNT_ANY; else NULL                    */
	char *src;     /* source; NULL where the kind has none                           */
	char *dir;     /* destination: absolute in the root, without "." and "//"        */
	char *options; /* as they were written, or NULL                                  */
	/* made of the above by mount_plan */
	struct mount_flags flags;
	struct words data; /* the filesystem's own options, in text                      */
	char *text;
	/* seen by mount_check, for a bind: its source */
	dev_t dev;
	ino_t ino;
	bool file; /* is no directory                                                    */
	bool own;     /* of --cgroup: the container's own cgroups alone                  */
	bool checked; /* mount_check has been there                                       */
	bool link; /* a bind of a link, which is made again: copy-symlink                 */
	int userns; /* of idmap=FILE; 0 or -1: none                                       */
	int held;  /* a copy of it, made before all mounts became private; 0 or -1: none */
};

struct mount_list {
	struct mount_row *v; /* owned, with the strings of the rows */
	size_t n;
};

/* Kinds of options whose field is a struct mount_list and whose val is an enum
 * mount_kind: they append a row. opt_mount_at takes an optional =DIR, opt_mount the
 * fields of the kind: SRC:DIR:OPTIONS and the like, with "\:" for a colon. They print
 * nothing, as the order of rows is not the order of options: mount_list_print does. */
extern const struct opt_kind opt_mount, opt_mount_at;

/* Append a row; the strings are copied, dir is made absolute. NULL for what is absent.
 * Returns the row, which moves when the list grows. */
struct mount_row *mount_list_add(struct mount_list *l, enum mount_kind kind, const char *type, const char *src,
				 const char *dir, const char *options);

/* The words of `table` that give the rows again, in order. */
void mount_list_print(const struct mount_list *l, const struct opt *table, struct words *out);
void mount_list_free(struct mount_list *l);

/* Pure: read the options of each row and refuse what cannot be. */
int mount_list_plan(struct mount_list *l, struct fault *f);

/* What a planned row of a filesystem or a bind says, as MOUNT_ANY would say it: *type (of a
 * bind "none"), *source (the type where there is none), borrowed, and the options joined by
 * commas, which the caller frees. */
char *mount_row_said(const struct mount_row *row, const char **type, const char **source);

/* Ask: look at the sources of binds, and whether the chain's namespaces allow the rest. */
int mount_list_check(struct mount_list *l, struct ctx *c, struct fault *f);

/* True when some destination does not exist in the root (O_PATH) and is no place inside
 * an earlier mount: then it will be made on the files of whoever owns the root. */
bool mount_list_makes(const struct mount_list *l, int rootfd);

/* What --propagation says: MS_PRIVATE ..., or 0 when nothing was said. */
struct propagation {
	uint64_t flag;
	bool recursive;
};

/* Which file of which mount: st_dev and st_ino of stat(2), and the mount's id. */
struct place_id {
	uint64_t mount, ino;
	dev_t dev;
};

/* Where mounts are done, in the new mount namespace. */
struct mount_walk {
	struct ctx *c;
	const char *path;     /* ROOT, for remedies                                      */
	struct place_id root_id; /* of `root`, once somebody asked                       */
	int root;             /* the mount that becomes the root                         */
	int cwd;              /* where relative sources begin, or AT_FDCWD               */
	struct path_made *made; /* notes what is made in `root`, or NULL                 */
	int empty;            /* an attached, empty, read-only tmpfs for masks, or -1    */
	bool peers;           /* some bind gives its mounts to the host                  */
	int null;             /* the host's /dev/null, verified, or -1                   */
};

/* Do one row. Everything is used by descriptor: the filesystem or copy is made detached,
 * the destination is looked up inside the root, one move_mount(2) joins the two. */
int mount_do(struct mount_walk *w, struct mount_row *row, struct fault *f);

#endif
