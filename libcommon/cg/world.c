/* SPDX-License-Identifier: MIT */
/* world.c - the lines of /proc/self/mountinfo and /proc/self/cgroup, cut in place. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "cg/world.h"

enum { FILE_MAX = 64 << 20 }; /* bytes of mountinfo; a machine has 100000 mounts at most */

ssize_t cg_read(int dirfd, const char *file, char *buf, size_t n)
{
	_cleanup_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t r = fd < 0 ? -1 : read(fd, buf, n - 1);

	if (r < 0)
		return -errno;
	if (r > 0 && buf[r - 1] == '\n')
		r--;
	buf[r] = '\0';
	return r;
}

bool cg_listed(const char *list, const char *sep, const char *word, size_t len)
{
	for (list += strspn(list, sep); *list; list += strspn(list, sep)) {
		size_t n = strcspn(list, sep);

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* The same hierarchy may be mounted twice; the mount that shows all of it is kept. */
static struct cg_hier *slot(struct cg_world *w, const struct cg_hier *h)
{
	for (size_t i = 0; i < w->n; i++) {
		struct cg_hier *old = &w->h[i];

		if (old->v2 != h->v2 || (!h->v2 && strcmp(old->options, h->options) != 0))
			continue;
		return strcmp(old->root, "/") != 0 && strcmp(h->root, "/") == 0 ? old : NULL;
	}
	return w->n < CG_HIERS ? &w->h[w->n++] : NULL;
}

/* One line of a cgroup filesystem: "31 23 0:28 ROOT MOUNT OPTIONS [TAG...]" and behind
 * the dash "TYPE SOURCE SUPER-OPTIONS" (proc_pid_mountinfo(5)). */
static void mount_line(struct cg_world *w, char *line, char *type)
{
	struct cg_hier h = {0}, *to;
	char *p = line;

	for (int i = 0; i < 3; i++)
		strsep(&p, " ");
	h.root = strsep(&p, " ");
	h.mount = strsep(&p, " ");
	h.v2 = strcmp(strsep(&type, " "), "cgroup2") == 0;
	strsep(&type, " ");
	h.options = type;
	if (!h.mount || !h.options)
		return;
	path_unescape((char *)h.root);
	path_unescape((char *)h.mount);
	to = slot(w, &h);
	if (to)
		*to = h;
}

static void read_mounts(struct cg_world *w)
{
	char *rest = w->mountinfo;

	while (rest && *rest) {
		char *line = strsep(&rest, "\n");
		char *type = strstr(line, " - cgroup");

		if (!type)
			continue;
		*type = '\0';
		type += 3;
		if (strncmp(type, "cgroup ", 7) == 0 || strncmp(type, "cgroup2 ", 8) == 0)
			mount_line(w, line, type);
	}
}

const char *cg_hier_below(const struct cg_hier *h, const char *path)
{
	const char *root = h->root;
	size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	const char *gone = strstr(path, " (deleted)");

	if (strncmp(path, root, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	if (strncmp(path, "/..", 3) == 0 || (gone && !gone[10]))
		return NULL;
	return path + n + (path[n] == '/');
}

/* Lines are "ID:CONTROLLER,...:PATH"; cgroup2 has id 0 and no controllers. */
static void read_own(struct cg_world *w)
{
	char *rest = w->cgroups;

	while (rest && *rest) {
		char *path = strsep(&rest, "\n");
		const char *id = strsep(&path, ":");
		const char *list = path ? strsep(&path, ":") : NULL;
		const struct cg_hier *h;

		if (!path)
			continue;
		h = strcmp(id, "0") == 0 && !*list ? cg_world_v2(w) : cg_world_v1(w, list, strcspn(list, ","));
		if (h)
			((struct cg_hier *)h)->own = cg_hier_below(h, path);
	}
}

int cg_world_read(struct cg_world *w, struct fault *f)
{
	ssize_t r = path_read(AT_FDCWD, "/proc/self/mountinfo", FILE_MAX, &w->mountinfo);

	if (r < 0)
		return fault_set(f, OP_READ, (int)-r, "/proc/self/mountinfo");
	r = path_read(AT_FDCWD, "/proc/self/cgroup", FILE_MAX, &w->cgroups);
	if (r < 0)
		return fault_set(f, OP_READ, (int)-r, "/proc/self/cgroup");
	read_mounts(w);
	if (w->n == 0)
		return fault_rule(f, OP_CG_WORLD, "/proc/self/mountinfo", "no cgroup filesystem is mounted");
	read_own(w);
	return 0;
}

void cg_world_free(struct cg_world *w)
{
	free(w->mountinfo);
	free(w->cgroups);
	*w = (struct cg_world){0};
}

const struct cg_hier *cg_world_v2(const struct cg_world *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->h[i].v2)
			return &w->h[i];
	return NULL;
}

const struct cg_hier *cg_world_v1(const struct cg_world *w, const char *controller, size_t len)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->h[i].v2 && cg_listed(w->h[i].options, ",", controller, len))
			return &w->h[i];
	return NULL;
}

bool cg_world_v2_has(const struct cg_world *w, const char *controller, size_t len)
{
	const struct cg_hier *v2 = cg_world_v2(w);
	char path[PATH_MAX], list[CG_SMALL];

	if (!v2)
		return false;
	snprintf(path, sizeof(path), "%s/cgroup.controllers", v2->mount);
	return cg_read(AT_FDCWD, path, list, sizeof(list)) > 0 && cg_listed(list, " ", controller, len);
}

int cg_hier_open(const struct cg_hier *h, struct fault *f)
{
	_cleanup_fd_ int fd = open(h->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs sfs;

	if (fd < 0 || fstatfs(fd, &sfs) < 0)
		return fault_set(f, OP_CG_WORLD, errno, "%s", h->mount);
	/* Something else may be mounted over it: that must not be taken for a cgroup. */
	if (sfs.f_type != (h->v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
		return fault_rule(f, OP_CG_WORLD, h->mount, "another filesystem is mounted over it");
	return fd_steal(&fd);
}
