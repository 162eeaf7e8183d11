/* SPDX-License-Identifier: MIT */
/* preflight.h - inside ns/: the report of ns-run --check, for people or as JSON. */
#ifndef COMMON_NS_PREFLIGHT_H
#define COMMON_NS_PREFLIGHT_H

#include "base/fault.h"
#include "ns/look.h"

struct preflight;

/* Begin a report on stdout. */
struct preflight *preflight_new(bool json);

/* Add one line (an ns_see, with the report as arg). */
void preflight_see(void *p, const struct ns_line *l);

/* Add what a check said: f, or NULL when it was fine, as `fine` says. */
void preflight_fault(struct preflight *p, const char *what, const struct fault *f, const char *fine);

/* Print what is left, and free it. Returns the exit status: 0, or 1 when anything is refused. */
int preflight_end(struct preflight *p);

#endif
