/* SPDX-License-Identifier: MIT */
/* printable.h - text that others chose, for a terminal: it is shown, and steers nothing. */
#ifndef COMMON_BASE_PRINTABLE_H
#define COMMON_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the character at p when it is valid UTF-8 (without utf8: ASCII) and no control
 * character, neither below 0x20, nor DEL, nor U+0080 to U+009F; else 0. */
size_t printable_at(const char *p, bool utf8);

/* Make each byte that belongs to no such character '?', in place. Returns text. */
char *printable(char *text);

/* Print a line (at most 4095 bytes of it) on stderr, made printable. */
void printable_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
