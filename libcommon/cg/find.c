/* SPDX-License-Identifier: MIT */
/* find.c - the check phase of cg-exec: which cgroups, in which hierarchies. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cg/run.h"
#include "cg/where.h"

static int check_one(struct cg_run *run, const struct cg_hier *h, const char *path, struct fault *f)
{
	char *in = cg_path_in(h, path, f);
	int r;

	if (!in)
		return -EINVAL;
	r = cg_group_find(&run->g[run->n++], h, in, f);
	free(in);
	return r;
}

/* A path alone: every hierarchy in which there is such a cgroup, at least one. */
static int check_anywhere(struct cg_run *run, const char *path, struct fault *f)
{
	struct fault first = {0};
	int r;

	for (size_t i = 0; i < run->world.n; i++) {
		r = check_one(run, &run->world.h[i], path, f);
		if (r == 0)
			continue;
		if (r != -ENOENT && !(r == -EINVAL && f->op == OP_CG_PATH))
			return r;
		cg_group_close(&run->g[--run->n]);
		if (!first.op)
			first = *f;
	}
	if (run->n)
		return 0;
	*f = first;
	return first.err ? -first.err : -EINVAL;
}

static int bad_controller(const char *text, const char *name, size_t len, struct fault *f)
{
	fault_rule(f, OP_CG_PATH, text, "the controller %.*s is in no hierarchy that is mounted here",
		   (int)(len < 64 ? len : 64), name);
	fault_fix(f, "the path alone, or a controller of cat /proc/self/cgroup");
	return -EINVAL;
}

/* "memory,pids:a/b" or "*:a": exactly these, from the top of each, as cgexec has it. */
static int check_named(struct cg_run *run, const char *text, const char *list, size_t len, const char *path,
		       struct fault *f)
{
	char *abs = xprintf("%s%s", *path == '/' ? "" : "/", path);
	bool all = len == 1 && *list == '*', used[CG_HIERS] = {0};
	int r = 0;

	for (size_t i = 0; all && i < run->world.n; i++)
		used[i] = true;
	for (const char *end = list + len, *p = list; !all && r == 0 && p < end;) {
		size_t n = strcspn(p, ",:");
		const struct cg_hier *h = cg_world_v1(&run->world, p, n);

		if (n == strlen("cgroup2") && memcmp(p, "cgroup2", n) == 0) /* whatever controllers it has */
			h = cg_world_v2(&run->world);
		if (!h)
			h = cg_world_v2_has(&run->world, p, n) ? cg_world_v2(&run->world) : NULL;
		if (h)
			used[h - run->world.h] = true;
		else
			r = bad_controller(text, p, n, f);
		p += n + 1;
	}
	for (size_t i = 0; r == 0 && i < run->world.n; i++)
		if (used[i])
			r = check_one(run, &run->world.h[i], abs, f);
	free(abs);
	return r;
}

int cg_run_find(const struct cg_exec *e, struct cg_run *run, struct fault *f)
{
	const char *list;
	size_t len;
	const char *path = cg_split(e->group, &list, &len);
	int r = cg_path_check(path, false, e->group, f);

	if (r < 0)
		return r;
	return len ? check_named(run, e->group, list, len, path, f) : check_anywhere(run, path, f);
}

struct cg_group *cg_run_group(struct cg_run *run, const struct cg_hier *h)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->g[i].hier == h)
			return &run->g[i];
	return NULL;
}

/* The parent in this hierarchy, owned by the caller; a name that was given goes to
 * run->name. */
static char *parent_in(const struct cg_exec *e, struct cg_run *run, const struct cg_hier *h, struct fault *f)
{
	char *path;

	if (!e->make.path)
		return cg_default_parent(h, f);
	path = cg_path_in(h, e->make.path, f);
	if (path)
		cg_path_cut(path, run->name);
	return path;
}

