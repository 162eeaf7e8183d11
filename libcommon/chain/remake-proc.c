/* SPDX-License-Identifier: MIT */
/* remake-proc.c - limits, environment, ids and rights of a process as proc-set and cap-set. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include "chain/mirror.h"
#include "chain/remake.h"
#include "proc/env.h"
#include "target/self.h"

/* -- proc-set ---------------------------------------------------------------------------------- */

/* Both know it, and it is the same for the caller: nothing to say. */
#define SAME(m, id, field) (facts_has(&(m)->own, id) && (m)->p.field == (m)->own.field)

static bool add_priorities(struct remake *m, struct proc_spec *s)
{
	const struct facts *p = &m->p;
	bool any = false;

	if (facts_has(p, FACT_STAT)) {
		if (!SAME(m, FACT_STAT, policy) || !SAME(m, FACT_STAT, rt_priority)) {
			s->sched = (struct proc_sched){.given = true, .policy = (unsigned)p->policy, .priority = p->rt_priority};
			if (p->policy == SCHED_NORMAL || p->policy == SCHED_BATCH)
				s->sched.nice = p->nice;
			any = true;
			if (p->policy == SCHED_DEADLINE)
				remake_note(m, "its scheduler's runtime, deadline and period are to be added: chrt -p %d", p->pid);
		} else if (!SAME(m, FACT_STAT, nice)) {
			s->nice = (struct opt_num){true, p->nice};
			any = true;
		}
	}
	if (facts_has(p, FACT_PERSONA) && !SAME(m, FACT_PERSONA, persona) &&
	    (p->persona == PER_LINUX || p->persona == PER_LINUX32)) {
		s->persona = (struct proc_persona){true, p->persona};
		any = true;
	}
	return any;
}

static bool has_word(const struct words *env, const char *word)
{
	for (size_t i = 0; i < env->n; i++)
		if (strcmp(env->v[i], word) == 0)
			return true;
	return false;
}

/* What is no NAME=VALUE a program has written there itself. */
static bool is_variable(const char *word)
{
	return strchr(word, '=') && *word != '=';
}

/* From the caller's environment, or when little of it is left from an empty one. */
static bool add_env(struct remake *m, struct proc_spec *s)
{
	const struct words *env = &m->p.env, *own = &m->own.env;
	size_t shared = 0, bad = 0;

	if (!facts_has(&m->p, FACT_ENV))
		return false;
	for (size_t i = 0; i < env->n; i++)
		shared += has_word(own, env->v[i]);
	s->clear = 2 * shared <= env->n;
	for (size_t i = 0; i < env->n; i++)
		if (*env->v[i] && !is_variable(env->v[i]))
			bad++;
		else if (*env->v[i] && (s->clear || !has_word(own, env->v[i])))
			words_add(&s->set, env->v[i]);
	for (size_t i = 0; !s->clear && i < own->n; i++) {
		char *name = xprintf("%.*s", (int)strcspn(own->v[i], "="), own->v[i]);

		if (is_variable(own->v[i]) && !env_has(env, name))
			words_add(&s->unset, remake_keep(m, name));
		else
			free(name);
	}
	if (bad)
		remake_note(m, "in its environment stands what is no NAME=VALUE");
	return s->clear || s->set.n || s->unset.n;
}

/* The directory as its own root has it. The kernel names it from the top of the mount
 * namespace, which is that root unless it is in a chroot. */
static bool add_cwd(struct remake *m, struct proc_spec *s)
{
	const struct facts *p = &m->p;
	const char *path = p->cwd.path;
	size_t n;

	if (!facts_has(p, FACT_CWD))
		return false;
	if (!m->new_root && facts_same(&p->cwd.id, &m->own.cwd.id))
		return false;
	n = facts_has(p, FACT_ROOT) && strcmp(p->root.path, "/") != 0 ? strlen(p->root.path) : 0;
	if (n && strncmp(path, p->root.path, n) == 0 && (path[n] == '/' || !path[n]))
		path = path[n] ? path + n : "/";
	if (*path != '/' || strstr(path, " (deleted)")) {
		remake_note(m, "its directory cannot be named: %s", path);
		return false;
	}
	s->cwd = path;
	return true;
}

bool remake_process(struct remake *m, struct proc_spec *s)
{
	struct words w = {0};
	bool limits, priorities = add_priorities(m, s);
	bool env = add_env(m, s);
	bool cwd = add_cwd(m, s);

	mirror_process(&w, &m->p, &m->own, MIRROR_RLIMITS | MIRROR_UMASK | MIRROR_OOM);
	limits = remake_take(m, &proc_set_link, s, &w);

	if (facts_has(&m->p, FACT_STATUS) && m->p.cpus && (!m->own.cpus || strcmp(m->p.cpus, m->own.cpus) != 0))
		s->cpus = m->p.cpus;
	return limits || priorities || env || cwd || s->cpus;
}

/* -- cap-set: ids -------------------------------------------------------------------------------- */

/* As the process itself sees it. */
static uint32_t inside(const struct remake *m, const struct idmap *map, uint32_t id)
{
	return m->kinds & CLONE_NEWUSER && map->n ? idmap_inside(map, id, 65534) : id;
}

/* Who the program would be without cap-set, as ns-run leaves it. */
static uint32_t would_be(const struct remake *m, const struct idmap *map, uint32_t own)
{
	if (!(m->kinds & CLONE_NEWUSER) || !map->n)
		return m->kinds & CLONE_NEWUSER ? 0 : own;
	return idmap_inside(map, own, idmap_has_in(&m->users, 0) && !idmap_has_out(&m->users, m->own.uid.effective) ? 0 : 65534);
}

