/* SPDX-License-Identifier: MIT */
/* root.c - the link fs-root: options, plan, check, act, print. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/idmapped.h"
#include "fs/mask.h"
#include "fs/propagate.h"
#include "fs/root.h"
#include "target/self.h"

#define AT(field) offsetof(struct fs_root, field)
#define HERE(name, kind, help) {0, name, "DIR", &opt_mount_at, AT(mounts), kind, help, NULL}

static const struct opt opts[] = {
	HERE("proc", MOUNT_PROC, "mount proc on /proc"),
	HERE("sys", MOUNT_SYS, "mount sysfs on /sys, read-only"),
	HERE("dev", MOUNT_DEV, "mount a private /dev: null, zero, full, random, urandom, tty, pts, shm"),
	{0, "cgroup", "DIR[:OPTIONS]", &opt_mount_at, AT(mounts), MOUNT_CGROUP,
	 "mount the cgroups on /sys/fs/cgroup, read-only unless OPTIONS say rw", NULL},
	HERE("mqueue", MOUNT_MQUEUE, "mount POSIX message queues on /dev/mqueue"),
	{0, "tmpfs", "DIR[:OPTIONS]", &opt_mount, AT(mounts), MOUNT_TMPFS, "mount an empty tmpfs", NULL},
	{0, "bind", "SRC[:DIR[:OPTIONS]]", &opt_mount, AT(mounts), MOUNT_BIND, "show a file or directory of the host",
	 ":file"},
	{0, "ro-bind", "SRC[:DIR[:OPTIONS]]", &opt_mount, AT(mounts), MOUNT_RO_BIND, "the same, read-only", ":file"},
	{0, "mount", "TYPE:SRC:DIR[:OPTIONS]", &opt_mount, AT(mounts), MOUNT_ANY, "mount any filesystem", NULL},
	HERE("dev-nodes", MOUNT_NODES, "make null, zero, tty, ... and the links fd, stdin, ... in the /dev that is there"),
	{0, "device", "TYPE:MAJOR,MINOR:PATH[:OPTIONS]", &opt_mount, AT(mounts), MOUNT_DEVICE,
	 "make a device node; options mode=OCTAL, uid=N, gid=N", NULL},
	{0, "mask", "PATH", &opt_strings, AT(masks), 0, "hide a file or directory of the root", NULL},
	{0, "read-only-path", "PATH", &opt_strings, AT(read_only_paths), 0, "make a path of the root read-only", NULL},
	{0, "read-only", NULL, &opt_flag, AT(read_only), 0, "make the root itself read-only", NULL},
	{0, "propagation", "KIND", &opt_propagation, AT(propagation), 0,
	 "which mounts spread: private, slave, shared, unbindable, or with r (rslave)", propagation_words},
	{0, "scratch", NULL, &opt_flag, AT(scratch), 0, "keep all changes to the root in memory, gone at the end", NULL},
	{0},
};

static int operand(void *spec, unsigned n, const char *word, struct fault *f)
{
	struct fs_root *r = spec;

	(void)n, (void)f;
	r->root = word;
	return 0;
}

/* All that a chain needs of the host is looked up before it changes anything, and behind
 * the first root the second is not the directory that was looked up. */
static int second_root(const struct fs_root *r, struct fault *f)
{
	fault_rule(f, OP_ORDER, "fs-root", "a chain builds one root, and this would be a second, %.100s", r->root);
	fault_fix(f, "one fs-root with --bind SRC:DIR; or -- before the second, to run the fs-root that the first root has");
	return -EINVAL;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct fs_root *r = spec;
	int err = c->builds_root ? second_root(r, f) : mount_list_plan(&r->mounts, f);

	if (err == 0)
		err = mask_plan(&r->masks, OP_MASK, f);
	if (err == 0)
		err = mask_plan(&r->read_only_paths, OP_READ_ONLY, f);
	c->root_changes = c->builds_root = true;
	return err;
}

/* Mounting needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace. */
static int check_right(const struct fs_root *r, const struct ctx *c, struct fault *f)
{
	if (((c->ns_new | c->ns_joined) & CLONE_NEWUSER) || self_has_cap(CAP_SYS_ADMIN))
		return 0;
	fault_set(f, OP_ROOT_RIGHT, EPERM, "%s", r->root);
	fault_why(f, "mounting needs CAP_SYS_ADMIN, and the chain makes no user namespace");
	return -EPERM;
}

static int root_fault(const struct fs_root *r, int err, struct fault *f)
{
	struct stat st;

	fault_set(f, OP_ROOT, err, "%s", r->root);
	if (lstat(r->path, &st) == 0 && S_ISLNK(st.st_mode)) {
		_cleanup_free_ char *real = realpath(r->path, NULL);

		fault_set(f, OP_ROOT, ELOOP, "%s", r->root);
		fault_why(f, "it is a symbolic link, which somebody else may turn elsewhere");
		if (real)
			fault_fix(f, "fs-root [OPTION...] %s", real);
		else
			fault_fix(f, "a directory: ls -l %.200s, its target does not exist", r->path);
		return -ELOOP;
	}
	if (err == EACCES)
		fault_fix(f, "sudo, or chmod +x on the directory that refuses: namei -l %.200s", r->path);
	return -err;
}

