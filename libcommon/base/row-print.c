/* SPDX-License-Identifier: MIT */
/* row-print.c - rows for people and for scripts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/printable.h"
#include "base/row-table.h"

/* What the locale's name says. Nothing is loaded for it. */
static bool speaks_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return false;
}

char *row_escape(const char *text, bool raw, bool utf8)
{
	char *to = xcalloc(4 * strlen(text) + 1, 1), *at = to;

	for (const char *p = text; *p;) {
		size_t n = printable_at(p, utf8);

		if (n && !(raw && (*p == ' ' || *p == '\\'))) {
			memcpy(at, p, n);
			at += n;
			p += n;
		} else {
			at += sprintf(at, "\\x%02x", (unsigned char)*p++);
		}
	}
	return to;
}

/* In columns of a terminal: each character is taken for one. */
static size_t width_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* -- the order ------------------------------------------------------------------------------ */

static void drop_filtered(struct rows *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->ntests; k++)
			if (!row_test_holds(&t->tests[k], row_cell_at(t, i, t->tests[k].slot)))
				t->lines[i].dropped = true;
}

size_t row_above(const struct rows *t, size_t i)
{
	size_t up = t->lines[i].up;

	while (up < t->n && t->lines[up].dropped)
		up = t->lines[up].up;
	return up < t->n ? up : ROW_TOP;
}

/* A row that is above itself would be in no tree. Rings come from ids that are given again
 * while they are read; the first row of one is made a topmost one. */
static void open_rings(struct rows *t)
{
	size_t *seen = xcalloc(t->n + 1, sizeof(*seen));

	for (size_t i = 0; i < t->n; i++) {
		size_t at = i;

		/* a row that was seen on the way from an earlier one leads to the top */
		while (at < t->n && !seen[at]) {
			seen[at] = i + 1;
			at = t->lines[at].up;
		}
		if (at < t->n && seen[at] == i + 1)
			t->lines[at].up = ROW_TOP;
	}
	free(seen);
}

size_t row_link(struct rows *t)
{
	size_t first = ROW_TOP;

	if (t->tree)
		open_rings(t);
	for (size_t i = 0; i < t->n; i++)
		t->lines[i].first = ROW_TOP;
	/* from the last, so that each list is in the order of the rows */
	for (size_t i = t->n; i-- > 0;) {
		size_t up = t->tree ? row_above(t, i) : ROW_TOP;
		size_t *list = up == ROW_TOP ? &first : &t->lines[up].first;

		if (t->lines[i].dropped)
			continue;
		t->lines[i].next = *list;
		*list = i;
	}
	return first;
}

/* -- text ----------------------------------------------------------------------------------- */

struct look {
	FILE *out;
	bool utf8, terminal, color, table;
	size_t width;            /* of the terminal, or 0            */
	size_t wide[ROW_COLS];   /* of each column that is shown     */
	char *prefix;            /* lines of the tree before a child */
	size_t prefix_len, prefix_cap;
};

