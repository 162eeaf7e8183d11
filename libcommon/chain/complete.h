/* SPDX-License-Identifier: MIT */
/* complete.h - parts of the answer to --complete, for tools that are no links. */
#ifndef COMMON_CHAIN_COMPLETE_H
#define COMMON_CHAIN_COMPLETE_H

#include "base/opt.h"

/* Print the candidate when it begins with the prefix. help may be NULL. */
void complete_offer(const char *word, const char *prefix, const char *help);

/* Print the options of the table that begin with the prefix. */
void complete_options(const struct opt *table, const char *prefix);

/* Print the words or the directive of an option's `complete` column (may be NULL); of a
 * list that is joined by commas the last word is completed. */
void complete_list(const char *complete, const char *prefix);

/* Print what may be a target (target/target.h): containers with their engine, processes with
 * their command. */
void complete_targets(const char *prefix);

#endif
