/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/count.h"
#include "base/fd.h"
#include "cap/names.h"
#include "cg/world.h"
#include "chain/mirror.h"
#include "target/lsm.h"

static void option(struct words *w, const char *name, const char *value)
{
	words_take(w, xprintf("--%s", name));
	words_take(w, xprintf("%s", value));
}

/* -- proc-set ------------------------------------------------------------------------------ */

static void limit_text(char *buf, size_t n, uint64_t v)
{
	if (v == UINT64_MAX)
		snprintf(buf, n, "unlimited");
	else
		snprintf(buf, n, "%llu", (unsigned long long)v);
}

static void mirror_limits(struct words *w, const struct facts *p, const struct facts *ours)
{
	static const struct {
		const char *name;
		unsigned number;
	} rows[] = {
#define LIMIT(name, number, bytes, what) {name, number},
#include "proc/rlimits.def"
#undef LIMIT
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned n = rows[i].number;
		char soft[24], hard[24];
		_cleanup_free_ char *value = NULL;

		if (n >= p->n_limits || (ours && facts_has(ours, FACT_LIMITS) && p->limits[n].soft == ours->limits[n].soft && p->limits[n].hard == ours->limits[n].hard))
			continue;
		limit_text(soft, sizeof(soft), p->limits[n].soft);
		limit_text(hard, sizeof(hard), p->limits[n].hard);
		value = xprintf("%s=%s:%s", rows[i].name, soft, hard);
		option(w, "rlimit", value);
	}
}

void mirror_process(struct words *w, const struct facts *p, const struct facts *ours, unsigned what)
{
	char text[16];

	if (what & MIRROR_RLIMITS && facts_has(p, FACT_LIMITS))
		mirror_limits(w, p, ours);
	if (what & MIRROR_UMASK && facts_has(p, FACT_STATUS) && p->umask >= 0 &&
	    !(ours && facts_has(ours, FACT_STATUS) && ours->umask == p->umask)) {
		snprintf(text, sizeof(text), "%03o", (unsigned)p->umask);
		option(w, "umask", text);
	}
	if (what & MIRROR_OOM && facts_has(p, FACT_OOM) && !(ours && facts_has(ours, FACT_OOM) && ours->oom == p->oom)) {
		snprintf(text, sizeof(text), "%d", p->oom);
		option(w, "oom-score-adj", text);
	}
}

/* -- cap-set --------------------------------------------------------------------------------- */

static bool inside(const struct facts_map *m, bool in_userns, uint32_t *id)
{
	if (!in_userns)
		return true;
	for (size_t i = 0; i < m->n; i++)
		if (*id >= m->v[i].out && *id - m->v[i].out < m->v[i].count) {
			*id = *id - m->v[i].out + m->v[i].in;
			return true;
		}
	return false;
}

static int mirror_ids(struct words *w, const struct facts *p, bool in_userns, struct fault *f)
{
	uint32_t uid = p->uid.effective, gid = p->gid.effective;
	_cleanup_free_ char *groups = xprintf("%s", "");
	char text[32];

	if (!inside(&p->users, in_userns, &uid) || !inside(&p->groups_map, in_userns, &gid)) {
		snprintf(text, sizeof(text), "%d", p->pid);
		return fault_rule(f, OP_IDS, text, "the ids of process %d have no number in its user namespace", p->pid);
	}
	snprintf(text, sizeof(text), "%u:%u", uid, gid);
	option(w, "user", text);
	if (facts_has(p, FACT_SETGROUPS) && !p->setgroups) {
		words_take(w, xprintf("--keep-groups"));
		return 0;
	}
	for (size_t i = 0; i < p->n_groups; i++) {
		uint32_t id = p->groups[i];
		char *longer;

		if (!inside(&p->groups_map, in_userns, &id)) /* one without a number in there stays outside */
			continue;
		longer = xprintf("%s%s%u", groups, *groups ? "," : "", id);
		free(groups);
		groups = longer;
	}
	option(w, "groups", *groups ? groups : "none");
	return 0;
}

static void mirror_sets(struct words *w, const struct facts *p, uint64_t can)
{
	const struct {
		const char *name;
		uint64_t mask;
	} sets[] = {{"bounding", p->bounding}, {"permitted", p->permitted}, {"effective", p->effective},
		    {"inheritable", p->inheritable}, {"ambient", p->ambient}};

	for (size_t i = 0; i < COUNT(sets); i++) {
		_cleanup_free_ char *text = cap_mask_text(sets[i].mask && sets[i].mask == can ? CAP_MASK_ALL : sets[i].mask);

		option(w, sets[i].name, text);
	}
}

static void mirror_label(struct words *w, const struct facts *p)
{
	/* AppArmor: "NAME (enforce)" */
	_cleanup_free_ char *name = xprintf("%.*s", (int)strcspn(p->label, " \n"), p->label);

	if (!*name)
		return;
	if (lsm_has_selinux())
		option(w, "selinux", name);
	else if (lsm_has_apparmor() && strcmp(name, "unconfined") != 0)
		option(w, "apparmor", name);
}

int mirror_caps(struct words *w, const struct facts *p, uint64_t can, bool in_userns, unsigned what, struct fault *f)
{
	int r = what & MIRROR_IDS ? mirror_ids(w, p, in_userns, f) : 0;

	if (what & MIRROR_CAPS)
		mirror_sets(w, p, can);
	if (what & MIRROR_NNP && p->no_new_privs == 1)
		words_take(w, xprintf("--no-new-privs"));
	if (what & MIRROR_LABEL && facts_has(p, FACT_LABEL))
		mirror_label(w, p);
	return r;
}

/* -- cg-exec ------------------------------------------------------------------------------------ */

static bool is_in(const struct facts *p, const struct facts_cgroup *g)
{
	for (size_t i = 0; p && i < p->n_cgroups; i++)
		if (strcmp(p->cgroups[i].controllers, g->controllers) == 0)
			return strcmp(p->cgroups[i].path, g->path) == 0;
	return false;
}

static bool is_mounted(const struct cg_world *world, const struct facts_cgroup *g)
{
	return *g->controllers ? cg_world_v1(world, g->controllers, strcspn(g->controllers, ",")) != NULL : cg_world_v2(world) != NULL;
}

int mirror_cgroups(struct words *groups, const struct facts *p, const struct facts *ours, struct fault *f)
{
	struct cg_world world = {0};
	int r = cg_world_read(&world, f);

	for (size_t i = 0; r == 0 && i < p->n_cgroups; i++) {
		const struct facts_cgroup *g = &p->cgroups[i];
		const char *name = *g->controllers ? g->controllers : "cgroup2";
		bool done = is_in(ours, g) || !is_mounted(&world, g);

		if (!done && strncmp(g->path, "/..", 3) == 0) {
			fault_rule(f, OP_CG_PATH, g->path, "it lies outside of what our own cgroup namespace shows");
			fault_fix(f, "ns-enter from out there");
			r = -EINVAL;
		} else if (!done) {
			/* one word for all hierarchies in which it is at the same path */
			size_t k = 0;

			while (k < groups->n && strcmp(strchr(groups->v[k], ':') + 1, g->path) != 0)
				k++;
			if (k == groups->n) {
				words_take(groups, xprintf("%s:%s", name, g->path));
			} else {
				char *longer = xprintf("%s,%s", name, groups->v[k]);

				free(groups->v[k]);
				groups->v[k] = longer;
			}
		}
	}
	cg_world_free(&world);
	return r;
}
