/* SPDX-License-Identifier: MIT */
/* target.h - what a user points at: PID, "self", or the path of a namespace file. */
#ifndef COMMON_TARGET_TARGET_H
#define COMMON_TARGET_TARGET_H

#include <sys/types.h>

#include "base/fault.h"

struct target {
	pid_t pid;        /* of a process, or 0 when it is a path                          */
	int pidfd;        /* of the process: setns and signals reach that one and no other */
	int procfd;       /* /proc/PID, opened; or -1                                      */
	const char *path; /* of a namespace file (borrowed), or NULL                       */
};

/* Read PID, "self" or a path (a word with a slash). A process must exist; its pidfd and
 * /proc directory are opened, so that a reused pid is never taken for it. Returns 0 or a
 * fault with op OP_NS_TARGET. */
int target_open(struct target *t, const char *word, struct fault *f);

void target_close(struct target *t);

#endif
