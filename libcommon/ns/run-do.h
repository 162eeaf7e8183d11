/* SPDX-License-Identifier: MIT */
/* run-do.h - inside ns/: what the files of ns-run share. */
#ifndef COMMON_NS_RUN_DO_H
#define COMMON_NS_RUN_DO_H

#include "ns/run.h"

/* The stations of the link; see base/link.h. Each returns 0 or a fault. */

/* Whether all of it can be done, as far as that can be asked; the maps are resolved. */
int ns_run_check(struct ns_run *s, struct ctx *c, struct fault *f);

/* Before the fork: places for the namespaces that are kept. */
int ns_run_before(struct ns_run *s, struct ctx *c, struct fault *f);

/* By the one who stays outside, while the child waits in its user namespace: the id maps. */
int ns_run_outside(struct ns_run *s, struct ctx *c, pid_t child, struct fault *f);

/* By the child, or without one by ourselves: what is not made yet, and what is set in there. */
int ns_run_act(struct ns_run *s, struct ctx *c, struct fault *f);

/* By the one outside, when the child has all namespaces: those that are kept get their files. */
int ns_run_made(struct ns_run *s, struct ctx *c, pid_t child, struct fault *f);

/* The report of --check. Returns the exit status. */
int ns_run_preflight(struct ns_run *s, struct ctx *c, struct fault *f);

/* May we write this map ourselves, from inside and without a helper? */
bool ns_run_own_only(const struct idmap *m, uint32_t id);

/* The kinds that are made, and those of them that the child makes itself. */
unsigned ns_run_kinds(const struct ns_run *s, const struct ctx *c);
unsigned ns_run_late(const struct ns_run *s);

/* Is a /proc mounted for a new pid namespace? */
bool ns_run_fresh_proc(const struct ns_run *s, const struct ctx *c);

/* Are clocks shifted? */
bool ns_run_shifts(const struct ns_run *s);

#endif
