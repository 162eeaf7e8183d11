/* SPDX-License-Identifier: MIT */
/* run.h - ns-run: new namespaces, their id maps, host name, loopback and /proc. */
#ifndef COMMON_NS_RUN_H
#define COMMON_NS_RUN_H

#include "base/link.h"

extern const struct link ns_run_link;

#endif
