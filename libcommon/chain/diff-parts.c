/* SPDX-License-Identifier: MIT */
/* diff-parts.c - namespaces, places, ids, rights and limits of two processes as rows. */
#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include "base/count.h"
#include "base/words.h"
#include "cap/names.h"
#include "chain/diff.h"
#include "proc/rlimits.h"
#include "proc/sched.h"

/* One fact of both, said by the same function. */
struct said {
	const char *part, *fact;
	enum fact id;
	char *(*say)(const struct facts *p);
};

static void put_said(struct diff *d, const struct said *v, size_t n)
{
	const struct facts *a = &d->side[0].p, *b = &d->side[1].p;

	for (; n--; v++)
		diff_put_known(d, v->part, xprintf("%s", v->fact), facts_has(a, v->id) ? v->say(a) : NULL,
			       facts_has(b, v->id) ? v->say(b) : NULL);
}

static char *say_number(int64_t n)
{
	return xprintf("%lld", (long long)n);
}

/* -- namespaces, root, directory ------------------------------------------------------------- */

static char *say_ns(unsigned kind, const struct facts_ns *ns, const struct facts_id *id)
{
	return ns->why ? NULL : xprintf("%s:[%llu]", facts_kind(kind), (unsigned long long)id->ino);
}

static void put_ns(struct diff *d, unsigned i)
{
	const struct facts_ns *a = &d->side[0].p.ns[i], *b = &d->side[1].p.ns[i];

	if (a->why == ENOENT && b->why == ENOENT) /* a kernel without this kind */
		return;
	diff_put_known(d, "namespace", xprintf("%s", facts_kind(i)), say_ns(i, a, &a->id), say_ns(i, b, &b->id));
	if (a->why || b->why || (facts_same(&a->id, &a->children) && facts_same(&b->id, &b->children)))
		return;
	diff_put_known(d, "namespace", xprintf("%s for children", facts_kind(i)), say_ns(i, a, &a->children),
		       say_ns(i, b, &b->children));
}

/* Two roots can have the same path, each in its own mount namespace: then the inode tells. */
static void put_place(struct diff *d, const char *fact, enum fact id, const struct facts_place *a,
		      const struct facts_place *b)
{
	const struct facts *p = &d->side[0].p, *q = &d->side[1].p;
	bool both = facts_has(p, id) && facts_has(q, id);
	bool other = both && !facts_same(&a->id, &b->id), alike = both && strcmp(a->path, b->path) == 0;
	const struct facts_place *place[] = {facts_has(p, id) ? a : NULL, facts_has(q, id) ? b : NULL};
	char *text[2] = {0};

	for (unsigned i = 0; i < 2; i++)
		if (place[i] && other && alike)
			text[i] = xprintf("%s (device %u:%u, inode %llu)", place[i]->path, major(place[i]->id.dev),
					  minor(place[i]->id.dev), (unsigned long long)place[i]->id.ino);
		else if (place[i])
			text[i] = xprintf("%s", place[i]->path);
	diff_put_as(d, "place", xprintf("%s", fact), text[0], text[1],
		    !both ? DIFF_UNKNOWN : other ? DIFF_OTHER : DIFF_SAME);
}

void diff_places(struct diff *d)
{
	for (unsigned i = 0; i < FACTS_KINDS; i++)
		put_ns(d, i);
	put_place(d, "root", FACT_ROOT, &d->side[0].p.root, &d->side[1].p.root);
	put_place(d, "directory", FACT_CWD, &d->side[0].p.cwd, &d->side[1].p.cwd);
}

/* -- ids -------------------------------------------------------------------------------------- */

static char *say_ids(const struct facts_ids *i)
{
	if (i->real == i->effective && i->real == i->saved && i->real == i->fs)
		return xprintf("%u", i->real);
	return xprintf("real %u, effective %u, saved %u, files %u", i->real, i->effective, i->saved, i->fs);
}

static char *say_uid(const struct facts *p)
{
	return say_ids(&p->uid);
}

static char *say_gid(const struct facts *p)
{
	return say_ids(&p->gid);
}

/* Numbers joined by commas; "none" for no number. */
static char *join(const struct words *w)
{
	char *text = xprintf("%s", w->n ? "" : "none"), *longer;

	for (size_t i = 0; i < w->n; i++, text = longer) {
		longer = xprintf("%s%s%s", text, i ? "," : "", w->v[i]);
		free(text);
	}
	return text;
}

static char *say_groups(const struct facts *p)
{
	struct words w = {0};
	char *text;

	for (size_t i = 0; i < p->n_groups; i++)
		words_take(&w, say_number(p->groups[i]));
	text = join(&w);
	words_free_all(&w);
	return text;
}

static char *say_map(const struct facts_map *m)
{
	struct words w = {0};
	char *text;

	for (size_t i = 0; i < m->n; i++)
		words_take(&w, xprintf("%u:%u:%u", m->v[i].in, m->v[i].out, m->v[i].count));
	text = join(&w);
	words_free_all(&w);
	return text;
}

static char *say_users(const struct facts *p)
{
	return say_map(&p->users);
}

static char *say_groups_map(const struct facts *p)
{
	return say_map(&p->groups_map);
}

static char *say_setgroups(const struct facts *p)
{
	return xprintf("%s", p->setgroups ? "allow" : "deny");
}

/* -- rights ------------------------------------------------------------------------------------ */

