/* SPDX-License-Identifier: MIT */
/* compile.h - a profile becomes a filter, by way of libseccomp. */
#ifndef COMMON_SC_COMPILE_H
#define COMMON_SC_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "sc/bpf.h"
#include "sc/profile.h"

/* What "includes" and "excludes" are held against. */
struct sc_facts {
	uint64_t caps;                  /* the bounding set the program will have         */
	unsigned kernel_major, kernel_minor;
};

/* System call names of a profile that libseccomp does not know. They fall to the default
 * answer, as they do in the runtimes. */
struct sc_unknown {
	size_t n;          /* how many                                                    */
	size_t rule;       /* the first one's rule, from 0                                */
	const char *first; /* its name, borrowed from the profile; NULL: none             */
};

/* For a program with this bounding set, under the kernel that runs. */
struct sc_facts sc_facts_here(uint64_t caps);

/* Do the rule's "includes" and "excludes" hold? */
bool sc_rule_applies(const struct sc_rule *r, const struct sc_facts *facts);

/* Compile for this machine and the profile's architectures, with those rules that hold
 * here: all of includes.caps must be held and none of excludes.caps; this machine's
 * architecture is, or is not, among arches; the kernel is at least minKernel (for excludes:
 * is not). As Docker's setupSeccomp() has it. A rule whose answer is the
 * default one is left out; comparisons of one argument several times become rules of
 * their own, of which one must hold, as in runc and crun. out->insns is the caller's to
 * free. Returns 0 or a fault (OP_FILTER_BUILD). */
int sc_compile(const struct sc_profile *p, const struct sc_facts *facts, const char *name,
	       struct sc_program *out, struct sc_unknown *unknown, struct fault *f);

#endif
