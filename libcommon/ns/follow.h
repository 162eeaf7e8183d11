/* SPDX-License-Identifier: MIT */
/* follow.h - births and deaths of namespaces, as they happen. */
#ifndef COMMON_NS_FOLLOW_H
#define COMMON_NS_FOLLOW_H

#include "ns/list.h"

/* Print one line for each on stdout, until it is closed or we are ended. Returns 1, or a
 * fault. */
int ns_follow(const struct ns_list *l, struct fault *f);

#endif
