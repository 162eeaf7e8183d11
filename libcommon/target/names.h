/* SPDX-License-Identifier: MIT */
/* names.h - names of users and groups, from files as passwd(5) and group(5) are. They are read
 * here and no name service is asked, which a static binary could not load. */
#ifndef COMMON_TARGET_NAMES_H
#define COMMON_TARGET_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The id of the name of len characters; *gid (may be NULL) gets the user's group, of a
 * passwd file. Returns 0, -ESRCH when the file has no such name, or -errno. */
int names_id(const char *file, const char *name, size_t len, uint32_t *id, uint32_t *gid);

/* The name of the id in buf, or "" when it has none. Returns buf. */
const char *names_of(char *buf, size_t n, const char *file, uint32_t id);

/* The shell of the user in buf, of a passwd file, or "" when none is said. Returns buf. */
const char *names_shell(char *buf, size_t n, const char *file, uint32_t uid);

#endif
