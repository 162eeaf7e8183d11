/* SPDX-License-Identifier: MIT */
/* binfmt.h - program formats of a user namespace's own: binfmt_misc, from Linux 6.7 on. */
#ifndef COMMON_NS_BINFMT_H
#define COMMON_NS_BINFMT_H

#include "base/fault.h"
#include "base/opt.h"
#include "base/sys.h"
#include "base/words.h"

struct ns_binfmt {
	bool given;
	const char *dir; /* NULL: /proc/sys/fs/binfmt_misc */
};

extern const struct opt_kind opt_binfmt; /* struct ns_binfmt: DIR or nothing */

/* Mount it, in a mount namespace of our own, and register these formats. 0 or a fault. */
int ns_binfmt_mount(struct sys *s, const struct ns_binfmt *b, const struct words *formats, struct fault *f);

#endif
