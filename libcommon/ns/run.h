/* SPDX-License-Identifier: MIT */
/* run.h - ns-run: new namespaces, their id maps, host name, loopback and /proc. */
#ifndef COMMON_NS_RUN_H
#define COMMON_NS_RUN_H

#include "base/link.h"
#include "ns/idmap.h"
#include "ns/offsets.h"

/* What ns-run is to do, as argv says it; plan() completes it. Strings are borrowed. */
struct ns_run {
	unsigned kinds;             /* CLONE_NEW*                                       */
	bool all, map_root, map_current, map_auto;
	struct idmap users, groups; /* as given, then with what the words above add     */
	const char *hostname, *domainname;
	struct words sysctls;       /* KEY=VALUE                                        */
	struct time_offset monotonic, boottime;
	bool no_loopback, no_proc;
	bool init, detach;
	const char *pid_file;
	struct opt_num ready_fd;
	/* found by check */
	bool deny_setgroups;
	unsigned kinds_here; /* CLONE_NEW* that are new where it stands in the chain */
	uint32_t euid, egid; /* ours where it stands in the chain */
	bool become_root; /* our own id is not mapped: take on 0 */
	const char *user_helper, *group_helper;
};

extern const struct link ns_run_link;

#endif
