/* SPDX-License-Identifier: MIT */
/* wait.h - hold a chain at a FIFO until somebody outside says go. */
#ifndef COMMON_PROC_WAIT_H
#define COMMON_PROC_WAIT_H

#include "base/link.h"

/* Find the FIFO and make sure that it may be read, without opening it: to open it lets a
 * writer go who waits for a reader. Returns an O_PATH descriptor or a fault. */
int wait_find(const char *path, struct fault *f);

/* Open what wait_find found for reading, without waiting for a writer: whoever writes from
 * now on is heard, and who began to before has been waiting. Returns a descriptor or a
 * fault; `found` stays the caller's. */
int wait_open(int found, const char *path, struct fault *f);

/* Tell that we wait (c->tell_waiting), then wait for one byte, which is taken, or for a
 * writer that has come and closed. Ends the process when the watcher is gone
 * (c->watcher_fd), and lets a signal end it (c->wait_mask). 0 or a fault. */
int wait_go(struct ctx *c, int fd, const char *path, struct fault *f);

/* Wait for a visitor at a listening socket, as wait_go waits for a byte. Returns the
 * connection, or -errno. */
int wait_visitor(const struct ctx *c, int listener);

#endif
