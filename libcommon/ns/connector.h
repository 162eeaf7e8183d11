/* SPDX-License-Identifier: MIT */
/* connector.h - the kernel tells of processes that begin, execute and end (the proc connector
 * of netlink). It does so for CAP_NET_ADMIN in the first user namespace, in the first network
 * and pid namespaces. */
#ifndef COMMON_NS_CONNECTOR_H
#define COMMON_NS_CONNECTOR_H

#include <stdbool.h>
#include <sys/types.h>

/* Subscribe. Returns a socket to poll, or -errno. */
int connector_open(void);

struct connector_news {
	bool ended;             /* some process has ended                             */
	bool lost;              /* there were more than the socket holds              */
	unsigned n;
	pid_t pids[256];        /* that were started, or have executed something      */
};

/* Take what has come, without waiting. Returns 0, or -errno when the socket is of no use. */
int connector_read(int fd, struct connector_news *news);

#endif
