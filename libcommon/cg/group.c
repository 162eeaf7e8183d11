/* SPDX-License-Identifier: MIT */
/* group.c - what both kinds of hierarchy have in common. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/words.h"
#include "cg/group.h"

enum {
	OBJECT = 512,     /* bytes for the name of a file, for people                        */
	PATIENCE = 2000,  /* ms that a killed process may take to be gone                    */
	PAUSE_MAX = 64,   /* ms between two looks                                            */
	DEPTH = 32,       /* levels of groups below ours that are removed with it            */
};

const char *cg_group_file(const struct cg_group *g, const char *file, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s%s%s%s", g->hier->mount, *g->path ? "/" : "", g->path, *file ? "/" : "", file);
	return buf;
}

#define FILE_OF(g, file) cg_group_file(g, file, (char[OBJECT]){0}, OBJECT)

static int below(int dir, const char *path)
{
	return openat(dir, *path ? path : ".", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int begin(struct cg_group *g, const struct cg_hier *h, struct fault *f)
{
	*g = (struct cg_group){.hier = h, .ops = h->v2 ? &cg_v2_ops : &cg_v1_ops, .top = -1, .up = -1, .dir = -1, .entry = -1};
	g->top = cg_hier_open(h, f);
	return g->top < 0 ? g->top : 0;
}

/* cgroup2 lets somebody without CAP_DAC_OVERRIDE move a process only where he may write
 * the cgroup.procs of the group that is above both (cgroup-v2.rst, Delegation). */
static int may_move(const struct cg_group *g, const char *to, struct fault *f)
{
	const char *own = g->hier->own;
	char file[PATH_MAX];
	size_t n = 0;

	if (!g->hier->v2 || !own)
		return 0;
	for (size_t i = 0; own[i] == to[i] || !own[i] || !to[i]; i++) {
		if ((!own[i] || own[i] == '/') && (!to[i] || to[i] == '/'))
			n = i;
		if (!own[i] || !to[i])
			break;
	}
	snprintf(file, sizeof(file), "%.*s%scgroup.procs", (int)n, to, n ? "/" : "");
	if (faccessat(g->top, file, W_OK, AT_EACCESS) == 0)
		return 0;
	fault_set(f, OP_CG_MOVE, errno, "/%s", to);
	fault_why(f, "to come from /%.100s one must be allowed to write %s/%.100s", own, g->hier->mount, file);
	return -f->err;
}

/* A process that goes into a frozen group, or one below it, stops there before it is the
 * program, and whoever waits for it waits for ever. */
static int thawed(const struct cg_group *g, enum op op, const char *path, struct fault *f)
{
	char at[PATH_MAX], file[PATH_MAX + 32], now[8];

	if (!g->hier->v2 && !cg_listed(g->hier->options, ",", "freezer", strlen("freezer")))
		return 0;
	snprintf(at, sizeof(at), "%s", path);
	for (;;) {
		snprintf(file, sizeof(file), "%s%s%s", at, *at ? "/" : "", g->ops->freeze.file);
		if (cg_read(g->top, file, now, sizeof(now)) > 0 && strcmp(now, "1") == 0)
			break;
		if (!*at)
			return 0;
		*(strrchr(at, '/') ?: at) = '\0';
	}
	fault_set(f, op, 0, "%s", FILE_OF(g, ""));
	fault_why(f, "frozen, so the program would not run: %s of /%.120s", g->ops->freeze.write, at);
	fault_fix(f, "echo %s > %s/%.300s%s%s", g->ops->freeze.thaw, g->hier->mount, at, *at ? "/" : "",
		  g->ops->freeze.write);
	return -EINVAL;
}

int cg_group_find(struct cg_group *g, const struct cg_hier *h, const char *path, struct fault *f)
{
	int r = begin(g, h, f);

	if (r < 0)
		return r;
	g->path = xprintf("%s", path);
	g->dir = below(g->top, path);
	if (g->dir < 0) {
		fault_set(f, OP_CG_MOVE, errno, "%s", FILE_OF(g, ""));
		if (f->err == ENOENT)
			fault_fix(f, "--new=/%.200s --keep, which makes it; those that exist: find %.100s -type d", path,
				  h->mount);
		if (f->err == ENOTDIR)
			fault_fix(f, "a cgroup, which is a directory: find %.100s -type d", h->mount);
		return -f->err;
	}
	if (faccessat(g->dir, "cgroup.procs", W_OK, AT_EACCESS) < 0)
		return fault_set(f, OP_CG_MOVE, errno, "%s", FILE_OF(g, "cgroup.procs"));
	r = may_move(g, path, f);
	if (r == 0)
		r = thawed(g, OP_CG_MOVE, path, f);
	return r < 0 || !g->ops->find ? r : g->ops->find(g, f);
}

int cg_group_plan(struct cg_group *g, const struct cg_hier *h, const char *parent,
		  const char *controllers, struct fault *f)
{
	int r = begin(g, h, f);

	if (r < 0)
		return r;
	/* the name comes behind it later, when memory may no longer be asked for */
	g->path = xcalloc(strlen(parent) + NAME_MAX + 2, 1);
	memcpy(g->path, parent, strlen(parent));
	g->name = strlen(parent) + (*parent != '\0');
	g->up = below(g->top, parent);
	if (g->up < 0) {
		fault_set(f, OP_CG_NEW, errno, "%s", FILE_OF(g, ""));
		fault_why(f, "the cgroup above it does not exist");
		fault_fix(f, "mkdir %.200s, or --new=/NAME", FILE_OF(g, ""));
		return -f->err;
	}
	if (faccessat(g->up, ".", W_OK, AT_EACCESS) < 0)
		return fault_set(f, OP_CG_NEW, errno, "%s", FILE_OF(g, ""));
	r = may_move(g, parent, f);
	if (r == 0)
		r = thawed(g, OP_CG_NEW, parent, f);
	return r < 0 ? r : g->ops->plan(g, controllers, f);
}

/* The first directory in `dir` (O_PATH), or -1. */
static int any_below(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), child = -1;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		fd_close(&fd);
		return -1;
	}
	for (struct dirent *e = readdir(d); e && child < 0; e = readdir(d))
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			child = below(fd, e->d_name);
	closedir(d);
	return child;
}

