/* SPDX-License-Identifier: MIT */
/* fault.h - how an operation fails: what was done, to what, why, and the way out.
 *
 * A library function that fails returns -errno and fills a struct fault; it never
 * prints, exits or allocates in order to fail. The tool prints once. A fault is
 * plain data below PIPE_BUF, so a child can send it to its watcher in one piece. */
#ifndef COMMON_BASE_FAULT_H
#define COMMON_BASE_FAULT_H

#include <stddef.h>

enum op { /* one row an operation, in fault.def */
#define OP(id, phrase, remedy) OP_##id,
#define FIX(id, err, remedy)
#include "fault.def"
#undef OP
#undef FIX
	OP_COUNT
};

struct fault {
	enum op op;     /* the operation that did not succeed                       */
	int err;        /* errno; 0 when a rule of ours was broken (see why)        */
	char obj[256];  /* the object, spelled as the user spells it                */
	char why[256];  /* replaces strerror(err) when not empty                    */
	char fix[512];  /* a remedy that was found by checking; before the table's  */
};

/* Fill *f (clearing why and fix) and give -err back, or -EINVAL when err is 0, so
 * that a failing path is one statement: return fault_set(f, OP_..., errno, ...). */
int fault_set(struct fault *f, enum op op, int err, const char *obj, ...)
	__attribute__((format(printf, 4, 5), nonnull(1, 4)));

/* As fault_set with err 0: a rule of ours was broken, and `why` says which.
 * Returns -EINVAL. */
int fault_rule(struct fault *f, enum op op, const char *obj, const char *why, ...)
	__attribute__((format(printf, 4, 5), nonnull(1, 3, 4)));

/* Say the reason, or the remedy, in words of the place that knows it. */
void fault_why(struct fault *f, const char *why, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));
void fault_fix(struct fault *f, const char *fix, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* What the user can do: f->fix, else the row for (op, err), else the op's default.
 * Never NULL. */
const char *fault_remedy(const struct fault *f);

/* "PHRASE 'OBJECT': REASON", cut to n bytes, without control characters. Returns buf. */
const char *fault_text(const struct fault *f, char *buf, size_t n);

/* Print "TOOL: PHRASE 'OBJECT': REASON" and "TOOL: try: REMEDY" on stderr. */
void fault_print(const char *tool, const struct fault *f);

/* The tool's exit status for it: 126 or 127 when the operation was to become the
 * program, else 125; see box-exit(7). */
int fault_exit_status(const struct fault *f);

#endif
