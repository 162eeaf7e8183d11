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
	bool read_only, terminal, rootless, force, from_chain, lossy;
};

/* The config as JSON, which the caller gives back to json-c. Returns 0 or a fault. */
int new_config(const struct new_wish *w, struct json_object **ret, struct fault *f);

/* Its text, which lives as long as it does, when that is one that can be read again. 0 or a fault
 * with `name` as the object. */
int config_text(struct json_object *config, const char *name, const char **ret, struct fault *f);

/* Write it as DIR/config.json: a new file beside it, put in its place when it is whole, so
 * that a failure leaves what was there. Without SAVE_REPLACE one that is there is an error;
 * the new one can be read by those who could read it. SAVE_PRIVATE: by nobody but the owner. */
enum { SAVE_REPLACE = 1, SAVE_PRIVATE = 2 };
int save_config(struct sys *s, const char *dir, unsigned flags, struct json_object *config, struct fault *f);

#endif
