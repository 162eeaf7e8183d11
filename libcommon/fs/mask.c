/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/mask.h"
#include "fs/place.h"
#include "fs/propagate.h"

int mask_plan(const struct words *paths, enum op op, struct fault *f)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *path = paths->v[i];

		if (path_has_dotdot(path)) {
			fault_rule(f, op, path, "a path with .. is not a place in the root");
			fault_fix(f, "the path as the program will see it, without ..");
			return -EINVAL;
		}
		if (path[strspn(path, "/.")] == '\0') {
			fault_rule(f, op, path, "that is the root itself");
			fault_fix(f, "a path in the root, or --read-only for the root itself");
			return -EINVAL;
		}
	}
	return 0;
}

static int failed(const char *path, int err, struct fault *f)
{
	return fault_set(f, OP_MASK, err, "%s", path);
}

static int not_read_only(const char *path, int err, struct fault *f)
{
	return fault_set(f, OP_READ_ONLY, err, "%s", path);
}

/* One tmpfs is enough for all directories: the first is attached, the others are copies. */
static int empty_directory(struct mount_walk *w, const char *path, struct fault *f)
{
	static char mode[] = "mode=555", inodes[] = "nr_inodes=1";
	char *const options[] = {mode, inodes, NULL};
	struct sys *s = w->c->sys;
	int r;

	if (w->empty >= 0) {
		r = sys_open_tree(s, w->empty, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
		return r < 0 ? failed(path, -r, f) : r;
	}
	r = mount_new(s, "tmpfs", "tmpfs", options,
		      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, path, f);
	if (r >= 0)
		w->empty = fcntl(r, F_DUPFD_CLOEXEC, 0);
	return r;
}

/* The host's null device, whose type and number are seen, and not one of the root's,
 * which may be a link to a file of /proc. */
static int null_device(struct mount_walk *w, const char *path, struct fault *f)
{
	int r;

	if (w->null < 0) {
		r = dev_open(AT_FDCWD, "/dev/null", S_IFCHR, 1, 3);
		if (r < 0)
			return dev_null_check(f);
		w->null = r;
	}
	r = sys_open_tree(w->c->sys, w->null, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	return r < 0 ? failed(path, -r, f) : r;
}

/* A path that does not exist has nothing to hide. */
static bool is_nowhere(int err)
{
	return err == -ENOENT || err == -ENOTDIR;
}

static int mask_one(struct mount_walk *w, const char *path, struct fault *f)
{
	_cleanup_fd_ int target = path_open_in(w->root, path, O_PATH, 0);
	_cleanup_fd_ int cover = -1;
	struct stat st;

	if (target < 0)
		return is_nowhere(target) ? 0 : place_no_way(w, OP_MASK, path, -target, f);
	if (place_is_root(w, target))
		return place_refuse_root(w, OP_MASK, path, false, f);
	if (propagation_guard(w, OP_MASK, path, target, f) < 0)
		return -EINVAL;
	if (fstat(target, &st) < 0)
		return failed(path, errno, f);
	cover = S_ISDIR(st.st_mode) ? empty_directory(w, path, f) : null_device(w, path, f);
	return cover < 0 ? cover : mount_attach(w->c->sys, cover, target, path, f);
}

int mask_paths(struct mount_walk *w, const struct words *paths, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < paths->n && r >= 0; i++)
		r = mask_one(w, paths->v[i], f);
	return r;
}

static int read_only_one(struct mount_walk *w, const char *path, struct fault *f)
{
	_cleanup_fd_ int target = path_open_in(w->root, path, O_PATH, 0);
	_cleanup_fd_ int tree = -1;
	struct sys *s = w->c->sys;
	int r;

	if (target < 0)
		return is_nowhere(target) ? 0 : place_no_way(w, OP_READ_ONLY, path, -target, f);
	if (place_is_root(w, target))
		return place_refuse_root(w, OP_READ_ONLY, path, false, f);
	if (propagation_guard(w, OP_READ_ONLY, path, target, f) < 0)
		return -EINVAL;
	tree = sys_open_tree(s, target, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
	if (tree < 0)
		return not_read_only(path, -tree, f);
	r = sys_mount_setattr(s, tree, AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? not_read_only(path, -r, f) : mount_attach(s, tree, target, path, f);
}

int mask_writes(struct mount_walk *w, const struct words *paths, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < paths->n && r >= 0; i++)
		r = read_only_one(w, paths->v[i], f);
	return r;
}
