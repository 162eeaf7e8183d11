/* SPDX-License-Identifier: MIT */
/* why.h - why namespaces could not be made: causes that are checked, not guessed. */
#ifndef COMMON_NS_WHY_H
#define COMMON_NS_WHY_H

#include "base/fault.h"

/* Fill *f (op OP_NS_NEW) for a clone or unshare with these CLONE_NEW* that failed with
 * err: look at the sysctls, the root directory and the capabilities of the caller and
 * name the cause that holds, with its remedy. Returns -err. */
int ns_why(struct fault *f, unsigned flags, int err);

#endif
