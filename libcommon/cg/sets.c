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

enum { WRITES = 4 }; /* that a word may be: io.max on v1 */

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

void cg_sets_need_v2(struct cg_sets *s, const char *controller, size_t len)
{
	size_t n = strlen(s->v2);

	if (len && !cg_listed(s->v2, " ", controller, len))
		snprintf(s->v2 + n, sizeof(s->v2) - n, "%s%.*s", n ? " " : "", (int)len, controller);
}

int cg_sets_no_controller(const char *word, const char *controller, struct fault *f)
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
		cg_sets_no_controller(word, len ? k->controller : "of cgroup2", f);
		return NULL;
	}
	cg_sets_need_v2(s, k->controller, len);
	return cg_world_v2(w);
}

struct cg_write *cg_sets_add(struct cg_sets *s, const struct cg_hier *h, const char *said)
{
	struct cg_write *w = &s->w[s->n++];

	*w = (struct cg_write){.hier = h, .said = said};
	return w;
}

static void add_row(struct cg_sets *s, const struct cg_hier *h, const struct cg_key *k, const struct said *said)
{
	for (unsigned sp = h->v2 ? CG_V2 : CG_V1; sp < CG_SPELLINGS; sp++) {
		struct cg_write *w = cg_sets_add(s, h, said->word);

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

/* Huge pages have a key for each of their sizes, and so no row: "hugetlb.2MB.max", and with
 * "rsvd" before the last dot, ends in "limit_in_bytes" on v1. */
static char *own_name(const char *word, size_t len, bool v2)
{
	static const char *const end[] = {".limit_in_bytes", ".max"};
	const char *want = end[v2], *other = end[!v2];
	size_t n = strlen(other);

	if (strncmp(word, "hugetlb.", 8) == 0 && len > n && strncmp(word + len - n, other, n) == 0)
		return xprintf("%.*s%s", (int)(len - n), word, want);
	return xprintf("%.*s", (int)len, word);
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
		cg_sets_need_v2(s, word, prefix);
	}
	to = cg_sets_add(s, h, word);
	to->own = own_name(word, len, h->v2);
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
		r = cg_io_add(s, word, w, f);
		if (r <= 0)
			continue;
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
	size_t room = 2;
	int r;

	if (words->n == 0)
		return 0;
	all = xcalloc(cg_keys_count, sizeof(*all));
	/* a word is one write to four, and add_row tries one more than it needs */
	for (size_t i = 0; i < words->n; i++) {
		room += WRITES;
		for (const char *c = words->v[i]; *c; c++)
			room += *c == '='; /* io.max may repeat its parts */
	}
	s->w = xcalloc(room, sizeof(*s->w));
	r = resolve(s, all, words, w, f);
	free(all);
	return r;
}

void cg_write_other(struct cg_write *w)
{
	w->file = w->or_file;
	w->text = w->or_text;
	w->or_file = NULL;
}

void cg_sets_free(struct cg_sets *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->w[i].own);
	free(s->w);
	*s = (struct cg_sets){0};
}
