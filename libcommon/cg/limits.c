/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/words.h"
#include "cg/limits.h"

/* How a key of a cgroup and those of the cgroups above it make one. */
enum how {
	LEAST,     /* the least of them holds                                               */
	RATIO,     /* the least share of a processor                                         */
	OWN,       /* the cgroup's alone                                                     */
	EFFECTIVE, /* the kernel says itself what comes of it, in another file               */
};

static const struct rule {
	const char *key;  /* the v2 name                                                    */
	enum how how;
	const char *none; /* the value that says nothing                                    */
	const char *file[2]; /* EFFECTIVE: of cgroup2, of v1                                 */
} rules[] = {
	{"memory.max", LEAST, "max", {0}},
	{"memory.swap.max", LEAST, "max", {0}},
	{"memory.high", LEAST, "max", {0}},
	{"memory.low", OWN, "0", {0}},
	{"memory.min", OWN, "0", {0}},
	{"memory.oom.group", OWN, "0", {0}},
	{"pids.max", LEAST, "max", {0}},
	{"cpu.weight", OWN, "100", {0}},
	{"cpu.max", RATIO, "max", {0}},
	{"cpu.max.burst", OWN, "0", {0}},
	{"cpu.idle", OWN, "0", {0}},
	{"cpuset.cpus", EFFECTIVE, NULL, {"cpuset.cpus.effective", "cpuset.effective_cpus"}},
	{"cpuset.mems", EFFECTIVE, NULL, {"cpuset.mems.effective", "cpuset.effective_mems"}},
	{"io.weight", OWN, "default 100", {0}},
	{"io.max", OWN, "", {0}},
	{"io.latency", OWN, "", {0}},
	{"cgroup.max.descendants", LEAST, "max", {0}},
	{"cgroup.max.depth", LEAST, "max", {0}},
};

/* Where a key is looked for. */
struct place {
	const struct cg_hier *h;
	const struct cg_key *key;
	int top;          /* of the mount                                                    */
	const char *path; /* of the process's cgroup                                          */
};

static ssize_t read_at(const struct place *at, const char *dir, const char *file, char *buf, size_t n)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", file) >= (int)sizeof(path))
		return -1;
	return cg_read(at->top, path, buf, n);
}

/* 9223372036854771712 of v1 is none. */
static void round_max(const struct cg_key *k, enum cg_spelling s, const char *text, uint64_t *n)
{
	if (*n != CG_MAX && cg_value_same(k, s, s == CG_V2 ? "max" : "-1", text))
		*n = CG_MAX;
}

/* What the files of that cgroup say. text: what the value may point into. */
static bool value_at(const struct place *at, const struct cg_key *k, const char *dir, char *text, struct cg_value *v)
{
	enum cg_spelling first = at->h->v2 ? CG_V2 : CG_V1, last = at->h->v2 ? CG_V2 : CG_V1_SECOND;
	bool found = false;

	*v = (struct cg_value){0};
	for (unsigned s = first; s <= last; s++) {
		if (!k->file[s].name || read_at(at, dir, k->file[s].name, text, CG_SMALL) < 0)
			continue;
		if (cg_value_read(k, (enum cg_spelling)s, text, v) < 0)
			continue;
		for (unsigned i = 0; i < 2; i++)
			if (v->has[i])
				round_max(k, (enum cg_spelling)s, text, &v->n[i]);
		found = true;
	}
	return found;
}

/* v1 counts memory and swap together. */
static bool read_value(const struct place *at, const char *dir, char *text, struct cg_value *v)
{
	struct cg_value memory;

	if (!value_at(at, at->key, dir, text, v))
		return false;
	if (at->key != &cg_keys[CG_KEY_SWAP_MAX] || at->h->v2)
		return true;
	return value_at(at, &cg_keys[CG_KEY_MEMORY_MAX], dir, text, &memory) && cg_value_swap(&memory, v) == 0;
}

static bool tighter(enum how how, const struct cg_value *v, const struct cg_value *than)
{
	if (v->n[0] == CG_MAX || than->n[0] == CG_MAX || how == LEAST)
		return v->n[0] < than->n[0];
	return (double)v->n[0] / (double)(v->n[1] ? v->n[1] : 100000) <
	       (double)than->n[0] / (double)(than->n[1] ? than->n[1] : 100000);
}

