/* SPDX-License-Identifier: MIT */
/* cgroupfs.c - /sys/fs/cgroup as the host has it: one unified hierarchy, or a directory
 * with one mount for each hierarchy of version 1. Read-only unless asked otherwise: whoever
 * writes the top of a version 1 hierarchy can have the host run a program (release_agent). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/place.h"

static const char unified[] = "cgroup2";

/* What a superblock of version 1 says besides its controllers and its name. */
static bool is_controller(const char *word)
{
	static const char *const others[] = {
		"rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods", "seclabel", "none",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(word, others[i]) == 0)
			return false;
	return strncmp(word, "name=", 5) == 0 || !strchr(word, '=');
}

/* Leave "cpu,cpuacct" of "rw,cpu,cpuacct,release_agent=/x", in place. */
static char *controllers(char *options)
{
	char *to = options, *save = NULL;

	for (char *word = strtok_r(options, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (is_controller(word)) {
			size_t n = strlen(word);

			if (to != options)
				*to++ = ',';
			memmove(to, word, n);
			to += n;
		}
	*to = '\0';
	return options;
}

/* One line of mountinfo: "... - TYPE SOURCE SUPEROPTIONS"; see proc(5). Returns the
 * hierarchy it shows, or NULL. */
static char *hierarchy(char *line)
{
	char *rest = strstr(line, " - "), *options;

	if (!rest || strncmp(rest, " - cgroup", 9) != 0)
		return NULL;
	rest += 9;
	if (strncmp(rest, "2 ", 2) == 0)
		return (char *)unified;
	options = strrchr(rest, ' ');
	return *rest == ' ' && options && *controllers(options + 1) ? options + 1 : NULL;
}

static bool known(const struct words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->v[i], word) == 0)
			return true;
	return false;
}

int cgroup_plan(struct mount_row *row, struct fault *f)
{
	const char *word = row->data.n ? row->data.v[0] : row->flags.bind ? "bind" : NULL;

	if (!word || row->checked) /* data is the hierarchies' then */
		return 0;
	fault_set(f, OP_MOUNT_RULE, 0, "%s", row->dir);
	fault_why(f, "cgroups are mounted with options about the mount alone, and '%s' is none", word);
	fault_fix(f, "ro, rw, nosuid, nodev, noexec ...; or one hierarchy: --mount cgroup:cgroup:DIR:memory");
	return -EINVAL;
}

/* In a cgroup namespace the top of what is mounted is the container's own cgroup. Without
 * one it is the host's: on version 1 its own cgroups alone are bound then, so that a program
 * finds its limits at the top, and cannot rule the host by writing there. */
static void find_own(struct mount_row *row, const struct ctx *c)
{
	bool v1 = row->data.n > 1 || row->data.v[0] != unified;

	row->own = v1 && !((c->ns_new | c->ns_joined) & CLONE_NEWCGROUP);
}

int cgroup_check(struct mount_row *row, const struct ctx *c, struct fault *f)
{
	char *info = NULL, *save = NULL;
	ssize_t n = path_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 22, &info);

	if (n < 0)
		return fault_set(f, OP_READ, (int)-n, "/proc/self/mountinfo");
	free(row->text);
	row->text = info;
	row->data.n = 0;
	row->checked = true;
	for (char *line = strtok_r(info, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *word = hierarchy(line);

		if (word && !known(&row->data, word) && words_add(&row->data, word) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "%s", row->dir);
	}
	if (row->data.n) {
		find_own(row, c);
		return 0;
	}
	fault_rule(f, OP_MOUNT, row->dir, "no cgroup filesystem is mounted on this system");
	fault_fix(f, "mount -t cgroup2 cgroup2 /sys/fs/cgroup first, or fs-root without --cgroup");
	return -EINVAL;
}

/* The directory of a hierarchy: "unified", "cpu,cpuacct", or the name it has. */
static const char *directory(const char *word)
{
	return word == unified ? "unified" : strncmp(word, "name=", 5) == 0 ? word + 5 : word;
}

