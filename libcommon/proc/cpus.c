/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "proc/cpus.h"

static cpu_set_t *bad(cpu_set_t *set, const char *text, struct fault *f)
{
	CPU_FREE(set);
	fault_rule(f, OP_CPUS, text, "expected processors and ranges of them, as in 0-3,8");
	return NULL;
}

/* A number at *p, which is moved behind it; -1: none, or too large. */
static long number(const char **p)
{
	char *end;
	unsigned long n = **p >= '0' && **p <= '9' ? strtoul(*p, &end, 10) : CPUS_MAX;

	if (n >= CPUS_MAX)
		return -1;
	*p = end;
	return (long)n;
}

cpu_set_t *cpus_read(const char *text, struct fault *f)
{
	cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
	const char *p = text;

	if (!set) {
		fault_set(f, OP_MEMORY, ENOMEM, "%s", text);
		return NULL;
	}
	CPU_ZERO_S(CPU_ALLOC_SIZE(CPUS_MAX), set);
	do {
		long from = number(&p), to = from;

		if (from >= 0 && *p == '-') {
			p++;
			to = number(&p);
		}
		if (from < 0 || to < from || (*p && *p != ','))
			return bad(set, text, f);
		for (; from <= to; from++)
			CPU_SET_S((size_t)from, CPU_ALLOC_SIZE(CPUS_MAX), set);
	} while (*p++ == ',');
	return set;
}

int cpus_set(struct sys *s, const char *text, struct fault *f)
{
	cpu_set_t *set = cpus_read(text, f);
	int r = set ? sys_setaffinity(s, CPU_ALLOC_SIZE(CPUS_MAX), set, text) : -EINVAL;

	if (set && r < 0)
		fault_set(f, OP_CPUS, -r, "%s", text);
	CPU_FREE(set);
	return r;
}
