/* SPDX-License-Identifier: MIT */
/* maps.h - the id maps of ns-run, as words: ranges, and names for what one usually wants. */
#ifndef COMMON_NS_MAPS_H
#define COMMON_NS_MAPS_H

#include "base/fault.h"
#include "base/opt.h"
#include "base/words.h"
#include "ns/idmap.h"

/* As given: SPEC is IN:OUT:N, root, current, auto, subids, all, or several with commas. */
struct ns_maps {
	struct words both, users, groups;
	bool root, current, automatic, subids; /* the same as words of `both` */
};

extern const struct opt_kind opt_map; /* struct words: one SPEC; repeatable */
extern const char ns_map_words[];     /* for completion */

/* Is there any word? */
bool ns_maps_given(const struct ns_maps *m);

/* The ranges that m means for a caller with these ids; without a word, root's. Reads
 * /etc/passwd, /etc/group, /etc/subuid, /etc/subgid where a word needs them. *users and
 * *groups begin empty. Returns 0 or a fault. */
int ns_maps_resolve(const struct ns_maps *m, uint32_t uid, uint32_t gid, struct idmap *users, struct idmap *groups,
		    struct fault *f);

/* Free the lists; the words are argv's. */
void ns_maps_free(struct ns_maps *m);

/* Can newuidmap(1) or newgidmap(1), at path, do its work for us: is it there, may it be run,
 * and does it get its rights? Returns 0 or a fault that says which does not hold. */
int ns_maps_helper(const char *path, struct fault *f);

#endif
