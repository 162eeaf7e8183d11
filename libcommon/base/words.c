/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

int words_add(struct words *w, const char *word)
{
	if (w->n + 2 > w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 16;
		char **v = reallocarray(w->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		w->v = v;
		w->cap = cap;
	}
	w->v[w->n++] = (char *)word;
	w->v[w->n] = NULL;
	return 0;
}

void words_free(struct words *w)
{
	free(w->v);
	*w = (struct words){0};
}

static _Noreturn void no_memory(void)
{
	fputs("boxutils: get memory: none left\nboxutils: try: free -m, or raise the limit: ulimit -v\n",
	      stderr);
	exit(125);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

char *xprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		no_memory();
	return s;
}

void words_take(struct words *w, char *word)
{
	if (words_add(w, word) < 0)
		no_memory();
}

void words_free_all(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	words_free(w);
}

void word_quote(FILE *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_@%+=:,./-";

	if (*word && word[strspn(word, plain)] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}
