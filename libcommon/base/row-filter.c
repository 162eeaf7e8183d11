/* SPDX-License-Identifier: MIT */
/* row-filter.c - --filter 'COL OP VALUE and ...'. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/num.h"
#include "base/row-table.h"

/* As they are written, and the words that lsns(8) has for them. */
static const char *const operators[][2] = {
	{"==", "eq"}, {"!=", "ne"}, {"<=", "le"}, {">=", "ge"}, {"=~", "=~"}, {"!~", "!~"}, {"<", "lt"}, {">", "gt"},
};

static bool is_number(enum row_kind kind)
{
	return kind == ROW_NUM || kind == ROW_AGE;
}

static int bad(struct fault *f, const char *text, const char *why)
{
	fault_rule(f, OP_FILTER_RULE, text, "%s", why);
	return -EINVAL;
}

static int too_much(struct fault *f, const char *text, const char *what)
{
	fault_rule(f, OP_FILTER_RULE, text, "%s is more than a filter says: only 'and' joins comparisons", what);
	fault_fix(f, "quotes around a value: --filter 'COMMAND =~ \"a or b\"'; for either of two, --json and jq, or two calls");
	return -EINVAL;
}

/* How long the word or sign is that stands here, or 0. */
static size_t word_at(const char *p, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(p, word, n) == 0 && (!isalpha((unsigned char)*word) || !p[n] || strchr(" \"'(", p[n])) ? n : 0;
}

/* The end of a comparison: of all of it, or an "and" of *joint characters. NULL: a fault. */
static const char *end_of(const char *p, const char *text, size_t *joint, struct fault *f)
{
	char quote = 0, before = ' ';

	for (*joint = 0; *p; before = *p++) {
		if (quote && *p == quote)
			quote = '\0';
		else if (quote)
			continue;
		else if ((*p == '"' || *p == '\'') && strchr(" =~<>", before))
			quote = *p;
		else if (word_at(p, "||") || (before == ' ' && word_at(p, "or")))
			return too_much(f, text, "'or'"), NULL;
		else if (before == ' ' && *p == '(')
			return too_much(f, text, "a parenthesis"), NULL;
		else if ((*joint = before == ' ' && word_at(p, "and") ? 3 : word_at(p, "&&")))
			return p;
	}
	if (quote)
		return bad(f, text, "a quote is not closed"), NULL;
	return p;
}

/* Without its quotes, and the blanks behind it. */
static int take_value(struct row_test *test, const char *text, struct fault *f)
{
	char *p = test->value, *end = p + strlen(p);

	while (end > p && end[-1] == ' ')
		*--end = '\0';
	if (*p != '"' && *p != '\'')
		return 0;
	if (strchr(p + 1, *p) != end - 1)
		return bad(f, text, "more comes behind the value");
	end[-1] = '\0';
	test->value++;
	return 0;
}

/* What =~ and !~ compare with. */
static int take_pattern(struct row_test *test, const char *text, struct fault *f)
{
	regex_t *re = xcalloc(1, sizeof(*re));
	int r = regcomp(re, test->value, REG_EXTENDED | REG_NOSUB);

	if (r == 0) {
		test->pattern = re;
		return 0;
	}
	free(re);
	fault_rule(f, OP_FILTER_RULE, text, "the value is no regular expression");
	fault_fix(f, "a backslash before what is meant as it is, as in 'COMMAND =~ \"^\\[kworker\"'; read regex(7)");
	return -EINVAL;
}

static int parse(struct row_test *test, const struct row_col *cols, unsigned view, unsigned *col, struct fault *f)
{
	char *p = test->text + strspn(test->text, " ");
	size_t n = strcspn(p, " =!<>"), i = 0, len = 0;
	int found = row_find(cols, view, p, n), r;

	if (*p == '!' || word_at(p, "not"))
		return too_much(f, test->text, "'not'");
	if (!n)
		return bad(f, test->text, "it begins with no column");
	if (found < 0)
		return row_unknown(cols, p, n, f);
	p += n + strspn(p + n, " ");
	while (i < COUNT(operators) && !(len = word_at(p, operators[i][0]) ?: word_at(p, operators[i][1])))
		i++;
	if (i == COUNT(operators))
		return bad(f, test->text, "there is no operator behind the column");
	test->kind = cols[found].kind;
	memcpy(test->op, operators[i][0], strlen(operators[i][0]));
	test->value = p + len + strspn(p + len, " ");
	r = take_value(test, test->text, f);
	if (r < 0)
		return r;
	*col = (unsigned)found;
	test->is_number = num_i64(test->value, INT64_MIN, INT64_MAX, &test->n) == 0;
	if (test->op[1] == '~')
		return take_pattern(test, test->text, f);
	if (is_number(test->kind) && !test->is_number && strcmp(test->value, "-") != 0)
		return bad(f, test->text, "the column holds numbers, and the value is none");
	return 0;
}

int row_test_parse(struct row_test *test, const struct row_col *cols, unsigned view, const char **text, unsigned *col,
		   struct fault *f)
{
	size_t joint;
	const char *end = end_of(*text, *text, &joint, f);

	*test = (struct row_test){0};
	if (!end)
		return -EINVAL;
	test->text = xprintf("%.*s", (int)(end - *text), *text);
	if (joint && !end[joint + strspn(end + joint, " ")])
		return bad(f, *text, "nothing comes behind the 'and'");
	*text = end + joint;
	return parse(test, cols, view, col, f);
}

void row_test_free(struct row_test *test)
{
	if (test->pattern)
		regfree(test->pattern);
	free(test->pattern);
	free(test->text);
}

static bool ordered(const char *op, int64_t c)
{
	switch (op[0]) {
	case '<': return c < 0 || (op[1] && c == 0);
	case '>': return c > 0 || (op[1] && c == 0);
	default: return c == 0; /* ==, and != which the caller turns round */
	}
}

static bool one_holds(const struct row_test *test, const char *text)
{
	int64_t n;

	if (test->op[1] == '~')
		return regexec(test->pattern, text, 0, NULL, 0) == 0;
	if (test->is_number && num_i64(text, INT64_MIN, INT64_MAX, &n) == 0)
		return ordered(test->op, (n > test->n) - (n < test->n));
	/* what is absent is neither less nor more */
	if (is_number(test->kind) && test->op[0] != '=' && test->op[0] != '!')
		return false;
	return ordered(test->op, strcmp(text, test->value));
}

bool row_test_holds(const struct row_test *test, const struct row_cell *cell)
{
	const char *p = cell->text ? cell->text : "-";
	uint32_t n = cell->text ? cell->n : 1;
	bool any = false;

	for (; n-- > 0; p += strlen(p) + 1)
		any |= one_holds(test, p);
	return test->op[0] == '!' ? !any : any;
}
