/* SPDX-License-Identifier: MIT */
/* lsm.h - which AppArmor profile, or SELinux context, the program is executed under. */
#ifndef COMMON_CAP_LSM_H
#define COMMON_CAP_LSM_H

#include "base/fault.h"
#include "base/sys.h"

struct cap_lsm {
	const char *apparmor, *selinux; /* or NULL                                        */
	int proc; /* O_PATH of the host's /proc, once checked; 0 or -1: none              */
};

/* Does the kernel run with the module? Takes hold of /proc, which may be the container's by
 * the time of lsm_set. 0 or a fault. */
int lsm_check(struct cap_lsm *l, struct fault *f);

/* Have the next execve(2) change to it. 0 or a fault. */
int lsm_set(struct sys *s, const struct cap_lsm *l, struct fault *f);

#endif
