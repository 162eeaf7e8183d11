/* SPDX-License-Identifier: MIT */
/* diff.h - what two processes share, and where they differ. It joins what the rooms know
 * of a process; nothing is changed. */
#ifndef COMMON_CHAIN_DIFF_H
#define COMMON_CHAIN_DIFF_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/row.h"
#include "cg/limits.h"
#include "target/facts.h"

/* One side: a process as it was asked for. */
struct diff_side {
	const char *word;      /* "1", "self", ...                                          */
	struct facts p;
	struct cg_limits limits;
	bool has_limits;
};

enum diff_how {
	DIFF_SAME,
	DIFF_OTHER,
	DIFF_UNKNOWN, /* a side could not be read                                            */
	DIFF_LABEL,   /* says which process it is                                             */
};

struct diff_row {
	const char *part;      /* "namespace", "mount" ...                                    */
	char *fact;            /* "net", "/tmp"; owned                                        */
	char *a, *b;           /* owned; NULL: not there, or unknown                          */
	enum diff_how how;
};

struct diff {
	struct diff_side side[2];
	struct diff_row *v;
	size_t n, cap;
	size_t others;         /* rows that differ                                            */
};

struct diff_wish {
	const char *tool;
	const struct row_opts *rows;
	bool all;              /* what is the same, too                                       */
};

/* Read both and compare. Frees by diff_free, also after a failure. 0 or a fault. */
int diff_read(struct diff *d, const char *a, const char *b, struct fault *f);
void diff_free(struct diff *d);

/* Append what could not be read, for want of permission; `sudo` is the command that could. */
void diff_lacks(const struct diff *d, struct lack **list, const char *sudo);

/* The whole of ns-list --diff A B: as rows on stdout. Returns the exit status, as diff(1) has
 * it: 0 no difference, 1 some, 2 none that could be seen and not all could be; or a fault. */
int diff_main(const struct diff_wish *w, const char *a, const char *b, struct fault *f);

/* The whole of ns-list --why PID: how it is isolated from the process `from`, in a few
 * sentences. Returns 0 or a fault. */
int diff_why(const struct diff_wish *w, const char *from, const char *pid, struct fault *f);

/* -- between the files of diff.h -------------------------------------------------------------- */

/* Append a row of two texts, which it takes; NULL: not there. */
void diff_put(struct diff *d, const char *part, char *fact, char *a, char *b);

/* The same, but a NULL is what could not be read. */
void diff_put_known(struct diff *d, const char *part, char *fact, char *a, char *b);

/* With what was found out in another way. */
void diff_put_as(struct diff *d, const char *part, char *fact, char *a, char *b, enum diff_how how);

/* The rows of each part. */
void diff_places(struct diff *d);  /* namespaces, root, directory         */
void diff_mounts(struct diff *d);
void diff_cgroups(struct diff *d);
void diff_rights(struct diff *d);  /* ids, maps, capabilities, filter ... */
void diff_limits(struct diff *d);  /* rlimits, oom, priorities            */

#endif
