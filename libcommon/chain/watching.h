/* SPDX-License-Identifier: MIT */
/* watching.h - inside the watcher (chain/watch.h): what its files share, and nobody else. */
#ifndef COMMON_CHAIN_WATCHING_H
#define COMMON_CHAIN_WATCHING_H

#include <sys/signalfd.h>

#include "chain/chain.h"

/* What a watcher knows of the one it watches. */
struct watch {
	struct chain *ch;
	pid_t child;
	pid_t whose;    /* the program's process: the child, or one that a watcher in
			 * between has told of                                        */
	int chan;       /* our end of the channel, -1 once the other end is closed   */
	int parent;     /* pidfd of who started us, for --die-with-parent, or -1      */
	int signals;    /* signalfd                                                   */
	int pid_dir;    /* where the pid file goes, or -1                             */
	bool is_init;   /* the child is pid 1 of a pid namespace                      */
	bool sees;      /* our /proc shows the child under the pid we know            */
	bool made;      /* its namespaces are made, and it was told to go on          */
	bool runs;      /* the program was executed                                   */
	bool told;      /* readiness was told                                         */
	bool ended;     /* the child was waited for                                   */
	bool failed;    /* `fault` came up                                            */
	int aborted;    /* the signal that ended a chain whose program did not run yet */
	bool said;      /* that pid 1 ignored a signal was said                       */
	int status;     /* wait status of the child, or the program's by MSG_STATUS   */
	bool have_status;
	struct fault fault;
};

/* Clone the child of a watcher; by another owner where the chain says so. As sys_clone3(). */
pid_t watch_clone(struct chain *ch, struct clone_args *args);

/* Take one message from the channel, or its end. */
void watching_read(struct watch *w);

/* Stop as the program did, so that the shell sees it; go on when it says so. Without a
 * shell's terminal nobody would wake us again. */
void watching_stop_too(struct watch *w);

/* One signal was sent to us: pass it on. The terminal sends its signals to its whole foreground
 * group: then the program has had it. */
void watching_forward(struct watch *w, const struct signalfd_siginfo *info);

/* Hear of the end of who started us (--die-with-parent), from now on; and what is done then. */
void watching_parent(struct watch *w);
void watching_parent_ended(struct watch *w);

#endif
