/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cap/apply.h"
#include "cap/facts.h"
#include "cap/set.h"
#include "target/self.h"

#define BIT(n) (1ULL << (n))
#define AT(field) offsetof(struct cap_spec, field)

/* cap-set's --only and --drop are for people, the exact sets for a printed config.json. */
static const struct opt opts[] = {
	{0, "only", "LIST", &opt_caps, AT(wish.only), 0,
	 "the program can have these capabilities and no others, ever", cap_words},
	{0, "drop", "LIST", &opt_caps, AT(wish.drop), 1, "take these out of every set; repeatable", cap_words},
	{0, "bounding", "LIST", &opt_caps, AT(wish.bounding), 0, "the bounding set, exactly", cap_words},
	{0, "permitted", "LIST", &opt_caps, AT(wish.permitted), 0, "the permitted set, exactly", cap_words},
	{0, "effective", "LIST", &opt_caps, AT(wish.effective), 0, "the effective set, exactly", cap_words},
	{0, "inheritable", "LIST", &opt_caps, AT(wish.inheritable), 0, "the inheritable set, exactly", cap_words},
	{0, "ambient", "LIST", &opt_caps, AT(wish.ambient), 0, "the ambient set, exactly", cap_words},
	{0, "user", "UID[:GID]", &opt_user, AT(user), 0, "become this user: a number, or a name of the host", ":user"},
	{0, "group", "GID", &opt_group, AT(group), 0, "become this group", NULL},
	{0, "groups", "LIST", &opt_groups, AT(groups), 0, "exactly these supplementary groups, or none", "none"},
	{0, "keep-groups", NULL, &opt_flag, AT(keep_groups), 0, "leave the supplementary groups as they are", NULL},
	{0, "no-new-privs", NULL, &opt_flag, AT(no_new_privs), 0,
	 "execve gives no privileges: set-user-ID bits and file capabilities do nothing", NULL},
	{0, "apparmor", "PROFILE", &opt_string, AT(lsm.apparmor), 0, "the program runs under this AppArmor profile", NULL},
	{0, "selinux", "CONTEXT", &opt_string, AT(lsm.selinux), 0, "the program runs in this SELinux context", NULL},
	{0, "securebits", "LIST", &opt_securebits, AT(wish.securebits), 0,
	 "how the kernel treats root: noroot, no-setuid-fixup, ... and their -locked",
	 "noroot noroot-locked no-setuid-fixup no-setuid-fixup-locked keep-caps-locked no-cap-ambient-raise "
	 "no-cap-ambient-raise-locked exec-restrict-file exec-restrict-file-locked exec-deny-interactive "
	 "exec-deny-interactive-locked"},
	{0},
};

/* -- plan ------------------------------------------------------------------------- */

static int plan_ids(const struct cap_spec *s, struct fault *f)
{
	if (s->user.gid.given && s->group.given)
		return fault_rule(f, OP_OPTION, "--group", "--user names a group as well: give one of them");
	if (s->keep_groups && s->groups.given)
		return fault_rule(f, OP_OPTION, "--keep-groups", "--groups says the opposite: give one of them");
	return 0;
}

static uint64_t bounded(const struct cap_wish *w, uint64_t set)
{
	if (w->only.given)
		set &= w->only.mask;
	if (w->bounding.given)
		set &= w->bounding.mask;
	return set & ~w->drop.mask;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct cap_spec *s = spec;
	int r = cap_wish_check(&s->wish, f);

	if (r == 0)
		r = plan_ids(s, f);
	if (r < 0)
		return r;
	s->uid_before = c->uid;
	s->bounding_before = c->cap_bounding;
	c->cap_bounding = bounded(&s->wish, c->cap_bounding);
	c->no_new_privs |= s->no_new_privs;
	if (s->user.uid.given && !s->user.uid.name) /* a name is looked up in check */
		c->uid = s->user.uid.id;
	return 0;
}

/* -- check ------------------------------------------------------------------------ */

static bool in_new_userns(const struct ctx *c)
{
	return (c->ns_new | c->ns_joined) & CLONE_NEWUSER;
}

