/* SPDX-License-Identifier: MIT */
/* facts-read.h - what the files of facts.h share; nobody else includes it. */
#ifndef COMMON_TARGET_FACTS_READ_H
#define COMMON_TARGET_FACTS_READ_H

#include "target/facts.h"

/* Each takes the text of a file, which it may cut (n bytes and a NUL) and point into, and
 * fills its part of *p. Returns 0, or -EBADMSG when it is not what the kernel writes. */
typedef int facts_parser(struct facts *p, char *text, size_t n);

facts_parser facts_status, facts_stat, facts_mounts, facts_uid_map, facts_gid_map, facts_setgroups, facts_cgroups,
	facts_label, facts_limits, facts_oom, facts_offsets, facts_persona, facts_env, facts_args;

#endif
