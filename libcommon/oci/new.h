/* SPDX-License-Identifier: MIT */
/* new.h - a config.json made of options, and written. */
#ifndef COMMON_OCI_NEW_H
#define COMMON_OCI_NEW_H

#include "base/sys.h"
#include "base/words.h"
#include "fs/mount.h"

struct json_object;

struct new_wish {
	const char *root, *cwd, *hostname, *user, *net, *memory, *pids, *cpus, *caps, *seccomp;
	struct words env;
	struct mount_list mounts;
	const struct words *args; /* the program; empty: sh                               */
	bool read_only, terminal, rootless, force;
};

/* The config as JSON, which the caller gives back to json-c. Returns 0 or a fault. */
int new_config(const struct new_wish *w, struct json_object **ret, struct fault *f);

/* Write it as DIR/config.json: a new file beside it, put in its place when it is whole, so
 * that a failure leaves what was there. Without `replace` one that is there is an error. */
int save_config(struct sys *s, const char *dir, bool replace, struct json_object *config, struct fault *f);

#endif
