/* SPDX-License-Identifier: MIT */
/* opt.h - options as a const table. Parsing, --help, completion and the printed
 * command line come from the rows; no tool has an option switch.
 *
 * A row names a field of a spec struct (its offset) and a kind: how text becomes the
 * field and the field becomes text. Rooms add kinds of their own. Strings stay where
 * they were given (argv, a profile): a spec borrows them. */
#ifndef COMMON_BASE_OPT_H
#define COMMON_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "fault.h"
#include "words.h"

struct opt;

struct opt_kind {
	bool takes_arg; /* false: the option is a word alone                                */
	bool optional;  /* the argument may be left out: then --name=ARG and -n=ARG give one, and
			 * behind the letter one of the words that complete it, at once      */
	/* text is NULL when no argument was given. Returns 0 or a fault. */
	int (*parse)(void *field, const struct opt *o, const char *text, struct fault *f);
	/* Appends the words that give the field again (opt_emit); none for a default. */
	void (*print)(const void *field, const struct opt *o, struct words *out);
};

struct opt {
	char letter;                 /* short form, or 0                                  */
	const char *name;            /* long form without the dashes; NULL ends the table */
	const char *arg;             /* its argument in --help, or NULL                   */
	const struct opt_kind *kind;
	size_t off;                  /* of the field in the spec                          */
	long val;                    /* for the kind: a bit, a row type, a maximum        */
	const char *help;            /* one line                                          */
	const char *complete;        /* of the argument: ":file" ":dir" ":pid" ":user" or
				      * words separated by blanks; NULL for none          */
};

/* An option of another program that people know: what it is here. */
struct opt_other {
	char letter;
	const char *name;   /* without the dashes; NULL ends the table */
	const char *remedy; /* what to write instead                   */
};

/* A command: a tool, or one link of a chain. */
struct cmd {
	const char *name;
	const char *operands[3]; /* fixed words after the options, NULL after the last      */
	const char *rest;        /* what follows them: "[PROGRAM [ARG...]]", or NULL        */
	const char *summary;     /* one sentence                                            */
	const struct opt *opts;  /* ends with a row without name                            */
	const char *operand_complete; /* as opt.complete, for the operands                  */
	const struct opt_other *others; /* refused options whose spelling here is told, or NULL     */
	bool one_dash;           /* long options with one dash, too: -pid-file=x            */
};

extern const struct opt_kind opt_flag;   /* bool: true                                     */
extern const struct opt_kind opt_bit;    /* unsigned: |= val                               */
extern const struct opt_kind opt_string; /* const char *                                   */
extern const struct opt_kind opt_strings;/* struct words: appended, repeatable             */
extern const struct opt_kind opt_switch; /* bool: alone, or with =true, =false and the like   */
extern const struct opt_kind opt_int;    /* struct opt_num: 0..val (val 0: INT_MAX)        */
extern const struct opt_kind opt_signed; /* struct opt_num: -val..val                      */

/* A number that was given, or not. */
struct opt_num {
	bool given;
	long n;
};

/* Parse options at *argv (which points behind the command's name) up to the first word
 * that is none, and leave *argv there; "--" is left standing. A row is looked for in
 * c->opts (fields in spec), then in `common` (fields in common_spec; may be NULL).
 * Returns 0, or -EINVAL with *f. */
int opt_parse(const struct cmd *c, void *spec, const struct opt *common, void *common_spec,
	      char ***argv, struct fault *f);

/* The row of a long or short option word ("--name", "--name=x", "-n"), or NULL. */
const struct opt *opt_find(const struct opt *table, const char *word);

/* The words that parse to an equal spec: options only, each string owned by *out. */
void opt_print(const struct opt *table, const void *spec, struct words *out);

/* Has the spec something else than the default of this option? */
bool opt_given(const struct opt *table, const void *spec, const char *name);

/* For kinds: append "--name" and "value" (or "--name=value" where it is optional;
 * value NULL: the name alone). */
void opt_emit(const struct opt *o, const char *value, struct words *out);

/* The text of --help on stdout: usage, summary, the rows, the common rows. */
void opt_help(const struct cmd *c, const struct opt *common);

#endif
