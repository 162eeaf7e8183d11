/* SPDX-License-Identifier: MIT */
/* lsm.h - which security modules this kernel runs with. */
#ifndef COMMON_TARGET_LSM_H
#define COMMON_TARGET_LSM_H

#include <stdbool.h>

bool lsm_has_apparmor(void);
bool lsm_has_selinux(void);

#endif
