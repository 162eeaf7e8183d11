/* SPDX-License-Identifier: MIT */
/* exec.h - cg-exec: run the rest of the chain in a cgroup, a new one that lasts as long
 * as the program, or one that exists. */
#ifndef COMMON_CG_EXEC_H
#define COMMON_CG_EXEC_H

#include "base/link.h"

struct cg_run;

struct cg_exec {
	struct cg_new {
		bool given;
		const char *path;  /* NULL: a name of our own                               */
	} make;
	const char *group;         /* PATH or CONTROLLER,...:PATH, or NULL                   */
	struct words sets;         /* KEY=VALUE                                              */
	struct words devices;      /* rules of cg/devices.h                                  */
	bool keep, parents, everywhere;
	struct cg_run *run;        /* what check() found; owned                              */
};

extern const struct link cg_exec_link;

/* After a fork that failed with EAGAIN: is the pids.max of the cgroup of this spec, or of one
 * above it, reached? Then says which in buf, as in "pids.max=5 of /a/b is reached". spec: of
 * cg_exec_link, checked. */
bool cg_full(const void *spec, char *buf, size_t n);

/* The same for the caller's own cgroup and those above it, in a chain of any links. Reads
 * /proc/self and the cgroup files; false also where they cannot be read. */
bool cg_pids_limit(char *buf, size_t n);

#endif
