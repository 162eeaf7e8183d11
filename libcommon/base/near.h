/* SPDX-License-Identifier: MIT */
/* near.h - "did you mean": the known word that is nearest to a mistyped one. */
#ifndef COMMON_BASE_NEAR_H
#define COMMON_BASE_NEAR_H

#include <stddef.h>

/* How many single-character changes turn the first n characters of word into known.
 * Words longer than 63 characters count as entirely different. */
size_t near_distance(const char *word, size_t n, const char *known);

/* The nearest of count words (stride bytes apart, `first` points at the first
 * `const char *`) with less than 4 changes and fewer than it has characters, or NULL. */
const char *near_word(const char *word, size_t n, const char *const *first, size_t count, size_t stride);

#endif
