/* SPDX-License-Identifier: MIT */
/* check.c - the facts of a chain, and what is wrong with it on this host. */
#include <errno.h>
#include <unistd.h>

#include "chain/chain.h"
#include "ns/kinds.h"
#include "target/self.h"

int chain_plan(struct chain *ch, struct fault *f)
{
	struct ctx *c = &ch->ctx;

	c->sys = &ch->sys;
	c->program = ch->program_given ? &ch->prog : NULL;
	c->root_fd = -1;
	c->cgroup_fd = -1;
	c->watcher_fd = -1;
	c->program_fd = -1;
	c->euid = geteuid();
	c->egid = getegid();
	c->uid = -1;
	c->watch.ready_fd = -1;
	c->ns_supported = ns_supported();
	c->cap_bounding = self_cap_bounding(&c->cap_all);
	for (char **e = environ; *e; e++)
		if (words_add(&c->env, *e) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "the environment");
	if (!c->env.v && (words_add(&c->env, "") < 0 || (c->env.n = 0, c->env.v[0] = NULL)))
		return fault_set(f, OP_MEMORY, ENOMEM, "the environment");
	for (unsigned i = 0; i < ch->n; i++) {
		struct node *node = &ch->nodes[i];
		int r;

		r = node->link->plan ? node->link->plan(node->spec, c, f) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

bool chain_check_each(struct chain *ch, chain_report *report, void *arg)
{
	struct fault f = {0};
	bool good = true;

	ch->sys.tty = -1;
	ch->sys.pid = getpid();
	if (chain_order(ch, &f) < 0 || chain_plan(ch, &f) < 0) {
		report(arg, NULL, &f);
		return false;
	}
	for (unsigned i = 0; i < ch->n; i++) {
		const struct link *link = ch->nodes[i].link;

		if (!link->check || link->check(ch->nodes[i].spec, &ch->ctx, &f) >= 0)
			continue;
		report(arg, link, &f);
		good = false;
	}
	return good;
}
