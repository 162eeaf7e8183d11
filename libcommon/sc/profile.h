/* SPDX-License-Identifier: MIT */
/* profile.h - seccomp profiles in JSON, as plain data.
 *
 * One shape reads them all: Docker's and containers/common's (archMap, includes,
 * excludes, errno names), Docker's oldest ("name" in place of "names") and the
 * linux.seccomp object of an OCI config.json, alone or within it. What the words mean is
 * checked here, with the place in the file; which rules hold on this machine and how
 * they become a filter is compile.h's. */
#ifndef COMMON_SC_PROFILE_H
#define COMMON_SC_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"

/* "includes" or "excludes". Of a list that is absent, `given` is false. */
struct sc_when {
	struct {
		bool given;
		bool unknown;       /* it names one that this program does not know      */
		uint64_t mask;      /* the others: bit n stands for capability n         */
	} caps;
	struct {
		bool given;
		bool native;        /* this machine's is among them                      */
	} arches;
	struct {
		bool given;
		unsigned major, minor;
	} kernel;
};

/* One comparison. For MASKED_EQ value is the mask and value_two what must be left. */
struct sc_arg {
	struct json_uint index; /* 0..5 */
	struct json_uint value, value_two;
	const struct json_name *op; /* its value: enum scmp_compare of seccomp.h */
};

struct sc_rule {
	struct json_strings names;
	uint32_t answer;        /* SECCOMP_RET_* with its data                           */
	struct json_list args;  /* struct sc_arg                                         */
	struct sc_when *includes, *excludes; /* or NULL                                  */

	/* As written; the members above are made of them. */
	const char *name;
	const struct json_name *action;
	struct json_uint errno_ret;
	const char *errno_name;
};

struct sc_subarchs {
	const struct json_name *arch;
	struct json_name_list subs;
};

struct sc_profile {
	struct json_name_list archs; /* to judge besides this machine's; value: AUDIT_ARCH_* */
	uint32_t answer;             /* to what no rule matches                          */
	unsigned flags;              /* SECCOMP_FILTER_FLAG_* to load it with            */
	struct json_list rules;      /* struct sc_rule                                   */
	const char *rules_path;      /* where they are, for messages: "linux.seccomp.syscalls" */

	/* As written. */
	const struct json_name *action;
	struct json_uint errno_ret;
	const char *errno_name;
	struct json_name_list flag_names;
	struct json_list arch_map;   /* struct sc_subarchs                               */
	const char *listener;
};

/* Decode the profile, or the profile within the config.json, that *d holds. Strings and
 * lists in *ret belong to d. Returns 0 or a fault (OP_PROFILE) that says where. */
int sc_profile_decode(struct json_doc *d, const char *name, struct sc_profile *ret, struct fault *f);

#endif
