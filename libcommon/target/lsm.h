/* SPDX-License-Identifier: MIT */
/* lsm.h - which security modules this kernel runs with. */
#ifndef COMMON_TARGET_LSM_H
#define COMMON_TARGET_LSM_H

#include <stdbool.h>
#include <stddef.h>

/* Does it run here? False also where /sys or /proc does not tell. */
bool lsm_has_apparmor(void);
bool lsm_has_selinux(void);

/* Does the kernel's own list have it? Needs securityfs; false where that is not mounted. */
bool lsm_lists(const char *name);

/* Our own label of AppArmor or SELinux, "" where there is none and where it confines nothing. */
void lsm_label(char *buf, size_t n);

#endif
