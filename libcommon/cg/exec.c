/* SPDX-License-Identifier: MIT */
/* exec.c - the link cg-exec. check() finds out everything and holds it by descriptor;
 * before() makes the cgroup and sets its keys; act() puts the process in;
 * undo() takes the cgroup away. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "cg/devices.h"
#include "cg/run.h"

enum {
	NAMES = 100, /* names to try for a cgroup of our own naming                         */
};

/* -- options ---------------------------------------------------------------------------- */

static int parse_new(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct cg_new *make = field;

	(void)o, (void)f;
	*make = (struct cg_new){true, text};
	return 0;
}

static void print_new(const void *field, const struct opt *o, struct words *out)
{
	const struct cg_new *make = field;

	if (make->given)
		opt_emit(o, make->path, out);
}

static const struct opt_kind opt_new = {true, true, parse_new, print_new};

static const struct opt opts[] = {
	{'n', "new", "PATH", &opt_new, offsetof(struct cg_exec, make), 0,
	 "make a cgroup, and remove it when the program ends", NULL},
	{'g', "group", "PATH", &opt_string, offsetof(struct cg_exec, group), 0,
	 "run in this cgroup, which exists; CONTROLLER,...:PATH too", NULL},
	{'s', "set", "KEY=VALUE", &opt_strings, offsetof(struct cg_exec, sets), 0,
	 "set a key of the new cgroup, such as memory.max=64M", cg_key_words},
	{0, "device", "allow|deny:TYPE[:MAJOR:MINOR[:ACCESS]]", &opt_strings, offsetof(struct cg_exec, devices), 0,
	 "which devices may be opened in the new cgroup; the last rule that fits decides", "allow:a deny:a"},
	{0, "parents", NULL, &opt_flag, offsetof(struct cg_exec, parents), 0,
	 "make the cgroups above the new one, too, where they are missing", NULL},
	{0, "everywhere", NULL, &opt_flag, offsetof(struct cg_exec, everywhere), 0,
	 "make it in every hierarchy, and not only where a key needs it", NULL},
	{0, "keep", NULL, &opt_flag, offsetof(struct cg_exec, keep), 0,
	 "do not remove the new cgroup when the program ends", NULL},
	{0},
};

/* -- plan --------------------------------------------------------------------------------- */

static int usage(const char *object, const char *why, const char *fix, struct fault *f)
{
	fault_rule(f, OP_USAGE, object, "%s", why);
	fault_fix(f, "%s", fix);
	return -EINVAL;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	const struct cg_exec *e = spec;
	struct cg_device d;

	(void)c;
	for (size_t i = 0; i < e->devices.n; i++)
		if (cg_device_read(&d, e->devices.v[i], f) < 0)
			return -EINVAL;
	if (!e->make.given && !e->group)
		return usage("cg-exec", "it is not said in which cgroup", "cg-exec --new for a cgroup of its own, or --group PATH for one that exists", f);
	if (e->make.given && e->group)
		return usage("--new --group", "they exclude each other", "--new=PATH to make it, or --group PATH for one that exists", f);
	if (e->group && e->sets.n)
		return usage(e->sets.v[0], "--set is for a cgroup that --new makes", "--new in place of --group, or write the key beforehand: echo VALUE > FILE", f);
	if (e->group && e->devices.n)
		return usage(e->devices.v[0], "--device is for a cgroup that --new makes", "--new in place of --group", f);
	if (e->group && (e->parents || e->everywhere))
		return usage(e->parents ? "--parents" : "--everywhere", "it is for a cgroup that --new makes",
			     "--group alone, which is where there is one", f);
	if (e->group && e->keep)
		return usage("--keep", "it is for a cgroup that --new makes", "--group alone: it removes nothing", f);
	return 0;
}

/* -- check -------------------------------------------------------------------------------- */

