/* SPDX-License-Identifier: MIT */
/* verb.h - a tool with verbs: "oci-bundle VERB [OPTION...] OPERAND...". */
#ifndef COMMON_OCI_VERB_H
#define COMMON_OCI_VERB_H

#include "base/opt.h"
#include "base/sys.h"

struct verb_call {
	const char *tool;
	struct sys sys;
	bool explain;            /* --explain was given                                  */
	struct words operands;   /* up to "--"                                           */
	struct words rest;       /* behind it                                            */
};

struct verb {
	struct cmd cmd;          /* name, options, operands: as many as are needed       */
	bool more;               /* more operands may follow                             */
	bool program;            /* "--" and words may follow                            */
	size_t spec_size;        /* of the options' struct, which begins zeroed          */
	/* Returns the exit status, or a fault (negative). */
	int (*run)(void *spec, struct verb_call *c, struct fault *f);
	void (*drop)(void *spec);/* free what the spec owns; may be NULL                 */
};

/* The whole life of such a tool; the table ends with a row without name. Options may stand
 * before and behind the operands. Returns the exit status. */
int verb_main(const char *tool, const char *summary, const struct verb *verbs, char **argv);

/* The verbs of oci-bundle. */
extern const struct verb oci_chain_verb, oci_new_verb, oci_check_verb, oci_get_verb, oci_set_verb;

#endif