static int plan_in(const struct cg_exec *e, struct cg_run *run, const struct cg_hier *h, bool above, struct fault *f)
{
	struct cg_group *g = &run->g[run->n];
	char *parent = parent_in(e, run, h, f);
	int r;

	if (!parent)
		return -EINVAL;
	run->n++;
	r = cg_group_plan(g, h, parent, h->v2 ? run->sets.v2 : "", f);
	free(parent);
	if (r == -ENOENT && e->parents && !above) { /* it is made first: cg_run_above */
		cg_group_close(g);
		run->n--;
		return 0;
	}
	if (r == 0 && *run->name && faccessat(g->up, run->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		r = fault_set(f, OP_CG_NEW, EEXIST, "%s", e->make.path);
	return r;
}

const struct cg_hier *cg_devices_hier(const struct cg_world *w)
{
	return cg_world_v1(w, "devices", strlen("devices")) ?: cg_world_v2(w);
}

/* Every hierarchy that has controllers and that we may write to. */
static void use_all(struct cg_run *run)
{
	for (size_t i = 0; i < run->world.n; i++) {
		const struct cg_hier *h = &run->world.h[i];

		run->used[i] |= (h->v2 || !strstr(h->options, "name=")) && access(h->mount, W_OK) == 0;
	}
}

/* A key passed on as it is, that no cgroup there has. */
static int check_keys(struct cg_run *run, struct fault *f)
{
	for (size_t i = 0; i < run->sets.n; i++) {
		struct cg_write *w = &run->sets.w[i];
		const struct cg_group *g = w->key ? NULL : cg_run_group(run, w->hier);

		if (g && w->or_file && cg_group_lacks(g, w->file))
			cg_write_other(w);
		if (g && cg_group_lacks(g, w->file))
			return cg_key_unknown(w->said, f);
	}
	return 0;
}

/* The hierarchies whose controllers the keys need, and no other; without keys cgroup2. */
int cg_run_plan(const struct cg_exec *e, struct cg_run *run, struct fault *f)
{
	const struct cg_hier *h = cg_world_v2(&run->world);
	int r = e->make.path ? cg_path_check(e->make.path, true, e->make.path, f) : 0;

	if (r == 0)
		r = cg_sets_resolve(&run->sets, &e->sets, &run->world, f);
	if (r < 0)
		return r;
	for (size_t i = 0; i < run->sets.n; i++)
		run->used[run->sets.w[i].hier - run->world.h] = true;
	if (e->devices.n && cg_devices_hier(&run->world))
		run->used[cg_devices_hier(&run->world) - run->world.h] = true;
	if (e->everywhere)
		use_all(run);
	else if (run->sets.n + e->devices.n == 0)
		run->used[(h ?: cg_world_v1(&run->world, "pids", 4) ?: run->world.h) - run->world.h] = true;
	for (size_t i = 0; i < run->world.n && r == 0; i++)
		if (run->used[i])
			r = plan_in(e, run, &run->world.h[i], false, f);
	return r == 0 ? check_keys(run, f) : r;
}

/* -- what is above it --------------------------------------------------------------------- */

/* One group above; somebody else may make it at the same time. */
static int make_above(struct sys *s, struct cg_run *run, const struct cg_hier *h, char *path, struct fault *f)
{
	struct cg_group g = {.top = -1, .up = -1, .dir = -1, .entry = -1};
	char name[NAME_MAX + 1];
	struct cg_above *list;
	int r;

	cg_path_cut(path, name);
	r = cg_group_plan(&g, h, path, h->v2 ? run->sets.v2 : "", f);
	if (r == 0 && faccessat(g.up, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		cg_group_close(&g);
		return 0;
	}
	if (r == 0)
		r = cg_group_make(s, &g, name, f);
	if (r == -EEXIST)
		r = 0;
	if (g.made) {
		list = realloc(run->above, (run->n_above + 1) * sizeof(*list));
		if (list) {
			run->above = list;
			list[run->n_above++] = (struct cg_above){dup(g.top), xprintf("%s", g.path)};
		}
	}
	cg_group_close(&g);
	return r;
}

static int make_all_above(struct sys *s, struct cg_run *run, const struct cg_hier *h, const char *parent, struct fault *f)
{
	int r = 0;

	for (size_t n = 0; r == 0 && parent[n]; n += parent[n] == '/') {
		char *path;

		n += strcspn(parent + n, "/");
		path = xprintf("%.*s", (int)n, parent);
		r = make_above(s, run, h, path, f);
		free(path);
	}
	return r;
}

int cg_run_above(struct sys *s, const struct cg_exec *e, struct cg_run *run, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->world.n; i++) {
		const struct cg_hier *h = &run->world.h[i];
		char *parent;

		if (!run->used[i] || cg_run_group(run, h))
			continue;
		parent = parent_in(e, run, h, f);
		if (!parent)
			return -EINVAL;
		r = make_all_above(s, run, h, parent, f);
		free(parent);
		if (r == 0)
			r = plan_in(e, run, h, true, f);
	}
	return r;
}

void cg_run_above_drop(struct sys *s, struct cg_run *run)
{
	while (run->n_above) {
		struct cg_above *a = &run->above[--run->n_above];

		if (s) /* one that is in use by now stays: EBUSY */
			sys_unlinkat(s, a->top, a->path, AT_REMOVEDIR);
		fd_close(&a->top);
		free(a->path);
	}
	free(run->above);
	run->above = NULL;
}
