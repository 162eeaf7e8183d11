/* SPDX-License-Identifier: MIT */
/* row.h - what listers print: rows of named columns.
 *
 * A lister declares its columns in a const table, asks which are wanted before it reads
 * anything for them, adds rows, and prints: a table for people, one blank between values
 * for cut, records that end in NUL, or JSON. A column's id is what -o takes, the heading,
 * and in lower case the key of JSON; ids are stable. */
#ifndef COMMON_BASE_ROW_H
#define COMMON_BASE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/lacks.h"
#include "base/opt.h"

enum row_kind {
	ROW_TEXT,
	ROW_NUM,  /* a number in JSON; to the right in a table              */
	ROW_AGE,  /* a number of seconds; in a table as 5s, 3m, 7h, 12d       */
	ROW_LIST, /* an array of strings in JSON; joined by commas elsewhere */
};

struct row_col {
	const char *id;     /* NULL ends the table                            */
	const char *help;   /* one line                                       */
	enum row_kind kind;
	bool cut;           /* may be cut on a terminal that is too narrow     */
	unsigned views;     /* bits of the lister's own: which of its tables have it; 0: all */
};

enum { ROW_COLS = 64 }; /* a table has at most so many columns */

/* What the options that all listers have say. */
struct row_opts {
	const char *columns, *color;
	struct words filters;
	bool all, json, null, raw, no_headings, no_truncate, list_columns;
};

/* Their rows in a table of options: of the spec's member, and the ids of the columns
 * separated by blanks, for completion. */
#define ROW_OPTIONS(spec, member, ids) \
	{'o', "output", "[+]COL,...", &opt_string, offsetof(spec, member.columns), 0, \
	 "these columns; with + after the ones shown without it", ids}, \
	{0, "output-all", NULL, &opt_flag, offsetof(spec, member.all), 0, "all columns", NULL}, \
	{'H', "list-columns", NULL, &opt_flag, offsetof(spec, member.list_columns), 0, "list the columns and exit", NULL}, \
	{'Q', "filter", "COL OP VALUE", &opt_strings, offsetof(spec, member.filters), 0, \
	 "only rows of which this holds (== != < <= > >= =~ !~); all of them, when repeated", NULL}, \
	{'J', "json", NULL, &opt_flag, offsetof(spec, member.json), 0, "as JSON", NULL}, \
	{'r', "raw", NULL, &opt_flag, offsetof(spec, member.raw), 0, "one blank between the values", NULL}, \
	{'0', "null", NULL, &opt_flag, offsetof(spec, member.null), 0, "end records with NUL, a tab between the values", NULL}, \
	{'n', "no-headings", NULL, &opt_flag, offsetof(spec, member.no_headings), 0, "no headings", NULL}, \
	{'u', "no-truncate", NULL, &opt_flag, offsetof(spec, member.no_truncate), 0, "cut nothing on a terminal", NULL}, \
	{0, "color", "auto|always|never", &opt_string, offsetof(spec, member.color), 0, "colours (auto: on a terminal)", \
	 "auto always never"}

struct rows;

/* A table of those of the columns that are in `view`, of which `defaults` (ids joined by
 * commas) are shown unless o says others. `name` is the key of its array in JSON. o is borrowed. Returns 0 and *ret, or
 * a fault: no such column, a filter that cannot be read. */
int rows_new(struct rows **ret, const char *name, const struct row_col *cols, unsigned view,
	     const char *defaults, const struct row_opts *o, struct fault *f);

void rows_free(struct rows *t);

/* Is the column (its index in the table) shown, or filtered by? */
bool rows_want(const struct rows *t, unsigned col);

/* Begin a row. `up` is the index of the row that it hangs below in a tree, or ROW_TOP; it may
 * come later. Returns its index, counted from 0. No memory: exits 125. */
#define ROW_TOP SIZE_MAX
size_t rows_add(struct rows *t, size_t up);

/* Set a cell of the last row; what is not set is absent: "-", in JSON null. Text is copied.
 * Of a list each call appends. Columns that are not wanted are ignored. */
void rows_text(struct rows *t, unsigned col, const char *text);
void rows_num(struct rows *t, unsigned col, int64_t n);

/* The last row is of less interest: pale on a terminal. */
void rows_pale(struct rows *t);

/* Draw a tree, at this column or, when that is not shown, at the first. */
void rows_tree(struct rows *t, unsigned col);

/* What could not be read: to be filled by lacks_add. Goes into JSON, and by rows_print on stderr. */
struct lack **rows_lacks(struct rows *t);

/* Print what was added and passes the filters on `out`, and for people what is incomplete on
 * stderr, as `tool`. Returns how many rows were printed, or -errno. */
int rows_print(struct rows *t, FILE *out, const char *tool);

/* The columns and their help, and which are shown by default: for --list-columns. */
void rows_help(const struct row_col *cols, unsigned view, const char *defaults);

/* Text for a terminal: control characters, what is no UTF-8, and (raw) blanks and
 * backslashes as \xHH, into memory that the caller frees. */
char *row_escape(const char *text, bool raw, bool utf8);

struct json_object;

/* The text as a string of JSON; what is no UTF-8 stands in it as \xHH. */
struct json_object *row_json_string(const char *text);

#endif
