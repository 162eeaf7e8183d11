/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"
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

void *xgrow(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n ? n : 1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

char *xvprintf(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		no_memory();
	return s;
}

char *xprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvprintf(fmt, ap);
	va_end(ap);
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

/* The length of what stands at p and does nothing to a terminal (but a newline does no harm), or 0. */
static size_t harmless(const char *p)
{
	return *p == '\n' ? 1 : printable_at(p, true);
}

static const char *quote_plain(FILE *out, const char *p)
{
	fputc('\'', out);
	for (size_t n; (n = harmless(p)) > 0; p += n) {
		if (*p == '\'')
			fputs("'\\''", out);
		else
			fwrite(p, 1, n, out);
	}
	fputc('\'', out);
	return p;
}

/* As printf(1) makes it. A substitution loses newlines at its end, and there are none in this one. */
static const char *quote_control(FILE *out, const char *p)
{
	fputs("\"$(printf '", out);
	for (; *p && !harmless(p); p++)
		fprintf(out, "\\%03o", (unsigned char)*p);
	fputs("')\"", out);
	return p;
}

void word_quote(FILE *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_@%+=:,./-";

	if (!*word)
		fputs("''", out);
	else if (word[strspn(word, plain)] == '\0')
		fputs(word, out);
	else
		while (*word)
			word = harmless(word) ? quote_plain(out, word) : quote_control(out, word);
}

/* One character as C has it in quotes, in at most five bytes with the NUL. */
static size_t c_char(char to[static 5], unsigned char c)
{
	static const char plain[] = "\"\\\n\t\r", letter[] = "\"\\ntr";
	const char *special = c ? strchr(plain, c) : NULL;

	if (special)
		return (size_t)sprintf(to, "\\%c", letter[special - plain]);
	return (size_t)sprintf(to, c < ' ' || c == 127 ? "\\%03o" : "%c", c);
}

const char *word_c(char *buf, size_t n, const char *word)
{
	size_t len = 0;

	buf[len++] = '"';
	for (; *word; word++) {
		char one[5];
		size_t k = c_char(one, (unsigned char)*word);

		if (len + k + sizeof("...\"") > n)
			break;
		memcpy(buf + len, one, k);
		len += k;
	}
	snprintf(buf + len, n - len, *word ? "\"..." : "\"");
	return buf;
}