static int check_new(const struct cg_exec *e, struct cg_run *run, struct fault *f)
{
	const struct cg_hier *h = cg_devices_hier(&run->world);
	const struct cg_group *g;
	int r = cg_run_plan(e, run, f);

	if (r < 0 || !e->devices.n)
		return r;
	g = h ? cg_run_group(run, h) : NULL;
	return cg_devices_check(h, g ? g->up : -1, &e->devices, f);
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct cg_exec *e = spec;
	int r;

	if (c->watch.detach && e->make.given && !e->keep)
		return usage("--new", "a detached chain leaves nobody who could remove the cgroup",
			     "--keep, and rmdir when the program has ended; or no ns-run --detach", f);
	e->run = calloc(1, sizeof(*e->run));
	if (!e->run)
		return fault_set(f, OP_MEMORY, ENOMEM, "cg-exec");
	r = cg_world_read(&e->run->world, f);
	if (r < 0)
		return r;
	return e->make.given ? check_new(e, e->run, f) : cg_run_find(e, e->run, f);
}

/* With other ids, capabilities, namespaces or a filter we may not be able to undo what we
 * did before; the program is then run by a child, and we keep what we have. */
static bool may_lose_the_way(const struct ctx *c)
{
	return c->ns_new || c->ns_joined || c->root_changes || c->caps.known || c->uid != -1 || c->no_new_privs ||
	       c->has_filter;
}

static void forks(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags)
{
	const struct cg_exec *e = spec;

	(void)flags;
	if (e->make.given && !e->keep)
		words_add(why, "a transient cgroup has to be removed when the program ends");
	else if (e->make.given && may_lose_the_way(c))
		words_add(why, "the new cgroup has to be removed if the rest of the chain fails");
}

/* -- before: make and set ------------------------------------------------------------------ */

/* What is left behind is said, whatever else there is to say. */
static void note_left(struct ctx *c, const struct cg_group *g, int err)
{
	size_t n = strlen(c->note);
	char dir[512];

	cg_group_file(g, "", dir, sizeof(dir));
	snprintf(c->note + n, sizeof(c->note) - n, "%scould not remove cgroup %.100s: %s; rmdir it", n ? "; " : "",
		 dir, strerror(err));
}

static void remove_all(struct ctx *c, struct cg_run *run)
{
	for (size_t i = run->n; i-- > 0;) {
		int r = cg_group_remove(c->sys, &run->g[i]);

		if (r < 0)
			note_left(c, &run->g[i], -r);
	}
	cg_run_above_drop(c->sys, run);
}

static int make_all(struct ctx *c, struct cg_run *run, const char *name, struct fault *f)
{
	for (size_t i = 0; i < run->n; i++) {
		int r = cg_group_make(c->sys, &run->g[i], name, f);

		if (r < 0) {
			remove_all(c, run);
			return r;
		}
	}
	return 0;
}

/* A name of ours may be taken: by what a killed watcher left, or in another pid namespace. */
static int make_named(struct ctx *c, struct cg_run *run, struct fault *f)
{
	int r = -EEXIST;

	if (*run->name)
		return make_all(c, run, run->name, f);
	for (int i = 0; i < NAMES && r == -EEXIST; i++) {
		char name[48];

		snprintf(name, sizeof(name), i ? "boxutils-%d-%d" : "boxutils-%d", getpid(), i);
		r = make_all(c, run, name, f);
	}
	return r;
}

static int set_devices(struct sys *s, const struct cg_exec *e, struct fault *f)
{
	struct cg_run *run = e->run;
	const struct cg_group *g = e->devices.n ? cg_run_group(run, cg_devices_hier(&run->world)) : NULL;

	return g ? cg_devices_set(s, g, &e->devices, f) : 0;
}

static int before(void *spec, struct ctx *c, struct fault *f)
{
	struct cg_exec *e = spec;
	struct cg_run *run = e->run;
	char dir[512];
	int r = e->make.given && e->parents ? cg_run_above(c->sys, e, run, f) : 0;

	if (r < 0) {
		cg_run_above_drop(c->sys, run);
		return r;
	}
	if (e->make.given)
		r = make_named(c, run, f);
	if (r < 0)
		return r;
	for (size_t i = 0; i < run->sets.n && r == 0; i++) {
		const struct cg_group *g = cg_run_group(run, run->sets.w[i].hier);

		r = cg_write(c->sys, g->dir, cg_group_file(g, "", dir, sizeof(dir)), &run->sets.w[i], f);
	}
	if (r == 0)
		r = set_devices(c->sys, e, f);
	for (size_t i = 0; i < run->n && r == 0; i++)
		r = cg_group_open_entry(c->sys, &run->g[i], f);
	if (r < 0) {
		remove_all(c, run);
		return r;
	}
	for (size_t i = 0; i < run->n; i++)
		if (run->g[i].hier->v2)
			c->cgroup_fd = run->g[i].dir;
	return 0;
}

