/* SPDX-License-Identifier: MIT */
/* ids.h - being somebody inside a user namespace. */
#ifndef COMMON_NS_IDS_H
#define COMMON_NS_IDS_H

#include "base/fault.h"
#include "base/sys.h"

/* Take on this user and group (0 and 0) of the user namespace this process is in, and no further
 * groups; where setgroups(2) is denied the groups stay, as unmapped ones. Returns 0 or a
 * fault with OP_IDS. */
int ns_take_ids(struct sys *s, uint32_t uid, uint32_t gid, struct fault *f);
int ns_take_root_ids(struct sys *s, struct fault *f);

#endif
