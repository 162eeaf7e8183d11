/* SPDX-License-Identifier: MIT */
/* cgroup.c - KEY=VALUE words for both versions of cgroups, rules for devices, paths. */
#include "cgroups.h"

#include "cg/devices.c"
#include "cg/sets.h"
#include "cg/where.h"

/* What is said of one key, printed and read again, says the same. */
static void value(const char *word)
{
	size_t len = strcspn(word, "=");
	enum cg_spelling sp = CG_V2;
	const struct cg_key *k = cg_key_find(word, len, &sp);
	struct cg_value v = {0}, w = {0};
	char buf[CG_TEXT], again[CG_TEXT];
	const char *text, *second;

	if (!k || !word[len] || cg_value_read(k, sp, word + len + 1, &v) < 0)
		return;
	for (unsigned to = 0; to < CG_SPELLINGS; to++) {
		text = cg_value_text(k, (enum cg_spelling)to, &v, buf);
		if (!text)
			continue;
		FUZZ_HOLDS(cg_value_same(k, (enum cg_spelling)to, text, text), "%s %s", word, text);
		if (to != sp)
			continue;
		w = (struct cg_value){0};
		FUZZ_HOLDS(cg_value_read(k, sp, text, &w) == 0, "%s %s", word, text);
		second = cg_value_text(k, sp, &w, again);
		FUZZ_HOLDS(second && strcmp(text, second) == 0, "%s %s", word, text);
	}
}

static void resolve(const struct words *words, const struct cg_world *world)
{
	struct cg_sets sets = {0};
	struct fault f = {0};
	int r = cg_sets_resolve(&sets, words, world, &f);

	fuzz_check_fault(r, &f);
	for (size_t i = 0; r == 0 && i < sets.n; i++) {
		const struct cg_write *w = &sets.w[i];

		FUZZ_HOLDS(w->file && *w->file && !strchr(w->file, '/'), "%s: a file of another directory", w->said);
		FUZZ_HOLDS(w->text && *w->text, "%s: nothing to write", w->said);
		FUZZ_HOLDS(!w->or_text || strchr("0123456789", w->or_text[strlen(w->or_text) - 1]), "%s", w->or_text);
		FUZZ_HOLDS(cg_text_same(w->file, w->text, w->text), "%s: %s", w->file, w->text);
	}
	cg_sets_free(&sets);
}

static void path(const char *text)
{
	const char *list, *p;
	struct fault f = {0};
	size_t len;

	p = cg_split(text, &list, &len);
	fuzz_check_fault(cg_path_check(p, true, text, &f), &f);
}

static void devices(const struct words *words)
{
	struct list l = {0};
	struct fault f = {0};
	struct cg_device *out = NULL;
	struct bpf_insn *prog = xcalloc(words->n * CG_DEVICE_INSNS + CG_DEVICE_EXTRA, sizeof(*prog));
	size_t n = 0, bad_one = 0, most = words->n * CG_DEVICE_INSNS + CG_DEVICE_EXTRA;

	if (list_read(&l, words, &f) == 0) {
		FUZZ_HOLDS(cg_devices_compile(l.d, l.n, prog) <= most, "more than its room");
		if (cg_devices_v1(l.d, l.n, 0, &out, &n, &bad_one) < 0)
			FUZZ_HOLDS(bad_one < l.n, "%zu", bad_one);
		free(out);
	} else {
		fuzz_check_fault(-EINVAL, &f);
	}
	list_free(&l);
	free(prog);
}

/* A parent's devices.list. */
static void inherit(const char *text)
{
	struct list l = {0};
	struct fault f = {0};

	fuzz_feed(text);
	fuzz_check_fault(list_inherit(&l, 0, &f), &f);
	fuzz_feed(NULL);
	list_free(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cg_world world[2];
	struct words words = {0}, rules = {0};
	size_t n;
	char **piece = fuzz_pieces(data, size, 8, &n);

	make_worlds(world);
	for (size_t i = 0; i < n; i++) {
		struct words one = {0};

		value(piece[i]);
		path(piece[i]);
		inherit(piece[i]);
		words_add(&one, piece[i]);
		resolve(&one, &world[0]);
		resolve(&one, &world[1]);
		words_free(&one);
		words_add(strchr(piece[i], '=') ? &words : &rules, piece[i]);
	}
	resolve(&words, &world[0]);
	resolve(&words, &world[1]);
	devices(&rules);
	words_free(&words);
	words_free(&rules);
	fuzz_free_pieces(piece);
	return 0;
}
