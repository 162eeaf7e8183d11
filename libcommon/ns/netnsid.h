/* SPDX-License-Identifier: MIT */
/* netnsid.h - the id that our network namespace has given to another one. */
#ifndef COMMON_NS_NETNSID_H
#define COMMON_NS_NETNSID_H

/* Ask for the namespace that is open as fd. *netlink is -1 at first, and then a socket that
 * the caller closes. Returns the id, -1 when it has none, -2 when that is not known. */
int netnsid_of(int *netlink, int fd);

#endif
