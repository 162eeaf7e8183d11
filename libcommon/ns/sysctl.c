/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/path.h"
#include "ns/sysctl.h"

enum { KEY = 200 };

/* Which parameters belong to which namespace: sysctl(2) of the kinds in namespaces(7). */
static const struct {
	const char *prefix;
	unsigned kind;
	const char *name;
} owners[] = {
	{"net/", CLONE_NEWNET, "--net"},          {"fs/mqueue/", CLONE_NEWIPC, "--ipc"},
	{"kernel/msg", CLONE_NEWIPC, "--ipc"},    {"kernel/shm", CLONE_NEWIPC, "--ipc"},
	{"kernel/sem", CLONE_NEWIPC, "--ipc"},    {"kernel/auto_msgmni", CLONE_NEWIPC, "--ipc"},
	{"user/", CLONE_NEWUSER, "--user"},       {"kernel/domainname", CLONE_NEWUTS, "--uts"},
};

/* "net/ipv4/ip_forward" of "net.ipv4.ip_forward=1". Where a slash comes first, slashes
 * divide and dots are part of a name, as sysctl(8) has it. */
static int path_of(const char *set, char path[static KEY])
{
	size_t n = strcspn(set, "=");
	const char *sep = strpbrk(set, "./");
	bool slashes = sep && *sep == '/';

	if (set[n] != '=' || n == 0 || n >= KEY || set[0] == '/' || set[0] == '.')
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		bool mark = set[i] == '.' || set[i] == '/';

		path[i] = set[i];
		if (!slashes && mark)
			path[i] = "./"[set[i] == '.'];
		if (path[i] == '/' && (i + 1 == n || path[i - 1] == '/'))
			return -EINVAL;
	}
	path[n] = '\0';
	return strstr(path, "/../") || strstr(path, "/./") ? -EINVAL : 0;
}

static int check_one(const char *set, unsigned kinds, struct fault *f)
{
	char path[KEY];

	if (path_of(set, path) < 0)
		return fault_rule(f, OP_SYSCTL, set, "expected KEY=VALUE, as in net.ipv4.ip_forward=1");
	if (strcmp(path, "kernel/hostname") == 0) {
		fault_rule(f, OP_SYSCTL, set, "the host name has an option of its own");
		fault_fix(f, "ns-run --hostname NAME");
		return -EINVAL;
	}
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++) {
		if (strncmp(path, owners[i].prefix, strlen(owners[i].prefix)) != 0)
			continue;
		if (kinds & owners[i].kind)
			return 0;
		fault_rule(f, OP_SYSCTL, set, "it belongs to a namespace that is not new: the host's would change");
		fault_fix(f, "ns-run %s as well", owners[i].name);
		return -EINVAL;
	}
	fault_rule(f, OP_SYSCTL, set, "it belongs to no namespace: it would change for the whole machine");
	fault_fix(f, "net.*, kernel.msg*, kernel.sem, kernel.shm*, fs.mqueue.*, user.*; the rest by sysctl on the host");
	return -EINVAL;
}

int sysctl_check(const struct words *sets, unsigned kinds, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sets->n; i++)
		r = check_one(sets->v[i], kinds, f);
	return r;
}

static int write_fault(const char *set, const char *object, int err, struct fault *f)
{
	fault_set(f, OP_SYSCTL, err, "%s", set);
	if (err == EINVAL || err == ERANGE) {
		fault_why(f, "the kernel takes no such value for it");
		fault_fix(f, "one like the present: cat %.*s", (int)sizeof(f->fix) - 60, object);
	} else if (err == EPERM || err == EACCES) {
		fault_why(f, "it is not for the user namespace that we are in to change");
		fault_fix(f, "it as root of the host, without --map-root and --user: ls -l %.*s", (int)sizeof(f->fix) - 100, object);
	} else if (err == EROFS) {
		fault_fix(f, "mount -o remount,rw /proc/sys, where the container is made");
	}
	return -err;
}

int sysctl_set(struct sys *s, const struct words *sets, struct fault *f)
{
	_cleanup_fd_ int root = -1;
	struct statfs fs;

	if (!sets->n)
		return 0;
	root = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || fstatfs(root, &fs) < 0)
		return fault_set(f, OP_SYSCTL, errno, "/proc/sys");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return fault_rule(f, OP_SYSCTL, "/proc/sys", "/proc is no proc filesystem: mount -t proc proc /proc");
	for (size_t i = 0; i < sets->n; i++) {
		char path[KEY], object[KEY + 16];
		int r = path_of(sets->v[i], path);

		_cleanup_fd_ int fd = -1;

		snprintf(object, sizeof(object), "/proc/sys/%s", path);
		/* no link and no mount on the way: after ns-enter this /proc is a container's */
		if (r == 0 && !s->dry)
			r = fd = path_open_in(root, path, O_WRONLY, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
		if (r >= 0)
			r = sys_write(s, fd, object, strchr(sets->v[i], '=') + 1);
		if (r < 0)
			return write_fault(sets->v[i], object, -r, f);
	}
	return 0;
}
