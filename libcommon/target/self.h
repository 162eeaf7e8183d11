/* SPDX-License-Identifier: MIT */
/* self.h - facts about the calling process. */
#ifndef COMMON_TARGET_SELF_H
#define COMMON_TARGET_SELF_H

#include <stdbool.h>
#include <stdint.h>

/* True when the capability (CAP_*) is in the caller's effective set. */
bool self_has_cap(int cap);

/* The caller's bounding set; *all gets every capability the kernel knows. */
uint64_t self_cap_bounding(uint64_t *all);

/* Does the id map in `file` (uid_map or gid_map, below the directory procfd of a process;
 * or AT_FDCWD and a whole path) map the id `inside`, as the user namespace counts? Lines
 * are "INSIDE OUTSIDE COUNT", user_namespaces(7). True when it cannot be read:
 * the kernel will say no to whoever uses the id. */
bool self_map_has(int procfd, const char *file, uint32_t inside);

/* Is the caller in another user namespace than the first? Its number is fixed in the kernel
 * (PROC_USER_INIT_INO). False when /proc does not tell. */
bool self_in_userns(void);

/* 0: none, 1: strict, 2: filter; -1 when the kernel does not tell. */
int self_seccomp_mode(void);

/* What helps whom /proc does not tell all of others: this command, which begins with sudo, or for root what
 * he lacks. */
const char *self_sight(const char *sudo);

#endif
