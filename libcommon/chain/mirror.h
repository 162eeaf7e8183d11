/* SPDX-License-Identifier: MIT */
/* mirror.h - what a process is, as words of the links that would make it so. */
#ifndef COMMON_CHAIN_MIRROR_H
#define COMMON_CHAIN_MIRROR_H

#include "base/words.h"
#include "target/facts.h"

/* The words are made here and the list's to free: words_free_all. Each function appends the options of
 * one link, without its name, and nothing where nothing is to be said. */

enum {
	MIRROR_RLIMITS = 1 << 0,
	MIRROR_UMASK = 1 << 1,
	MIRROR_OOM = 1 << 2,
	MIRROR_IDS = 1 << 3,
	MIRROR_CAPS = 1 << 4,
	MIRROR_NNP = 1 << 5,
	MIRROR_LABEL = 1 << 6,
};

/* proc-set: limits, umask, oom_score_adj. ours: what need not be said, or NULL. */
void mirror_process(struct words *w, const struct facts *p, const struct facts *ours, unsigned what);

/* cap-set: ids, groups, the five sets, no_new_privs, label. can: the capabilities that can be had where
 * it stands, which "all" means. in_userns: the ids are those of its own user namespace, and not ours.
 * Returns 0, or a fault: an id that has no number in there. */
int mirror_caps(struct words *w, const struct facts *p, uint64_t can, bool in_userns, unsigned what, struct fault *f);

/* cg-exec: one word for each --group that is needed; those that need not be entered since we (ours) are
 * in them are left out, and those that are mounted nowhere. Returns 0 or a fault. */
int mirror_cgroups(struct words *groups, const struct facts *p, const struct facts *ours, struct fault *f);

#endif
