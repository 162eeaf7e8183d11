/* SPDX-License-Identifier: MIT */
/* row-table.h - what the files of row.h share; nobody else includes it. */
#ifndef COMMON_BASE_ROW_TABLE_H
#define COMMON_BASE_ROW_TABLE_H

#include <regex.h>

#include "row.h"

struct row_cell {
	const char *text; /* NULL: absent; of a list, `n` strings behind each other */
	uint32_t n, len;  /* len: with all NULs                                     */
};

struct row_line {
	size_t up;          /* the row above it, or ROW_TOP                */
	size_t first, next; /* in the tree, set when it is printed         */
	bool pale, dropped; /* dropped: a filter does not let it pass       */
};

struct row_block { /* memory for texts */
	struct row_block *before;
	size_t used, size;
	char data[];
};

struct row_test { /* --filter */
	unsigned slot;
	enum row_kind kind;
	char op[3];
	char *text;        /* all of it; owned              */
	char *value;       /* in it, without its quotes     */
	regex_t *pattern;  /* of =~ and !~, or NULL         */
	int64_t n;         /* of a number                   */
	bool is_number;
};

struct rows {
	const char *name;
	const struct row_col *cols;
	unsigned view;
	const struct row_opts *o;
	unsigned nshown, nslots;
	unsigned col_of[ROW_COLS];   /* by slot: those that are shown come first, in their order */
	unsigned char slot_of[ROW_COLS];  /* by column: slot + 1, or 0                      */
	struct row_line *lines;
	struct row_cell *cells;      /* nslots for each line                           */
	size_t n, cap;
	struct row_block *blocks;
	struct row_test *tests;
	size_t ntests;
	struct lack *lacks;
	bool tree;
	unsigned tree_col;
};

static inline struct row_cell *row_cell_at(const struct rows *t, size_t line, unsigned slot)
{
	return &t->cells[line * t->nslots + slot];
}

/* Read one comparison 'COL OP VALUE' of a filter at *text, which is set behind it and its "and". Returns
 * 0, *col its column, or a fault; row_test_free in both cases. */
int row_test_parse(struct row_test *test, const struct row_col *cols, unsigned view, const char **text, unsigned *col,
		   struct fault *f);
void row_test_free(struct row_test *test);

/* Does the cell pass? */
bool row_test_holds(const struct row_test *test, const struct row_cell *cell);

/* The column of the view with this id in any case (n characters), or -1. */
int row_find(const struct row_col *cols, unsigned view, const char *id, size_t n);

/* Fault: there is no such column; the nearest one is named. */
int row_unknown(const struct row_col *cols, const char *id, size_t n, struct fault *f);

/* Link the lines that are not dropped into a tree: t->lines[].first, next; returns the first
 * of the topmost, or ROW_TOP. */
size_t row_link(struct rows *t);

/* The nearest row above this one that is not dropped, or ROW_TOP. */
size_t row_above(const struct rows *t, size_t i);

/* Print all as JSON, from the first line that row_link gave. */
void row_print_json(struct rows *t, size_t first, FILE *out);

#endif
