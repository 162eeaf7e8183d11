/* SPDX-License-Identifier: MIT */
/* sets.c - which file of which hierarchy a KEY=VALUE means on this machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cg/sets.h"

struct said { /* what was said for a row of keys.def, in one word or several */
	struct cg_value v;
	enum cg_spelling spelling;
	const char *word; /* NULL: nothing */
};

static size_t name_length(const char *word)
{
	return strcspn(word, "=");
}

int cg_key_unknown(const char *said, struct fault *f)
{
	size_t len = name_length(said);
	const char *near = cg_key_near(said, len);

	fault_rule(f, OP_CG_KEY, said, "there is no key %.*s here", (int)(len < 100 ? len : 100), said);
	if (near)
		fault_fix(f, "%s; the keys are listed in cg-exec(1)", near);
	else
		fault_fix(f, "a key listed in cg-exec(1), such as memory.max or pids.max");
	return -EINVAL;
}

static int bad_value(const struct said *s, const struct cg_key *k, enum cg_spelling sp, int r, struct fault *f)
{
	fault_rule(f, OP_CG_KEY, s->word, r == -ERANGE ? "out of range" : "the value has another form");
	fault_fix(f, "--set %s=VALUE; the value is %s", k->file[sp].name, cg_value_form(k, sp));
	return -EINVAL;
}

/* Read one word into the row it names. The two halves of cpu.max add up; otherwise what
 * is said later counts. */
static int say(struct said *s, const struct cg_key *k, enum cg_spelling sp, const char *word, struct fault *f)
{
	int r;

	if (sp == CG_V2 || !k->file[CG_V1_SECOND].name)
		s->v = (struct cg_value){0};
	s->word = word;
	s->spelling = sp;
	r = cg_value_read(k, sp, word + name_length(word) + 1, &s->v);
	return r < 0 ? bad_value(s, k, sp, r, f) : 0;
}

static void need_v2(struct cg_sets *s, const char *controller, size_t len)
{
	size_t n = strlen(s->v2);

	if (len && !cg_listed(s->v2, " ", controller, len))
		snprintf(s->v2 + n, sizeof(s->v2) - n, "%s%.*s", n ? " " : "", (int)len, controller);
}

static int no_controller(const char *word, const char *controller, struct fault *f)
{
	fault_rule(f, OP_CG_KEY, word, "the controller %s is in no hierarchy that is mounted here", controller);
	fault_fix(f, "cat /proc/cgroups, which says what the kernel has; a kernel started without cgroup_disable=%s",
		  controller);
	return -EINVAL;
}

/* The hierarchy that has a row's controller, or NULL with a fault. */
static const struct cg_hier *hier_of(struct cg_sets *s, const struct cg_key *k, const char *word,
				     const struct cg_world *w, struct fault *f)
{
	const struct cg_hier *v1 = *k->v1_controller ?
		cg_world_v1(w, k->v1_controller, strlen(k->v1_controller)) : NULL;
	size_t len = strlen(k->controller);

	if (v1 && k->file[CG_V1].name)
		return v1;
	if (v1) {
		fault_rule(f, OP_CG_KEY, word, "%s is a cgroup v2 key; %s is mounted as v1 at %s", k->file[CG_V2].name,
			   k->v1_controller, v1->mount);
		fault_fix(f, "a kernel started with systemd.unified_cgroup_hierarchy=1, or no --set %s",
			  k->file[CG_V2].name);
		return NULL;
	}
	if (len ? !cg_world_v2_has(w, k->controller, len) : !cg_world_v2(w)) {
		no_controller(word, len ? k->controller : "of cgroup2", f);
		return NULL;
	}
	need_v2(s, k->controller, len);
	return cg_world_v2(w);
}

static struct cg_write *add(struct cg_sets *s, const struct cg_hier *h, const char *said)
{
	struct cg_write *w = &s->w[s->n++];

	*w = (struct cg_write){.hier = h, .said = said};
	return w;
}

static void add_row(struct cg_sets *s, const struct cg_hier *h, const struct cg_key *k, const struct said *said)
{
	for (unsigned sp = h->v2 ? CG_V2 : CG_V1; sp < CG_SPELLINGS; sp++) {
		struct cg_write *w = add(s, h, said->word);

		w->key = k;
		w->spelling = (enum cg_spelling)sp;
		w->file = k->file[sp].name;
		w->text = cg_value_text(k, w->spelling, &said->v, w->buf);
		if (!w->text)
			s->n--;
		if (h->v2)
			break;
	}
}

