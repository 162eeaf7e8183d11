/* SPDX-License-Identifier: MIT */
/* why.h - why namespaces could not be made: causes that are checked, not guessed. */
#ifndef COMMON_NS_WHY_H
#define COMMON_NS_WHY_H

#include "base/fault.h"

/* Fill *f (op OP_NS_NEW) for a clone or unshare with these CLONE_NEW* that failed with
 * err: look at all that ns_look() does and
 * name the cause that holds, with its remedy. Returns -err. */
int ns_why(struct fault *f, unsigned flags, int err);

/* The same (op OP_MOUNT) for a fresh proc filesystem in namespaces that were made. */
int ns_why_proc(struct fault *f, int err);

/* A step in namespaces of our own failed with *f (r < 0): where one of the causes that are looked
 * at holds, and the step knew none, say so. Returns r. */
int ns_why_inside(struct fault *f, int r);

#endif
