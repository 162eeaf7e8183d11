/* SPDX-License-Identifier: MIT */
/* options.h - mount option strings: what they say about the mount, and the rest. */
#ifndef COMMON_FS_OPTIONS_H
#define COMMON_FS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/words.h"

enum mount_how {
	HOW_REMOUNT = 1,     /* what is mounted there gets the flags                      */
	HOW_COPY_UP = 2,     /* a tmpfs begins with what it covers                        */
	HOW_SOURCE_LINK = 4, /* a source that is a link is bound itself                   */
	HOW_ON_LINK = 8,     /* a destination that is a link is mounted on itself         */
	HOW_COPY_LINK = 16,  /* a source that is a link is made again at the destination  */
	HOW_IDMAP = 32,      /* ids of the files are mapped                               */
	HOW_RIDMAP = 64,     /* ... those of the mounts below too                         */
};

/* What the words of mount-options.def add up to. Later words win over earlier ones. */
struct mount_flags {
	uint64_t set, clear;   /* MOUNT_ATTR_* of this mount; clear before set            */
	uint64_t rset, rclear; /* the same for this mount and all below it                */
	uint64_t propagation;  /* MS_PRIVATE ... or 0 for what the mount begins with      */
	bool rpropagation;     /* ... and of all mounts below                             */
	bool bind;             /* "bind" or "rbind" was said                              */
	unsigned how;          /* enum mount_how                                          */
	const char *map;       /* of idmap= or ridmap=, or NULL                           */
	bool recursive;        /* a bind takes the mounts below its source along          */
};

/* Read "WORD,WORD=VALUE,..." (a "\," is a comma inside a word), adding to *flags; what
 * is no row of mount-options.def goes to *data, a filesystem's own options. The words
 * of *data point into `text`, which is cut up. SUPER words go to *data too, but
 * not for a bind. Returns 0, or -ENOMEM. */
int mount_options_read(char *text, struct mount_flags *flags, struct words *data);

/* The attributes a new mount begins with (for fsmount(2)). */
uint64_t mount_flags_new(const struct mount_flags *flags);

#endif
