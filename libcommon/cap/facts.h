/* SPDX-License-Identifier: MIT */
/* facts.h - the capability state of the calling process, from the kernel. */
#ifndef COMMON_CAP_FACTS_H
#define COMMON_CAP_FACTS_H

#include "base/fault.h"
#include "base/link.h"

/* Read the sets, the securebits and the user id of the caller. The bounding set takes a
 * call a capability, so it is given by whoever has read it already. 0 or a fault. */
int cap_facts_read(uint64_t bounding, struct cap_facts *ret, struct fault *f);

#endif
