/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "cg/held.h"
#include "cg/run.h"

enum {
	PATIENCE = 2000,    /* ms to wait for a freezer                                      */
	DEPTH = 64,         /* levels below that are looked into                             */
	PROCS_MAX = 8 << 20 /* bytes of one cgroup.procs                                     */
};

void cg_made_dirs(const void *spec, struct words *out)
{
	const struct cg_exec *e = spec;
	char dir[PATH_MAX];

	for (size_t i = 0; e->run && i < e->run->n; i++) {
		const struct cg_group *g = &e->run->g[i];

		words_take(out, xprintf("%s", cg_group_file(g, "", dir, sizeof(dir))));
	}
}

int cg_held_open(struct cg_held *h, size_t n, char *const *dirs, struct fault *f)
{
	*h = (struct cg_held){0};
	for (size_t i = 0; i < n && h->n < CG_HIERS; i++) {
		_cleanup_fd_ int fd = open(dirs[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		struct statfs fs;

		if (fd < 0 && (errno == ENOENT || errno == ENODEV))
			continue;
		if (fd < 0 || fstatfs(fd, &fs) < 0)
			return fault_set(f, OP_CG_PATH, errno, "%s", dirs[i]);
		if (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC)
			return fault_rule(f, OP_CG_PATH, dirs[i], "it is no cgroup");
		h->g[h->n++] = (struct cg_held_one){fd_steal(&fd), fs.f_type == CGROUP2_SUPER_MAGIC, xprintf("%s", dirs[i])};
	}
	return 0;
}

void cg_held_close(struct cg_held *h)
{
	for (size_t i = 0; i < h->n; i++) {
		fd_close(&h->g[i].dir);
		free(h->g[i].path);
	}
	h->n = 0;
}

/* -- who is in it -------------------------------------------------------------------------- */

struct pids {
	pid_t *v;
	size_t n, cap;
};

static void add(struct pids *p, pid_t pid)
{
	if (p->n == p->cap) {
		pid_t *more = xcalloc(p->cap ? 2 * p->cap : 64, sizeof(*more));

		if (p->n)
			memcpy(more, p->v, p->n * sizeof(*more));
		free(p->v);
		p->v = more;
		p->cap = p->cap ? 2 * p->cap : 64;
	}
	p->v[p->n++] = pid;
}

static int collect(struct pids *p, int dir, int depth)
{
	_cleanup_free_ char *text = NULL;
	ssize_t r = path_read(dir, "cgroup.procs", PROCS_MAX, &text);
	int fd;
	DIR *d;

	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : (int)r; /* removed meanwhile */
	for (char *line = text, *end; *line; line = end + (*end == '\n')) {
		long pid = strtol(line, &end, 10);

		if (end == line)
			break;
		if (pid > 0 && pid <= INT_MAX) /* 0: in a pid namespace that ours does not show */
			add(p, (pid_t)pid);
	}
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(&fd);
		return 0;
	}
	for (struct dirent *e = readdir(d); e && r >= 0 && depth > 0; e = readdir(d)) {
		_cleanup_fd_ int child = -1;

		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		child = openat(fd, e->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = child < 0 ? 0 : collect(p, child, depth - 1);
	}
	closedir(d);
	return r < 0 ? (int)r : 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a < *(const pid_t *)b ? -1 : *(const pid_t *)a > *(const pid_t *)b;
}

ssize_t cg_held_pids(const struct cg_held *h, pid_t **ret, struct fault *f)
{
	struct pids p = {0};
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		int r = collect(&p, h->g[i].dir, DEPTH);

		if (r < 0) {
			free(p.v);
			return fault_set(f, OP_READ, -r, "%s/cgroup.procs", h->g[i].path);
		}
	}
	if (p.n)
		qsort(p.v, p.n, sizeof(*p.v), by_number);
	for (size_t i = 0; i < p.n; i++)
		if (!n || p.v[n - 1] != p.v[i])
			p.v[n++] = p.v[i];
	*ret = p.v;
	return (ssize_t)n;
}

/* -- freezing -------------------------------------------------------------------------------- */

/* The group that can freeze: that of the v1 freezer, else the one of cgroup2. */
static const struct cg_held_one *freezer(const struct cg_held *h)
{
	for (int v2 = 0; v2 < 2; v2++)
		for (size_t i = 0; i < h->n; i++)
			if (h->g[i].v2 == v2 &&
			    faccessat(h->g[i].dir, v2 ? "cgroup.freeze" : "freezer.state", F_OK, 0) == 0)
				return &h->g[i];
	return NULL;
}

/* 1: stopped, 0: not, 2: on the way */
static int state(const struct cg_held_one *g)
{
	char buf[CG_SMALL];

	if (cg_read(g->dir, g->v2 ? "cgroup.events" : "freezer.state", buf, sizeof(buf)) <= 0)
		return 0;
	if (g->v2)
		return strstr(buf, "frozen 1") != NULL;
	return strcmp(buf, "FROZEN") == 0 ? 1 : strcmp(buf, "FREEZING") == 0 ? 2 : 0;
}

bool cg_held_frozen(const struct cg_held *h)
{
	const struct cg_held_one *g = freezer(h);

	return g && state(g) == 1;
}

static int write_freezer(struct sys *s, const struct cg_held_one *g, bool on)
{
	char *object = xprintf("%s/%s", g->path, g->v2 ? "cgroup.freeze" : "freezer.state");
	const char *text = g->v2 ? (on ? "1" : "0") : (on ? "FROZEN" : "THAWED");
	int r = sys_write_file(s, g->dir, g->v2 ? "cgroup.freeze" : "freezer.state", object, text);

	free(object);
	return r;
}

int cg_held_freeze(struct sys *s, const struct cg_held *h, bool on, struct fault *f)
{
	const struct cg_held_one *g = freezer(h);
	int r;

	if (!g) {
		fault_rule(f, OP_CG_FREEZE, h->n ? h->g[0].path : "the container", "none of its cgroups has a freezer");
		return -EINVAL;
	}
	r = write_freezer(s, g, on);
	for (int ms = 0; r >= 0 && state(g) != on && ms < PATIENCE; ms++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		if (!g->v2 && ms % 50 == 49) /* v1 may need to be told again: a process was forking */
			r = write_freezer(s, g, on);
	}
	if (r >= 0 && state(g) == on)
		return 0;
	fault_set(f, OP_CG_FREEZE, r < 0 ? -r : ETIMEDOUT, "%s", g->path);
	if (on)
		write_freezer(s, g, false);
	return -f->err;
}

/* -- keys ------------------------------------------------------------------------------------ */

/* That of the hierarchy: what is mounted there is what its path begins with. */
static const struct cg_held_one *held_in(const struct cg_held *h, const struct cg_hier *hier)
{
	size_t n = strlen(hier->mount);

	for (size_t i = 0; i < h->n; i++)
		if (strncmp(h->g[i].path, hier->mount, n) == 0 && h->g[i].path[n] == '/' && h->g[i].v2 == hier->v2)
			return &h->g[i];
	return NULL;
}

static int set_each(struct sys *s, const struct cg_held *h, struct cg_sets *sets, bool *again, struct fault *f)
{
	int bad = 0;

	for (size_t i = 0; i < sets->n; i++) {
		const struct cg_held_one *g = held_in(h, sets->w[i].hier);
		int r;

		if (!again[i])
			continue;
		r = g ? cg_write(s, g->dir, g->path, &sets->w[i], f)
		      : fault_rule(f, OP_CG_KEY, sets->w[i].said, "it has no cgroup in the hierarchy of this key");
		again[i] = r < 0;
		bad = r < 0 ? r : bad;
	}
	return bad;
}

/* Limits that hold each other (memory and memory with swap on v1) have to be raised in one
 * order and lowered in the other: what was refused is tried once more behind the rest. */
int cg_held_set(struct sys *s, const struct cg_held *h, const struct words *words, struct fault *f)
{
	struct cg_world world = {0};
	struct cg_sets sets = {0};
	bool *again = NULL;
	int r = cg_world_read(&world, f);

	if (r == 0)
		r = cg_sets_resolve(&sets, words, &world, f);
	if (r == 0) {
		again = xcalloc(sets.n + 1, sizeof(*again));
		memset(again, true, sets.n);
		if (set_each(s, h, &sets, again, f) < 0)
			r = set_each(s, h, &sets, again, f);
	}
	free(again);
	cg_sets_free(&sets);
	cg_world_free(&world);
	return r;
}

/* -- the end --------------------------------------------------------------------------------- */

/* Safe: a number that was read may be somebody else's by now. So all are held first (pidfd),
 * and only those are sent to which the group still lists while they are held. */
int cg_held_signal(struct sys *s, const struct cg_held *h, int sig, struct fault *f)
{
	const struct cg_held_one *g = freezer(h);
	_cleanup_free_ pid_t *before = NULL, *now = NULL;
	ssize_t n = cg_held_pids(h, &before, f), m = 0;
	_cleanup_free_ int *fds = xcalloc(n > 0 ? (size_t)n : 1, sizeof(*fds));

	for (ssize_t i = 0; i < n; i++)
		fds[i] = (int)syscall(SYS_pidfd_open, before[i], 0);
	if (n > 0)
		m = cg_held_pids(h, &now, f);
	for (ssize_t i = 0; i < n; i++) {
		if (m > 0 && fds[i] >= 0 && bsearch(&before[i], now, (size_t)m, sizeof(*now), by_number))
			sys_pidfd_send_signal(s, fds[i], sig);
		fd_close(&fds[i]);
	}
	if (sig == SIGKILL && g && !g->v2 && state(g) != 0) /* on v1 who is stopped does not even end */
		write_freezer(s, g, false);
	return n < 0 ? (int)n : m < 0 ? (int)m : 0;
}

int cg_held_remove(struct sys *s, struct cg_held *h, struct fault *f)
{
	int bad = 0;

	for (size_t i = 0; i < h->n; i++) {
		struct cg_held_one *one = &h->g[i];
		char *slash = strrchr(one->path, '/');
		_cleanup_free_ char *parent = xprintf("%.*s", (int)(slash - one->path), one->path);
		struct cg_group g = {.ops = one->v2 ? &cg_v2_ops : &cg_v1_ops,
				     .path = slash + 1,
				     .top = -1,
				     .entry = -1,
				     .up = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC),
				     .dir = fd_steal(&one->dir),
				     .made = true};
		int r = g.up < 0 ? -errno : cg_group_remove(s, &g);

		if (r < 0 && r != -ENOENT)
			bad = fault_set(f, OP_CG_DELETE, -r, "%s", one->path);
		fd_close(&g.up);
		fd_close(&g.dir);
		free(one->path);
	}
	h->n = 0;
	return bad;
}