bool cg_group_lacks(const struct cg_group *g, const char *file)
{
	_cleanup_fd_ int other = -1;

	if (g->n_enable || faccessat(g->up, file, F_OK, 0) == 0)
		return false;
	if (g->name)
		return true;
	other = any_below(g->up);
	return other >= 0 && faccessat(other, file, F_OK, 0) < 0;
}

static void set_name(struct cg_group *g, const char *name)
{
	if (g->name)
		g->path[g->name - 1] = '/';
	snprintf(g->path + g->name, NAME_MAX + 1, "%s", name);
}

int cg_group_make(struct sys *s, struct cg_group *g, const char *name, struct fault *f)
{
	int r = 0;

	if (g->ops->enable)
		r = g->ops->enable(s, g, f);
	if (r < 0)
		return r;
	set_name(g, name);
	/* Safe: the parent is the descriptor that was checked, the name is one component
	 * that is no file of a controller, and mkdir does not take what exists already. */
	r = sys_mkdirat(s, g->up, name, 0755);
	if (r < 0)
		return fault_set(f, OP_CG_NEW, -r, "%s", FILE_OF(g, ""));
	g->made = true;
	if (s->dry)
		return g->ops->settle ? g->ops->settle(s, g, f) : 0;
	g->dir = below(g->up, name);
	if (g->dir < 0)
		r = fault_set(f, OP_CG_NEW, errno, "%s", FILE_OF(g, ""));
	else if (g->ops->settle)
		r = g->ops->settle(s, g, f);
	return r;
}

int cg_group_open_entry(struct sys *s, struct cg_group *g, struct fault *f)
{
	if (s->dry || g->entry >= 0)
		return 0;
	g->entry = openat(g->dir, g->ops->entry, O_WRONLY | O_CLOEXEC);
	if (g->entry >= 0)
		return 0;
	fault_set(f, OP_CG_MOVE, errno, "%s", FILE_OF(g, ""));
	g->ops->why_not(f->err, f);
	return -f->err;
}

