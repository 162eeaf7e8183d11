/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "num.h"

/* Reads the digits at *s and moves *s behind them. */
static int digits(const char **s, uint64_t *ret)
{
	uint64_t v = 0;
	const char *p = *s;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -ERANGE;
	*s = p;
	*ret = v;
	return 0;
}

int num_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v;
	int r = digits(&s, &v);

	if (r < 0)
		return r;
	if (*s)
		return -EINVAL;
	if (v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	int negative = min < 0 && *s == '-';
	uint64_t v;
	int64_t i;
	int r = num_u64(s + negative, (uint64_t)INT64_MAX, &v);

	if (r < 0)
		return r;
	i = negative ? -(int64_t)v : (int64_t)v;
	if (i < min || i > max)
		return -ERANGE;
	*ret = i;
	return 0;
}

int num_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGTP";
	uint64_t v;
	int r;

	if (strcmp(s, "max") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	r = digits(&s, &v);
	if (r < 0)
		return r;
	if (*s) {
		const char *u = strchr(units, *s >= 'a' ? *s - 'a' + 'A' : *s);

		if (!u || s[1])
			return -EINVAL;
		for (int i = 0; i <= u - units; i++)
			if (__builtin_mul_overflow(v, 1024, &v))
				return -ERANGE;
	}
	*ret = v;
	return 0;
}
