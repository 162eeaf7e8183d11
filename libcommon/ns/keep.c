/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "ns/keep.h"
#include "target/mounts.h"
#include "target/self.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* -- beforehand ----------------------------------------------------------------------- */

/* May we mount here? The right is one over the user namespace that owns our mounts, which is
 * not ours when a user namespace was made without a mount namespace. */
static int check_rights(const char *file, struct fault *f)
{
	_cleanup_fd_ int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int owner = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
	struct stat ours, its;
	bool is_ours = owner < 0 ? errno != EPERM
				 : fstat(owner, &its) < 0 || stat("/proc/self/ns/user", &ours) < 0 ||
					   its.st_ino == ours.st_ino;

	if (is_ours && self_has_cap(CAP_SYS_ADMIN))
		return 0;
	fault_set(f, OP_NS_KEEP, EPERM, "%s", file);
	fault_why(f, is_ours ? "to mount on a file you need CAP_SYS_ADMIN"
			     : "the mounts here belong to a user namespace outside of yours");
	fault_fix(f, "sudo; or a shell with mounts of your own, where it works: ns-run --map-root --mount; or keep a process "
		     "in it: ns-run --detach --pid-file FILE sleep infinity, and ns-enter --target PID");
	return -EPERM;
}

/* A namespace is bound to a mount that passes nothing on: the kernel refuses to copy the file
 * of a mount namespace to a peer of the mount, which may be in that very namespace. */
static int check_shared(const struct ns_kept *k, const char *file, struct fault *f)
{
	char point[256];
	bool shared = false;
	int len = (int)(k->name - file);
	int r = mounts_shared(k->dir, &shared, point, sizeof(point));
	const char *dir = len ? file : ".";

	if (r < 0)
		return fault_set(f, OP_NS_KEEP, -r, "%s", file);
	if (!shared)
		return 0;
	len = len > 1 ? len - 1 : 1;
	fault_rule(f, OP_NS_KEEP, file, "the mount %s, in which it is, is shared, and a mount namespace cannot be bound in one", point);
	fault_fix(f, "mount --bind %.*s %.*s && mount --make-private %.*s", len, dir, len, dir, len, dir);
	return -EINVAL;
}

static int check_file(struct ns_kept *k, const char *file, unsigned flag, struct fault *f)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *dir = slash ? strndup(file, slash == file ? 1 : (size_t)(slash - file)) : strdup(".");
	_cleanup_fd_ int fd = -1;
	struct statfs fs;
	struct stat st;

	k->name = slash ? slash + 1 : file;
	k->dir = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (k->dir < 0)
		return fault_set(f, OP_NS_KEEP, dir ? errno : ENOMEM, "%s", file);
	fd = openat(k->dir, *k->name ? k->name : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && faccessat(k->dir, ".", W_OK, AT_EACCESS) < 0)
		return fault_set(f, OP_NS_KEEP, errno, "%s", file);
	if (fd < 0 && errno != ENOENT)
		return fault_set(f, OP_NS_KEEP, errno, "%s", file);
	if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC) {
		fault_rule(f, OP_NS_KEEP, file, "a namespace is kept there already");
		fault_fix(f, "ns-enter --target %s%s, to use that one; or umount %s", slash ? "" : "./", file, file);
		return -EEXIST;
	}
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		return fault_rule(f, OP_NS_KEEP, file, "it is no plain file");
	return flag == CLONE_NEWNS ? check_shared(k, file, f) : 0;
}

int ns_keep_check(struct ns_keep *k, const struct ns_choice *c, struct fault *f)
{
	int r = 0;

	for (unsigned i = 0; i < NS_KINDS; i++)
		k->kept[i] = (struct ns_kept){.dir = -1};
	for (unsigned i = 0; r == 0 && i < NS_KINDS; i++) {
		if (!c->file[i])
			continue;
		r = check_rights(c->file[i], f);
		if (r == 0)
			r = check_file(&k->kept[i], c->file[i], ns_kinds[i].flag, f);
	}
	return r;
}

/* -- doing it ------------------------------------------------------------------------- */

int ns_keep_begin(struct ns_keep *k, struct sys *s, const struct ns_choice *c, struct fault *f)
{
	for (unsigned i = 0; i < NS_KINDS; i++) {
		struct ns_kept *one = &k->kept[i];
		_cleanup_fd_ int fd = -1;

		if (!one->name || faccessat(one->dir, one->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		fd = sys_create(s, one->dir, one->name, 0444);
		if (fd < 0)
			return fault_set(f, OP_NS_KEEP, -fd, "%s", c->file[i]);
		one->made = !s->dry;
	}
	return 0;
}

/* A time namespace is that of the next execve or child, until then (clone made it for both). */
static const char *file_of(const struct ns_kind *k)
{
	return k->flag == CLONE_NEWTIME ? "time_for_children" : k->file;
}

static int bind_one(struct ns_kept *one, struct sys *s, const struct ns_kind *kind, int procfd, const char *file,
		    struct fault *f)
{
	_cleanup_fd_ int mnt = -1, to = -1;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "ns/%s", file_of(kind));
	mnt = sys_open_tree(s, procfd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (mnt < 0)
		return fault_set(f, OP_NS_KEEP, -mnt, "%s", file);
	/* nobody but its owner can have changed what the name stands for; a link is not followed */
	to = openat(one->dir, s->dry ? "." : one->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	r = to < 0 ? -errno : sys_move_mount(s, mnt, to, file, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	one->bound = r == 0 && !s->dry;
	if (r == 0)
		return 0;
	fault_set(f, OP_NS_KEEP, -r, "%s", file);
	if (kind->flag == CLONE_NEWNS && (r == -ELOOP || r == -EINVAL)) {
		/* newer kernels number namespaces for each processor: the new one may seem the older */
		fault_why(f, "the kernel takes the new mount namespace for older than the one we are in");
		fault_fix(f, "the same on another processor: taskset -c 0 ns-run ..., taskset -c 1 ns-run ...");
	}
	return r;
}

int ns_keep_bind(struct ns_keep *k, struct sys *s, const struct ns_choice *c, int procfd, struct fault *f)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < NS_KINDS; i++)
		if (k->kept[i].name)
			r = bind_one(&k->kept[i], s, &ns_kinds[i], procfd, c->file[i], f);
	return r;
}

void ns_keep_undo(struct ns_keep *k, struct sys *s)
{
	for (unsigned i = NS_KINDS; i-- > 0;) {
		struct ns_kept *one = &k->kept[i];
		char path[320];

		/* by the directory that we hold, and not by a path that may lead elsewhere by now */
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", one->dir, one->name ? one->name : "");
		if (one->bound)
			sys_umount2(s, path, MNT_DETACH | UMOUNT_NOFOLLOW);
		if (one->made)
			sys_unlinkat(s, one->dir, one->name, 0);
		one->bound = one->made = false;
	}
}

void ns_keep_close(struct ns_keep *k)
{
	for (unsigned i = 0; i < NS_KINDS; i++)
		if (k->kept[i].name)
			fd_close(&k->kept[i].dir);
}
