/* SPDX-License-Identifier: MIT */
/* dev.c - a private /dev: a tmpfs with the six devices every program expects. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/count.h"
#include "base/fd.h"
#include "fs/forms.h"
#include "fs/place.h"
#include "target/self.h"

enum { TTY_GROUP = 5 }; /* Terminals belong to it, in every distribution. */

static const struct device {
	const char *name, *host;
	unsigned major, minor;
} devices[] = { /* Documentation/admin-guide/devices.txt */
	{"null", "/dev/null", 1, 3},     {"zero", "/dev/zero", 1, 5},       {"full", "/dev/full", 1, 7},
	{"random", "/dev/random", 1, 8}, {"urandom", "/dev/urandom", 1, 9}, {"tty", "/dev/tty", 5, 0},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},         {"stdin", "/proc/self/fd/0"},  {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},   {"ptmx", "pts/ptmx"},
};


int dev_open(int cwd, const char *path, unsigned major, unsigned minor)
{
	_cleanup_fd_ int fd = openat(cwd, path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(major, minor))
		return -ENODEV;
	return fd_steal(&fd);
}

static int device_fault(const struct device *d, int err, struct fault *f)
{
	fault_set(f, OP_DEVICE, err, "%s", d->host);
	if (err == ENODEV) {
		fault_why(f, "it is not the character device %u:%u", d->major, d->minor);
		fault_fix(f, "rm %s && mknod -m 666 %s c %u %u, as root of the host", d->host, d->host, d->major, d->minor);
	} else if (err == ENOENT) {
		fault_fix(f, "mknod -m 666 %s c %u %u, as root of the host", d->host, d->major, d->minor);
	}
	return -err;
}

static int check_device(const struct device *d, struct fault *f)
{
	_cleanup_fd_ int fd = dev_open(AT_FDCWD, d->host, d->major, d->minor);

	return fd < 0 ? device_fault(d, -fd, f) : 0;
}

int dev_null_check(struct fault *f)
{
	return check_device(&devices[0], f);
}

int dev_check(struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(devices) && r == 0; i++)
		r = check_device(&devices[i], f);
	return r;
}

/* A user namespace can make no device nodes: the host's own is put over an empty file.
 * It is bound by the descriptor whose type and number were seen, never by its name. */
static int bind_device(struct sys *s, int dev, const struct device *d, struct fault *f)
{
	_cleanup_fd_ int host = dev_open(AT_FDCWD, d->host, d->major, d->minor);
	_cleanup_fd_ int tree = -1, file = -1;

	if (host < 0)
		return device_fault(d, -host, f);
	tree = sys_open_tree(s, host, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return device_fault(d, -tree, f);
	file = sys_create(s, dev, d->name, 0666);
	if (file == -EEXIST) /* mknod was allowed for this one */
		return 0;
	if (file < 0)
		return device_fault(d, -file, f);
	return mount_attach(s, tree, file, d->host, f);
}

static int make_devices(struct mount_walk *w, int dev, struct fault *f)
{
	struct sys *s = w->c->sys;

	for (size_t i = 0; i < COUNT(devices); i++) {
		const struct device *d = &devices[i];
		int r = sys_mknodat(s, dev, d->name, S_IFCHR | 0666, makedev(d->major, d->minor));

		if (r < 0)
			return r == -EPERM ? r : device_fault(d, -r, f);
	}
	return 0;
}

static int bind_devices(struct mount_walk *w, int dev, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(devices) && r >= 0; i++)
		r = bind_device(w->c->sys, dev, &devices[i], f);
	return r;
}

static int make_names(struct sys *s, int dev, const char *object, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(links) && r >= 0; i++)
		r = sys_symlinkat(s, links[i].target, dev, links[i].name);
	if (r >= 0)
		r = sys_mkdirat(s, dev, "pts", 0755);
	if (r >= 0)
		r = sys_mkdirat(s, dev, "shm", 01777);
	return r < 0 ? fault_set(f, OP_DEVICE, -r, "%s", object) : 0;
}

/* Every mount of devpts is an instance of its own since Linux 4.7, and a tmpfs that is
 * not told a mode has 1777, so neither needs an option for it. */
static int mount_inner(struct mount_walk *w, int dev, const char *object, struct fault *f)
{
	static char ptmx[] = "ptmxmode=0666", mode[] = "mode=0620", gid[] = "gid=5";
	bool has_tty = self_map_has(AT_FDCWD, "/proc/self/gid_map", TTY_GROUP);
	char *options[] = {ptmx, mode, has_tty ? gid : NULL, NULL};
	const struct {
		const char *type, *name;
		char *const *data;
		uint64_t attrs;
	} rows[] = {
		{"devpts", "pts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC},
		{"tmpfs", "shm", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC},
	};
	int r = 0;

	for (size_t i = 0; i < COUNT(rows) && r >= 0; i++) {
		_cleanup_fd_ int mount = -1, target = -1;

		mount = mount_new(w->c->sys, rows[i].type, rows[i].type, rows[i].data, rows[i].attrs, object, f);
		if (mount < 0)
			return mount;
		target = mount_below(w->c->sys, dev, rows[i].name, object, f);
		r = target < 0 ? target : mount_attach(w->c->sys, mount, target, object, f);
	}
	return r;
}

/* Everything is made in the detached tmpfs by its own descriptor, where nobody else can
 * look: a /dev of the root, whatever it is, has no part in it. Mounts can go in only
 * once it is attached. */
int mount_dev(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	static char mode[] = "mode=755";
	char *const options[] = {mode, NULL};
	struct sys *s = w->c->sys;
	_cleanup_fd_ int dev = mount_new(s, "tmpfs", "tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, row->dir, f);
	_cleanup_fd_ int target = -1;
	int mask, r;

	if (dev < 0)
		return dev;
	mask = sys_umask(s, 0); /* device nodes are for everybody, whoever runs this */
	if (mask < 0)
		return fault_set(f, OP_DEVICE, -mask, "%s", row->dir);
	r = (w->c->ns_new & CLONE_NEWUSER) ? -EPERM : make_devices(w, dev, f);
	if (r < 0 && r != -EPERM)
		return r;
	if (make_names(s, dev, row->dir, f) < 0 || (target = mount_target(w, row, f)) < 0 ||
	    mount_attach(s, dev, target, row->dir, f) < 0)
		return -EINVAL;
	if (r == -EPERM && bind_devices(w, dev, f) < 0)
		return -EINVAL;
	r = sys_umask(s, s->dry ? 022 : (mode_t)mask);
	return r < 0 ? fault_set(f, OP_DEVICE, -r, "%s", row->dir) : mount_inner(w, dev, row->dir, f);
}
