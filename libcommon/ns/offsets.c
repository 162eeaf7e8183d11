/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "ns/offsets.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int parse(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct time_offset *t = field;
	size_t n = strcspn(text, ":");
	_cleanup_free_ char *secs = xprintf("%.*s", (int)n, text);
	uint64_t nanos = 0;

	*t = (struct time_offset){.given = true};
	if (num_i64(secs, INT64_MIN / 1000000000, INT64_MAX / 1000000000, &t->secs) == 0 &&
	    (!text[n] || num_u64(text + n + 1, 999999999, &nanos) == 0)) {
		t->nanos = (uint32_t)nanos;
		return 0;
	}
	fault_set(f, OP_NUMBER, 0, "--%s %s", o->name, text);
	fault_why(f, "not a number of seconds, and of nanoseconds up to 999999999");
	fault_fix(f, "--%s SECONDS[:NANOSECONDS], as in 86400 or -1:500000000", o->name);
	return -EINVAL;
}

static void print(const void *field, const struct opt *o, struct words *out)
{
	const struct time_offset *t = field;
	_cleanup_free_ char *text = t->nanos ? xprintf("%" PRId64 ":%" PRIu32, t->secs, t->nanos) : xprintf("%" PRId64, t->secs);

	if (t->given)
		opt_emit(o, text, out);
}

const struct opt_kind opt_offset = {true, false, parse, print};

static int set_one(struct sys *s, int procfd, const char *clock, const struct time_offset *t, struct fault *f)
{
	char text[64];
	int r;

	if (!t->given)
		return 0;
	snprintf(text, sizeof(text), "%s %" PRId64 " %" PRIu32, clock, t->secs, t->nanos);
	r = sys_write_file(s, procfd, "timens_offsets", "/proc/self/timens_offsets", text);
	if (r == 0)
		return 0;
	fault_set(f, OP_TIME, -r, "%s", text);
	if (r == -ERANGE) {
		fault_why(f, "the clock would be below 0 or above 146 years");
		fault_fix(f, "less: cat /proc/uptime");
	}
	return r;
}

int offsets_set(struct sys *s, int procfd, const struct time_offset *monotonic, const struct time_offset *boottime,
		struct fault *f)
{
	int r = set_one(s, procfd, "monotonic", monotonic, f);
	_cleanup_fd_ int ns = -1;

	if (r == 0)
		r = set_one(s, procfd, "boottime", boottime, f);
	if (r < 0)
		return r;
	ns = openat(procfd, "ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return fault_set(f, OP_TIME, errno, "/proc/self/ns/time_for_children");
	r = sys_setns(s, ns, CLONE_NEWTIME, "/proc/self/ns/time_for_children");
	return r < 0 ? fault_set(f, OP_TIME, -r, "/proc/self/ns/time_for_children") : 0;
}
