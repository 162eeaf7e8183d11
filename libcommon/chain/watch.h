/* SPDX-License-Identifier: MIT */
/* watch.h - the watcher: who stays behind, and why.
 *
 * Where a chain has a reason (a link's fork(), a wish of the user), one process forks,
 * does from outside what only it can do (place, write maps, raise limits), says go,
 * forwards signals, waits, and cleans up. It is outside of the cgroup it fills. One
 * socket pair connects it with its child; the end of it is how each learns that the
 * other is gone, and how the watcher learns that the program was executed.
 *
 * What comes up the channel is checked like any input: with --init its other end stays
 * in the container, where somebody may get hold of it. */
#ifndef COMMON_CHAIN_WATCH_H
#define COMMON_CHAIN_WATCH_H

#include "chain/chain.h"

enum msg_type {
	MSG_GO,      /* down: value is the child's pid as the watcher sees it       */
	MSG_FAULT,   /* up: the chain failed, and how                               */
	MSG_MADE,    /* up: in its namespaces, and waits for MSG_GO (chain/life.h);  */
		     /* with MSG_WAITS, value is the pid, where a watcher in between */
		     /* knows it and the outermost does not; else 0                  */
	MSG_WAITS,   /* up: the chain is done and waits (proc-set --wait)           */
	MSG_RUNS,    /* up, by --init: the program was executed                     */
	MSG_STOPPED, /* up, by --init: the program stopped                          */
	MSG_STATUS,  /* up, by --init: the program ended; value is its wait status  */
};

struct msg {
	enum msg_type type;
	int value;
	struct fault fault; /* sent with MSG_FAULT only */
};

enum { MSG_SHORT = offsetof(struct msg, fault) };

/* Check what the user wishes of a watcher (pid file, descriptor); opens the pid file's
 * directory as ch->pid_dir. Returns 0 or a fault. */
int watch_check(struct chain *ch, struct fault *f);

/* Fork at node `at` with clone flags; `why` are the reasons, for --explain. Returns 0 in
 * the child, which goes on with the chain. The parent watches, cleans up and exits: it
 * returns only when the fork failed, with a fault. */
int watch_fork(struct chain *ch, unsigned at, uint64_t flags, const struct words *why, struct fault *f);

/* The program's side of a life cycle: tell that the namespaces are made (pid: whose, by a watcher
 * in between; 0: ours), and wait for the go. Without a watcher nothing is done. 0 or a fault. */
int watch_made(struct chain *ch, pid_t pid, struct fault *f);

/* Do what the links that were begun do on a child that says so: their made(). 0 or a fault. */
int watch_do_made(struct chain *ch, pid_t child, struct fault *f);

/* Wait for the watcher's go; *value: what it sent with it. 0 or a fault. When the watcher has
 * ended, or failed and says why itself, this process just ends. */
int watch_await_go(struct chain *ch, int *value, struct fault *f);

/* Wait at the gate of the life cycle for a visitor; from then on faults go to it. */
int watch_gate(struct chain *ch, struct fault *f);

/* Send a message up; does nothing without a watcher. Returns 0 or -errno. */
int watch_tell(struct chain *ch, enum msg_type type, int value, const struct fault *f);

/* Did the terminal send this signal, to the whole of its foreground group? */
bool watch_by_terminal(int sig, int code);

/* The end of this process as part of a chain: undo what it began (status: the program's
 * wait status, or -1 with a fault), report the fault or pass the status on. */
_Noreturn void watch_leave(struct chain *ch, int status, const struct fault *f);

#endif
