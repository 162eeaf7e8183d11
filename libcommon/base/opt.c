/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "near.h"
#include "num.h"
#include "opt.h"

static int parse_flag(void *field, const struct opt *o, const char *text, struct fault *f)
{
	(void)o, (void)text, (void)f;
	*(bool *)field = true;
	return 0;
}

static void print_flag(const void *field, const struct opt *o, struct words *out)
{
	if (*(const bool *)field)
		opt_emit(o, NULL, out);
}

static int parse_bit(void *field, const struct opt *o, const char *text, struct fault *f)
{
	(void)text, (void)f;
	*(unsigned *)field |= (unsigned)o->val;
	return 0;
}

static void print_bit(const void *field, const struct opt *o, struct words *out)
{
	if ((*(const unsigned *)field & (unsigned)o->val) == (unsigned)o->val)
		opt_emit(o, NULL, out);
}

static int parse_string(void *field, const struct opt *o, const char *text, struct fault *f)
{
	(void)o, (void)f;
	*(const char **)field = text;
	return 0;
}

static void print_string(const void *field, const struct opt *o, struct words *out)
{
	const char *s = *(const char *const *)field;

	if (s)
		opt_emit(o, s, out);
}

static int parse_strings(void *field, const struct opt *o, const char *text, struct fault *f)
{
	if (words_add(field, text) < 0)
		return fault_set(f, OP_MEMORY, ENOMEM, "--%s", o->name);
	return 0;
}

static void print_strings(const void *field, const struct opt *o, struct words *out)
{
	const struct words *w = field;

	for (size_t i = 0; i < w->n; i++)
		opt_emit(o, w->v[i], out);
}

/* "--all=true" as some command lines have it; "-tfalse" is read the same. */
static int parse_switch(void *field, const struct opt *o, const char *text, struct fault *f)
{
	static const char *const yes[] = {"true", "yes", "1", "t"}, *const no[] = {"false", "no", "0", "f"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (text && strcasecmp(text, yes[i]) != 0 && strcasecmp(text, no[i]) != 0)
			continue;
		*(bool *)field = !text || strcasecmp(text, yes[i]) == 0;
		return 0;
	}
	return fault_rule(f, OP_OPTION, text, "--%s is true or false", o->name);
}

static int parse_range(void *field, const struct opt *o, const char *text, long min, long max,
		       struct fault *f)
{
	struct opt_num *num = field;
	int64_t v;
	int r = num_i64(text, min, max, &v);

	if (r < 0) {
		fault_set(f, OP_NUMBER, -r, "--%s %s", o->name, text);
		fault_why(f, r == -ERANGE ? "out of range" : "not a whole number");
		fault_fix(f, "--%s N, with N from %ld to %ld", o->name, min, max);
		return -EINVAL;
	}
	num->n = v;
	num->given = true;
	return 0;
}

static int parse_int(void *field, const struct opt *o, const char *text, struct fault *f)
{
	return parse_range(field, o, text, 0, o->val ? o->val : INT_MAX, f);
}

static int parse_signed(void *field, const struct opt *o, const char *text, struct fault *f)
{
	return parse_range(field, o, text, -o->val, o->val, f);
}

static void print_num(const void *field, const struct opt *o, struct words *out)
{
	const struct opt_num *num = field;

	if (num->given) {
		char *s = xprintf("%ld", num->n);

		opt_emit(o, s, out);
		free(s);
	}
}

const struct opt_kind opt_flag = {false, false, parse_flag, print_flag};
const struct opt_kind opt_bit = {false, false, parse_bit, print_bit};
const struct opt_kind opt_switch = {true, true, parse_switch, print_flag};
const struct opt_kind opt_string = {true, false, parse_string, print_string};
const struct opt_kind opt_strings = {true, false, parse_strings, print_strings};
const struct opt_kind opt_int = {true, false, parse_int, print_num};
const struct opt_kind opt_signed = {true, false, parse_signed, print_num};

void opt_emit(const struct opt *o, const char *value, struct words *out)
{
	if (value && o->kind->optional) {
		words_take(out, xprintf("--%s=%s", o->name, value));
		return;
	}
	words_take(out, xprintf("--%s", o->name));
	if (value)
		words_take(out, xprintf("%s", value));
}

void opt_print(const struct opt *table, const void *spec, struct words *out)
{
	for (const struct opt *o = table; o->name; o++)
		o->kind->print((const char *)spec + o->off, o, out);
}

static const struct opt *find_long(const struct opt *table, const char *name, size_t len)
{
	for (const struct opt *o = table; o && o->name; o++)
		if (strncmp(o->name, name, len) == 0 && o->name[len] == '\0')
			return o;
	return NULL;
}

