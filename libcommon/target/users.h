/* SPDX-License-Identifier: MIT */
/* users.h - names of users, for lists. */
#ifndef COMMON_TARGET_USERS_H
#define COMMON_TARGET_USERS_H

#include <stdint.h>

/* The name of the user id in /etc/passwd, or NULL. No name service is asked: the tools are
 * static. The file is read once. */
const char *user_name(uint32_t uid);

/* Free what was read. */
void user_names_free(void);

#endif
