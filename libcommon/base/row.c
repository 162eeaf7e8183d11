/* SPDX-License-Identifier: MIT */
/* row.c - the columns that are wanted, and the rows as they come. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"
#include "base/row-table.h"

static bool in_view(const struct row_col *col, unsigned view)
{
	return !view || !col->views || col->views & view;
}

int row_find(const struct row_col *cols, unsigned view, const char *id, size_t n)
{
	for (int i = 0; cols[i].id; i++)
		if (in_view(&cols[i], view) && strncasecmp(cols[i].id, id, n) == 0 && cols[i].id[n] == '\0')
			return i;
	return -1;
}

int row_unknown(const struct row_col *cols, const char *id, size_t n, struct fault *f)
{
	char upper[64];
	size_t count = 0, i = 0;
	const char *best;

	while (cols[count].id)
		count++;
	for (; i < n && i + 1 < sizeof(upper); i++)
		upper[i] = (char)toupper((unsigned char)id[i]);
	upper[i] = '\0';
	best = near_word(upper, i, &cols[0].id, count, sizeof(*cols));
	fault_set(f, OP_COLUMN, 0, "%.*s", (int)n, id);
	if (row_find(cols, 0, id, n) >= 0) {
		fault_why(f, "another view has it");
		fault_fix(f, "--list-columns, which lists those of this view");
		return -EINVAL;
	}
	fault_why(f, "there is no such column");
	if (best)
		fault_fix(f, "%s; --list-columns lists them all", best);
	return -EINVAL;
}

/* -- which columns ----------------------------------------------------------------------- */

static void take(struct rows *t, unsigned col, bool shown)
{
	if (t->slot_of[col])
		return;
	t->col_of[t->nslots] = col;
	t->slot_of[col] = (unsigned char)++t->nslots;
	t->nshown += shown;
}

static int take_list(struct rows *t, const char *list, struct fault *f)
{
	for (const char *p = list; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");
		int col = row_find(t->cols, t->view, p, n);

		if (col < 0)
			return row_unknown(t->cols, p, n, f);
		take(t, (unsigned)col, true);
		p += n;
	}
	return 0;
}

static int take_shown(struct rows *t, const char *defaults, struct fault *f)
{
	const char *given = t->o->columns;
	int r = 0;

	if (t->o->all) {
		/* those of the default come first, so that more columns only add to it */
		r = take_list(t, defaults, f);
		for (unsigned i = 0; r == 0 && t->cols[i].id; i++)
			if (in_view(&t->cols[i], t->view))
				take(t, i, true);
		return r;
	}
	if (!given || *given == '+')
		r = take_list(t, defaults, f);
	if (r == 0 && given)
		r = take_list(t, given + (*given == '+'), f);
	if (r == 0 && !t->nshown)
		r = fault_rule(f, OP_COLUMN, given ? given : "", "no column is named");
	return r;
}

static int take_filters(struct rows *t, struct fault *f)
{
	const struct words *w = &t->o->filters;

	for (size_t i = 0; i < w->n; i++) {
		const char *at = w->v[i];

		do {
			unsigned col;
			int r;

			t->tests = xgrow(t->tests, t->ntests + 1, sizeof(*t->tests));
			r = row_test_parse(&t->tests[t->ntests++], t->cols, t->view, &at, &col, f);
			if (r < 0)
				return r;
			take(t, col, false);
			t->tests[t->ntests - 1].slot = t->slot_of[col] - 1U;
		} while (*at);
	}
	return 0;
}

static int check_style(const struct row_opts *o, struct fault *f)
{
	if (o->json + o->raw + o->null < 2)
		return 0;
	return fault_rule(f, OP_USAGE, !o->raw ? "--json --null" : o->json ? "--json --raw" : "--raw --null",
			  "they do not go together");
}

