/* SPDX-License-Identifier: MIT */
/* mounts.h - the caller's table of mounts, /proc/self/mountinfo; see proc(5). */
#ifndef COMMON_TARGET_MOUNTS_H
#define COMMON_TARGET_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* Is the mount in which the open file fd lies shared with others, so that what is mounted in
 * it is mounted there too? Its mount point goes to point (n bytes; may be NULL, 0). Returns 0
 * or -errno. */
int mounts_shared(int fd, bool *shared, char *point, size_t n);

/* Is there a mount of a whole proc filesystem with nothing on it, as the kernel wants it before a
 * new one may be mounted in a user namespace? If not, `cover` (n bytes) gets what is mounted on it,
 * or "", and *read_only whether that is what is wrong. */
bool mounts_proc_whole(char *cover, size_t n, bool *read_only);

#endif