/* The state before the first cap-set of the chain. Whoever makes or enters a user namespace
 * holds all capabilities in it, with empty inheritable and ambient sets and no securebits;
 * see user_namespaces(7). Who it is in there, act() asks the kernel. */
static int start_facts(const struct cap_spec *s, struct ctx *c, struct fault *f)
{
	if (!in_new_userns(c))
		return cap_facts_read(s->bounding_before, &c->caps, f);
	c->caps = (struct cap_facts){
		.known = true,
		.bounding = c->cap_all,
		.permitted = c->cap_all,
		.effective = c->cap_all,
		.uid = s->uid_before >= 0 ? s->uid_before : 0,
	};
	return 0;
}

/* Names mean nothing in somebody else's root: its passwd may say what it likes. */
static int lookup(struct id_word *w, const char *file, uint32_t *gid, const struct ctx *c, struct fault *f)
{
	if (!w->name)
		return 0;
	if (c->root_changes) {
		fault_set(f, OP_IDS, 0, "%.*s", (int)w->len, w->name);
		fault_why(f, "a name of the host means nothing in the new root");
		fault_fix(f, "the number: cut -d: -f1,3 ROOT%s", file);
		return -EINVAL;
	}
	return ids_lookup(w, file, gid, f);
}

/* What was asked for, as numbers in s->ids. */
static int resolve_ids(struct cap_spec *s, struct ctx *c, struct fault *f)
{
	struct id_word *uid = &s->user.uid;
	struct id_word *gid = s->user.gid.given ? &s->user.gid : &s->group;
	uint32_t primary = 0;
	int r = lookup(uid, "/etc/passwd", &primary, c, f);

	if (r == 0)
		r = lookup(gid, "/etc/group", NULL, c, f);
	if (r < 0)
		return r;
	s->ids = (struct cap_ids){.uid = -1, .gid = -1, .groups = s->groups.given ? &s->groups : NULL, .hidden = c->ns_joined};
	if (uid->given)
		s->ids.uid = c->uid = uid->id;
	if (gid->given)
		s->ids.gid = gid->id;
	else if (uid->name) /* a named user brings its group */
		s->ids.gid = primary;
	return 0;
}

static bool one_of(int64_t id, const uint32_t three[3])
{
	return id == three[0] || id == three[1] || id == three[2];
}

/* The object stands in *f already. */
static int lacks(const char *cap, int64_t id, const struct cap_facts *now, struct fault *f)
{
	fault_why(f, "user %lld lacks %s", (long long)now->uid, cap);
	fault_fix(f, "sudo, or ns-run --map-%s before cap-set", id == 0 ? "root" : "auto");
	return -EINVAL;
}

/* Anybody may become what one of its three ids says already; all else takes a capability. */
static int check_ids(const struct cap_spec *s, struct fault *f)
{
	bool setgid = s->now.effective & BIT(CAP_SETGID);
	bool setuid = s->now.effective & BIT(CAP_SETUID);
	uint32_t have[3] = {0};

	if (s->ids.groups && !setgid) {
		fault_set(f, OP_IDS, 0, "a member of exactly %zu further groups", s->groups.n);
		return lacks("CAP_SETGID", -1, &s->now, f);
	}
	if (s->ids.gid >= 0 && !setgid && getresgid(&have[0], &have[1], &have[2]) == 0 && !one_of(s->ids.gid, have)) {
		fault_set(f, OP_IDS, 0, "group %lld", (long long)s->ids.gid);
		return lacks("CAP_SETGID", s->ids.gid, &s->now, f);
	}
	if (s->ids.uid >= 0 && !setuid && getresuid(&have[0], &have[1], &have[2]) == 0 && !one_of(s->ids.uid, have)) {
		fault_set(f, OP_IDS, 0, "user %lld", (long long)s->ids.uid);
		return lacks("CAP_SETUID", s->ids.uid, &s->now, f);
	}
	return 0;
}

