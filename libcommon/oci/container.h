/* SPDX-License-Identifier: MIT */
/* container.h - a container's state: a directory ROOT/ID with
 *   state.json   the state of the runtime specification (runtime.md), with what the verbs need
 *   config.json  as it was when the container was made
 *   gate         a socket, while the container waits to be started
 * The directory is made exclusively, so it is also what makes the id unique. */
#ifndef COMMON_OCI_CONTAINER_H
#define COMMON_OCI_CONTAINER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/sys.h"
#include "cg/held.h"
#include "oci/bundle.h"

enum status { ST_CREATING, ST_CREATED, ST_RUNNING, ST_PAUSED, ST_STOPPED };

struct container {
	const char *id;            /* borrowed                                             */
	char *root;                /* where the directories of containers are; owned       */
	int dir;                   /* ROOT/ID, or -1                                       */
	bool locked;
	struct json_object *state; /* what is in state.json; owned, NULL: unreadable       */
	pid_t pid;                 /* of its first process; 0: none yet                    */
	uint64_t started;          /* its start time in clock ticks (proc(5), field 22)    */
	int pidfd;                 /* of that very process, or -1 when it has ended        */
};

/* The default place: /run/opencontainer/containers, or below $XDG_RUNTIME_DIR for who is not
 * root. Owned by the caller. */
char *container_default_root(void);

/* May this be an id? 0 or a fault. */
int container_check_id(const char *id, struct fault *f);

/* Make the directory for a new container, and lock it. `root` is copied. 0 or a fault; container_close in
 * both cases, here and below. */
int container_make(struct sys *s, struct container *c, const char *root, const char *id, struct fault *f);

/* Open that of one that exists: reads state.json and finds the process. With `broken`, one
 * whose state.json cannot be read is opened too. -ENOENT when there is no such container. */
int container_open(struct container *c, const char *root, const char *id, bool broken, struct fault *f);

/* May this be the id of a new one? 0 or a fault. (container_make decides.) */
int container_check_free(const char *root, const char *id, struct fault *f);

/* Wait until no other verb that changes the container is at work. 0 or a fault. */
int container_lock(struct container *c, struct fault *f);

/* Let others at it. Who goes on later locks again: it may be gone by then. */
void container_unlock(struct container *c);

/* Write c->state, with this status, as state.json. 0 or a fault. */
int container_save(struct sys *s, struct container *c, enum status status, struct fault *f);

/* The process is this one from now on: pid, start time, pidfd. 0 or a fault. */
int container_set_pid(struct container *c, pid_t pid, struct fault *f);

/* What it is doing now. */
enum status container_status(const struct container *c);
const char *status_name(enum status status);

/* The state document as text for people and hooks; owned by the caller. pid: as the reader
 * sees it. pretty: for people. */
char *container_text(const struct container *c, enum status status, pid_t pid, bool pretty);

/* The same as a JSON object, which the caller gives back. */
struct json_object *container_json(const struct container *c, enum status status, pid_t pid);

/* Its cgroups, opened. 0 or a fault. */
int container_cgroups(const struct container *c, struct cg_held *ret, struct fault *f);

/* A string of state.json, or NULL. */
const char *container_string(const struct container *c, const char *key);

/* Remove the directory. 0 or a fault. */
int container_remove(struct sys *s, struct container *c, struct fault *f);
void container_close(struct container *c);

#endif
