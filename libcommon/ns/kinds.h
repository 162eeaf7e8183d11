/* SPDX-License-Identifier: MIT */
/* kinds.h - the kinds of namespaces(7), from kinds.def. */
#ifndef COMMON_NS_KINDS_H
#define COMMON_NS_KINDS_H

#include <stddef.h>

struct ns_kind {
	unsigned flag;      /* CLONE_NEW*                        */
	const char *name;   /* "mount"                           */
	const char *file;   /* in /proc/PID/ns                   */
	const char *sysctl; /* in /proc/sys/user                 */
};

enum {
	NS_KINDS = 0
#define KIND(flag, name, letter, file, sysctl, own) +1
#include "base/kinds.def"
#undef KIND
};

extern const struct ns_kind ns_kinds[]; /* ends with a row without name; user first */

/* The CLONE_NEW* of every kind whose file exists below /proc/self/ns. */
unsigned ns_supported(void);

/* Where in ns_kinds the one kind `flag` stands; that of the end when it is none. */
unsigned ns_kind_index(unsigned flag);

/* The names of the kinds in flags, joined by ", ", in buf. Returns buf. */
const char *ns_names(char *buf, size_t n, unsigned flags);

#endif
