/* SPDX-License-Identifier: MIT */
/* enter-do.h - the parts of ns-enter. */
#ifndef COMMON_NS_ENTER_DO_H
#define COMMON_NS_ENTER_DO_H

#include "ns/enter.h"

/* -- options ----------------------------------------------------------------------------- */
extern const struct opt_kind opt_enter_dir;   /* struct enter_dir: [DIR]                    */
extern const struct opt_kind opt_enter_ids;   /* struct enter_ids: follow, keep, UID:GID    */
extern const struct opt_kind opt_enter_kinds; /* unsigned: KIND,...                         */
extern const struct opt_kind opt_enter_like;  /* struct enter_like: [PART,... or -PART,...] */
extern const char enter_part_words[], enter_kind_words[]; /* for completion                  */

/* -- which namespaces, and where each comes from ------------------------------------------- */

/* Those that are wanted: named ones, or all; without what --except names. */
unsigned enter_wanted(const struct ns_enter *s);

/* Find each, fill s->join and s->fd. Returns 0 or a fault. */
int enter_find(struct ns_enter *s, struct ctx *c, struct fault *f);

/* Behind it, where a map is required of the user namespace: hold the target's own from here on, so that
 * those are joined that were looked at. Returns 0 or a fault. */
int enter_hold(struct ns_enter *s, struct fault *f);

/* Is the target in the user namespace yet that it was in then? 0 or a fault. */
int enter_held(const struct ns_enter *s, struct fault *f);

/* A descriptor of one of the target's own namespaces ("net", "pid_for_children"), or -errno. */
int enter_open_own(const struct ns_enter *s, const char *file);

/* -- joining -------------------------------------------------------------------------------- */

/* Join s->join, in an order that can succeed. Returns 0 or a fault that names the cause. */
int enter_join(struct ns_enter *s, struct ctx *c, struct fault *f);

/* Why the namespaces of the target could not be looked at (err of a file below its ns/), or not
 * be joined. Fill *f, return -err. */
int enter_why_hidden(const struct ns_enter *s, const char *what, int err, struct fault *f);
int enter_why_refused(const struct ns_enter *s, int err, struct fault *f);

/* -- who one is ------------------------------------------------------------------------------ */

/* Find the ids and groups that are taken, and whether 0 is mapped in there. Returns 0 or a fault. */
int enter_ids_check(struct ns_enter *s, struct ctx *c, struct fault *f);

/* Take them, in there. Returns 0 or a fault. */
int enter_ids_take(struct ns_enter *s, struct ctx *c, struct fault *f);

/* Do groups of ours have to go before the right to do it may be gone? */
bool enter_ids_change(const struct ns_enter *s);

/* -- host tools, a fresh /proc, a program from the host ----------------------------------------- */

/* The pid namespace is left out where a process in there could reach the host's files through the
 * program; a fault where it was asked for, or where that is so without it. */
int enter_tools_apart(struct ns_enter *s, const struct ctx *c, struct fault *f);

/* --with-host-tools: hold the target's root; is the place for it there? Returns 0 or a fault. */
int enter_tools_check(struct ns_enter *s, struct ctx *c, struct fault *f);

/* Before the join: take hold of the target's files, as s->dest_fd's future content. */
int enter_tools_fetch(struct ns_enter *s, struct ctx *c, int *tree, struct fault *f);

/* After the join: a private mount namespace with the target's files in it (tree), and where asked
 * for a /proc of the pid namespace that was entered. */
int enter_tools_mount(struct ns_enter *s, struct ctx *c, int *tree, struct fault *f);

/* --inject: is it a program that runs without a file of the container's? Then it is copied and held as
 * the chain's program. Returns 0 or a fault. */
int enter_inject_check(struct ns_enter *s, struct ctx *c, struct fault *f);

#endif
