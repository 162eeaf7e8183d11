/* SPDX-License-Identifier: MIT */
/* names.h - capabilities by name, lists of them, and securebits by name. */
#ifndef COMMON_CAP_NAMES_H
#define COMMON_CAP_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/opt.h"

/* "all" in a list: every capability that can be had, also ones newer than this program. */
#define CAP_MASK_ALL UINT64_MAX

/* A list of an option: bit n stands for capability n; CAP_MASK_ALL for "all". */
struct cap_list {
	uint64_t mask;
	bool given;
};

/* Every name, and "all" and "none", separated by blanks: for completion. */
extern const char cap_words[];

/* The name of capability n without "cap_", or NULL when this program knows none. */
const char *cap_name(unsigned n);

/* What capability n permits, one line, or NULL. */
const char *cap_permits(unsigned n);

/* Read one name of `len` characters, with or without "cap_", in any case.
 * Returns its number, or a fault with the nearest name as the remedy. */
int cap_find(const char *name, size_t len, struct fault *f);

/* Read "chown,setuid", "all" or "none". Numbers are refused. Returns 0 or a fault. */
int cap_mask_parse(const char *text, uint64_t *ret, struct fault *f);

/* The mask as cap_mask_parse reads it back, in memory that the caller frees.
 * Bits without a name are left out. */
char *cap_mask_text(uint64_t mask);

/* A struct cap_list. val 0: may be given once; 1: further lists are added. */
extern const struct opt_kind opt_caps;

/* An unsigned with SECBIT_*: "noroot,noroot-locked", repeatable. */
extern const struct opt_kind opt_securebits;

/* The names of securebits as --securebits takes them, in memory that the caller frees. */
char *cap_securebits_text(unsigned bits);

#endif
