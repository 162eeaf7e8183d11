/* SPDX-License-Identifier: MIT */
/* dev.c - a private /dev: a tmpfs with the six devices every program expects. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/place.h"
#include "target/self.h"

enum { TTY_GROUP = 5 }; /* Terminals belong to it, in every distribution. */

#define NODE(name, major, minor) {name, "/dev/" name, S_IFCHR, 0666, major, minor, (uid_t)-1, (gid_t)-1}

static const struct device devices[] = { /* Documentation/admin-guide/devices.txt */
	NODE("null", 1, 3),   NODE("zero", 1, 5),    NODE("full", 1, 7),
	NODE("random", 1, 8), NODE("urandom", 1, 9), NODE("tty", 5, 0),
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},         {"stdin", "/proc/self/fd/0"},  {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},   {"ptmx", "pts/ptmx"},
};

int dev_null_check(struct fault *f)
{
	return device_check(&devices[0], f);
}

int dev_check(struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(devices) && r == 0; i++)
		r = device_check(&devices[i], f);
	return r;
}

static int make_devices(struct mount_walk *w, int dev, const char *dir, struct path_made *made, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(devices) && r >= 0; i++)
		r = device_make(w, dev, dir, made, &devices[i], f);
	return r;
}

static int make_links(struct sys *s, int dev, const char *object, struct path_made *made, struct fault *f)
{
	for (size_t i = 0; i < COUNT(links); i++) {
		int r = sys_symlinkat(s, links[i].target, dev, links[i].name);

		if (r >= 0)
			path_made_note(made, object, links[i].name);

		if (r < 0 && r != -EEXIST)
			return fault_set(f, OP_DEVICE, -r, "%s/%s", object, links[i].name);
	}
	return 0;
}

static int make_names(struct sys *s, int dev, const char *object, struct fault *f)
{
	int r = make_links(s, dev, object, NULL, f);

	if (r < 0)
		return r;
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

/* Everything is made in the new tmpfs by its own descriptor: a /dev of the root, whatever
 * it is, has no part in it. Mounts, and so nodes that are bound, can go in only once it is
 * attached. */
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
	if (make_names(s, dev, row->dir, f) < 0 || (target = mount_target(w, row, f)) < 0 ||
	    mount_attach(s, dev, target, row->dir, f) < 0 || make_devices(w, dev, row->dir, NULL, f) < 0)
		return -EINVAL;
	r = sys_umask(s, s->dry ? 022 : (mode_t)mask);
	return r < 0 ? fault_set(f, OP_DEVICE, -r, "%s", row->dir) : mount_inner(w, dev, row->dir, f);
}

int mount_nodes(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	_cleanup_fd_ int dev = mount_target(w, row, f);
	struct path_made *made = dev < 0 ? NULL : place_made(w, dev);
	struct sys *s = w->c->sys;
	int mask, r;

	if (dev < 0)
		return dev;
	mask = sys_umask(s, 0);
	r = make_devices(w, dev, row->dir, made, f);
	if (r == 0)
		r = make_links(s, dev, row->dir, made, f);
	sys_umask(s, s->dry ? 022 : (mode_t)mask);
	return r;
}
