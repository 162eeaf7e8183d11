/* SPDX-License-Identifier: MIT */
/* target.h - what a user points at: PID, PID:INODE, "self", @NAME or @ID of a container, or the
 * path of a namespace file. */
#ifndef COMMON_TARGET_TARGET_H
#define COMMON_TARGET_TARGET_H

#include <stdint.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/sys.h"
#include "target/boxes.h"

struct target {
	pid_t pid;        /* of a process, or 0 when it is a path                          */
	int pidfd;        /* of the process: setns and signals reach that one and no other */
	int procfd;       /* /proc/PID, opened; or -1                                      */
	const char *path; /* of a namespace file (borrowed), or NULL                       */
	const struct box *box; /* the container that was named by @, or NULL               */
	struct boxes boxes;    /* private: that one is in it                               */
};

/* Read the word. "@..." is a container, of which the first process is taken; another word with
 * a slash is a path. A process must exist; its pidfd and /proc directory are opened, and both are
 * found to be one process: its number may be reused after that. A /proc of another pid namespace
 * than ours is refused. Returns 0 or a fault with op OP_NS_TARGET or OP_BOX. */
int target_open(struct target *t, const char *word, struct fault *f);

/* With --explain: which container and process the word was, and what said so. Else nothing. */
void target_say(const struct target *t, const struct sys *s, const char *word);

/* The number behind "PID:" of the process of a pidfd: no other process gets it until the next
 * boot. 0 where this kernel has none (before 6.9). */
uint64_t target_inode(int pidfd);

/* Has the process of a pidfd ended? Until it has, its number is nobody else's. */
bool target_ended(int pidfd);

/* Is the word the path of a file, and no process? Nothing is looked for. */
bool target_is_file(const char *word);

/* Does the word look like a target, and not like a program? Nothing is looked for. */
bool target_is_word(const char *word);

void target_close(struct target *t);

#endif
