/* SPDX-License-Identifier: MIT */
/* json-scan.c - the letters of a JSON text, read strictly. json-c checks how they are put
 * together, but it takes single quotes, NaN, control characters and overlong UTF-8, it
 * ends a string at \u0000, and it rounds integers beyond 64 bits to the nearest it has. */
#include <inttypes.h>
#include <string.h>

#include "json-doc.h"

/* The length of the UTF-8 sequence at p (Unicode, table 3-7), or 0 when it is none. The
 * NUL behind the text ends a sequence that is cut short. */
static size_t utf8_length(const unsigned char *p)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (p[0] == 0xe0)
		low = 0xa0;  /* overlong below  */
	else if (p[0] == 0xed)
		high = 0x9f; /* surrogates above */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f; /* beyond U+10FFFF  */
	for (size_t i = 1; i < n; i++) {
		if (p[i] < low || p[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

/* *p stands on the opening quote and is moved behind the closing one, or to the trouble. */
static const char *scan_string(const char **p)
{
	const char *s = *p + 1;
	const char *why = NULL;

	while (*s != '"' && !why) {
		size_t n = utf8_length((const unsigned char *)s);

		if ((unsigned char)*s < 0x20)
			why = *s ? "a control character in a string" : "the text ends in the middle of a string";
		else if (n == 0)
			why = "invalid UTF-8";
		else if (strncmp(s, "\\u0000", 6) == 0)
			why = "a NUL character in a string";
		else
			s += *s == '\\' && s[1] ? 2 : n;
	}
	*p = why ? s : s + 1;
	return why;
}

static const char digits[] = "0123456789";

/* *p stands on a digit or a minus. */
static const char *scan_number(const char **p)
{
	const char *start = *p + (**p == '-'), *s = start;
	bool whole = true, beyond = false;
	uint64_t v = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		beyond |= __builtin_mul_overflow(v, 10, &v) ||
			  __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v);
	if (s == start || (*start == '0' && s - start > 1))
		return "not a number of JSON";
	if (*s == '.' && strspn(s + 1, digits)) {
		whole = false;
		s += 1 + strspn(s + 1, digits);
	}
	if ((*s | 0x20) == 'e') {
		const char *e = s + 1 + (s[1] == '+' || s[1] == '-');

		whole = false;
		s = strspn(e, digits) ? e + strspn(e, digits) : s;
	}
	if (*s && strchr("0123456789+-.eE", *s))
		return "not a number of JSON";
	beyond |= **p == '-' && v > (uint64_t)INT64_MAX + 1;
	if (whole && beyond)
		return "a number beyond 64 bits";
	*p = s;
	return NULL;
}

const char *json_scan(const char *text, size_t len, const char **where)
{
	const char *end = text + len;
	const char *why = NULL;

	for (*where = text; *where < end && !why;) {
		size_t plain = strspn(*where, " \t\r\n{}[]:,aeflnrstu"); /* true false null */

		if (plain)
			*where += plain;
		else if (**where == '"')
			why = scan_string(where);
		else if (**where == '-' || (**where >= '0' && **where <= '9'))
			why = scan_number(where);
		else
			why = **where ? "unexpected character outside of a string" : "a NUL character";
	}
	return why;
}
