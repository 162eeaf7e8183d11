/* SPDX-License-Identifier: MIT */
/* num.h - strict numbers: the whole word, in range, never a guess. */
#ifndef COMMON_BASE_NUM_H
#define COMMON_BASE_NUM_H

#include <stdint.h>

/* Decimal digits only (with a leading '-' where min < 0), the whole string, within
 * [min, max]. Returns 0, -EINVAL when it is no number, -ERANGE when out of range. */
int num_i64(const char *s, int64_t min, int64_t max, int64_t *ret);
int num_u64(const char *s, uint64_t max, uint64_t *ret);

/* Bytes: digits with an optional suffix K, M, G, T, P (powers of 1024), or "max" for
 * UINT64_MAX. Returns as num_u64. */
int num_size(const char *s, uint64_t *ret);

#endif
