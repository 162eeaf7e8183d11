/* SPDX-License-Identifier: MIT */
/* run-check.c - what ns-run finds out before anything changes, or instead (--check). */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "ns/kinds.h"
#include "ns/look.h"
#include "ns/preflight.h"
#include "ns/run-do.h"
#include "ns/show.h"
#include "ns/sysctl.h"
#include "ns/why.h"
#include "target/self.h"

/* May we write this map ourselves, without a helper? */
bool ns_run_own_only(const struct idmap *m, uint32_t id)
{
	return m->n == 1 && m->e[0].out == id && m->e[0].count == 1;
}

static int need_helper(const char **helper, const char *path, const struct idmap *m, const char *file,
		       uint32_t own, struct fault *f)
{
	int r = idmap_check_subids(m, file, own, f);

	if (r == 0)
		r = ns_maps_helper(path, f);
	if (r == 0)
		*helper = path;
	return r;
}

/* setgroups(2) can stay allowed where the map of groups is written by somebody with CAP_SETGID, or
 * by newgidmap. */
static int check_setgroups(struct ns_run *s, bool set_ids, struct fault *f)
{
	bool must = !set_ids && ns_run_own_only(&s->groups, s->egid);

	s->deny_setgroups = must || (s->setgroups && strcmp(s->setgroups, "deny") == 0);
	if (!must || !s->setgroups || strcmp(s->setgroups, "allow") != 0)
		return 0;
	fault_rule(f, OP_MAP, "--setgroups allow", "without CAP_SETGID your own group may be mapped only if setgroups is denied");
	fault_fix(f, "sudo; or groups that /etc/subgid gives you: --map root,auto --setgroups allow");
	return -EPERM;
}

/* A user namespace that comes before has all capabilities, and ids that are not there yet. */
static bool in_userns_of_ours(const struct ns_run *s, const struct ctx *c)
{
	return (s->kinds_before | c->ns_joined) & CLONE_NEWUSER;
}

/* What the kernel will look at, whoever writes the map; whether we have our own id, ns_look() tells. */
static int check_outside(const struct ns_run *s, const struct ctx *c, struct fault *f)
{
	int r;

	if (in_userns_of_ours(s, c))
		return 0;
	r = ns_run_own_only(&s->users, s->euid) ? 0 : idmap_check_around(&s->users, "uid_map", f);
	if (r == 0 && !ns_run_own_only(&s->groups, s->egid))
		r = idmap_check_around(&s->groups, "gid_map", f);
	if (r < 0 || s->user_helper || !idmap_has_out(&s->users, 0) || self_has_cap(CAP_SETFCAP))
		return r;
	fault_set(f, OP_MAP, EPERM, "0");
	fault_why(f, "you lack CAP_SETFCAP, without which user 0 cannot be mapped");
	fault_fix(f, "sudo; or a map without it: ns-run --map-users 0:100000:65536");
	return -EPERM;
}

static int check_maps(struct ns_run *s, struct ctx *c, struct fault *f)
{
	bool set_ids = self_has_cap(CAP_SETUID) && self_has_cap(CAP_SETGID);
	int r = check_setgroups(s, set_ids, f);

	if (r == 0 && s->owner && !set_ids && (c->owner.uid != s->euid || c->owner.gid != s->egid)) {
		fault_rule(f, OP_OPTION, s->owner, "you need CAP_SETUID and CAP_SETGID to have it belong to another");
		fault_fix(f, "sudo, or no --owner: then it belongs to you");
		return -EPERM;
	}
	if (r == 0 && !set_ids && !ns_run_own_only(&s->users, s->euid))
		r = need_helper(&s->user_helper, "/usr/bin/newuidmap", &s->users, "/etc/subuid", s->euid, f);
	if (r == 0 && !set_ids && !ns_run_own_only(&s->groups, s->egid))
		r = need_helper(&s->group_helper, "/usr/bin/newgidmap", &s->groups, "/etc/subgid", s->egid, f);
	return r == 0 ? check_outside(s, c, f) : r;
}

