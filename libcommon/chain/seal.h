/* SPDX-License-Identifier: MIT */
/* seal.h - the container must not reach the host's writable binary by /proc/self/exe. */
#ifndef COMMON_CHAIN_SEAL_H
#define COMMON_CHAIN_SEAL_H

#include "base/fault.h"
#include "base/sys.h"

/* When the caller could write the file this process runs from, run again from a copy
 * that nobody can write (CVE-2019-5736), with the same arguments; then it does not
 * return. Returns 0 when there is nothing to do, or a fault. */
int seal_self(struct sys *s, char **argv, struct fault *f);

#endif
