/* SPDX-License-Identifier: MIT */
/* hooks.h - programs that somebody wants to be run at stations of a container's life
 * (runtime specification, config.md, POSIX-platform Hooks). */
#ifndef COMMON_OCI_HOOKS_H
#define COMMON_OCI_HOOKS_H

#include "base/sys.h"
#include "oci/config.h"

/* Run them in their order; each gets `state` (JSON) on its standard input, and for its
 * environment its own, else `env` (NULL: none). What it prints goes into the fault when it
 * fails. With `all` one that fails is reported by the last fault but does not keep the others
 * from running. Returns 0 or a fault. */
int hooks_run(struct sys *s, const struct json_list *hooks, const char *name, const char *state, char *const *env,
	      bool all, struct fault *f);

#endif
