/* SPDX-License-Identifier: MIT */
/* program.h - becoming the program at the end of a chain. */
#ifndef COMMON_CHAIN_PROGRAM_H
#define COMMON_CHAIN_PROGRAM_H

#include "chain/chain.h"

/* Find the program's file by the PATH of its environment, as execvp(3) would, in the
 * root that holds now, into ch->path. Returns 0 or a fault that means 126 or 127. */
int program_find(struct chain *ch, struct fault *f);

/* Everything that is left to do before a filter is loaded: no call but execve(2) (and
 * fork for --init) follows. Descriptors, death with the watcher, signals. */
int program_settle(struct chain *ch, struct fault *f);

/* Become the program; returns only with a fault. */
int program_become(struct chain *ch, struct fault *f);

#endif
