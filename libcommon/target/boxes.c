/* SPDX-License-Identifier: MIT */
/* boxes.c - the list of boxes, and where they are looked up. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/printable.h"
#include "target/boxes-state.h"

enum { FEW = 64, SHORT = 12 };

/* -- the index ------------------------------------------------------------------------------ */

static size_t hash(char kind, const char *key, size_t n)
{
	size_t h = 14695981039346656037UL ^ (unsigned char)kind;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)key[i]) * 1099511628211UL;
	return h ^ h >> 32;
}

static const char *key_of(const struct box_node *node)
{
	return node->kind == 'i' ? node->box->id : node->kind == 'c' ? node->box->cgroup : node->box->bundle;
}

static void insert(struct boxes_index *ix, struct box_node *node)
{
	struct box_node **slot = &ix->slots[hash(node->kind, key_of(node), strlen(key_of(node))) & (ix->n_slots - 1)];

	node->next = *slot;
	*slot = node;
}

static void grow(struct boxes_index *ix)
{
	struct box_node **old = ix->slots;
	size_t n = ix->n_slots;

	ix->n_slots = n ? 4 * n : FEW;
	ix->slots = xcalloc(ix->n_slots, sizeof(*ix->slots));
	for (size_t i = 0; i < n; i++)
		for (struct box_node *node = old[i], *next; node; node = next) {
			next = node->next;
			insert(ix, node);
		}
	free(old);
}

static void note(struct boxes *b, char kind, struct box *box)
{
	struct box_node *node = xcalloc(1, sizeof(*node));

	if (b->index->used++ >= b->index->n_slots)
		grow(b->index);
	*node = (struct box_node){.box = box, .kind = kind};
	insert(b->index, node);
}

struct box_node *box_seek_on(struct box_node *node, char kind, const char *key, size_t n)
{
	for (; node; node = node->next)
		if (node->kind == kind && strncmp(key_of(node), key, n) == 0 && key_of(node)[n] == '\0')
			break;
	return node;
}

struct box_node *box_seek(const struct boxes *b, char kind, const char *key, size_t n)
{
	const struct boxes_index *ix = b->index;

	return ix->n_slots ? box_seek_on(ix->slots[hash(kind, key, n) & (ix->n_slots - 1)], kind, key, n) : NULL;
}

struct box *box_with(const struct boxes *b, char kind, const char *key, size_t n, uid_t uid)
{
	struct box_node *node = box_seek(b, kind, key, n);

	while (node && node->box->uid != uid)
		node = box_seek_on(node->next, kind, key, n);
	return node ? node->box : NULL;
}

/* -- a box ------------------------------------------------------------------------------------ */

bool box_id_whole(const char *id, size_t n)
{
	size_t i = 0;

	while (i < n && isxdigit((unsigned char)id[i]))
		i++;
	return i == n && n >= ID_WHOLE;
}

/* Whoever wrote it: it is printed, and compared with what people type. */
static char *clean(const char *text)
{
	return printable(xprintf("%s", text));
}

struct box *box_add(struct boxes *b, const char *engine, const char *id, uid_t uid, const char *source)
{
	struct box *box;

	if (!*id || strlen(id) >= NAME_BYTES || !boxes_may(b, uid, COST_BOXES, 1, source))
		return NULL;
	if (b->n == b->index->cap) {
		size_t cap = b->index->cap ? 2 * b->index->cap : FEW;
		struct box **v = xcalloc(cap, sizeof(struct box *));

		if (b->n)
			memcpy(v, b->v, b->n * sizeof(*v));
		free(b->v);
		b->v = v;
		b->index->cap = cap;
	}
	box = xcalloc(1, sizeof(*box));
	*box = (struct box){.engine = xprintf("%s", engine), .id = clean(id), .source = clean(source), .uid = uid};
	b->v[b->n++] = box;
	note(b, 'i', box);
	return box;
}

void box_set_name(struct box *box, const char *name, const char *source)
{
	if (box->name || !name || !*name || strlen(name) / 2 >= NAME_BYTES)
		return;
	box->name = clean(name);
	free(box->source);
	box->source = clean(source);
}

void box_set_engine(struct box *box, const char *engine)
{
	free(box->engine);
	box->engine = xprintf("%s", engine);
}