static const struct opt *find_letter(const struct opt *table, char letter)
{
	for (const struct opt *o = table; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

const struct opt *opt_find(const struct opt *table, const char *word)
{
	if (word[0] == '-' && word[1] == '-')
		return find_long(table, word + 2, strcspn(word + 2, "="));
	if (word[0] == '-' && word[1])
		return find_letter(table, word[1]);
	return NULL;
}

/* What to write instead of an option of another program, or NULL. */
static const char *other(const struct cmd *c, const char *word, size_t len)
{
	for (const struct opt_other *o = c->others; o && o->name; o++)
		if (word[1] == '-' ? strncmp(o->name, word + 2, len - 2) == 0 && !o->name[len - 2]
				   : o->letter == word[1])
			return o->remedy;
	return NULL;
}

bool opt_given(const struct opt *table, const void *spec, const char *name)
{
	const struct opt *o = find_long(table, name, strlen(name));
	struct words words = {0};
	bool given;

	if (o)
		o->kind->print((const char *)spec + o->off, o, &words);
	given = words.n;
	words_free_all(&words);
	return given;
}

static int unknown(const struct cmd *c, const char *word, struct fault *f)
{
	size_t count = 0, len = strcspn(word, "=");
	const char *best = NULL;

	fault_set(f, OP_OPTION, 0, "%s", word);
	fault_why(f, "%s has no such option", c->name);
	while (c->opts[count].name)
		count++;
	if (word[1] == '-')
		best = near_word(word + 2, len - 2, &c->opts[0].name, count, sizeof(*c->opts));
	if (other(c, word, len))
		fault_fix(f, "%s", other(c, word, len));
	else if (best)
		fault_fix(f, "--%s; %s --help lists them all", best, c->name);
	else
		fault_fix(f, "%s --help, which lists its options", c->name);
	return -EINVAL;
}

struct place { /* a row and the spec that its field is in */
	const struct opt *o;
	char *spec;
};

/* Calls the kind's parser for one option whose argument, if any, is `text`. */
static int apply(struct place p, const char *word, const char *text, struct fault *f)
{
	if (p.o->kind->takes_arg && !p.o->kind->optional && !text) {
		fault_rule(f, OP_OPTION, word, "needs an argument");
		fault_fix(f, "--%s %s", p.o->name, p.o->arg ? p.o->arg : "ARG");
		return -EINVAL;
	}
	return p.o->kind->parse(p.spec + p.o->off, p.o, text, f);
}

static int parse_long(struct place p, char ***argv, struct fault *f)
{
	const char *word = *(*argv)++;
	const char *text = strchr(word, '=');

	if (text && !p.o->kind->takes_arg)
		return fault_rule(f, OP_OPTION, word, "takes no argument");
	if (text)
		text++;
	else if (p.o->kind->takes_arg && !p.o->kind->optional && **argv)
		text = *(*argv)++;
	return apply(p, word, text, f);
}

/* The argument of a letter that may have none: "=ARG", or one of its words; else letters follow. */
static const char *attached(const struct opt *o, const char *rest)
{
	size_t n = strlen(rest);

	if (*rest == '=')
		return rest + 1;
	for (const char *p = n && o->complete ? o->complete : ""; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strncmp(p, rest, n) == 0 && (p[n] == ' ' || !p[n]))
			return rest;
	return NULL;
}

int opt_parse(const struct cmd *c, void *spec, const struct opt *common, void *common_spec,
	      char ***argv, struct fault *f)
{
	while (**argv && (**argv)[0] == '-' && (**argv)[1] && strcmp(**argv, "--") != 0) {
		const char *word = **argv;
		struct place p = {opt_find(c->opts, word), spec};
		int r = 0;

		bool lone = c->one_dash && word[1] != '-' && word[1] && word[2];

		if (lone && find_long(c->opts, word + 1, strcspn(word + 1, "=")))
			p.o = find_long(c->opts, word + 1, strcspn(word + 1, "="));
		else
			lone = false;
		if (!p.o)
			p = (struct place){opt_find(common, word), common_spec};
		if (!p.o)
			return unknown(c, word, f);
		if (word[1] == '-' || lone) {
			r = parse_long(p, argv, f);
			if (r < 0)
				return r;
			continue;
		}
		++*argv;
		for (const char *l = word + 1; *l; l++) { /* -abc, -tVALUE, -t VALUE */
			const char *text = NULL;
			char name[3] = {'-', *l, '\0'};

			p = (struct place){find_letter(c->opts, *l), spec};
			if (!p.o)
				p = (struct place){find_letter(common, *l), common_spec};
			if (!p.o)
				return unknown(c, name, f);
			if (p.o->kind->optional)
				text = attached(p.o, l + 1);
			else if (p.o->kind->takes_arg)
				text = l[1] ? l + 1 : **argv ? *(*argv)++ : NULL;
			r = apply(p, name, text, f);
			if (r < 0)
				return r;
			if (text)
				break;
		}
	}
	return 0;
}

static void help_rows(const struct opt *table)
{
	for (const struct opt *o = table; o && o->name; o++) {
		char left[64];
		const char *sep = !o->arg ? "" : o->kind->optional ? "[=" : " ";

		snprintf(left, sizeof(left), "%c%c%c --%s%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name, sep,
			 o->arg ? o->arg : "", o->arg && o->kind->optional ? "]" : "");
		printf("  %-30s %s\n", left, o->help);
	}
}

void opt_help(const struct cmd *c, const struct opt *common)
{
	printf("usage: %s [OPTION...]", c->name);
	for (size_t i = 0; i < 3 && c->operands[i]; i++)
		printf(" %s", c->operands[i]);
	printf("%s%s\n%s\n\n", c->rest ? " " : "", c->rest ? c->rest : "", c->summary);
	help_rows(c->opts);
	if (common) {
		putchar('\n');
		help_rows(common);
	}
}
