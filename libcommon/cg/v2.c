/* SPDX-License-Identifier: MIT */
/* v2.c - groups of the one cgroup2 hierarchy. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cg/group.h"

static const char subtree[] = "cgroup.subtree_control";

/* "+memory +pids": those of the wanted controllers that are not in `have`; "" for none. */
static char *missing(const char *wanted, const char *have)
{
	const size_t size = 2 * strlen(wanted) + 2;
	char *out = xcalloc(size, 1);
	size_t used = 0;

	for (wanted += strspn(wanted, " "); *wanted; wanted += strspn(wanted, " ")) {
		size_t n = strcspn(wanted, " ");

		if (!cg_listed(have, " ", wanted, n))
			used += (size_t)snprintf(out + used, size - used, "%s+%.*s", used ? " " : "", (int)n, wanted);
		wanted += n;
	}
	return out;
}

/* Note what one level, the first n characters of the parent's path, has to enable. */
static int plan_level(struct cg_group *g, size_t n, const char *controllers, struct fault *f)
{
	char *file = xprintf("%.*s%s%s", (int)n, g->path, n ? "/" : "", subtree);
	char have[CG_SMALL];
	ssize_t r = cg_read(g->top, file, have, sizeof(have));
	char *text = missing(controllers, r < 0 ? "" : have);

	if (r >= 0 && *text && faccessat(g->top, file, W_OK, AT_EACCESS) < 0)
		r = -errno;
	if (r < 0)
		fault_set(f, OP_CG_CONTROLLER, (int)-r, "%s in %s/%.150s", text + 1, g->hier->mount, file);
	if (r < 0 || !*text) {
		free(file);
		free(text);
		return r < 0 ? (int)r : 0;
	}
	g->enable = reallocarray(g->enable, g->n_enable + 1, sizeof(*g->enable));
	if (!g->enable)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", subtree);
	g->enable[g->n_enable++] = (struct cg_enable){file, text};
	return 0;
}

/* Threaded groups (cgroup.type) hold threads and no processes; what is made below one is
 * "domain invalid" and holds neither. Where the file is missing is the real top. */
static int no_threads(struct cg_group *g, int dir, bool parent, struct fault *f)
{
	char type[32];

	if (cg_read(dir, "cgroup.type", type, sizeof(type)) < 0 || strcmp(type, "domain") == 0 ||
	    (!parent && strcmp(type, "domain threaded") == 0))
		return 0;
	fault_set(f, OP_CG_MOVE, EOPNOTSUPP, "%s/%.180s", g->hier->mount, g->path);
	fault_why(f, "its cgroup.type is %s, so there can be no processes %s it", type, parent ? "below" : "in");
	return -EOPNOTSUPP;
}

static void internal_processes(struct fault *f, const char *who)
{
	fault_why(f, "no internal processes: %s", who);
}

static void v2_why_not(int err, struct fault *f)
{
	if (err == EBUSY)
		internal_processes(f, "it gives controllers to the cgroups below it, so processes may only be in those");
	if (err == EOPNOTSUPP)
		fault_why(f, "it is threaded, or below a threaded cgroup: see its cgroup.type");
}

/* A group that gives controllers to those below it takes no process, except the top, and
 * those that give only controllers of threads (which the move itself decides). */
static int v2_find(struct cg_group *g, struct fault *f)
{
	static const char *const domain[] = {"memory", "io", "hugetlb", "rdma", "misc", "dmem"};
	char given[CG_SMALL];
	int r = no_threads(g, g->dir, false, f);

	if (r < 0 || faccessat(g->dir, "cgroup.type", F_OK, 0) < 0 || cg_read(g->dir, subtree, given, sizeof(given)) <= 0)
		return r;
	for (size_t i = 0; i < sizeof(domain) / sizeof(*domain); i++) {
		if (!cg_listed(given, " ", domain[i], strlen(domain[i])))
			continue;
		fault_set(f, OP_CG_MOVE, EBUSY, "%s/%.180s", g->hier->mount, g->path);
		v2_why_not(EBUSY, f);
		return -EBUSY;
	}
	return 0;
}

/* A controller reaches a group when every group above it has it in its
 * cgroup.subtree_control; mostly the parent has already. */
static int v2_plan(struct cg_group *g, const char *controllers, struct fault *f)
{
	const char *path = g->path;
	size_t n = 0;
	int r = no_threads(g, g->up, true, f);

	if (r < 0 || !*controllers)
		return r;
	for (;;) {
		r = plan_level(g, n, controllers, f);
		if (r < 0 || !path[n])
			return r;
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
}

/* Controllers that were enabled stay enabled, also after a failure: by then somebody
 * else may have made a group beside ours that relies on them, and to disable them would
 * silently take its limits away. For those who do not use it an enabled controller
 * changes nothing but a little accounting. */
static int v2_enable(struct sys *s, struct cg_group *g, struct fault *f)
{
	for (size_t i = 0; i < g->n_enable; i++) {
		const struct cg_enable *e = &g->enable[i];
		char object[PATH_MAX];
		int r;

		snprintf(object, sizeof(object), "%s/%s", g->hier->mount, e->file);
		r = sys_write_file(s, g->top, e->file, object, e->text);
		if (r == 0)
			continue;
		fault_set(f, OP_CG_CONTROLLER, -r, "%s in %s", e->text + 1, object);
		if (r == -EBUSY)
			internal_processes(f, "there are processes in that cgroup itself, and then it cannot give controllers to others");
		if (r == -EOPNOTSUPP)
			fault_why(f, "that cgroup is threaded, or below one that is");
		return r;
	}
	return 0;
}

/* The kernel kills the whole subtree at once, and whoever forks meanwhile. */
static void v2_kill(struct sys *s, int dir)
{
	sys_write_file(s, dir, "cgroup.kill", "cgroup.kill", "1");
}

const struct cg_ops cg_v2_ops = {
	.entry = "cgroup.procs",
	.events = "memory.events",
	.find = v2_find,
	.plan = v2_plan,
	.enable = v2_enable,
	.kill = v2_kill,
	.why_not = v2_why_not,
	.freeze = {"cgroup.freeze", "cgroup.freeze", "0"},
};
