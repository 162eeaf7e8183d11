/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "near.h"

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance with one row of the matrix. */
size_t near_distance(const char *word, size_t n, const char *known)
{
	size_t row[LONGEST + 1];
	size_t m = strlen(known);

	if (m > LONGEST || n > LONGEST)
		return m > n ? m : n;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t same = diagonal + (word[i - 1] != known[j - 1]);

			diagonal = row[j];
			row[j] = least(same, row[j] + 1, row[j - 1] + 1);
		}
	}
	return row[m];
}

const char *near_word(const char *word, size_t n, const char *const *first, size_t count, size_t stride)
{
	const char *best = NULL;
	size_t most = 4;

	for (size_t i = 0; i < count; i++) {
		const char *known = *(const char *const *)((const char *)first + i * stride);
		size_t d = near_distance(word, n, known);

		if (d < most && d < strlen(known)) {
			most = d;
			best = known;
		}
	}
	return best;
}