/* -- the process goes in ------------------------------------------------------------------- */

/* The process goes in itself, by a file that was opened before the fork: outside of all
 * namespaces and with all rights. On v2 a child may have been born there. */
static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct cg_run *run = ((struct cg_exec *)spec)->run;
	int r = 0;

	for (size_t i = 0; i < run->n && r == 0; i++)
		if (!run->g[i].hier->v2 || !c->born_in_cgroup)
			r = cg_group_enter(c->sys, &run->g[i], f);
	return r;
}

/* -- the end --------------------------------------------------------------------------------- */

static bool was_killed(int status)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL); /* a shell's word for it */
}

/* Nobody sees why the kernel killed a program, unless somebody says it. */
static void note_oom(struct cg_run *run, struct ctx *c)
{
	const char *limit = NULL;
	unsigned long n = 0;
	int name;

	for (size_t i = 0; i < run->n && n == 0; i++)
		if (run->g[i].hier->v2 || cg_listed(run->g[i].hier->options, ",", "memory", 6))
			n = cg_group_oom_kills(&run->g[i]);
	for (size_t i = 0; i < run->sets.n && !limit; i++)
		if (run->sets.w[i].key == &cg_keys[CG_KEY_MEMORY_MAX])
			limit = run->sets.w[i].said;
	name = (int)strcspn(limit ?: "", "=");
	if (n && limit)
		snprintf(c->note, sizeof(c->note), "the kernel killed it: %.80s was reached; try: a higher --set %.*s", limit,
			 name, limit);
	else if (n)
		snprintf(c->note, sizeof(c->note), "the kernel killed it: a memory limit above its cgroup was reached");
}

static void undo(void *spec, struct ctx *c, int status)
{
	struct cg_exec *e = spec;

	if (!e->run || !e->make.given)
		return;
	if (status != -1 && was_killed(status))
		note_oom(e->run, c);
	if (status == -1 || !e->keep)
		remove_all(c, e->run);
}

static void drop(void *spec)
{
	struct cg_exec *e = spec;

	words_free(&e->sets);
	words_free(&e->devices);
	if (!e->run)
		return;
	for (size_t i = 0; i < e->run->n; i++)
		cg_group_close(&e->run->g[i]);
	cg_run_above_drop(NULL, e->run);
	cg_sets_free(&e->run->sets);
	cg_world_free(&e->run->world);
	free(e->run);
	e->run = NULL;
}

/* -- EAGAIN ------------------------------------------------------------------------------------ */

bool cg_full(const void *spec, char *buf, size_t n)
{
	const struct cg_exec *e = spec;
	bool full = false;

	for (size_t i = 0; e->run && i < e->run->n && !full; i++)
		full = cg_pids_full(e->run->g[i].top, e->run->g[i].path, buf, n);
	return full;
}

bool cg_pids_limit(char *buf, size_t n)
{
	struct cg_world world = {0};
	const struct cg_hier *h;
	struct fault f;
	int top = -1;
	bool full = false;

	if (cg_world_read(&world, &f) == 0) {
		h = cg_world_v1(&world, "pids", 4) ?: cg_world_v2(&world);
		top = h && h->own ? cg_hier_open(h, &f) : -1;
		full = top >= 0 && cg_pids_full(top, h->own, buf, n);
	}
	fd_close(&top);
	cg_world_free(&world);
	return full;
}

const struct link cg_exec_link = {
	.cmd = {
		.name = "cg-exec",
		.rest = "[LINK...] [PROGRAM [ARG...]]",
		.summary = "Run a program in a cgroup: a new one, or one that exists.",
		.opts = opts,
	},
	.rank = RANK_CGROUP,
	.needs = "the host's /sys/fs/cgroup",
	.spec_size = sizeof(struct cg_exec),
	.plan = plan,
	.check = check,
	.fork = forks,
	.before = before,
	.act = act,
	.undo = undo,
	.drop = drop,
};
