/* SPDX-License-Identifier: MIT */
/* words.h - a growing list of strings, and words quoted for a shell. */
#ifndef COMMON_BASE_WORDS_H
#define COMMON_BASE_WORDS_H

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

/* snprintf into memory that the caller frees; exits 125 when there is none. */
char *xprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull, malloc));

/* Print the word as a POSIX shell reads it back: bare when it can be. */
void word_quote(FILE *out, const char *word);

#endif
