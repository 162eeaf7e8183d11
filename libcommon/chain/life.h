/* SPDX-License-Identifier: MIT */
/* life.h - stations of a chain at which a life cycle around it (oci/) has something to do.
 *
 * The watcher's side runs in the process that stays outside; the program's side in the one
 * that becomes the program. Each station may be NULL, and returns 0 or a fault, which ends
 * the chain as a failing link would. */
#ifndef COMMON_CHAIN_LIFE_H
#define COMMON_CHAIN_LIFE_H

#include "base/fault.h"
#include "base/sys.h"

struct chain_life {
	struct sys *sys;   /* the chain's; set by chain_live                                  */
	int gate;          /* a listening UNIX socket: when the rest of the chain is done the
			    * program's side waits there for a visitor who says go (MSG_GO)
			    * and gets a fault or, once the program is executed, the end; -1  */
	bool stations;     /* made() and inside() have something to do                        */

	/* Whoever begins the chain: all is checked, nothing is done yet. Signals are blocked. */
	int (*begin)(struct chain_life *l, struct fault *f);
	/* Watcher: the first process of the chain exists and is placed, and waits. pid is its
	 * number as the watcher sees it. */
	int (*placed)(struct chain_life *l, pid_t pid, struct fault *f);
	/* Watcher: it is in its namespaces, the root has not changed. */
	int (*made)(struct chain_life *l, pid_t pid, struct fault *f);
	/* Program's side, just after that. */
	int (*inside)(struct chain_life *l, struct fault *f);
	/* Program's side: past the gate, the next thing is the filter and the program. */
	int (*start)(struct chain_life *l, char **env, struct fault *f);
	/* Watcher: it waits at the gate, or the program runs. */
	int (*ready)(struct chain_life *l, pid_t pid, struct fault *f);
	/* The last process of the chain, when everything else is undone: status is the
	 * program's wait status, or -1 with a fault. Returns the exit status. Required. */
	int (*ended)(struct chain_life *l, int status, const struct fault *f);
};

#endif
