/* SPDX-License-Identifier: MIT */
/* wait.h - hold a chain at a FIFO until somebody outside says go. */
#ifndef COMMON_PROC_WAIT_H
#define COMMON_PROC_WAIT_H

#include "base/link.h"

/* Open the FIFO for reading without waiting for a writer, so that whoever writes from now
 * on is heard. Returns a descriptor or a fault. */
int wait_open(const char *path, struct fault *f);

/* Tell that we wait (c->tell_waiting), then wait for one byte, which is taken, or for a
 * writer that has come and closed. 0 or a fault. */
int wait_go(struct ctx *c, int fd, const char *path, struct fault *f);

#endif
