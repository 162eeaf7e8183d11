/* SPDX-License-Identifier: MIT */
/* json-where.c - the place of a value in its text: walked to only when something is wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-doc.h"

const char *json_skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* p stands on the opening quote; the result stands behind the closing one. */
static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

static const char *skip_value(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"') {
			p = skip_string(p);
		} else if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (*p == '}' || *p == ']') {
			depth--;
			p++;
		} else {
			p += depth ? strcspn(p, "\"{}[]") : strcspn(p, ",]} \t\r\n");
		}
	} while (*p && depth > 0);
	return p;
}

/* The last member of that name in the object at p, as json-c takes it; NULL: none. */
static const char *find_member(const char *p, const char *key)
{
	const char *found = NULL;
	size_t n = strlen(key);

	for (p = json_skip_blanks(p + 1); *p == '"';) {
		const char *name = p + 1;

		p = json_skip_blanks(skip_string(p));
		p = json_skip_blanks(*p ? p + 1 : p);
		if (strncmp(name, key, n) == 0 && name[n] == '"')
			found = p;
		p = json_skip_blanks(skip_value(p));
		p = json_skip_blanks(*p == ',' ? p + 1 : p);
	}
	return found;
}

static const char *find_element(const char *p, size_t index)
{
	for (p = json_skip_blanks(p + 1); index > 0 && *p; index--) {
		p = json_skip_blanks(skip_value(p));
		p = json_skip_blanks(*p == ',' ? p + 1 : p);
	}
	return p;
}

/* Walks the text again to the value, or as near to it as there is something. */
static const char *locate(const struct json_at *at)
{
	const char *p, *m;

	if (!at->up)
		return json_skip_blanks(at->doc->text);
	p = locate(at->up);
	if (at->key && *p == '{') {
		m = find_member(p, at->key);
		return m ? m : p;
	}
	return !at->key && *p == '[' ? find_element(p, at->index) : p;
}

unsigned json_line(const char *text, const char *p)
{
	unsigned line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

unsigned json_column(const char *text, const char *p)
{
	unsigned column = 1;

	for (; p > text && p[-1] != '\n'; p--)
		column += ((unsigned char)p[-1] & 0xc0) != 0x80;
	return column;
}

static size_t put_path(const struct json_at *at, char *buf, size_t size)
{
	size_t n;

	if (!at->up)
		return 0;
	n = put_path(at->up, buf, size);
	if (n >= size)
		return n;
	if (at->key && strpbrk(at->key, ".[\"")) /* as json_step reads it */
		return n + (size_t)snprintf(buf + n, size - n, "[\"%s\"]", at->key);
	if (at->key)
		return n + (size_t)snprintf(buf + n, size - n, "%s%s", n ? "." : "", at->key);
	return n + (size_t)snprintf(buf + n, size - n, "[%zu]", at->index);
}

/* What a file says must not reach a terminal as more than text. */
static void no_controls(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

__attribute__((format(printf, 3, 0)))
static int fail(const struct json_at *at, struct fault *f, const char *why, va_list ap)
{
	const struct json_doc *d = at->doc;
	unsigned line = json_line(d->text, locate(at));
	char path[112] = "", said[120];

	vsnprintf(said, sizeof(said), why, ap);
	no_controls(said);
	put_path(at, path, sizeof(path));
	no_controls(path);
	fault_set(f, d->op, 0, "%s", d->name);
	fault_why(f, "%s%s%s (line %u)", path, *path ? ": " : "", said, line);
	if (d->report)
		d->report(d->report_arg, path, line, said);
	return -EINVAL;
}

/* -- paths ------------------------------------------------------------------------ */

static int bracket_step(const char **path, char *buf, size_t size, const char **key, size_t *index)
{
	const char *p = *path + 1, *end = strchr(p, ']');
	size_t n;

	if (*p == '"') {
		end = strstr(p + 1, "\"]");
		n = end ? (size_t)(end - p) - 1 : size;
		if (n >= size)
			return -EINVAL;
		memcpy(buf, p + 1, n);
		buf[n] = '\0';
		*key = buf;
		*path = end + 2;
		return 1;
	}
	n = strspn(p, "0123456789");
	if (!end || p + n != end || n == 0 || n > 9)
		return -EINVAL;
	*key = NULL;
	*index = strtoul(p, NULL, 10);
	*path = end + 1;
	return 1;
}

int json_step(const char **path, char *buf, size_t size, const char **key, size_t *index)
{
	const char *p = *path;
	size_t n;

	if (!*p)
		return 0;
	if (*p == '[')
		return bracket_step(path, buf, size, key, index);
	p += *p == '.';
	n = strcspn(p, ".[");
	if (n == 0 || n >= size)
		return -EINVAL;
	memcpy(buf, p, n);
	buf[n] = '\0';
	*key = buf;
	*path = p + n;
	return 1;
}

/* The path's steps from `at` on, as many of them as it has. */
__attribute__((format(printf, 4, 0)))
static int fail_below(const struct json_at *at, const char *path, struct fault *f, const char *why, va_list ap)
{
	struct json_at next = {at->doc, at, NULL, 0};
	char buf[128];

	if (!path || json_step(&path, buf, sizeof(buf), &next.key, &next.index) <= 0)
		return fail(at, f, why, ap);
	return fail_below(&next, path, f, why, ap);
}

int json_fail(const struct json_at *at, const char *field, struct fault *f, const char *why, ...)
{
	va_list ap;
	int r;

	va_start(ap, why);
	r = fail_below(at, field, f, why, ap);
	va_end(ap);
	return r;
}

int json_fail_path(struct json_doc *d, const char *path, struct fault *f, const char *why, ...)
{
	struct json_at root = {d, NULL, NULL, 0};
	va_list ap;
	int r;

	va_start(ap, why);
	r = fail_below(&root, path, f, why, ap);
	va_end(ap);
	return r;
}
