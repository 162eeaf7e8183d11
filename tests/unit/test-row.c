/* SPDX-License-Identifier: MIT */
/* base/row: what is printed for people, for scripts and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/row.h"

enum { NAME, SIZE, TAGS, SINCE, OTHER };

static const struct row_col cols[] = {
	[NAME] = {"NAME", "the name", ROW_TEXT, true, 0},
	[SIZE] = {"SIZE", "the size", ROW_NUM, false, 0},
	[TAGS] = {"TAG-LIST", "tags", ROW_LIST, false, 0},
	[SINCE] = {"SINCE", "age", ROW_AGE, false, 0},
	[OTHER] = {"OTHER", "only in view 2", ROW_TEXT, false, 2},
	{0},
};

/* Three rows, the third below the second. What is printed, in memory that the caller frees;
 * *n gets how many rows. */
static char *printed(struct row_opts *o, bool tree, int *n)
{
	struct fault f;
	struct rows *t;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(rows_new(&t, "things", cols, 1, "NAME,SIZE", o, &f), 0);
	rows_add(t, ROW_TOP);
	rows_text(t, NAME, "a b\033[31m\\");
	rows_num(t, SIZE, 7);
	rows_text(t, TAGS, "x");
	rows_text(t, TAGS, "y");
	rows_num(t, SINCE, 7300);
	rows_add(t, ROW_TOP);
	rows_num(t, SIZE, 1234);
	rows_add(t, 1);
	rows_text(t, NAME, "caf\303\251 \377");
	rows_num(t, SIZE, -1);
	if (tree)
		rows_tree(t, NAME);
	*n = rows_print(t, out, "test");
	rows_free(t);
	fclose(out);
	return text;
}

static void is_printed(const char *expected, int rows, struct row_opts o, bool tree)
{
	int n;
	char *text = printed(&o, tree, &n);

	assert_string_equal(text, expected);
	assert_int_equal(n, rows);
	free(text);
}

static void tables(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	is_printed("NAME              SIZE\n"
		   "a b\\x1b[31m\\         7\n"
		   "-                 1234\n"
		   "caf\\xc3\\xa9 \\xff    -1\n",
		   3, (struct row_opts){0}, false);
	is_printed("a b\\x1b[31m\\         7\n"
		   "-                 1234\n"
		   "caf\\xc3\\xa9 \\xff    -1\n",
		   3, (struct row_opts){.no_headings = true}, false);
	setenv("LC_ALL", "C.UTF-8", 1);
	is_printed("SINCE  NAME          TAG-LIST\n"
		   "   2h  a b\\x1b[31m\\  x,y\n"
		   "    -  -             -\n"
		   "    -  caf\303\251 \\xff     -\n",
		   3, (struct row_opts){.columns = "since,name,tag-list"}, false);
}

/* A value of thousands of bytes stands there whole, and pads no other row to its length. */
static void long_values(void **state)
{
	struct row_opts o = {.no_headings = true};
	char *text = NULL, value[5001];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct rows *t;
	struct fault f;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(rows_new(&t, "things", cols, 1, "NAME,SIZE", &o, &f), 0);
	for (int i = 0; i < 100; i++) {
		rows_add(t, ROW_TOP);
		rows_text(t, NAME, i ? "short" : value);
		rows_num(t, SIZE, i);
	}
	assert_int_equal(rows_print(t, out, "test"), 100);
	rows_free(t);
	fclose(out);
	assert_memory_equal(text, value, sizeof(value) - 1);
	assert_memory_equal(text + sizeof(value) - 1, "   0\nshort ", 11);
	assert_in_range(size, 5000, 5000 + 100 * 210);
	free(text);
}

