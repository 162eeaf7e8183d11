/* SPDX-License-Identifier: MIT */
/* lister.h - the life of a tool that lists: options, help, completion, exit status. */
#ifndef COMMON_CHAIN_LISTER_H
#define COMMON_CHAIN_LISTER_H

#include "base/opt.h"
#include "base/sys.h"

struct lister {
	struct cmd cmd;             /* its operands are optional, as many as may come       */
	size_t spec_size;           /* of the options' struct, which begins zeroed          */
	/* List, or whatever the options say. Returns how many rows there were, or a fault. */
	int (*run)(void *spec, const struct words *operands, const struct sys *sys, struct fault *f);
	void (*drop)(void *spec);   /* free what the spec owns; may be NULL                 */
};

/* The whole life of it. Options may stand before and behind the operands. Returns the exit
 * status: 0, 1 for no row, 2 for a fault. */
int lister_main(const struct lister *l, char **argv);

#endif
