/* SPDX-License-Identifier: MIT */
/* try.h - inside ns/: children that try something and end, so that nothing is left of it. */
#ifndef COMMON_NS_TRY_H
#define COMMON_NS_TRY_H

#include <stdbool.h>
#include <sys/types.h>

/* Make these kinds (CLONE_NEW*) in a child; with proc, have it make a proc filesystem there
 * without mounting it. Returns 0 or the -errno of what failed first. */
int ns_try(unsigned flags, bool proc);

enum { NS_TRY_FILTERED = 1 };

/* Make these kinds, and a mount namespace, in a child, and mount something there: with proc a fresh
 * one on /proc, else an empty filesystem. Returns 0, the -errno of what failed first, -ECHILD when
 * they cannot be made, or NS_TRY_FILTERED when a seccomp filter did not ask the kernel. */
int ns_try_mount(unsigned flags, bool proc);

/* Are our ids really these, and not some that have no number here? A child takes them on without
 * any right to others. Returns 0, or -errno. */
int ns_try_ids(uid_t uid, gid_t gid);

/* Has this kernel Landlock? Asked by a child, as a filter may end who asks. Returns 0, or -errno. */
int ns_try_landlock(void);

/* What a seccomp filter says to this kind: 0 when the kernel is asked, the -errno of the
 * filter, or -EPERM when it kills. The call is one that the kernel itself refuses. */
int ns_try_filter(unsigned kind);

/* Is our root another than that of our mounts? A child goes back to that one and looks: 1 yes, 0 no,
 * or -errno when it may not. */
int ns_try_chroot(void);

#endif
