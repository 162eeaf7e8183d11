/* SPDX-License-Identifier: MIT */
/* enter.h - ns-enter: the namespaces of another process, and what else makes its world. */
#ifndef COMMON_NS_ENTER_H
#define COMMON_NS_ENTER_H

#include "base/link.h"
#include "ns/choice.h"
#include "ns/idmap.h"
#include "target/target.h"

/* What --like-exec takes beside the namespaces, enter-parts.def. */
enum enter_part {
#define PART(id, name, what) ENTER_##id,
#include "ns/enter-parts.def"
#undef PART
	ENTER_PARTS
};

/* What ns-enter is to do, as argv says it. Strings are borrowed. */
struct ns_enter {
	const char *target;
	bool all;
	struct ns_choice which;  /* kinds that were named, each with a file or none       */
	unsigned except;         /* CLONE_NEW*                                            */
	bool user_parent, for_children, env, cgroup, label, fresh_proc, verbose;
	struct opt_num socket;   /* a descriptor of the target's                          */
	struct enter_dir {
		bool given;
		const char *path;  /* NULL: the target's                                  */
	} root, cwd;
	const char *cwd_inside;
	struct enter_ids {
		enum { IDS_ROOT, IDS_FOLLOW, IDS_KEEP, IDS_GIVEN } how;
		uint32_t uid, gid;
	} ids;
	struct enter_like {
		bool given;
		bool listed;       /* the parts were named, and not those that are left out */
		unsigned parts;    /* bit n: enum enter_part                               */
	} like;
	struct enter_dir tools;  /* --with-host-tools                                     */
	const char *inject;      /* a file of the host's                                  */
	struct idmap users, groups; /* that its user namespace has to have */
	bool planned;
	/* found by plan and check */
	struct target t;
	int nsfd;                /* of a namespace file that is the target                */
	int fd[NS_KINDS];        /* where a namespace is not the target's own, or held; or -1 */
	unsigned held;           /* those of fd that are the target's own                 */
	unsigned join;           /* those that differ                                     */
	bool has_root;           /* id 0 is mapped in there                               */
	int root_fd, cwd_fd, tree;
	char *environ;           /* owned */
	size_t n_groups;
	uint32_t *further;       /* groups to take on, owned                              */
};

extern const struct link ns_enter_link;

/* Find the target, if it is not found yet: it is held from then on. Returns 0 or a fault. */
int ns_enter_target(struct ns_enter *s, struct fault *f);

/* Which user namespace is entered: NULL: none; "": the target's; else another one, by its file, its :ID
 * or the option that finds it. */
const char *ns_enter_user(const struct ns_enter *s);

/* "env", and what it is. */
const char *ns_enter_part(enum enter_part part);

#endif
