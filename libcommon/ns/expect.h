/* SPDX-License-Identifier: MIT */
/* expect.h - is a user namespace mapped as the caller believes? */
#ifndef COMMON_NS_EXPECT_H
#define COMMON_NS_EXPECT_H

#include "base/fault.h"
#include "ns/idmap.h"

/* Compare the maps of a user namespace with users and groups, in any order of ranges; what
 * has no range is not compared. The namespace is that of the process whose /proc/PID is
 * procfd, or else (procfd -1) of the file nsfd, which a short-lived child enters. object:
 * the namespace, for the fault. Returns 0 or a fault. */
int userns_expect(int procfd, int nsfd, const struct idmap *users, const struct idmap *groups, const char *object,
		  struct fault *f);

#endif
