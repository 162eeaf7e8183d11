/* SPDX-License-Identifier: MIT */
/* show.h - id maps as a table for people. */
#ifndef COMMON_NS_SHOW_H
#define COMMON_NS_SHOW_H

#include <stdio.h>

#include "ns/idmap.h"

/* Print both maps: a line a range, and behind it who of the caller and the host's names it is. */
void ns_show_maps(FILE *out, const struct idmap *users, const struct idmap *groups, uint32_t uid, uint32_t gid);

#endif
