/* SPDX-License-Identifier: MIT */
/* set.h - the link proc-set: limits, priorities, environment, directory, terminal, waiting. */
#ifndef COMMON_PROC_SET_H
#define COMMON_PROC_SET_H

#include "base/link.h"
#include "proc/kinds.h"
#include "proc/rlimits.h"
#include "proc/sched.h"

/* What proc-set is to do, as argv or config.json says it. Strings are borrowed. */
struct proc_spec {
	struct rlimits rlimits;
	struct opt_num nice, oom, umask;
	struct proc_sched sched;
	struct proc_ioprio ioprio;
	struct proc_persona persona;
	const char *cwd;
	struct words set, unset; /* NAME=VALUE words, NAMEs                       */
	bool clear;
	bool new_session, home, own_stdio;
	const char *cpus;        /* a list                                        */
	const char *keyring;     /* a name                                        */
	const char *wait;        /* a FIFO                                        */
	const char *console;     /* a socket                                      */
	struct proc_size size;
	struct words keep_fds;

	char *home_word;         /* "HOME=...", owned                             */

	/* Opened by check() and before(), 0 (or -1) as long as there is none: it is never one
	 * of the standard descriptors. */
	struct {
		int wait, console, oom, proc;
	} fd;
};

extern const struct link proc_set_link;

#endif
