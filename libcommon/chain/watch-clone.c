/* SPDX-License-Identifier: MIT */
/* watch-clone.c - the clone itself, as whoever the new user namespace is to belong to. */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "chain/watching.h"

/* A container's filter may answer ENOSYS to the new call, and knows the old one. */
static pid_t clone_either(struct sys *s, struct clone_args *args)
{
	pid_t pid = sys_clone3(s, args);

	if (pid != -ENOSYS || args->flags & CLONE_NEWTIME)
		return pid;
	args->flags &= ~(uint64_t)CLONE_INTO_CGROUP;
	return sys_clone(s, (unsigned)args->flags);
}

/* The owner of a user namespace is who makes it. For no other step do we act as another. */
static pid_t clone_as_owner(struct chain *ch, struct clone_args *args)
{
	struct sys *s = &ch->sys;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	pid_t pid;
	int r = sys_setegid(s, ch->ctx.owner.gid);

	if (r == 0)
		r = sys_seteuid(s, ch->ctx.owner.uid);
	pid = r < 0 ? r : clone_either(s, args);
	ch->ctx.owner.given = false;
	if (pid == 0 && !s->dry)
		return pid; /* it takes its ids when they are mapped */
	if (sys_seteuid(s, uid) < 0 || sys_setegid(s, gid) < 0)
		_exit(125); /* with the wrong ids nothing more is done */
	return pid;
}

pid_t watch_clone(struct chain *ch, struct clone_args *args)
{
	bool owned = ch->ctx.owner.given && args->flags & CLONE_NEWUSER;

	return owned ? clone_as_owner(ch, args) : clone_either(&ch->sys, args);
}