static void cut(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

static void put(struct cg_limits *l, const struct place *at, const char *value, const char *where)
{
	l->v[l->n++] = (struct cg_limit){
		.key = at->key,
		.hier = at->h,
		.value = xprintf("%s", value),
		.where = xprintf("/%s", where),
		.own = strcmp(where, at->path) == 0,
	};
}

/* From the cgroup upward. */
static void read_along(struct cg_limits *l, const struct rule *rule, const struct place *at)
{
	char text[CG_SMALL], best_text[CG_TEXT], dir[PATH_MAX], where[PATH_MAX] = "";
	struct cg_value v, best = {.n = {CG_MAX}};
	const char *said;

	snprintf(dir, sizeof(dir), "%s", at->path);
	for (;;) {
		if (read_value(at, dir, text, &v) && v.has[0] && tighter(rule->how, &v, &best)) {
			best = v;
			strcpy(where, dir);
		}
		if (!*dir || rule->how == OWN)
			break;
		cut(dir);
	}
	said = best.n[0] == CG_MAX ? NULL : cg_value_text(at->key, CG_V2, &best, best_text);
	if (said && strcmp(said, rule->none) != 0)
		put(l, at, said, where);
}

/* Lines become one, for they are shown and compared, never written. */
static void read_own(struct cg_limits *l, const struct rule *rule, const struct place *at)
{
	char text[CG_SMALL], number[CG_TEXT];
	struct cg_value v;
	const char *said;

	if (!read_value(at, at->path, text, &v) || (v.has[0] && v.n[0] == CG_MAX))
		return;
	for (char *p = text; (p = strchr(p, '\n'));)
		*p = ';';
	said = cg_value_text(at->key, CG_V2, &v, number);
	if (said && strcmp(said, rule->none) != 0)
		put(l, at, said, at->path);
}

/* The controller may be enabled further up only: then what holds there holds here. */
static void read_effective(struct cg_limits *l, const struct rule *rule, const struct place *at)
{
	const char *file = rule->file[!at->h->v2];
	char text[CG_SMALL], top[CG_SMALL], dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", at->path);
	while (read_at(at, dir, file, text, sizeof(text)) < 0 && *dir)
		cut(dir);
	if (*dir && read_at(at, "", file, top, sizeof(top)) > 0 && strcmp(text, top) != 0)
		put(l, at, text, dir);
}

const char *cg_path_of(const struct cg_hier *h, const struct facts *p)
{
	for (size_t i = 0; i < p->n_cgroups; i++) {
		const struct facts_cgroup *g = &p->cgroups[i];

		if (h->v2 ? !*g->controllers : *g->controllers && cg_listed(h->options, ",", g->controllers,
									     strcspn(g->controllers, ",")))
			return cg_hier_below(h, g->path);
	}
	return NULL;
}

static void read_rule(struct cg_limits *l, const struct cg_world *w, const struct facts *p, const struct rule *rule)
{
	enum cg_spelling s;
	const struct cg_key *key = cg_key_find(rule->key, strlen(rule->key), &s);
	const struct cg_hier *h = cg_world_v1(w, key->v1_controller, strlen(key->v1_controller));
	_cleanup_fd_ int top = -1;
	struct place at = {.key = key};
	struct fault f;

	at.h = h ? h : cg_world_v2(w);
	at.path = at.h ? cg_path_of(at.h, p) : NULL;
	if (!at.path)
		return;
	at.top = top = cg_hier_open(at.h, &f);
	if (top < 0)
		return;
	if (rule->how == EFFECTIVE)
		read_effective(l, rule, &at);
	else if (rule->how == OWN)
		read_own(l, rule, &at);
	else
		read_along(l, rule, &at);
}

void cg_limits_read(struct cg_limits *l, const struct cg_world *w, const struct facts *p)
{
	const size_t n = sizeof(rules) / sizeof(*rules);

	*l = (struct cg_limits){.v = xcalloc(n, sizeof(*l->v))};
	for (size_t i = 0; i < w->n; i++)
		l->hidden += !cg_path_of(&w->h[i], p);
	for (size_t i = 0; i < n; i++)
		read_rule(l, w, p, &rules[i]);
}

void cg_limits_free(struct cg_limits *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].value);
		free(l->v[i].where);
	}
	free(l->v);
	*l = (struct cg_limits){0};
}
