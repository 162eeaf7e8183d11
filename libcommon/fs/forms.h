/* SPDX-License-Identifier: MIT */
/* forms.h - inside fs/: what the kinds of mount rows are, as a table. */
#ifndef COMMON_FS_FORMS_H
#define COMMON_FS_FORMS_H

#include "fs/mount.h"

enum { FIELD_TYPE, FIELD_SRC, FIELD_DIR, FIELD_OPTIONS, FIELD_COUNT };
#define FIELD_IDS "tsdo"

struct mount_form {
	const char *type;    /* of the filesystem; NULL: the row says, or it is a bind   */
	const char *source;  /* what /proc/self/mountinfo shows as source                */
	const char *dir;     /* the destination when none is given                       */
	const char *fields;  /* of the option's argument, letters of FIELD_IDS           */
	const char *options; /* before those of the row                                  */
	bool bind;
	bool real;           /* the destination must not be behind a symbolic link        */
	long magic;          /* statfs(2) says this of it, or 0                          */
	unsigned ns;         /* in a new user namespace the mount needs this one new too */
	const char *ns_fix;  /* how to have it                                           */
	int (*plan)(struct mount_row *row, struct fault *f); /* more rules, or NULL      */
	int (*act)(struct mount_walk *w, struct mount_row *row, struct fault *f);
};

extern const struct mount_form mount_forms[];

/* Make a detached mount of a new filesystem. source may be NULL; data: "KEY=VALUE" or
 * "KEY" words up to a NULL, or NULL. object: the destination, for the fault. Returns a
 * descriptor or a fault, which tells what the kernel's log of this filesystem says. */
int mount_new(struct sys *s, const char *type, const char *source, char *const *data, uint64_t attrs,
	      const char *object, struct fault *f);

/* Attach the detached mount to what tofd is. */
int mount_attach(struct sys *s, int mount, int tofd, const char *object, struct fault *f);

/* Give the attached mount the propagation that the row's options name. 0 or a fault. */
int mount_propagate(struct sys *s, const struct mount_row *row, int mount, struct fault *f);

/* The row of mount_forms that a row follows: by its kind, or for MOUNT_ANY by type. */
const struct mount_form *mount_form_of(const struct mount_row *row);

/* True when a statfs(2) of fd (O_PATH) gives this magic number. */
bool mount_is(int fd, long magic);

/* Has this tmpfs to be given the mode, or all, of what it covers? And do it: to the detached
 * mount, which was made writable and then becomes what the row says. there: the directory,
 * or -1 when it did not exist before. 0 or a fault. */
bool tmpfs_takes_over(const struct mount_row *row);
int tmpfs_take_over(struct mount_walk *w, const struct mount_row *row, int mount, int there, struct fault *f);

/* Acts of rows: a filesystem by its type; a bind. */
int mount_fs(struct mount_walk *w, struct mount_row *row, struct fault *f);
int mount_bind(struct mount_walk *w, struct mount_row *row, struct fault *f);

/* A detached copy of a bind's source, which is what the check saw. A descriptor or a fault. */
int mount_copy(struct mount_walk *w, const struct mount_row *row, struct fault *f);

/* A name that we made ourselves right below fd, a mount of our own. In a dry run, where
 * nothing was made, fd again. Returns an O_PATH descriptor or a fault. */
int mount_below(struct sys *s, int fd, const char *name, const char *object, struct fault *f);

/* Open and verify a host's device node: of that kind (S_IFCHR, S_IFBLK) and number,
 * whatever the name says. Returns an O_PATH descriptor or -errno (-ENODEV: it is
 * something else). */
int dev_open(int cwd, const char *path, mode_t type, unsigned major, unsigned minor);

/* The check of a --dev row in a user namespace, where host nodes are bound. */
int dev_check(struct fault *f);
/* The check of masks: is the host's /dev/null that device? 0 or a fault. */
int dev_null_check(struct fault *f);
/* Rows of --cgroup: options about the mount alone. */
int cgroup_plan(struct mount_row *row, struct fault *f);
/* Fills row->data with the host's hierarchies: "cgroup2", "cpu,cpuacct", "name=x". */
int cgroup_check(struct mount_row *row, const struct ctx *c, struct fault *f);

/* One device node: how it is to be, and the host's own, to be bound where none can be made. */
struct device {
	const char *name, *host;
	mode_t type, mode;  /* S_IFCHR, S_IFBLK or S_IFIFO; permissions                  */
	unsigned major, minor;
	uid_t uid;          /* (uid_t)-1: who makes it                                   */
	gid_t gid;
};

/* Make the node below dirfd, which is the directory dir of the root; it is noted in *made
 * (may be NULL). One that is there already and is the same device is kept;
 * anything else of that name is an error. The umask is 0. Returns 0 or a fault. */
int device_make(struct mount_walk *w, int dirfd, const char *dir, struct path_made *made, const struct device *d,
		struct fault *f);

/* Does the host have it, so that it can be bound in a user namespace? 0 or a fault. */
int device_check(const struct device *d, struct fault *f);

/* Rows of --device: "c:10,229:/dev/fuse:mode=666,uid=0,gid=0". */
int device_row_plan(struct mount_row *row, struct fault *f);
int device_row_check(struct mount_row *row, struct fault *f);
int mount_device(struct mount_walk *w, struct mount_row *row, struct fault *f);

/* Rows of --dev-nodes: what every program expects, in a directory that is there. */
int mount_nodes(struct mount_walk *w, struct mount_row *row, struct fault *f);

int mount_dev(struct mount_walk *w, struct mount_row *row, struct fault *f);
int mount_cgroup(struct mount_walk *w, struct mount_row *row, struct fault *f);

#endif