int cg_group_enter(struct sys *s, struct cg_group *g, struct fault *f)
{
	int r = sys_write(s, g->entry, FILE_OF(g, g->ops->entry), "0");

	if (r < 0) {
		fault_set(f, OP_CG_MOVE, -r, "%s", FILE_OF(g, ""));
		g->ops->why_not(-r, f);
		return r;
	}
	g->inside = true;
	return 0;
}

/* Go back where we came from, so that the group can be empty. */
static int leave(struct sys *s, struct cg_group *g)
{
	char file[PATH_MAX];
	int r;

	if (!g->inside)
		return 0;
	if (!g->hier->own)
		return -EBUSY;
	snprintf(file, sizeof(file), "%s%scgroup.procs", g->hier->own, *g->hier->own ? "/" : "");
	r = sys_write_file(s, g->top, file, file, "0");
	g->inside = r < 0;
	return r;
}

static void kill_below(struct sys *s, const struct cg_ops *ops, int dir, int depth)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		fd_close(&fd);
		return;
	}
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		_cleanup_fd_ int child = -1;

		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		child = below(fd, e->d_name);
		if (child < 0)
			continue;
		ops->kill(s, child);
		if (depth > 0)
			kill_below(s, ops, child, depth - 1);
		sys_unlinkat(s, fd, e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

int cg_group_remove(struct sys *s, struct cg_group *g)
{
	const char *name = g->path ? g->path + g->name : "";
	int waited = 0;
	int r = g->made ? leave(s, g) : 0;

	/* Still inside (the way back is closed): to kill would be to kill ourselves. */
	if (!g->made || r < 0)
		return r;
	/* Safe: the group was made by us, below a descriptor that we hold. Mostly it is
	 * empty by now and the first call succeeds. */
	r = sys_unlinkat(s, g->up, name, AT_REMOVEDIR);
	for (int ms = 1; r == -EBUSY && waited < PATIENCE; waited += ms) {
		g->ops->kill(s, g->dir);
		kill_below(s, g->ops, g->dir, DEPTH);
		nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
		if (ms < PAUSE_MAX)
			ms *= 2;
		r = sys_unlinkat(s, g->up, name, AT_REMOVEDIR);
	}
	if (r < 0 && r != -ENOENT) /* somebody else may have removed it */
		return r;
	fd_close(&g->entry);
	fd_close(&g->dir);
	g->made = false;
	return 0;
}

unsigned long cg_group_oom_kills(const struct cg_group *g)
{
	char buf[CG_SMALL];
	const char *p = cg_read(g->dir, g->ops->events, buf, sizeof(buf)) > 0 ? strstr(buf, "oom_kill ") : NULL;

	return p ? strtoul(p + strlen("oom_kill "), NULL, 10) : 0;
}

bool cg_pids_full(int top, const char *path, char *buf, size_t n)
{
	char at[PATH_MAX], file[PATH_MAX + 16], max[32], now[32];

	snprintf(at, sizeof(at), "%s", path);
	for (;;) { /* the top as well: it may be part of another's tree */
		snprintf(file, sizeof(file), "%s%spids.max", at, *at ? "/" : "");
		if (cg_read(top, file, max, sizeof(max)) > 0 && strcmp(max, "max") != 0) {
			snprintf(file, sizeof(file), "%s%spids.current", at, *at ? "/" : "");
			if (cg_read(top, file, now, sizeof(now)) > 0 && strtoul(now, NULL, 10) >= strtoul(max, NULL, 10)) {
				snprintf(buf, n, "pids.max=%s of /%s is reached", max, at);
				return true;
			}
		}
		if (!*at)
			return false;
		*(strrchr(at, '/') ?: at) = '\0';
	}
}

void cg_group_close(struct cg_group *g)
{
	fd_close(&g->entry);
	fd_close(&g->dir);
	fd_close(&g->up);
	fd_close(&g->top);
	for (size_t i = 0; i < g->n_enable; i++) {
		free(g->enable[i].file);
		free(g->enable[i].text);
	}
	free(g->enable);
	free(g->path);
	*g = (struct cg_group){.top = -1, .up = -1, .dir = -1, .entry = -1};
}