/* 5s, 3m, 7h, 12d */
static char *age_text(const char *seconds)
{
	static const struct {
		long many;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	long n = atol(seconds);
	size_t i = 0;

	while (i < 3 && n < units[i].many)
		i++;
	return xprintf("%ld%c", n / units[i].many, units[i].unit);
}

/* A cell as one text, in memory that the caller frees. */
static char *cell_text(const struct rows *t, size_t line, unsigned slot, bool utf8)
{
	const struct row_cell *cell = row_cell_at(t, line, slot);
	char *joined, *at, *to;

	if (!cell->text)
		return xprintf("-");
	if (t->cols[t->col_of[slot]].kind == ROW_AGE && !t->o->raw && !t->o->null)
		return age_text(cell->text);
	joined = at = xcalloc(1, cell->len + 1);
	memcpy(joined, cell->text, cell->len);
	for (uint32_t i = 1; i < cell->n; i++) {
		at += strlen(at);
		*at = ',';
	}
	if (!*joined)
		to = xprintf("-");
	else if (t->o->null) {
		/* as it is, but for what would look like the end of a value */
		to = joined;
		joined = NULL;
		for (at = to; (at = strchr(at, '\t'));)
			*at = ' ';
	} else {
		to = row_escape(joined, t->o->raw, utf8);
	}
	free(joined);
	return to;
}

static void measure(const struct rows *t, struct look *l, size_t line, size_t depth)
{
	for (unsigned s = 0; s < t->nshown; s++) {
		char *text = cell_text(t, line, s, l->utf8);
		size_t n = width_of(text) + (t->tree && s == t->tree_col ? 2 * depth : 0);

		l->wide[s] = n > l->wide[s] ? n : l->wide[s];
		free(text);
	}
}

/* In a pipe nothing is cut, but one long value does not widen all other rows for that. */
enum { PAD_MOST = 200 };

/* Cut the columns that may be, the widest first, until the line fits. */
static void fit(const struct rows *t, struct look *l)
{
	size_t total = 0;

	for (unsigned s = 0; !l->width && s < t->nshown; s++)
		if (t->cols[t->col_of[s]].cut && l->wide[s] > PAD_MOST)
			l->wide[s] = PAD_MOST;

	for (unsigned s = 0; s < t->nshown; s++)
		total += l->wide[s] + (s ? 2 : 0);
	while (l->width && total > l->width) {
		size_t best = 0, at = t->nshown, least;

		for (unsigned s = 0; s < t->nshown; s++)
			if (t->cols[t->col_of[s]].cut && l->wide[s] > best) {
				best = l->wide[s];
				at = s;
			}
		least = at < t->nshown ? strlen(t->cols[t->col_of[at]].id) : 0;
		if (at == t->nshown || best <= least || best <= 8)
			return;
		l->wide[at]--;
		total--;
	}
}

/* Numbers stand to the right, but not where a tree is drawn. */
static bool is_right(const struct rows *t, unsigned s)
{
	enum row_kind kind = t->cols[t->col_of[s]].kind;

	return (kind == ROW_NUM || kind == ROW_AGE) && !(t->tree && s == t->tree_col);
}

static void print_cell(const struct rows *t, struct look *l, unsigned s, const char *before, const char *text)
{
	bool last = s + 1 == t->nshown, right = is_right(t, s);
	size_t used = width_of(before), n = width_of(text), room = l->wide[s];

	if (s)
		fputs(t->o->null ? "\t" : l->table ? "  " : " ", l->out);
	if (!l->table) {
		fputs(text, l->out);
		return;
	}
	if (right && n < room)
		fprintf(l->out, "%*s", (int)(room - n), "");
	fputs(before, l->out);
	if (l->width && used + n > room) {
		const char *p = text;

		for (size_t left = room > used + 1 ? room - used - 1 : 0; left && *p; left--)
			do
				fputc(*p++, l->out);
			while (((unsigned char)*p & 0xc0) == 0x80);
		fputs(l->utf8 ? "…" : "+", l->out);
	} else {
		fputs(text, l->out);
	}
	if (!right && !last && used + n < room)
		fprintf(l->out, "%*s", (int)(room - used - n), "");
}

static void print_headings(const struct rows *t, struct look *l)
{
	if (t->o->no_headings || t->o->null)
		return;
	if (l->color)
		fputs("\033[1m", l->out);
	for (unsigned s = 0; s < t->nshown; s++)
		print_cell(t, l, s, "", t->cols[t->col_of[s]].id);
	fputs(l->color ? "\033[0m\n" : "\n", l->out);
}

static void print_line(const struct rows *t, struct look *l, size_t line, size_t depth)
{
	bool pale = l->color && t->lines[line].pale, last = t->lines[line].next == ROW_TOP;
	const char *twig = l->utf8 ? (last ? "└─" : "├─") : (last ? "`-" : "|-");

	if (pale)
		fputs("\033[2m", l->out);
	for (unsigned s = 0; s < t->nshown; s++) {
		char *text = cell_text(t, line, s, l->utf8), *before = NULL;

		if (l->table && t->tree && s == t->tree_col && depth)
			before = xprintf("%.*s%s", (int)l->prefix_len, l->prefix ? l->prefix : "", twig);
		print_cell(t, l, s, before ? before : "", text);
		free(before);
		free(text);
	}
	if (pale)
		fputs("\033[0m", l->out);
	fputc(t->o->null ? '\0' : '\n', l->out);
}

/* The lines of the tree to the left of the children of this line. */
static void push(struct look *l, bool last)
{
	const char *bar = last ? "  " : l->utf8 ? "│ " : "| ";
	size_t n = strlen(bar);

	if (l->prefix_len + n + 1 > l->prefix_cap) {
		char *more = xcalloc(1, l->prefix_cap = 2 * (l->prefix_cap + n + 16));

		if (l->prefix_len)
			memcpy(more, l->prefix, l->prefix_len);
		free(l->prefix);
		l->prefix = more;
	}
	memcpy(l->prefix + l->prefix_len, bar, n);
	l->prefix_len += n;
}

static void pop(struct look *l, bool last)
{
	l->prefix_len -= last || !l->utf8 ? 2 : strlen("│ ");
}

/* Each line in the order of the tree: print it, or measure it. A deep tree needs no deep
 * stack: the way back goes over `up`. */
static int walk(const struct rows *t, struct look *l, size_t first, bool print)
{
	size_t at = first, depth = 0;
	int n = 0;

	while (at != ROW_TOP) {
		print ? print_line(t, l, at, depth) : measure(t, l, at, depth);
		n++;
		if (t->lines[at].first != ROW_TOP) {
			if (print && depth)
				push(l, t->lines[at].next == ROW_TOP);
			at = t->lines[at].first;
			depth++;
			continue;
		}
		while (at != ROW_TOP && t->lines[at].next == ROW_TOP) {
			at = t->tree ? row_above(t, at) : ROW_TOP;
			depth -= at != ROW_TOP;
			if (print && at != ROW_TOP && depth)
				pop(l, t->lines[at].next == ROW_TOP);
		}
		at = at == ROW_TOP ? ROW_TOP : t->lines[at].next;
	}
	return n;
}

static void look_at(const struct rows *t, struct look *l)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS"), *wanted = t->o->color;

	l->utf8 = speaks_utf8();
	l->terminal = isatty(fileno(l->out));
	l->table = !t->o->raw && !t->o->null;
	l->color = wanted && strcmp(wanted, "auto") != 0 ? strcmp(wanted, "always") == 0
							 : l->terminal && !getenv("NO_COLOR");
	l->color = l->color && l->table;
	if (!l->terminal || t->o->no_truncate)
		return;
	if (columns && atoi(columns) > 0)
		l->width = (size_t)atoi(columns);
	else if (ioctl(fileno(l->out), TIOCGWINSZ, &size) == 0)
		l->width = size.ws_col;
}

int rows_print(struct rows *t, FILE *out, const char *tool)
{
	struct look l = {.out = out};
	size_t first;
	int n = 0;

	drop_filtered(t);
	first = row_link(t);
	if (t->o->json) {
		row_print_json(t, first, out);
		for (size_t i = 0; i < t->n; i++)
			n += !t->lines[i].dropped;
	} else {
		look_at(t, &l);
		for (unsigned s = 0; !t->o->no_headings && s < t->nshown; s++)
			l.wide[s] = strlen(t->cols[t->col_of[s]].id);
		if (l.table)
			walk(t, &l, first, false);
		fit(t, &l);
		if (first != ROW_TOP)
			print_headings(t, &l);
		n = walk(t, &l, first, true);
		free(l.prefix);
	}
	if (fflush(out) != 0 || ferror(out))
		return -(errno ? errno : EIO);
	if (!t->o->json)
		lacks_say(t->lacks, tool);
	return n;
}
