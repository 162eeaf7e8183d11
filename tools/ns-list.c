/* SPDX-License-Identifier: MIT */
/* ns-list - list namespaces, who lives in them and what holds them. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "chain/diff.h"
#include "chain/lister.h"
#include "chain/remake.h"
#include "ns/follow.h"
#include "ns/list.h"
#include "ns/others.h"

typedef int run_mode(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f);

/* run() counts rows, of which none is exit status 1. */
static int run_diff(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	const struct diff_wish wish = {.tool = "ns-list", .rows = &l->rows, .all = l->same};
	int r = diff_main(&wish, operands->n ? operands->v[0] : NULL, operands->n > 1 ? operands->v[1] : NULL, f);

	(void)sys;
	return r < 0 ? r : r == 2 ? -1 : r == 0;
}

static int run_why(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	const struct diff_wish wish = {.tool = "ns-list", .rows = &l->rows};
	int r = diff_why(&wish, operands->n ? operands->v[0] : "1", l->why, f);

	(void)sys;
	return r < 0 ? r : 1;
}

static int run_chain(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	(void)operands, (void)sys;
	return remake_print("ns-list", l->as_command, stdout, f) == 0 ? 1 : -EINVAL;
}

static int run_of(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	(void)operands;
	return ns_list_of(l, sys, f);
}

static int run_follow(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	(void)operands, (void)sys;
	return ns_follow(l, f);
}

#define ROWS "output output-all list-columns filter json raw null no-headings no-truncate no-wrap color "

/* What ns-list can be: the first row whose option is given. What the row does not take does not go with it. */
static const struct mode {
	const char *option, *value; /* value NULL: any                     */
	const char *takes;          /* options, each with a blank behind   */
	size_t least, most;         /* operands                            */
	const char *usage;
	run_mode *run;
} modes[] = {
	{"of", NULL, "json ", 0, 0, "--of TARGET", run_of},
	{"diff", NULL, "all " ROWS, 2, 2, "--diff A B", run_diff},
	{"why", NULL, "", 0, 1, "--why TARGET [FROM]", run_why},
	{"as-command", NULL, "", 0, 0, "--as-command TARGET", run_chain},
	{"follow", NULL, "type interval json no-headings ", 0, 0, "--follow", run_follow},
	{"dot", NULL, "type target persistent all-mounts ", 0, SIZE_MAX, NULL, ns_list},
	{"list", NULL, "type target persistent all-mounts by " ROWS, 0, SIZE_MAX, NULL, ns_list},
	{"by", "container", "type target " ROWS, 0, SIZE_MAX, NULL, ns_list},
	{"by", "process", "type target tree all-mounts " ROWS, 0, SIZE_MAX, NULL, ns_list},
	{NULL, NULL, "type target persistent all-mounts by tree " ROWS, 0, SIZE_MAX, NULL, ns_list},
};

static bool takes(const struct mode *m, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = m->takes; *p; p += strcspn(p, " ") + 1)
		if (strncmp(p, name, n) == 0 && p[n] == ' ')
			return true;
	return m->option && strcmp(m->option, name) == 0;
}

static const struct mode *mode_of(const struct ns_list *l)
{
	const struct mode *m = modes;

	for (; m->option; m++)
		if (opt_given(ns_list_opts, l, m->option) && (!m->value || (l->by && strcmp(m->value, l->by) == 0)))
			break;
	return m;
}

/* An option that nothing goes with, but another mode. */
static int no_mode(const char *name, struct fault *f)
{
	const struct mode *m = modes;
	char option[32];

	while (!takes(m, name))
		m++;
	snprintf(option, sizeof(option), "--%s", name);
	fault_rule(f, OP_USAGE, option, "it goes with --%s", m->option);
	fault_fix(f, "ns-list --%s --%s", m->option, name);
	return -EINVAL;
}

static int check(const struct mode *m, const struct ns_list *l, const struct words *operands, struct fault *f)
{
	char both[64];

	for (const struct opt *o = ns_list_opts; o->name; o++) {
		if (takes(m, o->name) || !opt_given(ns_list_opts, l, o->name))
			continue;
		if (!m->option)
			return no_mode(o->name, f);
		snprintf(both, sizeof(both), "--%s%s%s --%s", m->option, m->value ? "=" : "", m->value ? m->value : "", o->name);
		fault_rule(f, OP_USAGE, both, "they do not go together");
		fault_fix(f, "ns-list with one of them: the synopsis of ns-list(1) has what goes together");
		return -EINVAL;
	}
	if (operands->n <= m->most && (operands->n >= m->least || l->rows.list_columns))
		return 0;
	fault_rule(f, OP_USAGE, m->usage, "%zu operands were given", operands->n);
	fault_fix(f, "ns-list %s", m->usage);
	return -EINVAL;
}

static int run(void *spec, const struct words *operands, const struct sys *sys, struct fault *f)
{
	const struct mode *m = mode_of(spec);
	int r = check(m, spec, operands, f);

	return r < 0 ? r : m->run(spec, operands, sys, f);
}

int main(int argc, char **argv)
{
	static const struct lister tool = {
		.cmd = {.name = "ns-list", .rest = "[NAMESPACE...]", .summary = "List namespaces, who lives in them and what holds them.",
			.opts = ns_list_opts, .others = ns_list_others},
		.spec_size = sizeof(struct ns_list),
		.run = run,
		.drop = ns_list_drop,
	};

	(void)argc;
	return lister_main(&tool, argv);
}
