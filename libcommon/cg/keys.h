/* SPDX-License-Identifier: MIT */
/* keys.h - the keys of control groups: one row a key (keys.def), which knows its name
 * and form on cgroup2 and on the v1 hierarchies, how to convert between them, and how
 * to compare what is read back with what was written. */
#ifndef COMMON_CG_KEYS_H
#define COMMON_CG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CG_TEXT = 64 }; /* bytes for a converted value */

#define CG_MAX UINT64_MAX /* "max": no limit */

/* Which file of a row: its spelling. */
enum cg_spelling { CG_V2, CG_V1, CG_V1_SECOND, CG_SPELLINGS };

/* What a value means, whichever way it was spelled. */
struct cg_value {
	uint64_t n[2];    /* by form: bytes, a count, a weight; cpu.max: quota, period in µs;
			   * memory.swap.max: swap, memory and swap together               */
	bool has[2];
	const char *text; /* forms that are passed on as they are; borrowed             */
};

struct cg_form;

struct cg_file {
	const char *name; /* NULL: there is none */
	const struct cg_form *form;
};

struct cg_key {
	struct cg_file file[CG_SPELLINGS];
	const char *controller;    /* of cgroup2; "" for its core                          */
	const char *v1_controller; /* the v1 controller that rules the same resource       */
};

/* The places of the two rows that depend on each other. */
enum { CG_KEY_MEMORY_MAX, CG_KEY_SWAP_MAX };

/* The rows, and how many. */
extern const struct cg_key cg_keys[];
extern const size_t cg_keys_count;

/* Every v2 name with "=" behind it, separated by blanks: for completion. */
extern const char cg_key_words[];

/* The row in which a name of `len` characters occurs in any spelling, which goes to
 * *spelling (a name that both worlds have counts as CG_V2); NULL when unknown. */
const struct cg_key *cg_key_find(const char *name, size_t len, enum cg_spelling *spelling);

/* The known name nearest to a mistyped one, or NULL. */
const char *cg_key_near(const char *name, size_t len);

/* Read a value in the form of the given spelling and add it to *v (which begins zeroed;
 * the two halves of cpu.max may come one after the other). Returns 0, -EINVAL when it
 * has not that form, -ERANGE when the kernel would not take the number. */
int cg_value_read(const struct cg_key *k, enum cg_spelling s, const char *text, struct cg_value *v);

/* memory.swap.max is swap alone, memory.memsw.limit_in_bytes memory and swap together:
 * compute the missing one from memory.max. Returns 0, -ENODATA when memory.max (NULL or
 * unset) is needed for it, -ERANGE when the sum is below memory.max, or no sum says
 * it (a swap limit without a memory limit). */
int cg_value_swap(const struct cg_value *memory, struct cg_value *swap);

/* Give the text for the file of that spelling: a pointer to buf (CG_TEXT bytes) or to
 * v->text. NULL when there is nothing to write to that file. */
const char *cg_value_text(const struct cg_key *k, enum cg_spelling s, const struct cg_value *v, char *buf);

/* Does `got`, read from the file, say what `want`, written to it, asked for? The kernel
 * rounds sizes down to pages, prints lists in its own way, completes what was left out. */
bool cg_value_same(const struct cg_key *k, enum cg_spelling s, const char *want, const char *got);

/* The same for a file without a row: sizes of memory in pages, those of hugetlb in the huge
 * pages that its name says, all else word by word. */
bool cg_text_same(const char *file, const char *want, const char *got);

/* What such a value looks like, for a remedy: "bytes such as 64M, or max". */
const char *cg_value_form(const struct cg_key *k, enum cg_spelling s);

#endif
