/* SPDX-License-Identifier: MIT */
/* flags.h - bits and numbers of system calls by the names that manual pages use. */
#ifndef COMMON_BASE_FLAGS_H
#define COMMON_BASE_FLAGS_H

#include <stddef.h>
#include <stdint.h>

struct flag {
	uint64_t value;
	const char *name;
};

/* Write the names of the bits set in v, joined by '|', unknown bits in hex, "0" for
 * none, into buf. The table ends with a row without name. Returns buf. */
const char *flags_bits(char *buf, size_t n, const struct flag *table, uint64_t v);

/* The name of exactly v, or the number in buf. */
const char *flags_name(char *buf, size_t n, const struct flag *table, uint64_t v);

extern const struct flag flags_clone[];      /* CLONE_NEW* and CLONE_* */
extern const struct flag flags_mount_attr[]; /* MOUNT_ATTR_*           */
extern const struct flag flags_open_tree[];  /* OPEN_TREE_*, AT_*      */
extern const struct flag flags_move_mount[]; /* MOVE_MOUNT_*           */
extern const struct flag flags_propagation[];/* MS_PRIVATE ...         */
extern const struct flag flags_prctl[];      /* PR_*                   */
extern const struct flag flags_seccomp[];    /* SECCOMP_FILTER_FLAG_*  */
extern const struct flag flags_umount[];     /* MNT_DETACH ...         */

#endif
