/* SPDX-License-Identifier: MIT */
/* words.h - a growing list of strings, and words quoted for a shell. */
#ifndef COMMON_BASE_WORDS_H
#define COMMON_BASE_WORDS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct words {
	char **v;   /* n strings and a NULL; the strings are borrowed, the array is owned */
	size_t n;
	size_t cap; /* slots in v */
};

/* Append a borrowed string. Returns 0 or -ENOMEM. */
int words_add(struct words *w, const char *word);

/* Append a string made by malloc, which words_free_all frees. Exits 125 when there is
 * no memory: for printing, before anything was done. */
void words_take(struct words *w, char *word);

/* Free the array and every string in it: for lists filled by words_take alone. */
void words_free_all(struct words *w);

/* Free the array (not the strings) and make the list empty. */
void words_free(struct words *w);

/* Memory or exit 125 with one line: for what a tool needs before it has done
 * anything. Never NULL. */
void *xcalloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc));

/* The same for memory that grows: n elements, of which the new ones are not set. */
void *xgrow(void *old, size_t n, size_t size) __attribute__((returns_nonnull));

/* snprintf into memory that the caller frees; exits 125 when there is none. */
char *xprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull, malloc));
char *xvprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0), returns_nonnull, malloc));

/* Print the word as a POSIX shell reads it back: bare when it can be. Control characters, and what is no
 * UTF-8, are spelled out, so that the line does nothing to a terminal. */
void word_quote(FILE *out, const char *word);

/* Write the word as C has it, in double quotes, into buf (n >= 8): what does not fit is "...".
 * Returns buf. */
const char *word_c(char *buf, size_t n, const char *word);

#endif
