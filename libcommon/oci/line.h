/* SPDX-License-Identifier: MIT */
/* line.h - a chain being written as words, each with the place in config.json that asks for
 * it. The words are parsed as a command line would be, so what is printed, what is checked
 * and what would run are one thing. */
#ifndef COMMON_OCI_LINE_H
#define COMMON_OCI_LINE_H

#include <stdint.h>

#include "base/words.h"

struct line {
	struct words words; /* owned                                                      */
	struct words from;  /* owned; one for each word: a JSON path, or "" as the one before */
};

/* Append a word, printf-like, for the value at the path `from` ("": as the word before). */
void line_add(struct line *l, const char *from, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Append "--name" and a value; value NULL: the name alone. */
void line_option(struct line *l, const char *from, const char *name, const char *value);

/* The same for element i of the array at `from`. */
void line_element(struct line *l, const char *from, size_t i, const char *name, const char *value);

/* Append --set KEY=N, or KEY=max for a negative n. */
void line_set(struct line *l, const char *from, const char *key, int64_t n);

void line_free(struct line *l);

#endif
