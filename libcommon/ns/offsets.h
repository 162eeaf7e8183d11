/* SPDX-License-Identifier: MIT */
/* offsets.h - how far the clocks of a new time namespace are from the host's. */
#ifndef COMMON_NS_OFFSETS_H
#define COMMON_NS_OFFSETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/opt.h"
#include "base/sys.h"

struct time_offset {
	bool given;
	int64_t secs;
	uint32_t nanos; /* always forward: -1 s and 500000000 ns is half a second back */
};

extern const struct opt_kind opt_offset; /* struct time_offset: SECONDS[:NANOSECONDS] */

/* Shift the clocks of the time namespace that was made for our children, and enter it
 * ourselves, which the kernel lets nobody shift later. procfd is our /proc/self, verified.
 * Returns 0 or a fault. */
int offsets_set(struct sys *s, int procfd, const struct time_offset *monotonic, const struct time_offset *boottime,
		struct fault *f);

#endif
