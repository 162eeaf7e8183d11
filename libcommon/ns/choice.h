/* SPDX-License-Identifier: MIT */
/* choice.h - the kinds of namespaces that a command line names, each with a file or none:
 * --net, --net=FILE. */
#ifndef COMMON_NS_CHOICE_H
#define COMMON_NS_CHOICE_H

#include "base/opt.h"
#include "ns/kinds.h"

struct ns_choice {
	unsigned kinds;             /* CLONE_NEW*                                      */
	const char *file[NS_KINDS]; /* of ns_kinds[i], borrowed; NULL: none was given  */
};

/* Option kind for a field of type struct ns_choice, with an optional argument; val is the
 * CLONE_NEW* of the row. */
extern const struct opt_kind opt_ns_choice;

/* The CLONE_NEW* of the kinds that have a file. */
unsigned ns_choice_files(const struct ns_choice *c);

#endif
