/* SPDX-License-Identifier: MIT */
/* like.h - what ns-enter takes of its target by other links: --like-exec, --cgroup-of, --label and
 * --cwd-inside become the links that do it. */
#ifndef COMMON_CHAIN_LIKE_H
#define COMMON_CHAIN_LIKE_H

#include "chain/chain.h"

/* Look at the targets and put the links in. Changes nothing but ch. Returns 0 or a fault. */
int chain_expand(struct chain *ch, struct fault *f);

/* Once all is checked: a link that was put in may have taken something by the number of the target, so
 * that one has to live still. Returns 0 or a fault. */
int chain_expand_held(const struct chain *ch, struct fault *f);

/* A fault of a link that was put in: name the part that can be left out. */
void chain_expand_blame(const struct chain *ch, unsigned node, struct fault *f);

#endif