/* The path of our cgroup in the hierarchy, from /proc/self/cgroup ("4:cpu,cpuacct:/a"), or NULL. */
static char *own_path(char *groups, const char *word)
{
	char *save = NULL;

	for (char *line = strtok_r(groups, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (word == unified ? !names[1] : strcmp(names + 1, word) == 0)
			return path;
	}
	return NULL;
}

/* Where the host has the hierarchy mounted from its top, or NULL. */
static char *mount_point(char *info, const char *word)
{
	char *save = NULL;

	for (char *line = strtok_r(info, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *here = hierarchy(line), *point;

		if (!here || (here != unified && strcmp(here, word) != 0) || (here == unified) != (word == unified))
			continue;
		point = strstr(line, " / ");
		if (point) {
			point[3 + strcspn(point + 3, " ")] = '\0';
			return point + 3;
		}
	}
	return NULL;
}

/* A bind of our own cgroup; what is the top of a hierarchy all the same stays read-only. */
static int bind_own(struct sys *s, const char *word, const struct mount_row *row, struct fault *f)
{
	uint64_t attrs = mount_flags_new(&row->flags);
	_cleanup_free_ char *groups = NULL, *info = NULL, *whole = NULL;
	_cleanup_fd_ int mount = -1;
	const char *path, *point;
	int r;

	if (path_read(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &groups) < 0 ||
	    path_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 22, &info) < 0)
		return fault_set(f, OP_READ, EIO, "/proc/self/cgroup");
	path = own_path(groups, word);
	point = mount_point(info, word);
	if ((!path || !point) && (attrs & MOUNT_ATTR_RDONLY))
		return -ENOENT; /* in a container, say: the whole of it can be looked at */
	if (!path || !point || path_has_dotdot(path))
		return fault_rule(f, OP_MOUNT, row->dir, "our own cgroup of %.60s is not to be found", word);
	whole = xprintf("%s%s", point, path);
	mount = sys_open_tree(s, AT_FDCWD, whole, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (mount < 0)
		return fault_set(f, OP_BIND_SOURCE, mount == -ENOENT ? ESTALE : -mount, "%s", whole);
	r = sys_mount_setattr(s, mount, AT_EMPTY_PATH, attrs | (strcmp(path, "/") == 0 ? MOUNT_ATTR_RDONLY : 0), 0, 0);
	return r < 0 ? fault_set(f, OP_MOUNT, -r, "%s", whole) : fd_steal(&mount);
}

static int mount_one(struct sys *s, const char *word, const struct mount_row *row, struct fault *f)
{
	uint64_t attrs = mount_flags_new(&row->flags);
	char text[256], *data[17] = {NULL}, *save = NULL;
	size_t n = 0;

	if (row->own) {
		int mount = bind_own(s, word, row, f);

		if (mount != -ENOENT)
			return mount;
	}
	if (word == unified)
		return mount_new(s, "cgroup2", "cgroup2", NULL, attrs, row->dir, f);
	snprintf(text, sizeof(text), "%s", word);
	for (char *key = strtok_r(text, ",", &save); key && n < 16; key = strtok_r(NULL, ",", &save))
		data[n++] = key;
	return mount_new(s, "cgroup", "cgroup", data, attrs, row->dir, f);
}

/* "cpu" and "cpuacct" lead to "cpu,cpuacct". */
static int link_parts(struct sys *s, int dir, const char *word)
{
	char text[256], *save = NULL;
	int r = 0;

	if (word == unified || !strchr(word, ','))
		return 0;
	snprintf(text, sizeof(text), "%s", word);
	for (char *key = strtok_r(text, ",", &save); key && r >= 0; key = strtok_r(NULL, ",", &save))
		if (!strchr(key, '='))
			r = sys_symlinkat(s, word, dir, key);
	return r;
}

static int mount_each(struct sys *s, int dir, const struct mount_row *row, struct fault *f)
{
	for (size_t i = 0; i < row->data.n; i++) {
		const char *word = row->data.v[i];
		_cleanup_fd_ int mount = -1, target = -1;
		int r = sys_mkdirat(s, dir, directory(word), 0755);

		if (r >= 0)
			r = link_parts(s, dir, word);
		if (r < 0)
			return fault_set(f, OP_MOUNT_DEST, -r, "%s/%s", row->dir, directory(word));
		mount = mount_one(s, word, row, f);
		if (mount < 0)
			return mount;
		target = mount_below(s, dir, directory(word), row->dir, f);
		r = target < 0 ? target : mount_attach(s, mount, target, row->dir, f);
		if (r < 0)
			return r;
	}
	return 0;
}

int mount_cgroup(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	static char mode[] = "mode=755";
	char *const options[] = {mode, NULL};
	bool v2 = row->data.n == 1 && row->data.v[0] == unified;
	struct sys *s = w->c->sys;
	uint64_t attrs = mount_flags_new(&row->flags);
	_cleanup_fd_ int target = mount_target(w, row, f);
	_cleanup_fd_ int mount = -1;
	int r;

	if (target < 0)
		return target;
	mount = v2 ? mount_one(s, unified, row, f)
		   : mount_new(s, "tmpfs", "tmpfs", options, attrs & ~(uint64_t)MOUNT_ATTR_RDONLY, row->dir, f);
	if (mount < 0)
		return mount;
	r = mount_attach(s, mount, target, row->dir, f);
	if (r >= 0 && !v2)
		r = mount_each(s, mount, row, f);
	if (r < 0)
		return r;
	if (!v2 && (attrs & MOUNT_ATTR_RDONLY))
		r = sys_mount_setattr(s, mount, AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? fault_set(f, OP_MOUNT, -r, "%s", row->dir) : mount_propagate(s, row, mount, f);
}