/* memory.swap.max and memory.memsw.limit_in_bytes differ by memory.max. */
static int settle_swap(struct said *all, bool v2, struct fault *f)
{
	const struct said *memory = &all[CG_KEY_MEMORY_MAX];
	struct said *swap = &all[CG_KEY_SWAP_MAX];
	int r;

	if (v2 && swap->v.has[0])
		return 0;
	r = cg_value_swap(memory->word ? &memory->v : NULL, &swap->v);
	if (r == 0)
		return 0;
	fault_rule(f, OP_CG_KEY, swap->word, r == -ENODATA ? "to convert it, memory.max has to be known" :
		   "memory.memsw.limit_in_bytes is memory and swap together: not below memory.max, and no limit without one");
	fault_fix(f, "--set memory.max=64M --set memory.swap.max=32M, for example");
	return -EINVAL;
}

/* "hugetlb.2MB.max" is "hugetlb.2MB.limit_in_bytes" in a hierarchy of version 1: one of each
 * size, so they have no rows. The name of the file in such a hierarchy. */
static char *other_name(const char *word, size_t len, bool v2)
{
	static const char *const ends[] = {".limit_in_bytes", ".max"};
	size_t other = strlen(ends[!v2]);

	if (strncmp(word, "hugetlb.", 8) != 0 || len <= other || strncmp(word + len - other, ends[!v2], other) != 0)
		return xprintf("%.*s", (int)len, word);
	return xprintf("%.*s%s", (int)(len - other), word, ends[v2]);
}

/* A key without a row belongs to the controller before its first dot. */
static int add_other(struct cg_sets *s, const char *word, const struct cg_world *w, struct fault *f)
{
	const size_t len = name_length(word), prefix = strcspn(word, ".=");
	const struct cg_hier *h = cg_world_v1(w, word, prefix);
	struct cg_write *to;

	/* cgroup.procs and its like are no settings: they move, freeze or kill */
	if (prefix == len || memchr(word, '/', len) || strncmp(word, "cgroup.", 7) == 0)
		return cg_key_unknown(word, f);
	if (!h && !cg_world_v2_has(w, word, prefix))
		return cg_key_unknown(word, f);
	if (!h) {
		h = cg_world_v2(w);
		need_v2(s, word, prefix);
	}
	to = add(s, h, word);
	to->own = other_name(word, len, h->v2);
	to->file = to->own;
	to->text = word + len + 1;
	return 0;
}

static int bad_word(const char *word, struct fault *f)
{
	fault_rule(f, OP_CG_KEY, word, "it is not KEY=VALUE");
	fault_fix(f, "--set memory.max=64M, for example; the keys are listed in cg-exec(1)");
	return -EINVAL;
}

static int resolve(struct cg_sets *s, struct said *all, const struct words *words, const struct cg_world *w,
		   struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < words->n && r == 0; i++) {
		const char *word = words->v[i];
		const size_t len = name_length(word);
		enum cg_spelling sp;
		const struct cg_key *k = cg_key_find(word, len, &sp);

		if (len == 0 || !word[len] || !word[len + 1] || strchr(word, '\n'))
			return bad_word(word, f);
		r = k ? say(&all[k - cg_keys], k, sp, word, f) : add_other(s, word, w, f);
	}
	for (size_t i = 0; i < cg_keys_count && r == 0; i++) {
		const struct cg_hier *h = all[i].word ? hier_of(s, &cg_keys[i], all[i].word, w, f) : NULL;

		if (!h) {
			r = all[i].word ? -EINVAL : 0;
			continue;
		}
		if (i == CG_KEY_SWAP_MAX)
			r = settle_swap(all, h->v2, f);
		if (r == 0)
			add_row(s, h, &cg_keys[i], &all[i]);
	}
	return r;
}

int cg_sets_resolve(struct cg_sets *s, const struct words *words, const struct cg_world *w, struct fault *f)
{
	struct said *all = NULL;
	int r;

	if (words->n == 0)
		return 0;
	all = xcalloc(cg_keys_count, sizeof(*all));
	/* a word is one write, or two, and add_row tries one more than it needs */
	s->w = xcalloc(2 * words->n + 2, sizeof(*s->w));
	r = resolve(s, all, words, w, f);
	free(all);
	return r;
}

void cg_sets_free(struct cg_sets *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->w[i].own);
	free(s->w);
	*s = (struct cg_sets){0};
}
