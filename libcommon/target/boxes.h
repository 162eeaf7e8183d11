/* SPDX-License-Identifier: MIT */
/* boxes.h - the containers of this machine, whichever engine made them.
 *
 * No daemon is asked and no engine's program is run: engines and runtimes leave files below
 * /run and /var/lib, and the kernel says in which cgroup a process is. What a user's own
 * engine left (rootless) was written by that user. Root reads of it only files that are that
 * user's own, as much as a user may have, and believes it only about what is in a cgroup that was
 * given to that user; the first process of such a box is one in a user namespace of that user. */
#ifndef COMMON_TARGET_BOXES_H
#define COMMON_TARGET_BOXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"

struct box {
	char *engine;     /* "podman" "docker" "containerd" "cri-o" "oci-run" "runc" "crun" "lxc"   */
			  /* "systemd-nspawn"...; who made it, not who ran it for the engine        */
	char *id;         /* whole; where an engine has names only, the name                        */
	char *name;       /* what its user calls it, or NULL; POD/NAME of one in a pod              */
	char *source;     /* the file or the cgroup that gave the name, or the id: said to the user */
	char *bundle;     /* the directory of its config.json, or NULL                              */
	char *cgroup;     /* below the top of its hierarchies, as the state says, or NULL           */
	pid_t pid;        /* of its first process as the state says, or 0: see box_first            */
	uint64_t started; /* when that began, proc(5) field 22, as the state says; 0: unknown       */
	uid_t uid;        /* whose engine made it: 0, or the user of a rootless one                 */
	bool asked;       /* private: who watches over it was asked for its name                    */
};

struct boxes {
	struct box **v;            /* n pointers that stay while v grows; ended ones among them     */
	size_t n;
	unsigned unreadable;       /* files and directories that could not be read, or made no sense, */
				   /* and once for each limit of a user's that was reached           */
	char unreadable_path[256]; /* the first of them, to be printed                              */
	struct boxes_index *index; /* private                                                       */
};

/* Read what all engines left, each file once. What is not there is no error; what may not be
 * read is counted. To be freed by boxes_free. */
void boxes_read(struct boxes *b);

/* The same of the engines in another root directory (tests). */
void boxes_read_below(struct boxes *b, const char *root);

void boxes_free(struct boxes *b);

/* In which box is a process that is in this cgroup? `cgroup` is the text of /proc/PID/cgroup,
 * or one path of it. Where only the path tells, the box is added to b. NULL: in none. Of boxes
 * in each other the outer one: what is below it was named by those in there. */
const struct box *boxes_of_cgroup(struct boxes *b, const char *cgroup);

/* Look into the cgroups as well, for boxes that left no file, and name those that have none. */
void boxes_look(struct boxes *b);

/* Find "NAME", the beginning of an id, or either behind "ENGINE:". A name counts before an id,
 * and one's own box or root's before another user's. Calls boxes_look. Returns 0, or a fault that lists what was meant and says what the caller cannot see. */
int boxes_find(struct boxes *b, const char *word, const struct box **found, struct fault *f);

/* Its first process: the one of the state when it still is that one, else the oldest in the
 * box's cgroup. Returns the pid, or a fault: the box does not run, or is not ours to see. */
pid_t box_first(struct boxes *b, const struct box *box, struct fault *f);

/* Is this process the first of the box, or one of its cgroup? Of a user's box it has to be in a
 * user namespace of that user. Ask again once the process is held by a pidfd. */
bool box_holds(struct boxes *b, const struct box *box, pid_t pid);

/* What to call it in a row: its name, or the first 12 characters of its id (in a buffer of
 * this function where it is longer: to be used before the next call). */
const char *box_shown(const struct box *box);

#endif
