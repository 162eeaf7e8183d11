/* SPDX-License-Identifier: MIT */
/* console.h - a terminal made in the new root, its other side sent to who asked. */
#ifndef COMMON_PROC_CONSOLE_H
#define COMMON_PROC_CONSOLE_H

#include "base/link.h"
#include "proc/kinds.h"

/* Connect to the UNIX stream socket at path, of any length. In a dry run it is only
 * looked at, and a harmless descriptor stands in. Returns a descriptor or a fault. */
int console_connect(const char *path, bool dry, struct fault *f);

/* Make a terminal from the /dev/ptmx that holds now, give it `size` when given and the
 * user that the program will be (c->uid), bind it to /dev/console if the chain has built
 * the root, send its master over the socket as OCI runtimes
 * do, begin a session, and make it the controlling terminal and descriptors 0, 1, 2.
 * 0 or a fault. */
int console_set(struct ctx *c, int socket, const char *path, const struct proc_size *size,
		struct fault *f);

#endif