static bool same_groups(const struct remake *m)
{
	const struct facts *p = &m->p, *own = &m->own;

	for (size_t i = 0; i < p->n_groups && i < own->n_groups; i++)
		if (p->groups[i] != own->groups[i])
			return false;
	return p->n_groups == own->n_groups;
}

static void add_groups(struct remake *m, struct cap_spec *s)
{
	const struct facts *p = &m->p;

	if (facts_has(p, FACT_SETGROUPS) && !p->setgroups)
		return;
	s->groups.given = true;
	s->groups.v = xcalloc(p->n_groups, sizeof(*s->groups.v));
	for (size_t i = 0; i < p->n_groups; i++) {
		uint32_t id = inside(m, &m->groups, p->groups[i]);

		if (m->kinds & CLONE_NEWUSER && id == 65534)
			remake_note(m, "its group %u is not in its user namespace", p->groups[i]);
		else
			s->groups.v[s->groups.n++] = id;
	}
}

static bool add_ids(struct remake *m, struct cap_spec *s, uint32_t *uid)
{
	const struct facts *p = &m->p;
	uint32_t gid = inside(m, &m->groups, p->gid.effective);
	bool other;

	*uid = inside(m, &m->users, p->uid.effective);
	if (p->uid.real != p->uid.effective || p->uid.saved != p->uid.effective || p->gid.real != p->gid.effective)
		remake_note(m, "its real, effective and saved ids differ (set-user-ID?): the effective ones are said");
	other = *uid != would_be(m, &m->users, m->own.uid.effective) ||
		gid != would_be(m, &m->groups, m->own.gid.effective);
	if (other) {
		s->user.uid = (struct id_word){.given = true, .id = *uid};
		s->user.gid = (struct id_word){.given = true, .id = gid};
	}
	if (!same_groups(m))
		add_groups(m, s);
	return other || s->groups.given;
}

/* -- cap-set: capabilities ------------------------------------------------------------------------ */

/* The state in which cap-set finds the chain. */
static struct cap_facts before(const struct remake *m)
{
	const struct facts *own = &m->own;
	uint64_t all;

	if (!(m->kinds & CLONE_NEWUSER))
		return (struct cap_facts){
			.known = true,
			.bounding = own->bounding,
			.permitted = own->permitted,
			.effective = own->effective,
			.inheritable = own->inheritable,
			.ambient = own->ambient,
			.securebits = facts_has(own, FACT_SECUREBITS) ? own->securebits : 0,
			.uid = own->uid.effective,
		};
	self_cap_bounding(&all);
	return (struct cap_facts){
		.known = true,
		.bounding = all,
		.permitted = all,
		.effective = all,
		.uid = would_be(m, &m->users, own->uid.effective),
	};
}

/* Does the wish lead to the sets that the process has? */
static bool leads(const struct cap_wish *w, const struct cap_facts *now, int64_t uid, const struct facts *p)
{
	struct cap_facts next;
	struct fault f;

	if (cap_wish_check(w, &f) < 0 || cap_sets_next(w, now, uid, &next, &f) < 0)
		return false;
	next = cap_after_exec(&next);
	return next.bounding == p->bounding && next.permitted == p->permitted && next.effective == p->effective &&
	       next.inheritable == p->inheritable && next.ambient == p->ambient;
}

/* all: what the caller has itself. */
static struct cap_list list_of(uint64_t mask, uint64_t had)
{
	return (struct cap_list){mask && mask == had ? CAP_MASK_ALL : mask, true};
}

/* The sets as OCI runtimes are told them; the kernel has rules of its own about them. */
static struct cap_wish exact(const struct facts *p, const struct cap_facts *now)
{
	uint64_t permitted = (p->permitted | p->effective) & now->permitted;

	return (struct cap_wish){
		.bounding = list_of(p->bounding & now->bounding, now->bounding),
		.permitted = list_of(permitted, now->permitted),
		.effective = {p->effective & permitted, true},
		.inheritable = {p->inheritable, true},
		.ambient = {p->ambient & permitted & p->inheritable, true},
	};
}

/* The shortest of what leads there. */
static bool add_caps(struct remake *m, struct cap_spec *s, int64_t uid)
{
	const struct cap_facts now = before(m);
	const struct cap_wish none = {0}, only = {.only = list_of(m->p.bounding, now.bounding)};
	const struct cap_wish all = exact(&m->p, &now);

	if (leads(&none, &now, uid, &m->p))
		return false;
	if (leads(&only, &now, uid, &m->p)) {
		s->wish = only;
		return true;
	}
	if (!leads(&all, &now, uid, &m->p))
		remake_note(m, "its capabilities are not those that an execve(2) gives: it has changed them since, its file has some, "
			       "or the caller holds fewer");
	s->wish = all;
	return true;
}

static bool add_label_and_nnp(struct remake *m, struct cap_spec *s)
{
	const struct facts *p = &m->p, *own = &m->own;
	bool label = facts_has(p, FACT_LABEL) && !(facts_has(own, FACT_LABEL) && strcmp(p->label, own->label) == 0);
	unsigned what = (label ? MIRROR_LABEL : 0U) | (own->no_new_privs != 1 ? MIRROR_NNP : 0U);
	struct words w = {0};
	struct fault f;

	(void)mirror_caps(&w, p, 0, false, what, &f); /* of these two none fails */
	return remake_take(m, &cap_set_link, s, &w);
}

bool remake_rights(struct remake *m, struct cap_spec *s)
{
	uint32_t uid;
	bool ids, caps, rest;

	if (!facts_has(&m->p, FACT_STATUS))
		return false;
	ids = add_ids(m, s, &uid);
	caps = add_caps(m, s, s->user.uid.given ? (int64_t)uid : -1);
	rest = add_label_and_nnp(m, s);
	return ids || caps || rest;
}
