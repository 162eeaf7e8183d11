/* SPDX-License-Identifier: MIT */
/* idmapped.c - the kernel takes a map of ids from a user namespace, and from nothing else:
 * one is made for each map, by a child that ends as soon as it is held by a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <linux/magic.h>
#include <linux/nsfs.h>

#include "base/fd.h"
#include "base/num.h"
#include "fs/forms.h"
#include "fs/idmapped.h"
#include "fs/propagate.h"
#include "target/self.h"

enum { MAP_TEXT = 2048 };

/* -- the map -------------------------------------------------------------------------- */

/* "0-100000-65536#65536-1-2" as the kernel's lines "0 100000 65536\n65536 1 2\n". */
static int read_ranges(const char *text, size_t n, char lines[static MAP_TEXT])
{
	_cleanup_free_ char *copy = xprintf("%.*s", (int)n, text);
	char *rest = copy, *range;
	size_t len = 0;

	while ((range = strsep(&rest, "#"))) {
		uint64_t v[3];

		for (int i = 0; i < 3; i++) {
			char *word = strsep(&range, "-");

			if (!word || num_u64(word, UINT32_MAX - (i < 2), &v[i]) < 0)
				return -EINVAL;
		}
		if (range || !v[2] || v[0] + v[2] > UINT32_MAX || v[1] + v[2] > UINT32_MAX || len > MAP_TEXT - 40)
			return -EINVAL;
		len += (size_t)snprintf(lines + len, MAP_TEXT - len, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", v[0], v[1], v[2]);
	}
	return 0;
}

/* "uids=RANGES;gids=RANGES", in any order. */
static int read_map(const char *map, char uids[static MAP_TEXT], char gids[static MAP_TEXT])
{
	uids[0] = gids[0] = '\0';
	while (*map) {
		size_t n = strcspn(map, ";");
		char *to = strncmp(map, "uids=", 5) == 0 ? uids : strncmp(map, "gids=", 5) == 0 ? gids : NULL;

		if (!to || *to || read_ranges(map + 5, n - 5, to) < 0)
			return -EINVAL;
		map += n + (map[n] == ';');
	}
	return *uids && *gids ? 0 : -EINVAL;
}

int idmapped_plan(struct mount_row *row, struct fault *f)
{
	char uids[MAP_TEXT], gids[MAP_TEXT];
	const char *map = row->flags.map;

	if (!(row->flags.how & HOW_IDMAP))
		return 0;
	if (!row->flags.bind)
		return fault_rule(f, OP_IDMAPPED, row->dir, "only a bind can have its ids mapped");
	if (map && (map[0] == '/' || read_map(map, uids, gids) == 0))
		return 0;
	fault_rule(f, OP_IDMAPPED, row->dir, map ? "'%.100s' is no map of ids" : "the map is missing", map);
	fault_fix(f, "idmap=uids=INSIDE-OUTSIDE-COUNT;gids=INSIDE-OUTSIDE-COUNT with # between more ranges, or idmap=FILE of a user namespace");
	return -EINVAL;
}

int idmapped_check(struct mount_row *row, struct fault *f)
{
	int fd;

	if (!(row->flags.how & HOW_IDMAP))
		return 0;
	if (!self_has_cap(CAP_SYS_ADMIN))
		return fault_set(f, OP_IDMAPPED, EPERM, "%s", row->src);
	if (row->flags.map[0] != '/')
		return 0;
	fd = open(row->flags.map, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, OP_OPEN, errno, "%s", row->flags.map);
	row->userns = fd;
	if (ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWUSER)
		return 0;
	fault_rule(f, OP_IDMAPPED, row->src, "%.150s is no user namespace", row->flags.map);
	fault_fix(f, "/proc/PID/ns/user");
	return -EINVAL;
}

/* -- the user namespace --------------------------------------------------------------- */

static int write_maps(struct sys *s, int proc, pid_t pid, const struct mount_row *row, struct fault *f)
{
	char uids[MAP_TEXT], gids[MAP_TEXT], name[32], object[48];
	int r = read_map(row->flags.map, uids, gids);

	for (int i = 0; r == 0 && i < 2; i++) {
		snprintf(name, sizeof(name), "%d/%s", pid, i ? "gid_map" : "uid_map");
		snprintf(object, sizeof(object), "/proc/%s", name);
		r = sys_write_file(s, proc, name, object, i ? gids : uids);
	}
	if (r == 0)
		return 0;
	fault_set(f, OP_IDMAPPED, -r, "%s", row->src);
	if (r == -EINVAL) {
		fault_why(f, "the kernel refuses this map");
		fault_fix(f, "ranges that do not share an id: read user_namespaces(7)");
	}
	return r;
}

/* /proc is still the host's own, and the child, who runs nothing of the container's, is
 * ours, so its number stays its own. Returns a descriptor of its user namespace. */
static int map_child(struct sys *s, pid_t pid, const struct mount_row *row, struct fault *f)
{
	_cleanup_fd_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	char name[32];
	int r;

	if (proc < 0 || fstatfs(proc, &fs) < 0)
		return fault_set(f, OP_OPEN, errno, "/proc");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return fault_rule(f, OP_IDMAPPED, row->src, "/proc is no proc filesystem: mount -t proc proc /proc");
	r = write_maps(s, proc, pid, row, f);
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%d/ns/user", s->dry ? getpid() : pid);
	r = openat(proc, name, O_RDONLY | O_CLOEXEC);
	return r < 0 ? fault_set(f, OP_OPEN, errno, "/proc/%s", name) : r;
}

static int new_userns(struct sys *s, const struct mount_row *row, struct fault *f)
{
	pid_t pid = sys_clone(s, CLONE_NEWUSER);
	int r, pidfd;

	if (pid < 0)
		return fault_set(f, OP_FORK, -pid, "%s", row->src);
	if (pid == 0 && !s->dry) { /* waits to be killed, also if the parent dies first */
		(void)sys_prctl(s, PR_SET_PDEATHSIG, SIGKILL, 0);
		for (;;)
			pause();
	}
	r = map_child(s, pid, row, f);
	if (s->dry)
		return r;
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0 || sys_pidfd_send_signal(s, pidfd, SIGKILL) < 0)
		kill(pid, SIGKILL);
	fd_close(&pidfd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

/* -- the mount ------------------------------------------------------------------------ */

static int map_fault(const struct mount_row *row, int err, struct fault *f)
{
	fault_set(f, OP_IDMAPPED, err, "%s", row->src);
	if (err == EINVAL) {
		fault_why(f, "its filesystem cannot be mapped by this kernel, or is mapped already");
		fault_fix(f, "a filesystem that can: findmnt -T %.200s, and mount_setattr(2), ID-mapped mounts", row->src);
	}
	return -err;
}

static int hold(struct mount_walk *w, struct mount_row *row, const struct propagation *p, struct fault *f)
{
	unsigned flags = AT_EMPTY_PATH | (row->flags.how & HOW_RIDMAP ? AT_RECURSIVE : 0);
	struct sys *s = w->c->sys;
	_cleanup_fd_ int made = -1;
	int r;

	if (row->userns <= 0) {
		made = new_userns(s, row, f);
		if (made < 0)
			return made;
	}
	row->held = mount_copy(w, row, f);
	if (row->held < 0)
		return row->held;
	r = sys_mount_idmap(s, row->held, flags, made >= 0 ? made : row->userns);
	return r < 0 ? map_fault(row, -r, f) : propagation_of_held(w, row, p, f);
}

int idmapped_hold(struct mount_walk *w, struct mount_list *l, const struct propagation *p, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r >= 0; i++)
		if (l->v[i].flags.how & HOW_IDMAP)
			r = hold(w, &l->v[i], p, f);
	return r;
}
