/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "oci/line.h"

void line_add(struct line *l, const char *from, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	words_take(&l->words, xvprintf(fmt, ap));
	va_end(ap);
	words_take(&l->from, xprintf("%s", from));
}

void line_option(struct line *l, const char *from, const char *name, const char *value)
{
	line_add(l, from, "--%s", name);
	if (value)
		line_add(l, "", "%s", value);
}

void line_element(struct line *l, const char *from, size_t i, const char *name, const char *value)
{
	char *path = xprintf("%s[%zu]", from, i);

	line_option(l, path, name, value);
	free(path);
}

void line_set(struct line *l, const char *from, const char *key, int64_t n)
{
	line_add(l, from, "--set");
	if (n < 0)
		line_add(l, "", "%s=max", key);
	else
		line_add(l, "", "%s=%lld", key, (long long)n);
}

void line_free(struct line *l)
{
	words_free_all(&l->words);
	words_free_all(&l->from);
}
