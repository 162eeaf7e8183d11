/* SPDX-License-Identifier: MIT */
/* terminal.h - the caller's terminal for a program in the foreground that has one of its own. */
#ifndef COMMON_OCI_TERMINAL_H
#define COMMON_OCI_TERMINAL_H

#include "oci/live.h"

/* When the bundle in `dir` wants a terminal: listen at a socket, which becomes
 * wish->console, and have a process copy between it and ours (v->terminal). 0 or a fault. */
int terminal_offer(struct live *v, const char *dir, struct write_wish *wish, struct fault *f);

/* The same without a question. */
int terminal_start(struct live *v, struct write_wish *wish, struct fault *f);

/* Once the chain has connected, the socket has done its work: remove it. */
void terminal_forget(struct live *v);

/* The end of who copies: once all that the program wrote is copied, or at once (the chain has failed, or never came). */
void terminal_end(struct live *v, bool at_once);

#endif
