/* SPDX-License-Identifier: MIT */
/* program.h - becoming the program at the end of a chain. */
#ifndef COMMON_CHAIN_PROGRAM_H
#define COMMON_CHAIN_PROGRAM_H

#include "chain/chain.h"

/* Where a link brought the program's file along (ctx.program_fd): is it the one that was named? With
 * no program named, it is it. Changes nothing. Returns 0 or a fault. */
int program_check(struct chain *ch, struct fault *f);

/* Find the program's file by the PATH of its environment, as execvp(3) would (but a file
 * without #! is not given to a shell), in the root that holds now, into ch->path. Returns 0 or a fault that means 126 or 127. */
int program_find(struct chain *ch, struct fault *f);

/* Close every descriptor from 3 on that is not among the n of keep (which gets sorted). */
int program_close_all_but(struct sys *s, int *keep, size_t n);

/* Everything that is left to do before a filter is loaded: no call but execve(2) (and
 * fork for --init) follows. Descriptors, death with the watcher, signals. */
int program_settle(struct chain *ch, struct fault *f);

/* Become the program; returns only with a fault. */
int program_become(struct chain *ch, struct fault *f);

#endif