static void scripts(void **state)
{
	struct row_opts o = {.columns = "NAME,SIZE,SINCE", .null = true};
	static const char nul[] = "a b\033[31m\\\t7\t7300\0-\t1234\t-\0caf\303\251 \377\t-1\t-\0";
	int n;
	char *text;

	(void)state;
	setenv("LC_ALL", "C", 1);
	is_printed("NAME SIZE SINCE\n"
		   "a\\x20b\\x1b[31m\\x5c 7 7300\n"
		   "- 1234 -\n"
		   "caf\\xc3\\xa9\\x20\\xff -1 -\n",
		   3, (struct row_opts){.columns = "NAME,SIZE,SINCE", .raw = true}, false);
	text = printed(&o, false, &n);
	assert_memory_equal(text, nul, sizeof(nul));
	free(text);
}

static void json(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	is_printed("{\"things\": [\n"
		   "{\"name\":\"a b\\u001b[31m\\\\\",\"size\":7,\"tag_list\":[\"x\",\"y\"],\"since\":7300},\n"
		   "{\"name\":null,\"size\":1234,\"tag_list\":[],\"since\":null},\n"
		   "{\"name\":\"caf\303\251 \\\\xff\",\"size\":-1,\"tag_list\":[],\"since\":null}\n"
		   "],\n\"complete\": true, \"reasons\": []}\n",
		   3, (struct row_opts){.all = true, .json = true}, false);
	is_printed("{\"things\": [\n"
		   "{\"size\":7},\n"
		   "{\"size\":1234, \"children\": [\n"
		   "{\"size\":-1}]}\n"
		   "],\n\"complete\": true, \"reasons\": []}\n",
		   3, (struct row_opts){.columns = "SIZE", .json = true}, true);
}

static void trees(void **state)
{
	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	is_printed("SIZE  NAME\n"
		   "   7  a b\\x1b[31m\\\n"
		   "1234  -\n"
		   "  -1  └─caf\303\251 \\xff\n",
		   3, (struct row_opts){.columns = "SIZE,NAME"}, true);
	setenv("LC_ALL", "C", 1);
	is_printed("SIZE\n7\n1234\n`--1\n", 3, (struct row_opts){.columns = "SIZE"}, true);
	/* what is below a row that is left out hangs below the one above that */
	is_printed("SIZE\n7\n-1\n", 2,
		   (struct row_opts){.columns = "SIZE", .filters = {.v = (char *[]){"size < 10"}, .n = 1}}, true);
}

/* A ring is no tree: printed all the same, and no endless loop. */
static void rings(void **state)
{
	struct row_opts o = {.columns = "SIZE"};
	struct fault f;
	struct rows *t;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(rows_new(&t, "things", cols, 1, "NAME", &o, &f), 0);
	rows_add(t, 1);
	rows_num(t, SIZE, 1);
	rows_add(t, 0);
	rows_num(t, SIZE, 2);
	rows_add(t, 2);
	rows_num(t, SIZE, 3);
	rows_tree(t, NAME);
	assert_int_equal(rows_print(t, out, "test"), 3);
	fclose(out);
	assert_non_null(strstr(text, "1"));
	assert_non_null(strstr(text, "2"));
	assert_non_null(strstr(text, "3"));
	rows_free(t);
	free(text);
}

