/* SPDX-License-Identifier: MIT */
/* home.h - the home directory of a user as the passwd(5) of the root that is there says. */
#ifndef COMMON_PROC_HOME_H
#define COMMON_PROC_HOME_H

#include <stdint.h>

/* "HOME=DIR" of the first line with that user id, "HOME=/" without one or without the file. The
 * file may be a stranger's: it is read as text, up to a limit, and nothing else of it is believed.
 * Owned by the caller. */
char *home_of(int64_t uid);

#endif
