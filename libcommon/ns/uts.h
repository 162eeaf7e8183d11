/* SPDX-License-Identifier: MIT */
/* uts.h - the names of a uts namespace. */
#ifndef COMMON_NS_UTS_H
#define COMMON_NS_UTS_H

#include <sys/utsname.h>

/* The names in the uts namespace of the process of pidfd. The kernel shows them to who is in
 * it alone, so a short-lived child enters. Returns 0 or -errno. */
int uts_read(int pidfd, struct utsname *ret);

#endif
