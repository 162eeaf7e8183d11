/* SPDX-License-Identifier: MIT */
/* init.h - the small init of --init: pid 1 that passes signals on and reaps. */
#ifndef COMMON_CHAIN_INIT_H
#define COMMON_CHAIN_INIT_H

#include "chain/chain.h"

/* Fork: the child returns 0 and goes on to become the program; the parent stays as init
 * and never returns. It runs behind the filter and with the capabilities of the program,
 * so that whoever took it over would have gained nothing. */
int init_fork(struct chain *ch, struct fault *f);

#endif