/* When a filter follows and no_new_privs is not set, seccomp(2) wants CAP_SYS_ADMIN, so it
 * stays permitted and effective although the wish does not name it. That is safe because
 * it ends with execve(2), before the program's first instruction: execve computes the
 * permitted set anew, for root as (inheritable | bounding) | ambient, for anybody else as
 * ambient, and what is held is put into none of these three. Between here and execve only
 * this tool's own code runs, and if execve fails the process ends. */
static void hold_for_filter(const struct ctx *c, const struct cap_facts *now, struct cap_facts *next)
{
	uint64_t hold = BIT(CAP_SYS_ADMIN) & now->permitted & now->effective;

	next->until_exec = 0;
	if (!c->has_filter || c->no_new_privs)
		return;
	next->until_exec = hold & ~next->permitted;
	next->permitted |= hold;
	next->effective |= hold;
}

static int compute(struct cap_spec *s, const struct ctx *c, struct fault *f)
{
	int r = cap_sets_next(&s->wish, &s->now, s->ids.uid, &s->next, f);

	if (r == 0)
		hold_for_filter(c, &s->now, &s->next);
	return r;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	static const struct id_groups none = {.given = true};
	struct cap_spec *s = spec;
	int r = c->caps.known ? 0 : start_facts(s, c, f);

	if (r == 0)
		r = lsm_check(&s->lsm, f);
	if (r == 0)
		r = cap_wish_known(&s->wish, c->cap_all, f);
	if (r == 0)
		r = resolve_ids(s, c, f);
	if (r < 0)
		return r;
	s->now = c->caps;
	r = check_ids(s, f);
	if (r == 0)
		r = compute(s, c, f);
	if (r < 0)
		return r;
	/* The caller's groups must not follow a program that was given other ids. */
	if ((s->ids.uid >= 0 || s->ids.gid >= 0) && !s->ids.groups && !s->keep_groups &&
	    s->now.effective & BIT(CAP_SETGID) && getgroups(0, NULL) > 0)
		s->ids.groups = &none;
	c->caps = s->next;
	/* Also when a link between has found that a new namespace begins with all. */
	c->cap_bounding = s->next.bounding;
	return 0;
}

/* -- act -------------------------------------------------------------------------- */

/* In a user namespace that did not exist at the check the kernel knows better who we are,
 * and --only goes by that. */
static int look_again(struct cap_spec *s, const struct ctx *c, struct fault *f)
{
	uint64_t all;
	int r;

	if ((!in_new_userns(c) && !c->ids_change) || c->sys->dry || s->now.uid == (int64_t)geteuid())
		return 0;
	r = cap_facts_read(self_cap_bounding(&all), &s->now, f);
	return r < 0 ? r : compute(s, c, f);
}

/* setresuid(2) and setresgid(2) clear the parent-death signal, which the chain sets last of
 * all, and make the process as dumpable as fs.suid_dumpable says: see set_ids(). */
static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct cap_spec *s = spec;
	int r = look_again(s, c, f);

	if (r == 0)
		r = lsm_set(c->sys, &s->lsm, f);
	if (r == 0)
		r = cap_apply(c->sys, &s->now, &s->next, &s->ids, f);
	if (r == 0 && s->no_new_privs) {
		r = sys_prctl(c->sys, PR_SET_NO_NEW_PRIVS, 1, 0);
		if (r < 0)
			r = fault_set(f, OP_NO_NEW_PRIVS, -r, "the program");
	}
	return r;
}

static void drop(void *spec)
{
	struct cap_spec *s = spec;

	ids_groups_free(&s->groups);
	if (s->lsm.proc > 0)
		fd_close(&s->lsm.proc);
}

const struct link cap_set_link = {
	.cmd = {
		.name = "cap-set",
		.rest = "[PROGRAM [ARG...]]",
		.summary = "Set the capabilities, ids, securebits and no_new_privs of a program.",
		.opts = opts,
	},
	.rank = RANK_CAPABILITY,
	.needs = "capabilities to choose from",
	.takes = "the capabilities that it does not name",
	.spec_size = sizeof(struct cap_spec),
	.plan = plan,
	.check = check,
	.act = act,
	.drop = drop,
};
