/* SPDX-License-Identifier: MIT */
/* fresh.h - a /proc of the pid namespace that the caller is in. */
#ifndef COMMON_NS_FRESH_H
#define COMMON_NS_FRESH_H

#include <stdbool.h>

#include "base/sys.h"

/* Mount one over /proc. The caller is alone in its mount namespace, and nobody else is to
 * see it: where not all mounts in there are private already (all_private), the one at /proc is made so
 * first. Returns 0 or -errno. */
int ns_fresh_proc(struct sys *s, bool all_private);

#endif