/* Where they differ, the names that only one has. */
static void put_caps(struct diff *d, const char *fact, uint64_t a, uint64_t b)
{
	uint64_t both = a & b;
	bool known = facts_has(&d->side[0].p, FACT_STATUS) && facts_has(&d->side[1].p, FACT_STATUS);

	if (!known)
		diff_put_known(d, "capabilities", xprintf("%s", fact), NULL, NULL);
	else if (a == b)
		diff_put(d, "capabilities", xprintf("%s", fact), cap_mask_text(a), cap_mask_text(b));
	else
		diff_put(d, "capabilities", xprintf("%s", fact), a & ~both ? cap_mask_text(a & ~both) : NULL,
			 b & ~both ? cap_mask_text(b & ~both) : NULL);
}

static char *say_securebits(const struct facts *p)
{
	char *text = cap_securebits_text(p->securebits);

	if (*text)
		return text;
	free(text);
	return xprintf("none");
}

static char *say_nnp(const struct facts *p)
{
	return p->no_new_privs < 0 ? NULL : xprintf("%s", p->no_new_privs ? "yes" : "no");
}

static char *say_seccomp(const struct facts *p)
{
	static const char *const modes[] = {"none", "strict", "filter"};

	if (p->seccomp < 0 || p->seccomp > 2)
		return NULL;
	return p->seccomp == 2 && p->filters > 1 ? xprintf("%d filters", p->filters) : xprintf("%s", modes[p->seccomp]);
}

static char *say_label(const struct facts *p)
{
	return xprintf("%s", *p->label ? p->label : "none");
}

void diff_rights(struct diff *d)
{
	static const struct said ids[] = {
		{"ids", "user", FACT_STATUS, say_uid},
		{"ids", "group", FACT_STATUS, say_gid},
		{"ids", "groups", FACT_STATUS, say_groups},
		{"id map", "users", FACT_UID_MAP, say_users},
		{"id map", "groups", FACT_GID_MAP, say_groups_map},
		{"id map", "setgroups", FACT_SETGROUPS, say_setgroups},
	};
	static const struct said rights[] = {
		{"rights", "securebits", FACT_SECUREBITS, say_securebits},
		{"rights", "no_new_privs", FACT_STATUS, say_nnp},
		{"rights", "seccomp", FACT_STATUS, say_seccomp},
		{"rights", "label", FACT_LABEL, say_label},
	};
	const struct facts *a = &d->side[0].p, *b = &d->side[1].p;

	put_said(d, ids, COUNT(ids));
	put_caps(d, "bounding", a->bounding, b->bounding);
	put_caps(d, "permitted", a->permitted, b->permitted);
	put_caps(d, "effective", a->effective, b->effective);
	put_caps(d, "inheritable", a->inheritable, b->inheritable);
	put_caps(d, "ambient", a->ambient, b->ambient);
	put_said(d, rights, COUNT(rights));
}

/* -- limits ------------------------------------------------------------------------------------ */

static char *say_limit(const struct facts *p, int n)
{
	char *text[2], *both;
	const uint64_t v[] = {p->limits[n].soft, p->limits[n].hard};

	for (unsigned i = 0; i < 2; i++)
		text[i] = v[i] == UINT64_MAX ? xprintf("unlimited") : xprintf("%llu", (unsigned long long)v[i]);
	both = strcmp(text[0], text[1]) == 0 ? xprintf("%s", text[0]) : xprintf("%s:%s", text[0], text[1]);
	free(text[0]);
	free(text[1]);
	return both;
}

static void put_rlimit(struct diff *d, const char *name, int n)
{
	const struct facts *a = &d->side[0].p, *b = &d->side[1].p;
	bool in_a = facts_has(a, FACT_LIMITS) && (unsigned)n < a->n_limits;
	bool in_b = facts_has(b, FACT_LIMITS) && (unsigned)n < b->n_limits;

	diff_put_known(d, "rlimit", xprintf("%s", name), in_a ? say_limit(a, n) : NULL, in_b ? say_limit(b, n) : NULL);
}

static char *say_oom(const struct facts *p)
{
	return say_number(p->oom);
}

static char *say_umask(const struct facts *p)
{
	return p->umask < 0 ? NULL : xprintf("%04o", (unsigned)p->umask);
}

static char *say_cpus(const struct facts *p)
{
	return p->cpus ? xprintf("%s", p->cpus) : NULL;
}

static char *say_nice(const struct facts *p)
{
	return say_number(p->nice);
}

static char *say_policy(const struct facts *p)
{
	for (const struct sched_word *w = sched_policies; w->name; w++)
		if (w->value == (uint64_t)p->policy)
			return p->rt_priority ? xprintf("%s:priority=%d", w->name, p->rt_priority) : xprintf("%s", w->name);
	return say_number(p->policy);
}

static char *say_persona(const struct facts *p)
{
	return xprintf("%08lx", p->persona);
}

static char *say_offsets(const struct facts *p)
{
	return xprintf("monotonic %lld.%09ld, boottime %lld.%09ld", (long long)p->monotonic.sec, p->monotonic.nsec,
		       (long long)p->boottime.sec, p->boottime.nsec);
}

void diff_limits(struct diff *d)
{
	static const struct said process[] = {
		{"process", "oom_score_adj", FACT_OOM, say_oom},
		{"process", "umask", FACT_STATUS, say_umask},
		{"process", "nice", FACT_STAT, say_nice},
		{"process", "scheduler", FACT_STAT, say_policy},
		{"process", "cpus", FACT_STATUS, say_cpus},
		{"process", "personality", FACT_PERSONA, say_persona},
		{"process", "clocks", FACT_OFFSETS, say_offsets},
	};

#define LIMIT(name, number, bytes, what) put_rlimit(d, name, number);
#include "proc/rlimits.def"
#undef LIMIT
	put_said(d, process, COUNT(process));
}