int rows_new(struct rows **ret, const char *name, const struct row_col *cols, unsigned view,
	     const char *defaults, const struct row_opts *o, struct fault *f)
{
	struct rows *t = xcalloc(1, sizeof(*t));
	int r;

	t->name = name;
	t->cols = cols;
	t->view = view;
	t->o = o;
	r = check_style(o, f);
	if (r == 0)
		r = take_shown(t, defaults, f);
	if (r == 0)
		r = take_filters(t, f);
	if (r == 0 && o->color && strcmp(o->color, "auto") != 0 && strcmp(o->color, "always") != 0 &&
	    strcmp(o->color, "never") != 0)
		r = fault_rule(f, OP_USAGE, o->color, "--color is auto, always or never");
	if (r < 0) {
		rows_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void rows_free(struct rows *t)
{
	if (!t)
		return;
	for (struct row_block *b = t->blocks, *before; b; b = before) {
		before = b->before;
		free(b);
	}
	lacks_free(&t->lacks);
	for (size_t i = 0; i < t->ntests; i++)
		row_test_free(&t->tests[i]);
	free(t->tests);
	free(t->lines);
	free(t->cells);
	free(t);
}

bool rows_want(const struct rows *t, unsigned col)
{
	return t->slot_of[col];
}

/* -- rows ---------------------------------------------------------------------------------- */

size_t rows_add(struct rows *t, size_t up)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->lines = xgrow(t->lines, t->cap, sizeof(*t->lines));
		t->cells = xgrow(t->cells, t->cap * t->nslots, sizeof(*t->cells));
	}
	t->lines[t->n] = (struct row_line){.up = up};
	memset(row_cell_at(t, t->n, 0), 0, t->nslots * sizeof(*t->cells));
	return t->n++;
}

/* Room for n bytes, directly behind those at `behind` when they are the last that were given
 * (they are moved if there is not enough), so that lists grow in place. */
static char *room(struct rows *t, const char *behind, size_t old, size_t n)
{
	struct row_block *b = t->blocks;
	char *to;

	if (b && old && behind + old == b->data + b->used && b->size - b->used >= n) {
		b->used += n;
		return b->data + b->used - n - old;
	}
	if (!b || b->size - b->used < old + n) {
		size_t size = 2 * (old + n) < 32768 ? 32768 : 2 * (old + n);

		b = xcalloc(1, sizeof(*b) + size);
		b->size = size;
		b->before = t->blocks;
		t->blocks = b;
	}
	to = b->data + b->used;
	b->used += old + n;
	if (old)
		memcpy(to, behind, old);
	return to;
}

void rows_text(struct rows *t, unsigned col, const char *text)
{
	struct row_cell *cell;
	size_t n = text ? strlen(text) + 1 : 0;
	bool list = t->cols[col].kind == ROW_LIST;
	char *to;

	if (!text || !t->slot_of[col] || !t->n)
		return;
	cell = row_cell_at(t, t->n - 1, t->slot_of[col] - 1U);
	if (!list || !cell->text)
		*cell = (struct row_cell){0};
	to = room(t, cell->text, cell->len, n);
	memcpy(to + cell->len, text, n);
	cell->text = to;
	cell->len += (uint32_t)n;
	cell->n++;
}

void rows_num(struct rows *t, unsigned col, int64_t n)
{
	char text[24];

	if (!t->slot_of[col])
		return;
	snprintf(text, sizeof(text), "%lld", (long long)n);
	rows_text(t, col, text);
}

void rows_pale(struct rows *t)
{
	if (t->n)
		t->lines[t->n - 1].pale = true;
}

void rows_tree(struct rows *t, unsigned col)
{
	t->tree = true;
	t->tree_col = t->slot_of[col] && t->slot_of[col] <= t->nshown ? t->slot_of[col] - 1U : 0;
}

struct lack **rows_lacks(struct rows *t)
{
	return &t->lacks;
}

void rows_help(const struct row_col *cols, unsigned view, const char *defaults)
{
	for (; cols->id; cols++) {
		size_t n = strlen(cols->id);
		bool shown = false;

		if (!in_view(cols, view))
			continue;
		for (const char *p = defaults; *p; p += strcspn(p, ","), p += *p == ',')
			shown |= strcspn(p, ",") == n && strncmp(p, cols->id, n) == 0;
		printf("  %c %-12s %s\n", shown ? '*' : ' ', cols->id, cols->help);
	}
	puts("* shown without --output");
}
