/* SPDX-License-Identifier: MIT */
/* enter-ids.c - who one is after entering. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "ns/enter-do.h"
#include "ns/ids.h"
#include "target/facts.h"
#include "target/self.h"

/* Is the user namespace that is joined the target's own? */
static bool own_user(const struct ns_enter *s)
{
	return s->t.procfd >= 0 && (s->fd[ns_kind_index(CLONE_NEWUSER)] < 0 || s->held & CLONE_NEWUSER);
}

/* An id as we see it becomes the one that it is in there. */
static int inside(const struct ns_enter *s, const struct facts_map *m, uint32_t *id)
{
	if (!(s->join & CLONE_NEWUSER))
		return 0;
	for (size_t i = 0; i < m->n; i++)
		if (*id >= m->v[i].out && *id - m->v[i].out < m->v[i].count) {
			*id = *id - m->v[i].out + m->v[i].in;
			return 0;
		}
	return -EINVAL;
}

static int follow(struct ns_enter *s, struct fault *f)
{
	struct facts p;
	int r = facts_read(&p, &s->t, FACT_BIT(STATUS) | FACT_BIT(UID_MAP) | FACT_BIT(GID_MAP), f);

	if (r == 0 && (p.why[FACT_STATUS] || p.why[FACT_UID_MAP] || p.why[FACT_GID_MAP])) {
		r = enter_why_hidden(s, "the ids", EACCES, f);
	} else if (r == 0) {
		s->ids.uid = p.uid.effective;
		s->ids.gid = p.gid.effective;
		r = inside(s, &p.users, &s->ids.uid);
		r = inside(s, &p.groups_map, &s->ids.gid) < 0 ? -EINVAL : r;
		if (r < 0) {
			fault_rule(f, OP_IDS, s->target, "its ids are not mapped in its user namespace");
			fault_fix(f, "--ids keep, or --ids UID:GID");
		}
		s->further = xcalloc(p.n_groups + 1, sizeof(*s->further));
		/* those without a number in there stay outside */
		for (size_t i = 0; i < p.n_groups; i++)
			if (inside(s, &p.groups_map, &p.groups[i]) == 0)
				s->further[s->n_groups++] = p.groups[i];
	}
	facts_free(&p);
	return r;
}

bool enter_ids_change(const struct ns_enter *s)
{
	if (s->ids.how == IDS_ROOT)
		return (s->join & CLONE_NEWUSER) && s->has_root;
	return s->ids.how != IDS_KEEP;
}

int enter_ids_check(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	struct fault none;
	int r = 0;

	if (s->join & CLONE_NEWUSER)
		s->has_root = !own_user(s) || self_map_has(s->t.procfd, "uid_map", 0);
	if (s->ids.how == IDS_FOLLOW) {
		r = follow(s, f);
	} else if (s->ids.how == IDS_ROOT && s->join & CLONE_NEWUSER && !s->has_root && follow(s, &none) == 0) {
		/* nobody is root in there: better the one that is there than nobody */
		s->ids.how = IDS_FOLLOW;
	}
	c->ids_change |= enter_ids_change(s);
	return r;
}

/* The target's groups as well. */
static int take_all(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	int r = sys_setgroups(c->sys, s->n_groups, s->further);

	if (r == -EPERM) {
		sys_note(c->sys, "groups: setgroups(2) is denied in there, so yours stay");
		r = 0;
	}
	if (r == 0)
		r = sys_setresgid(c->sys, s->ids.gid);
	if (r == 0)
		r = sys_setresuid(c->sys, s->ids.uid);
	return r < 0 ? fault_set(f, OP_IDS, -r, "%u:%u, as process %s", s->ids.uid, s->ids.gid, s->target) : 0;
}

int enter_ids_take(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	int r;

	if (!enter_ids_change(s))
		return 0;
	if (s->ids.how == IDS_FOLLOW)
		r = take_all(s, c, f);
	else if (s->ids.how == IDS_GIVEN)
		r = ns_take_ids(c->sys, s->ids.uid, s->ids.gid, f);
	else
		r = ns_take_root_ids(c->sys, f);
	/* of a namespace file nobody could say before whether 0 is mapped in there */
	if (r == -EINVAL && s->ids.how == IDS_ROOT && !own_user(s)) {
		sys_note(c->sys, "ids: 0 is not mapped in there, so yours stay");
		r = 0;
	}
	if (r == 0 && s->join) /* the change of ids has set it anew */
		r = sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0);
	return r;
}
