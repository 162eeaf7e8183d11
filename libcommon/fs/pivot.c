/* SPDX-License-Identifier: MIT */
/* pivot.c - a directory becomes a mount, the mount becomes the root. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "fs/forms.h"
#include "fs/root.h"

static int failed(const struct fs_root *at, int err, struct fault *f)
{
	fault_set(f, OP_ROOT, err, "%s", at->root);
	if (err == EACCES)
		fault_fix(f, "a way there that the mapped root may search (namei -l %.200s), or another id map", at->path);
	return -err;
}

/* The directory once more, by its path in the new mount namespace: descriptors of the
 * old one cannot be mounted. It must be the one that the check saw. */
static int open_again(const struct fs_root *at, struct fault *f)
{
	_cleanup_fd_ int fd = open(at->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(at, errno, f);
	if (st.st_dev != at->dev || st.st_ino != at->ino) {
		fault_rule(f, OP_ROOT, at->root, "another directory is there since it was checked");
		fault_fix(f, "once more, when nobody renames it; or without ns-enter before fs-root");
		return -EINVAL;
	}
	return fd_steal(&fd);
}

static int copy_mount(struct sys *s, int fd, const struct fs_root *at, struct fault *f)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
	int r = sys_open_tree(s, fd, "", flags);

	return r < 0 ? failed(at, -r, f) : r;
}

/* The upper layer's directory shows through as the root: it gets the mode of ROOT. */
static int make_layers(struct sys *s, int tmp, const struct fs_root *at, struct fault *f)
{
	static const char *const names[] = {"lower", "upper", "work"};
	int r = 0;

	for (size_t i = 0; i < 3 && r >= 0; i++)
		r = sys_mkdirat(s, tmp, names[i], 0755);
	if (r >= 0)
		r = sys_fchmodat(s, tmp, "upper", at->mode & 07777);
	return r < 0 ? failed(at, -r, f) : 0;
}

/* The overlay finds its layers by names below the working directory, so nothing in their
 * paths has to be quoted and no /proc is needed. They have to be attached: Linux before
 * 6.15 makes no layer of a detached mount. */
static int overlay(struct mount_walk *w, int dir, const struct fs_root *at, struct fault *f)
{
	static char mode[] = "mode=755", low[] = "lowerdir=lower", up[] = "upperdir=upper", work[] = "workdir=work",
		    user[] = "userxattr";
	char *const tmp_options[] = {mode, NULL};
	char *const options[] = {low, up, work, (w->c->ns_new & CLONE_NEWUSER) ? user : NULL, NULL};
	struct sys *s = w->c->sys;
	_cleanup_fd_ int tmp = mount_new(s, "tmpfs", "tmpfs", tmp_options, 0, at->root, f);
	_cleanup_fd_ int lower = -1, place = -1, merged = -1;
	int r;

	if (tmp < 0 || make_layers(s, tmp, at, f) < 0 || (lower = copy_mount(s, dir, at, f)) < 0 ||
	    mount_attach(s, tmp, dir, at->root, f) < 0 ||
	    (place = mount_below(s, tmp, "lower", at->root, f)) < 0 ||
	    mount_attach(s, lower, place, at->root, f) < 0)
		return -EINVAL;
	w->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->cwd < 0)
		return fault_set(f, OP_OPEN, errno, ".");
	r = sys_fchdir(s, tmp, "the tmpfs of the layers");
	if (r < 0)
		return failed(at, -r, f);
	merged = mount_new(s, "overlay", "overlay", options, 0, at->root, f);
	if (merged < 0 || mount_attach(s, merged, tmp, at->root, f) < 0)
		return -EINVAL;
	return fd_steal(&merged);
}

int root_mount(struct mount_walk *w, const struct fs_root *at, struct fault *f)
{
	_cleanup_fd_ int dir = open_again(at, f);
	_cleanup_fd_ int tree = -1;
	int r = 0;

	if (dir < 0)
		return dir;
	if (at->scratch) {
		tree = overlay(w, dir, at, f);
	} else {
		tree = copy_mount(w->c->sys, dir, at, f);
		if (tree >= 0)
			r = mount_attach(w->c->sys, tree, dir, at->root, f);
	}
	if (tree < 0 || r < 0)
		return tree < 0 ? tree : r;
	/* A dry run has no mount: the directory itself stands for it. */
	w->root = w->c->sys->dry ? fd_steal(&dir) : fd_steal(&tree);
	return 0;
}

/* After pivot_root(".", ".") the old root is mounted on top of the new one, at ".", and
 * is taken off from there: no directory for it is needed in the root; pivot_root(2). */
int root_enter(struct sys *s, int mount, const char *object, struct fault *f)
{
	int r = sys_fchdir(s, mount, object);

	if (r >= 0)
		r = sys_pivot_root(s, ".", ".");
	if (r >= 0)
		r = sys_umount2(s, ".", MNT_DETACH);
	if (r >= 0)
		r = sys_chdir(s, "/");
	return r < 0 ? fault_set(f, OP_PIVOT, -r, "%s", object) : 0;
}
