/* SPDX-License-Identifier: MIT */
/* others.h - options of unshare, nsenter and lsns (util-linux 2.42) that have another
 * spelling here: who writes one out of habit is told ours. The tables in the manual
 * pages have all of their options; these are the ones that we refuse. */
#ifndef COMMON_NS_OTHERS_H
#define COMMON_NS_OTHERS_H

#include "base/opt.h"

extern const struct opt_other ns_run_others[];
extern const struct opt_other ns_enter_others[];
extern const struct opt_other ns_list_others[];

#endif
