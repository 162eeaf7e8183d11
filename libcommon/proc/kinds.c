/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "proc/kinds.h"

static int bad(const struct opt *o, const char *text, const char *why, const char *fix, struct fault *f)
{
	fault_set(f, OP_NUMBER, 0, "--%s %s", o->name, text);
	fault_why(f, "%s", why);
	fault_fix(f, "--%s %s", o->name, fix);
	return -EINVAL;
}

static int parse_nice(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct opt_num *num = field;
	int64_t v;
	int r = num_i64(text, -20, 19, &v);

	if (r < 0)
		return bad(o, text, r == -ERANGE ? "out of range" : "not a whole number",
			   "N, from -20 (first) to 19 (last)", f);
	*num = (struct opt_num){true, (long)v};
	return 0;
}

static void print_nice(const void *field, const struct opt *o, struct words *out)
{
	const struct opt_num *num = field;
	_cleanup_free_ char *text = xprintf("%ld", num->n);

	if (num->given)
		opt_emit(o, text, out);
}

static int parse_octal(void *field, const struct opt *o, const char *text, struct fault *f)
{
	size_t n = strlen(text);

	if (n == 0 || n > 4 || text[strspn(text, "01234567")] != '\0' || strtol(text, NULL, 8) > 0777)
		return bad(o, text, "not a mask of octal digits", "022, at most 0777", f);
	*(struct opt_num *)field = (struct opt_num){true, strtol(text, NULL, 8)};
	return 0;
}

static void print_octal(const void *field, const struct opt *o, struct words *out)
{
	const struct opt_num *num = field;
	_cleanup_free_ char *text = xprintf("%04lo", (unsigned long)num->n);

	if (num->given)
		opt_emit(o, text, out);
}

static int parse_size(void *field, const struct opt *o, const char *text, struct fault *f)
{
	char rows[8] = "";
	size_t n = strcspn(text, "x");
	uint64_t r, c;

	if (n < sizeof(rows))
		memcpy(rows, text, n);
	if (text[n] != 'x' || num_u64(rows, 65535, &r) < 0 || num_u64(text + n + 1, 65535, &c) < 0)
		return bad(o, text, "not two numbers up to 65535", "ROWSxCOLUMNS, as in 24x80", f);
	*(struct proc_size *)field = (struct proc_size){true, (unsigned short)r, (unsigned short)c};
	return 0;
}

static void print_size(const void *field, const struct opt *o, struct words *out)
{
	const struct proc_size *s = field;
	_cleanup_free_ char *text = xprintf("%ux%u", s->rows, s->columns);

	if (s->given)
		opt_emit(o, text, out);
}

const struct opt_kind opt_nice = {true, false, parse_nice, print_nice};
const struct opt_kind opt_octal = {true, false, parse_octal, print_octal};
const struct opt_kind opt_size = {true, false, parse_size, print_size};
