/* SPDX-License-Identifier: MIT */
/* place.c - where in the root something is mounted: found or made, and looked at. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/place.h"
#include "fs/propagate.h"

/* Files of /proc that may be covered by a bind, as lxcfs does it. */
static bool may_cover_proc(const struct mount_row *row)
{
	static const char *const files[] = {
		"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat",  "/proc/swaps",
		"/proc/uptime",  "/proc/loadavg",   "/proc/slabinfo", "/proc/net/dev",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (row->flags.bind && strcmp(row->dir, files[i]) == 0)
			return true;
	return false;
}

/* Nothing but proc is mounted into proc, whatever name leads there (a link in the root
 * may): later readers and writers of /proc trust what they find. */
static int guard_proc(const struct mount_walk *w, const struct mount_row *row, int target, struct fault *f)
{
	const char *type = mount_form_of(row)->type;

	if ((type && strcmp(type, "proc") == 0) || may_cover_proc(row) || !mount_is(target, PROC_SUPER_MAGIC))
		return 0;
	if (row->flags.bind) {
		_cleanup_fd_ int src = openat(w->cwd, row->src, O_PATH | O_CLOEXEC);

		if (mount_is(src, PROC_SUPER_MAGIC))
			return 0;
	}
	fault_rule(f, OP_MOUNT_DEST, row->dir, "it is inside a proc filesystem, which must stay what it is");
	fault_fix(f, "--mask %.200s to hide it, or another directory", row->dir);
	return -EINVAL;
}

static struct place_id place_of(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &st) < 0)
		return (struct place_id){0};
	return (struct place_id){st.stx_mnt_id, st.stx_ino, makedev(st.stx_dev_major, st.stx_dev_minor)};
}

static struct place_id root_place(struct mount_walk *w)
{
	if (!w->root_id.mount)
		w->root_id = place_of(w->root);
	return w->root_id;
}

/* All three: a copy of the root elsewhere is another mount, and the subvolumes of one
 * mount of btrfs have the same inode number on devices of their own. */
bool place_is_root(struct mount_walk *w, int fd)
{
	struct place_id here = place_of(fd), root = root_place(w);

	return here.mount == root.mount && here.ino == root.ino && here.dev == root.dev;
}

/* The length of the path up to the first component that is a symbolic link, or 0. *own:
 * the link is in the root's own mount. */
static size_t first_link(struct mount_walk *w, const char *path, bool *own)
{
	for (const char *end = path + strspn(path, "/"); *end; end += strspn(end, "/")) {
		_cleanup_free_ char *prefix = NULL;
		_cleanup_fd_ int fd = -1;
		struct stat st;

		end += strcspn(end, "/");
		prefix = xprintf("%.*s", (int)(end - path), path);
		fd = path_open_in(w->root, prefix, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
		if (fd < 0 || fstat(fd, &st) < 0)
			return 0;
		if (S_ISLNK(st.st_mode)) {
			*own = place_of(fd).mount == root_place(w).mount;
			return (size_t)(end - path);
		}
	}
	return 0;
}

/* The way out for a path that leads through a symbolic link. file: the path is to be a
 * file. The prefix up to the link is printed behind ROOT: with no other link in it, it is
 * the same place for the user. */
static void fix_link(struct mount_walk *w, const char *path, bool file, struct fault *f)
{
	const char *top = strcmp(w->path, "/") == 0 ? "" : w->path, *rest = path + strspn(path, "/");
	bool own = false;
	int n = (int)first_link(w, path, &own) - (int)(rest - path);

	if (n <= 0)
		return;
	if (!own)
		fault_fix(f, "another path: /%.*s is a symbolic link in what is mounted there", n, rest);
	else if (f->op == OP_MOUNT_DEST)
		fault_fix(f, "rm %.120s/%.*s && %s %.120s/%.*s", top, n, rest, file && !rest[n] ? "touch" : "mkdir",
			  top, n, rest);
	else
		fault_fix(f, "rm %.200s/%.*s, or a path without it", top, n, rest);
}

int place_refuse_root(struct mount_walk *w, enum op op, const char *path, bool file, struct fault *f)
{
	fault_rule(f, op, path, "it is the root itself, by a symbolic link");
	fix_link(w, path, file, f);
	return -EINVAL;
}

/* The first part of the path that cannot be followed: the link at its end leads in a
 * circle, or, like those of /proc/PID, to an open file and not to a name. */
int place_no_way(struct mount_walk *w, enum op op, const char *path, int err, struct fault *f)
{
	const char *end = path;
	int r = 0, parent = 0, n = 0;

	fault_set(f, op, err, "%s", path);
	if (err != ELOOP)
		return -err;
	while (r != -ELOOP && *end) {
		_cleanup_free_ char *prefix = NULL;

		parent = n;
		end += strspn(end, "/");
		end += strcspn(end, "/");
		n = (int)(end - path);
		prefix = xprintf("%.*s", n, path);
		r = path_open_in(w->root, prefix, O_PATH, 0);
		if (r >= 0)
			close(r);
	}
	fault_why(f, "%.*s is a link to an open file, as those of /proc/PID are, or leads in a circle", n, path);
	fault_fix(f, "what it stands for, by a path without links%s%.*s", parent ? "; or the directory with it: " : "",
		  parent, path);
	return -err;
}

struct path_made *place_made(struct mount_walk *w, int dir)
{
	return w->made && !w->c->sys->dry && place_of(dir).mount == root_place(w).mount ? w->made : NULL;
}

/* Only what is made on the root's own files has to be removed on failure: what is made
 * in a mount of ours goes with it, and its name on the root's files may be somebody's.
 * All that is made is made in the mount of the nearest directory that exists. */
static struct path_made *note_for(struct mount_walk *w, const char *dir)
{
	_cleanup_free_ char *up = strdup(dir);
	uint64_t id = 0;

	while (up && *up) {
		_cleanup_fd_ int fd = -1;

		*strrchr(up, '/') = '\0';
		fd = path_open_in(w->root, *up ? up : "/", O_PATH, 0);
		if (fd >= 0) {
			id = place_of(fd).mount;
			break;
		}
	}
	return id == root_place(w).mount ? w->made : NULL;
}

/* Where programs and tools look without suspicion, no link of the root leads elsewhere,
 * whatever is mounted there. */
static bool is_trusted_dir(const char *dir)
{
	static const char *const dirs[] = {"/proc", "/sys", "/dev", "/sys/fs/cgroup"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (strcmp(dir, dirs[i]) == 0)
			return true;
	return false;
}

int mount_target(struct mount_walk *w, const struct mount_row *row, struct fault *f)
{
	bool real = mount_form_of(row)->real || is_trusted_dir(row->dir);
	int last = row->flags.how & HOW_ON_LINK ? O_NOFOLLOW : 0;
	_cleanup_fd_ int fd = path_open_in(w->root, row->dir, O_PATH | last, real ? RESOLVE_NO_SYMLINKS : 0);
	int r;

	if (fd >= 0 && !real && place_is_root(w, fd))
		return place_refuse_root(w, OP_MOUNT_DEST, row->dir, row->file, f);
	if (fd < 0)
		fd = path_make_in(w->c->sys, w->root, row->dir, row->file, real,
				  fd == -ENOENT && w->made ? note_for(w, row->dir) : NULL, f);
	if (fd == -ELOOP)
		fix_link(w, row->dir, row->file, f);
	if (fd < 0)
		return fd;
	r = guard_proc(w, row, fd, f);
	if (r == 0)
		r = propagation_guard(w, OP_MOUNT_DEST, row->dir, fd, f);
	return r < 0 ? r : fd_steal(&fd);
}
