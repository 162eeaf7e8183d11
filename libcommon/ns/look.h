/* SPDX-License-Identifier: MIT */
/* look.h - what on this machine stands in the way of new namespaces: seen by looking, and by
 * children that try and end. Nothing is changed. */
#ifndef COMMON_NS_LOOK_H
#define COMMON_NS_LOOK_H

#include <stdbool.h>

/* One thing that was looked at. */
struct ns_line {
	const char *what; /* "limit user.max_net_namespaces"                           */
	bool refused;
	int err;          /* of the clone that it would refuse                         */
	char says[200];   /* what there is, or why it is refused                       */
	char fix[400];    /* the remedy, "" when it is not refused                     */
};

typedef void ns_see(void *arg, const struct ns_line *l);

/* What is done in there. */
enum {
	NS_DOES_PROC = 1,    /* mount a fresh /proc             */
	NS_DOES_MOUNT = 2,   /* mount something else            */
	NS_DOES_PRIVATE = 4, /* change how the mounts spread    */
};

/* Look at everything that matters for making these kinds (CLONE_NEW*) at once, and for what is
 * done in them (NS_DOES_*); see() is called once for each. */
void ns_look(unsigned flags, unsigned does, ns_see *see, void *arg);

/* The sysctl that keeps users from user namespaces: its line in *l. False: there is none. */
bool ns_look_sysctl(struct ns_line *l);

#endif