/* What is done in namespaces of our own takes a capability over them; a user namespace gives all. */
static int check_rights(const struct ns_run *s, const struct ctx *c, struct fault *f)
{
	const struct {
		bool due;
		int cap;
		enum op op;
		const char *object, *why, *fix;
	} rows[] = {
		{(s->which.kinds & CLONE_NEWNET) && !s->no_loopback, CAP_NET_ADMIN, OP_LOOPBACK, "the new net namespace",
		 "you lack CAP_NET_ADMIN over it", "ns-run --no-loopback; or --map-root, which gives all capabilities over it"},
		{ns_run_shifts(s), CAP_SYS_TIME, OP_TIME, "the new time namespace", "you lack CAP_SYS_TIME over it",
		 "ns-run --map-root, which gives all capabilities over it; or sudo"},
	};

	for (size_t i = 0; i < COUNT(rows) && !((s->kinds_here | c->ns_joined) & CLONE_NEWUSER); i++) {
		if (!rows[i].due || self_has_cap(rows[i].cap))
			continue;
		fault_set(f, rows[i].op, EPERM, "%s", rows[i].object);
		fault_why(f, "%s", rows[i].why);
		fault_fix(f, "%s", rows[i].fix);
		return -EPERM;
	}
	return 0;
}

/* A file is bound by the first process of the chain, in the mounts that we are in now. */
static int check_keep(struct ns_run *s, struct ctx *c, struct fault *f)
{
	char names[96];
	unsigned files = ns_choice_files(&s->which), before = s->kinds_before | c->ns_joined;

	if (!files)
		return 0;
	if (before) {
		fault_rule(f, OP_NS_KEEP, ns_names(names, sizeof(names), files),
			   "the chain is in other namespaces before, from where the file cannot be mounted");
		fault_fix(f, "it as the first ns-run of the chain, or a chain of its own: ns-enter ... -- ns-run ...");
		return -EINVAL;
	}
	return ns_keep_check(&s->keep, &s->which, f);
}

int ns_run_check(struct ns_run *s, struct ctx *c, struct fault *f)
{
	unsigned lacks = s->which.kinds & ~c->ns_supported;
	int r;

	if (s->preflight)
		return 0;
	if (lacks)
		return ns_why(f, lacks, EINVAL);
	r = sysctl_check(&s->sysctls, s->kinds_here | c->ns_joined, f);
	if (r == 0)
		r = check_keep(s, c, f);
	if (r == 0 && s->which.kinds & CLONE_NEWUSER) {
		r = check_maps(s, c, f);
		c->uid = c->euid;
		if (r == 0 && s->show_map)
			ns_show_maps(c->sys->dry ? stdout : stderr, &s->users, &s->groups, s->euid, s->egid);
		return r;
	}
	/* no user namespace here or before: the right to make the others must be ours */
	if (r == 0 && s->which.kinds && !((c->ns_new | c->ns_joined) & CLONE_NEWUSER) && !self_has_cap(CAP_SYS_ADMIN))
		return ns_why(f, s->which.kinds, EPERM);
	return r == 0 ? check_rights(s, c, f) : r;
}

/* -- --check: looking only ------------------------------------------------------------- */

static unsigned does(const struct ns_run *s, const struct ctx *c)
{
	bool stays = s->propagation && strcmp(s->propagation, "unchanged") == 0;

	return (ns_run_fresh_proc(s, c) ? NS_DOES_PROC : 0U) | (stays ? 0U : NS_DOES_PRIVATE) |
	       (s->binfmt.given || ns_choice_files(&s->which) ? NS_DOES_MOUNT : 0U);
}

int ns_run_preflight(struct ns_run *s, struct ctx *c, struct fault *f)
{
	unsigned kinds = ns_run_kinds(s, c);
	struct preflight *p = preflight_new(s->json);

	ns_look(kinds, kinds & CLONE_NEWNS || ns_choice_files(&s->which) ? does(s, c) : 0, preflight_see, p);
	if (check_rights(s, c, f) < 0)
		preflight_fault(p, "capabilities", f, NULL);
	if (kinds & CLONE_NEWUSER) {
		int r = s->maps_fault.op ? -1 : check_maps(s, c, f);

		preflight_fault(p, "id maps", r < 0 ? s->maps_fault.op ? &s->maps_fault : f : NULL,
				s->user_helper || s->group_helper ? "newuidmap(1) and newgidmap(1) write them" : "you may write them yourself");
	}
	if (ns_choice_files(&s->which))
		preflight_fault(p, "files", check_keep(s, c, f) < 0 ? f : NULL, "a namespace may be mounted on them");
	return preflight_end(p);
}
