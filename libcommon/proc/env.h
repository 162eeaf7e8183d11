/* SPDX-License-Identifier: MIT */
/* env.h - the program's environment, as a list of NAME=VALUE words. */
#ifndef COMMON_PROC_ENV_H
#define COMMON_PROC_ENV_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/words.h"

/* Every word of `set` is NAME=VALUE and every word of `unset` a NAME. 0 or a fault. */
int env_check(const struct words *set, const struct words *unset, struct fault *f);

/* Put NAME=VALUE (borrowed) in the place of every word of that name, or at the end.
 * Returns 0 or -ENOMEM. */
int env_set(struct words *env, const char *word);

/* Is there a word of that name? */
bool env_has(const struct words *env, const char *name);

/* Take every word of that name out. */
void env_unset(struct words *env, const char *name);

/* Take all words out. */
void env_clear(struct words *env);

#endif
