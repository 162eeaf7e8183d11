/* SPDX-License-Identifier: MIT */
/* enter.h - ns-enter: the namespaces of another process. */
#ifndef COMMON_NS_ENTER_H
#define COMMON_NS_ENTER_H

#include "base/link.h"

extern const struct link ns_enter_link;

#endif
