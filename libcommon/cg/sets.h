/* SPDX-License-Identifier: MIT */
/* sets.h - the KEY=VALUE words of --set, resolved to files of this machine's hierarchies
 * and the texts to write there. Changes nothing. */
#ifndef COMMON_CG_SETS_H
#define COMMON_CG_SETS_H

#include "base/fault.h"
#include "base/sys.h"
#include "base/words.h"
#include "cg/keys.h"
#include "cg/world.h"

struct cg_write {            /* one file to write, and to read back                        */
	const struct cg_hier *hier;
	const struct cg_key *key;  /* NULL: passed on as it is                              */
	enum cg_spelling spelling;
	const char *file;          /* its name: the row's, or `own`                         */
	char *own;                 /* owned, or NULL                                        */
	const char *text;          /* what to write; borrowed, or `buf`                     */
	char buf[CG_TEXT];
	const char *or_file, *or_text; /* where there is no such file: another; or NULL      */
	char or_buf[CG_TEXT];
	const char *said;          /* the word as it was given, for messages; borrowed      */
};

struct cg_sets {
	struct cg_write *w; /* in the order in which they are to be written                  */
	size_t n;
	char v2[CG_SMALL];  /* the controllers they need on cgroup2, separated by blanks     */
};

/* Resolve words; *s begins zeroed, points into words and the world, and is freed with
 * cg_sets_free (after a failure too). Returns 0 or a fault with OP_CG_KEY: no such key,
 * a value of another form, a key of the other world, a controller that is missing. */
int cg_sets_resolve(struct cg_sets *s, const struct words *words, const struct cg_world *w, struct fault *f);
void cg_sets_free(struct cg_sets *s);

/* Turn to the other file of a write that has one. */
void cg_write_other(struct cg_write *w);

/* Parts of it. A word about block devices (io.c): 0, a fault, or 1 when it is about something
 * else. A write more, with room for what it says; a controller more that cgroup2 has to give;
 * the fault for one that is nowhere. */
int cg_io_add(struct cg_sets *s, const char *word, const struct cg_world *w, struct fault *f);
struct cg_write *cg_sets_add(struct cg_sets *s, const struct cg_hier *h, const char *said);
void cg_sets_need_v2(struct cg_sets *s, const char *controller, size_t len);
int cg_sets_no_controller(const char *word, const char *controller, struct fault *f);

/* Write one of them in the cgroup of the directory dir (its path is for messages), and make sure
 * that the kernel has it. Returns 0 or a fault. */
int cg_write(struct sys *s, int dir, const char *path, struct cg_write *w, struct fault *f);

/* The fault for a key that nobody knows, naming the nearest that is known. */
int cg_key_unknown(const char *said, struct fault *f);

#endif
