/* SPDX-License-Identifier: MIT */
/* run.h - ns-run: new namespaces, their id maps, host name, loopback and /proc. */
#ifndef COMMON_NS_RUN_H
#define COMMON_NS_RUN_H

#include "base/link.h"
#include "base/signals.h"
#include "ns/binfmt.h"
#include "ns/choice.h"
#include "ns/keep.h"
#include "ns/maps.h"
#include "ns/offsets.h"

/* What ns-run is to do, as argv says it; plan() completes it. Strings are borrowed. */
struct ns_run {
	struct ns_choice which;     /* the kinds, and where they are kept               */
	bool all;
	struct ns_maps maps;
	bool show_map, preflight, json;
	const char *owner, *setgroups, *propagation;
	struct ns_binfmt binfmt;
	struct words interps;       /* formats for it                                   */
	const char *hostname, *domainname;
	struct words sysctls;       /* KEY=VALUE                                        */
	struct time_offset monotonic, boottime;
	bool no_loopback, no_proc;
	bool init, detach;
	struct opt_sig die;
	const char *pid_file;
	struct opt_num ready_fd;
	/* found by plan and check */
	struct fault maps_fault; /* with --check it is a line among others                     */
	struct idmap users, groups;
	bool deny_setgroups;
	unsigned kinds_here; /* CLONE_NEW* that are new where it stands in the chain */
	unsigned kinds_before; /* ... that were, before it                           */
	uint32_t euid, egid; /* ours where it stands in the chain */
	bool become;         /* our own id is not mapped, or another cloned: take on */
	uint32_t uid, gid;   /* ... these                                            */
	const char *user_helper, *group_helper;
	struct ns_keep keep;
};

extern const struct link ns_run_link;

#endif
