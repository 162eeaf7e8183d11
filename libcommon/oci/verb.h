/* SPDX-License-Identifier: MIT */
/* verb.h - a tool with verbs: "oci-bundle VERB [OPTION...] OPERAND...". */
#ifndef COMMON_OCI_VERB_H
#define COMMON_OCI_VERB_H

#include "base/opt.h"
#include "base/sys.h"

struct verb_tool;

struct verb_call {
	const struct verb_tool *of;
	const char *tool;
	char **argv;             /* the whole command line                               */
	void *globals;           /* of the tool's own options before the verb            */
	struct sys sys;
	bool explain;            /* --explain was given                                  */
	struct words operands;   /* up to "--"                                           */
	struct words rest;       /* behind it                                            */
};

struct verb {
	struct cmd cmd;          /* name, options, operands: as many as are needed       */
	bool more;               /* more operands may follow                             */
	bool program;            /* "--" and words may follow                            */
	bool verbatim;           /* options end at the first operand                     */
	size_t spec_size;        /* of the options' struct, which begins zeroed          */
	/* Returns the exit status, or a fault (negative). */
	int (*run)(void *spec, struct verb_call *c, struct fault *f);
	void (*drop)(void *spec);/* free what the spec owns; may be NULL                 */
};

/* Such a tool. */
struct verb_tool {
	const char *name, *summary;
	const struct verb *const *verbs; /* NULL behind the last                         */
	/* A runtime that engines call: options of its own before the verb, long options with
	 * one dash, and flags with a value ("--all=true"). All may be NULL. */
	const struct opt *globals;       /* fields in a struct of globals_size bytes     */
	size_t globals_size;
	int (*begin)(struct verb_call *c, struct fault *f);  /* the globals are read; 1: print the version */
	int (*report)(struct verb_call *c, const struct fault *f); /* say it; exit status */
	void (*end)(void *globals);                                /* free what they own  */
	void (*version)(void);
};

/* The whole life of it. Options may stand before and behind the operands. Returns the exit
 * status. */
int verb_main(const struct verb_tool *tool, char **argv);

/* The verbs of oci-bundle. */
extern const struct verb oci_chain_verb, oci_new_verb, oci_check_verb, oci_get_verb, oci_set_verb;

#endif