static int open_root(struct fs_root *r, struct ctx *c, struct fault *f)
{
	size_t n = strlen(r->root);
	struct stat st;
	int fd;

	while (n > 1 && r->root[n - 1] == '/')
		n--;
	free(r->path);
	r->path = xprintf("%.*s", (int)n, r->root);
	fd = open(r->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return root_fault(r, errno, f);
	c->root_fd = fd;
	if (fstat(fd, &st) < 0 || faccessat(AT_FDCWD, r->path, X_OK, AT_EACCESS) < 0)
		return root_fault(r, errno, f);
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	r->mode = st.st_mode;
	return 0;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct fs_root *r = spec;
	int err = open_root(r, c, f);

	if (err == 0)
		err = check_right(r, c, f);
	if (err == 0)
		err = mount_list_check(&r->mounts, c, f);
	if (err == 0 && r->masks.n)
		err = dev_null_check(f);
	if (err < 0)
		return err;
	c->made = path_made_new();
	if (!c->made)
		return fault_set(f, OP_MEMORY, errno, "%s", r->root);
	/* With a new pid namespace somebody stays behind anyhow. */
	r->makes = !r->scratch && !(c->ns_new & CLONE_NEWPID) && mount_list_makes(&r->mounts, c->root_fd);
	c->makes_in_root |= r->makes;
	return 0;
}

/* A process that has entered the root cannot remove the mount points it made: they are
 * in use in its own mount namespace, and it may have given up the right. */
static void needs_fork(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags)
{
	static char text[] = "a mount point is missing in the root: it is made, and removed again on failure";

	(void)flags;
	if (((const struct fs_root *)spec)->makes && !c->stays)
		(void)words_add(why, text);
}

static int before(void *spec, struct ctx *c, struct fault *f)
{
	struct fs_root *r = spec;
	struct mount_walk w = {.c = c, .path = r->path, .cwd = AT_FDCWD, .root = -1, .empty = -1, .null = -1};

	return idmapped_hold(&w, &r->mounts, &r->propagation, f);
}

/* A mount namespace of our own in which nothing we do reaches another. Private and not
 * slave: what the host mounts later has no business in a root that is being built, and
 * pivot_root(2) refuses shared mounts. What --propagation wants of binds is taken before. */
static int own_mounts(struct mount_walk *w, struct fs_root *root, struct fault *f)
{
	struct ctx *c = w->c;
	int r = (c->ns_new & CLONE_NEWNS) ? 0 : sys_unshare(c->sys, CLONE_NEWNS);

	if (r < 0)
		return fault_set(f, OP_NS_NEW, -r, "mount");
	r = propagation_hold(w, &root->mounts, &root->propagation, f);
	if (r < 0)
		return r;
	r = sys_mount_setattr(c->sys, AT_FDCWD, AT_RECURSIVE, 0, 0, MS_PRIVATE);
	if (r == -EINVAL) {
		fault_set(f, OP_PROPAGATION, EINVAL, "/");
		fault_why(f, "this process is in a chroot, whose / is no mount");
		fault_fix(f, "fs-root outside the chroot, or mount --bind DIR DIR before chroot DIR");
		return -EINVAL;
	}
	return r < 0 ? fault_set(f, OP_PROPAGATION, -r, "/") : 0;
}

static int build(struct mount_walk *w, struct fs_root *r, struct fault *f)
{
	int err = 0;

	for (size_t i = 0; i < r->mounts.n && err >= 0; i++)
		err = mount_do(w, &r->mounts.v[i], f);
	if (err >= 0)
		err = mask_paths(w, &r->masks, f);
	if (err >= 0)
		err = mask_writes(w, &r->read_only_paths, f);
	if (err >= 0 && r->read_only) {
		err = sys_mount_setattr(w->c->sys, w->root, AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0, 0);
		if (err < 0)
			err = fault_set(f, OP_MOUNT, -err, "%s", r->root);
	}
	return err;
}

/* Who fails half-way takes the mounts off, so that the mount points can be removed. */
static void take_off(struct sys *s, int root)
{
	if (sys_fchdir(s, root, "the unfinished root") >= 0)
		(void)sys_umount2(s, ".", MNT_DETACH);
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct fs_root *r = spec;
	struct mount_walk w = {
		.c = c,
		.path = r->path,
		.root = -1,
		.cwd = AT_FDCWD,
		.made = r->scratch ? NULL : c->made,
		.empty = -1,
		.null = -1,
	};
	int err = own_mounts(&w, r, f);

	if (err >= 0)
		err = root_mount(&w, r, f);
	if (err >= 0)
		err = build(&w, r, f);
	if (err < 0 && w.root >= 0)
		take_off(c->sys, w.root);
	if (err >= 0)
		err = root_enter(c->sys, w.root, r->root, f);
	if (err >= 0)
		err = propagation_finish(c->sys, &r->propagation, f);
	fd_close(&w.root);
	fd_close(&w.empty);
	fd_close(&w.null);
	if (w.cwd != AT_FDCWD)
		fd_close(&w.cwd);
	return err;
}

static void print(const void *spec, struct words *out)
{
	const struct fs_root *r = spec;

	mount_list_print(&r->mounts, opts, out);
	opt_print(opts, r, out);
	words_take(out, xprintf("%s%s", r->root && r->root[0] == '-' ? "./" : "", r->root ? r->root : ""));
}

static void drop(void *spec)
{
	struct fs_root *r = spec;

	mount_list_free(&r->mounts);
	words_free(&r->masks);
	words_free(&r->read_only_paths);
	free(r->path);
	r->path = NULL;
}

const struct link fs_root_link = {
	.cmd = {
		.name = "fs-root",
		.operands = {"ROOT", NULL},
		.rest = "[PROGRAM [ARG...]]",
		.summary = "Build a root from a directory and mounts, enter it, and run a program there.",
		.opts = opts,
		.operand_complete = ":dir",
	},
	.rank = RANK_ROOT,
	.needs = "the host's files, to mount them",
	.takes = "the host's files",
	.enters = true,
	.spec_size = sizeof(struct fs_root),
	.operand = operand,
	.plan = plan,
	.check = check,
	.fork = needs_fork,
	.before = before,
	.act = act,
	.print = print,
	.drop = drop,
};
