/* SPDX-License-Identifier: MIT */
/* enter-join.c - joining, in an order that can succeed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/enter-do.h"
#include "ns/nsfs.h"
#include "target/self.h"

enum { DEEP = 33 }; /* user namespaces below one another: the kernel has a limit of 32 */

/* What is joined one by one. */
struct joining {
	int fd[NS_KINDS];          /* -1: not to be joined, or joined already               */
	unsigned long owner[NS_KINDS];
	const char *object[NS_KINDS];
};

static unsigned long owner_of(int fd)
{
	_cleanup_fd_ int owner = ioctl(fd, NS_GET_USERNS);

	return nsfs_inode(owner);
}

/* All are opened before any is joined: afterwards the target may be none that we can look into. */
static int open_all(struct joining *j, const struct ns_enter *s)
{
	for (unsigned i = 0; i < NS_KINDS; i++) {
		int own = s->fd[i];

		if (!(s->join & ns_kinds[i].flag))
			continue;
		j->object[i] = s->which.file[i] ?: s->target ?: ns_kinds[i].name;
		j->fd[i] = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 3) : enter_open_own(s, ns_kinds[i].file);
		if (j->fd[i] < 0)
			return own >= 0 ? -errno : j->fd[i];
		j->owner[i] = owner_of(j->fd[i]);
	}
	return 0;
}

static int join_one(struct joining *j, unsigned i, struct ctx *c)
{
	int r = sys_setns(c->sys, j->fd[i], ns_kinds[i].flag, j->object[i]);

	fd_close(&j->fd[i]);
	return r;
}

/* Those that are owned by that user namespace; 0: all that are left. */
static int join_owned(struct joining *j, unsigned long owner, unsigned but, struct ctx *c)
{
	int r = 0;

	for (unsigned i = 0; i < NS_KINDS && r == 0; i++)
		if (j->fd[i] >= 0 && !(ns_kinds[i].flag & but) && (!owner || j->owner[i] == owner))
			r = join_one(j, i, c);
	return r;
}

static bool owns_any(const struct joining *j, unsigned long owner)
{
	for (unsigned i = 0; i < NS_KINDS; i++)
		if (j->fd[i] >= 0 && ns_kinds[i].flag != CLONE_NEWUSER && j->owner[i] == owner)
			return true;
	return false;
}

/* From ours down to the one that is wanted: an owner on the way is joined, which gives all rights in
 * it, and then what it owns. Whoever made it may join it, and from it everything below. */
static int join_down(struct joining *j, unsigned user, struct ctx *c)
{
	_cleanup_fd_ int self = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	int way[DEEP], n = 0, r = 0;

	way[n++] = fcntl(j->fd[user], F_DUPFD_CLOEXEC, 3);
	while (n < DEEP && (way[n] = ioctl(way[n - 1], NS_GET_PARENT)) >= 0 && nsfs_inode(way[n]) != nsfs_inode(self))
		n++;
	if (n < DEEP)
		fd_close(&way[n]);
	for (int i = n; i-- > 0;) {
		unsigned long here = nsfs_inode(way[i]);

		if (r == 0 && i > 0 && owns_any(j, here))
			r = sys_setns(c->sys, way[i], CLONE_NEWUSER, "an owner on the way");
		if (r == 0 && i > 0)
			r = join_owned(j, here, CLONE_NEWUSER, c);
		if (r == 0 && i == 0)
			r = join_one(j, user, c);
		fd_close(&way[i]);
	}
	return r < 0 ? r : join_owned(j, 0, 0, c);
}

/* Who holds CAP_SYS_ADMIN here has it over all that is below: then the user namespace comes last, so
 * that no right is lost before it is needed. Else the rights come from the user namespaces. */
static int join_each(const struct ns_enter *s, struct ctx *c)
{
	unsigned user = ns_kind_index(CLONE_NEWUSER);
	struct joining j;
	int r;

	for (unsigned i = 0; i < NS_KINDS; i++)
		j.fd[i] = -1;
	r = open_all(&j, s);
	if (r == 0 && self_has_cap(CAP_SYS_ADMIN)) {
		r = join_owned(&j, 0, CLONE_NEWUSER, c);
		if (r == 0 && j.fd[user] >= 0)
			r = join_one(&j, user, c);
	} else if (r == 0) {
		r = j.fd[user] >= 0 ? join_down(&j, user, c) : join_owned(&j, 0, 0, c);
	}
	for (unsigned i = 0; i < NS_KINDS; i++)
		fd_close(&j.fd[i]);
	return r;
}

static bool wants_map(const struct ns_enter *s)
{
	return s->users.n || s->groups.n;
}

int enter_hold(struct ns_enter *s, struct fault *f)
{
	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		int fd;

		if (!wants_map(s) || !(s->join & k->flag) || s->fd[k - ns_kinds] >= 0)
			continue;
		fd = enter_open_own(s, k->file);
		if (fd < 0)
			return enter_why_hidden(s, k->name, -fd, f);
		s->fd[k - ns_kinds] = fd;
		s->held |= k->flag;
	}
	return 0;
}

/* The map that was read is the target's. A process moves to a user namespace below its own and to no
 * other: one that is where it was has been there all the time. */
int enter_held(const struct ns_enter *s, struct fault *f)
{
	struct stat st;
	int fd = s->fd[ns_kind_index(CLONE_NEWUSER)];
	_cleanup_fd_ int own = fd < 0 ? open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC) : -1;

	if (!wants_map(s) || s->nsfd >= 0 || s->t.procfd < 0)
		return 0;
	if (fstatat(s->t.procfd, "ns/user", &st, 0) < 0)
		return enter_why_hidden(s, "user", errno, f);
	if (st.st_ino == nsfs_inode(fd < 0 ? own : fd))
		return 0;
	fault_rule(f, OP_NS_JOIN, s->target, "it went to another user namespace while its map was looked at");
	fault_fix(f, "ns-enter --target %s again", s->target);
	return -EAGAIN;
}

/* One call for all of one process: the kernel takes all or nothing of it, and judges by the rights
 * that the caller has before. Where that does not do, or they come from several places, one by one. */
int enter_join(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	unsigned own = s->join;
	int r = -EPERM;

	for (unsigned i = 0; i < NS_KINDS; i++)
		if (s->fd[i] >= 0)
			own &= ~ns_kinds[i].flag;
	if (!s->join)
		return 0;
	if (own == s->join)
		r = sys_setns(c->sys, s->t.pidfd, s->join, s->target);
	if (r == -EPERM) {
		/* looked at before: with half of them joined the answers would be others */
		enter_why_refused(s, EPERM, f);
		r = join_each(s, c);
		if (r == -EPERM)
			return r;
	}
	return r < 0 ? enter_why_refused(s, -r, f) : 0;
}
