/* SPDX-License-Identifier: MIT */
/* sysctl.h - kernel parameters that belong to a namespace. */
#ifndef COMMON_NS_SYSCTL_H
#define COMMON_NS_SYSCTL_H

#include "base/fault.h"
#include "base/sys.h"
#include "base/words.h"

/* Is each word "KEY=VALUE", with a key (its parts joined by dots or slashes) of a namespace
 * that is among `kinds` (CLONE_NEW*)? One of the host's own parameters is never set: it
 * would be changed for everybody. Returns 0 or a fault. */
int sysctl_check(const struct words *sets, unsigned kinds, struct fault *f);

/* Write them. The caller is in the new namespaces and still sees the host's /proc, whose
 * parameters are always those of who looks; no path here can be the container's. */
int sysctl_set(struct sys *s, const struct words *sets, struct fault *f);

#endif
