/* SPDX-License-Identifier: MIT */
/* boxes-find.c - the box that somebody means. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/near.h"
#include "target/boxes-state.h"

enum { ID_SHOWN = 12 };

/* What was asked for: a name or the beginning of an id, of one engine or of any. */
struct wanted {
	const char *engine, *word;
	size_t engine_len;
};

static struct wanted split(const char *word)
{
	const char *colon = strchr(word, ':');

	return colon ? (struct wanted){word, colon + 1, (size_t)(colon - word)} : (struct wanted){"", word, 0};
}

static bool has_name(const struct box *box, const char *word)
{
	const char *last = box->name ? strrchr(box->name, '/') : NULL;

	return strcmp(box->id, word) == 0 || (box->name && strcmp(box->name, word) == 0) || (last && strcmp(last + 1, word) == 0);
}

static bool has_id(const struct box *box, const char *word)
{
	return strncmp(box->id, word, strlen(word)) == 0;
}

static bool is_ours(const struct box *box)
{
	return box->uid == 0 || box->uid == geteuid();
}

/* Those that fit, in list[0..n): ours if any of ours does. */
static size_t gather(const struct boxes *b, const struct wanted *w, bool (*fits)(const struct box *, const char *), struct box **list)
{
	size_t n = 0;

	for (int ours = 1; ours >= 0 && !n; ours--)
		for (size_t i = 0; i < b->n && *w->word; i++) {
			const char *engine = b->v[i]->engine;

			if (w->engine_len && (strncmp(engine, w->engine, w->engine_len) != 0 || engine[w->engine_len]))
				continue;
			if (is_ours(b->v[i]) == (bool)ours && fits(b->v[i], w->word))
				list[n++] = b->v[i];
		}
	return n;
}

/* Of several, the one that runs, if it is only one: the others cannot be meant. */
static size_t keep_running(struct boxes *b, struct box **list, size_t n)
{
	struct box *one = NULL;
	struct fault ignored;

	for (size_t i = 0; i < n; i++)
		if (box_first(b, list[i], &ignored) > 0) {
			if (one)
				return n;
			one = list[i];
		}
	if (!one)
		return n;
	list[0] = one;
	return 1;
}

/* -- refusals -------------------------------------------------------------------------------------------- */

static void say_unseen(const struct boxes *b, char *buf, size_t n)
{
	if (!b->unreadable)
		snprintf(buf, n, "%s", "");
	else if (b->unreadable == 1)
		snprintf(buf, n, "; %.100s could not be read", b->unreadable_path);
	else
		snprintf(buf, n, "; %.100s and %u more files or directories could not be read", b->unreadable_path, b->unreadable - 1);
}

static int unknown(const struct boxes *b, const struct wanted *w, const char *word, struct fault *f)
{
	const char **names = xcalloc(b->n + 1, sizeof(*names));
	const char *near;
	char unseen[192];
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		names[n++] = b->v[i]->name ? b->v[i]->name : b->v[i]->id;
	near = near_word(w->word, strlen(w->word), names, n, sizeof(*names));
	say_unseen(b, unseen, sizeof(unseen));
	fault_set(f, OP_BOX, ENOENT, "@%s", word);
	fault_why(f, "no container has this name, or an id that begins so%s", unseen);
	if (near)
		fault_fix(f, "@%s, which is the nearest", near);
	else if (b->unreadable && geteuid() != 0)
		fault_fix(f, "sudo, which sees the containers of root and of all users");
	free(names);
	return -ENOENT;
}

static int several(struct box *const *list, size_t n, const char *word, struct fault *f)
{
	char text[200] = "";
	const struct box *first = list[0];
	bool same_engine = true;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(text);

		same_engine &= strcmp(list[i]->engine, first->engine) == 0;
		if (len < sizeof(text) - 64)
			snprintf(text + len, sizeof(text) - len, "%s%s %.*s%s%.20s%s", i ? ", " : "", list[i]->engine, ID_SHOWN, list[i]->id,
				 list[i]->name ? " (" : "", list[i]->name ?: "", list[i]->name ? ")" : "");
		else if (strcmp(text + len - 3, "...") != 0)
			snprintf(text + len, sizeof(text) - len, "%s", ", ...");
	}
	fault_set(f, OP_BOX, 0, "@%s", word);
	fault_why(f, "%zu containers fit: %s", n, text);
	if (same_engine)
		fault_fix(f, "more of the id of one of them, such as @%.*s", ID_SHOWN + 4, first->id);
	else
		fault_fix(f, "the engine before it, such as @%s:%.100s", first->engine, box_shown(first));
	return -EINVAL;
}

void boxes_look(struct boxes *b)
{
	boxes_walk(b);
	for (size_t i = 0; i < b->n; i++)
		if (!b->v[i]->name && b->v[i]->cgroup)
			box_ask_monitor(b, b->v[i]);
}

int boxes_find(struct boxes *b, const char *word, const struct box **found, struct fault *f)
{
	struct wanted w = split(word);
	struct box **list;
	size_t n;
	int r = 0;

	boxes_look(b);
	list = xcalloc(b->n + 1, sizeof(*list));
	n = gather(b, &w, has_name, list) ?: gather(b, &w, has_id, list);
	if (n > 1)
		n = keep_running(b, list, n);
	if (n == 1)
		*found = list[0];
	else
		r = n ? several(list, n, word, f) : unknown(b, &w, word, f);
	free(list);
	return r;
}