void box_set_bundle(struct boxes *b, struct box *box, const char *bundle)
{
	if (box->bundle || !bundle || *bundle != '/' || strlen(bundle) >= PATH_MAX)
		return;
	box->bundle = xprintf("%s", bundle);
	if (!box_with(b, 'b', bundle, strlen(bundle), box->uid)) /* files that all say the same cost no more */
		note(b, 'b', box);
}

void box_set_cgroup(struct boxes *b, struct box *box, const char *cgroup)
{
	/* what the kernel calls a cgroup below ours has neither "//" nor "..": a state that has leads elsewhere */
	if (box->cgroup || !cgroup || *cgroup != '/' || !cgroup[1] || strlen(cgroup) >= PATH_MAX || strstr(cgroup, "//") ||
	    path_has_dotdot(cgroup))
		return;
	box->cgroup = xprintf("%s", cgroup);
	if (!box_with(b, 'c', cgroup, strlen(cgroup), box->uid))
		note(b, 'c', box);
}

const char *box_shown(const struct box *box)
{
	static char buf[SHORT + 1];

	if (box->name)
		return box->name;
	if (!box_id_whole(box->id, strlen(box->id)))
		return box->id;
	snprintf(buf, sizeof(buf), "%.*s", SHORT, box->id);
	return buf;
}

/* -- what a user may cost ---------------------------------------------------------------------- */

static struct box_budget *budget_of(struct boxes_index *ix, uid_t uid)
{
	for (size_t i = 0; i < ix->n_budgets; i++)
		if (ix->budgets[i].uid == uid)
			return &ix->budgets[i];
	ix->budgets = xgrow(ix->budgets, ix->n_budgets + 1, sizeof(*ix->budgets));
	ix->budgets[ix->n_budgets] = (struct box_budget){.uid = uid};
	return &ix->budgets[ix->n_budgets++];
}

bool boxes_may(struct boxes *b, uid_t uid, enum box_cost cost, size_t n, const char *path)
{
	static const size_t users[COSTS] = {
		[COST_BOXES] = 10000, [COST_FILES] = 20000, [COST_BYTES] = 64 << 20, [COST_VALUES] = 1 << 20,
		[COST_GROUPS] = 20000, [COST_PROCS] = 100000,
	};
	static const size_t roots[COSTS] = {
		[COST_BOXES] = SIZE_MAX, [COST_FILES] = SIZE_MAX, [COST_BYTES] = SIZE_MAX, [COST_VALUES] = SIZE_MAX,
		[COST_GROUPS] = 200000, [COST_PROCS] = 1 << 20,
	};
	size_t most = uid ? users[cost] : roots[cost];
	struct box_budget *of = budget_of(b->index, uid);

	if (n <= most && of->spent[cost] <= most - n) {
		of->spent[cost] += n;
		return true;
	}
	if (!of->said[cost])
		boxes_unreadable(b, path, EFBIG);
	of->said[cost] = true;
	return false;
}

/* -- the end -------------------------------------------------------------------------------------- */

void boxes_unreadable(struct boxes *b, const char *path, int err)
{
	if (err == ENOENT || err == ENOTDIR || err == EDQUOT)
		return;
	if (b->unreadable++)
		return;
	snprintf(b->unreadable_path, sizeof(b->unreadable_path), "%s", path);
	printable(b->unreadable_path);
}

static void index_free(struct boxes_index *ix)
{
	for (size_t i = 0; i < ix->n_slots; i++)
		for (struct box_node *node = ix->slots[i], *next; node; node = next) {
			next = node->next;
			free(node);
		}
	free(ix->slots);
	free(ix->budgets);
	for (size_t i = 0; i < ix->n_hiers; i++)
		close(ix->hier[i]);
	words_free_all(&ix->stores);
	fd_close(&ix->own);
	fd_close(&ix->root);
	free(ix);
}

void boxes_free(struct boxes *b)
{
	if (b->index)
		index_free(b->index);
	for (size_t i = 0; i < b->n; i++) {
		struct box *box = b->v[i];

		free(box->engine);
		free(box->id);
		free(box->name);
		free(box->source);
		free(box->bundle);
		free(box->cgroup);
		free(box);
	}
	free(b->v);
	*b = (struct boxes){0};
}