static void filters(void **state)
{
	static const struct {
		const char *filter;
		int rows;
	} cases[] = {
		{"SIZE == 7", 1},     {"SIZE==7", 1},        {"size != 7", 2},  {"SIZE > 7", 1},      {"SIZE >= 7", 2},
		{"SIZE < 0", 1},      {"SIZE <= 7", 2},      {"NAME =~ caf", 1}, {"NAME !~ caf", 2},  {"NAME == -", 1},
		{"NAME != -", 2},     {"TAG-LIST == y", 1},  {"TAG-LIST != y", 2}, {"SINCE > 3600", 1}, {"SINCE < 3600", 0},
		{"SIZE =~ 23", 1},
		/* as lsns writes them */
		{"NAME == \"-\"", 1}, {"NAME=='-'", 1},      {"SIZE gt 7", 1},  {"SIZE LE 7", 2},     {"NAME =~ \"^caf\"", 1},
		{"NAME =~ '^af'", 0}, {"NAME =~ ^(a|caf)", 2}, {"NAME !~ \"x|y\"", 3},
		/* joined, and what a quoted value may hold */
		{"SIZE > 0 and SIZE < 100", 1}, {"SIZE>0&&SIZE<100", 1}, {"SIZE > \"0\"  AND  NAME == '-'", 1},
		{"SIZE > -2 and SIZE > 0 && SIZE > 7", 1}, {"NAME == \"a and b\"", 0}, {"NAME == 'x or (y) || a b'", 0},
		{"NAME == sandy", 0}, {"NAME == it's b", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct row_opts o = {.filters = {.v = (char *[]){(char *)cases[i].filter}, .n = 1}};
		int n;
		char *text = printed(&o, false, &n);

		if (n != cases[i].rows)
			fail_msg("%s: %d rows", cases[i].filter, n);
		free(text);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *columns, *filter, *color;
		enum op op;
		const char *fix;
	} cases[] = {
		{"NAMES", NULL, NULL, OP_COLUMN, "NAME; --list-columns lists them all"},
		{"+SIZE", "NAME == -", "auto", OP_NONE, NULL},
		{"SIZE,,NAME", NULL, NULL, OP_COLUMN, NULL},
		{"", NULL, NULL, OP_COLUMN, NULL},
		{"OTHER", NULL, NULL, OP_COLUMN, "--list-columns, which lists those of this view"}, /* of another */
		{NULL, "NAME", NULL, OP_FILTER_RULE, NULL},
		{NULL, "", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NOME == x", NULL, OP_COLUMN, NULL},
		{NULL, "SIZE > x", NULL, OP_FILTER_RULE, NULL},
		{NULL, "SIZE = 7", NULL, OP_FILTER_RULE, NULL},
		{NULL, "SIZE == 7 or SIZE == 8", NULL, OP_FILTER_RULE, NULL},
		{NULL, "SIZE == 7 || SIZE == 8", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == x||NAME == y", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == \"x\" or SIZE == 8", NULL, OP_FILTER_RULE, NULL},
		{NULL, "(NAME == x)", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == x and (SIZE == 7)", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == \"x\")", NULL, OP_FILTER_RULE, NULL},
		{NULL, "not NAME == x", NULL, OP_FILTER_RULE, NULL},
		{NULL, "!NAME", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == \"x", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == \"x\" y", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == x and ", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME == x and", NULL, OP_FILTER_RULE, NULL},
		{NULL, "and NAME == x", NULL, OP_FILTER_RULE, NULL},
		{NULL, "NAME =~ [x", NULL, OP_FILTER_RULE, NULL},
		{NULL, "SIZE == \"x\"", NULL, OP_FILTER_RULE, NULL},
		{NULL, NULL, "red", OP_USAGE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct row_opts o = {.columns = cases[i].columns, .color = cases[i].color,
				     .filters = {.v = (char *[]){(char *)cases[i].filter}, .n = cases[i].filter != NULL}};
		struct rows *t = NULL;
		struct fault f = {0};
		int r = rows_new(&t, "things", cols, 1, "NAME", &o, &f);

		assert_int_equal(r < 0, cases[i].op != OP_NONE);
		assert_int_equal(f.op, cases[i].op);
		if (cases[i].fix)
			assert_string_equal(fault_remedy(&f), cases[i].fix);
		if (r == 0)
			rows_free(t);
	}
}

static void wanted(void **state)
{
	struct row_opts o = {.columns = "+SINCE", .filters = {.v = (char *[]){"TAG-LIST == x"}, .n = 1}};
	struct fault f;
	struct rows *t;

	(void)state;
	assert_int_equal(rows_new(&t, "things", cols, 1, "NAME", &o, &f), 0);
	assert_true(rows_want(t, NAME));
	assert_true(rows_want(t, SINCE));
	assert_true(rows_want(t, TAGS));
	assert_false(rows_want(t, SIZE));
	assert_false(rows_want(t, OTHER));
	rows_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables), cmocka_unit_test(long_values), cmocka_unit_test(scripts),  cmocka_unit_test(json),   cmocka_unit_test(trees),
		cmocka_unit_test(rings),  cmocka_unit_test(filters),  cmocka_unit_test(refusals), cmocka_unit_test(wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
