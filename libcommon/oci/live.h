/* SPDX-License-Identifier: MIT */
/* live.h - the life cycle around a chain. */
#ifndef COMMON_OCI_LIVE_H
#define COMMON_OCI_LIVE_H

#include "chain/chain.h"
#include "chain/life.h"
#include "oci/runtime.h"
#include "oci/write.h"

struct live {
	struct chain_life life;    /* first: the stations get a pointer to it             */
	struct chain ch;
	struct verb_call *call;
	struct container box;
	struct bundle bundle;
	struct line line;
	bool detach;               /* leave when it waits or runs                         */
	bool keep;                 /* run: do not delete it at the end                    */
	bool begun;                /* its directory was made                              */
	const char *pidfd_socket;  /* who gets a pidfd of its process; NULL: nobody        */
	int pidfd_to;              /* connected to it, or -1                               */
	char *console;             /* the socket to it; owned, NULL: none                 */
	pid_t terminal;            /* who copies between our terminal and its, or 0       */
};

/* Make a container of the bundle `dir` and live it: until it waits at its gate (create), runs
 * (run --detach), or has ended (run). Returns only with a fault, with nothing done. */
int live_container(struct live *v, const char *dir, const struct write_wish *wish, bool gate, struct fault *f);

/* The words of v->line as v->ch. */
int live_parse(struct live *v, struct fault *f);

/* Connect to v->pidfd_socket, if there is one; then send a pidfd of its process, with the word
 * that engines know ("standard", "setns"). 0 or a fault. */
int live_pidfd_connect(struct live *v, struct fault *f);
int live_pidfd_send(struct live *v, pid_t pid, const char *word, struct fault *f);

void live_free(struct live *v);

#endif
