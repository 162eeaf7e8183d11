/* SPDX-License-Identifier: MIT */
/* enter-why.c - why a process could not be entered: causes that are looked at, not guessed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "ns/enter-do.h"
#include "ns/nsfs.h"
#include "target/self.h"

static long long number_after(const char *text, const char *key, int base)
{
	const char *line = strstr(text, key);

	return line ? (long long)strtoull(line + strlen(key), NULL, base) : -1;
}

/* ptrace(2), "access mode checking": the same user, none of the capabilities more than ours, and a
 * program that may be looked into. */
int enter_why_hidden(const struct ns_enter *s, const char *what, int err, struct fault *f)
{
	_cleanup_free_ char *text = NULL, *own = NULL;
	long long uid, theirs, ours;

	fault_set(f, OP_NS_JOIN, err, "%s of process %s", what, s->target);
	if (err == ENOENT) {
		fault_why(f, "this kernel has no such namespaces");
		fault_fix(f, "ns-enter without --%s; ls -l /proc/self/ns", what);
	}
	if (err == ESRCH)
		fault_why(f, "the process has ended");
	if (err != EACCES && err != EPERM)
		return -err;
	fault_fix(f, "sudo ns-enter, or as the user who owns process %s", s->target);
	fault_why(f, "process %s is not yours to look into", s->target);
	if (path_read(s->t.procfd, "status", 1 << 16, &text) <= 0 ||
	    path_read(AT_FDCWD, "/proc/self/status", 1 << 16, &own) <= 0)
		return -err;
	uid = number_after(text, "\nUid:", 10);
	theirs = number_after(text, "\nCapPrm:", 16);
	ours = number_after(own, "\nCapPrm:", 16);
	if (uid != (long long)geteuid())
		fault_why(f, "process %s is not yours to look into: it belongs to user %lld, and you are %u", s->target, uid,
			  geteuid());
	else if (theirs & ~ours)
		fault_why(f, "process %s is not yours to look into: it has capabilities that you have not", s->target);
	else
		fault_why(f, "process %s is not yours to look into: it hides itself, or a security module does (dumpable, in prctl(2); Yama; Landlock)",
			  s->target);
	return -err;
}

/* -- refused by setns(2) --------------------------------------------------------------------- */

static int open_kind(const struct ns_enter *s, const struct ns_kind *k)
{
	int fd = s->fd[k - ns_kinds];

	return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : s->t.procfd >= 0 ? enter_open_own(s, k->file) : -1;
}

/* The first of those that are joined whose owner is neither the user namespace that is joined nor
 * below it, nor one over which we have rights already. */
static bool why_owner(const struct ns_enter *s, struct fault *f)
{
	_cleanup_fd_ int self = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int user = s->join & CLONE_NEWUSER ? open_kind(s, &ns_kinds[ns_kind_index(CLONE_NEWUSER)]) : -1;
	bool admin = self_has_cap(CAP_SYS_ADMIN);

	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		_cleanup_fd_ int fd = -1, owner = -1;

		if (!(s->join & k->flag) || k->flag == CLONE_NEWUSER)
			continue;
		fd = open_kind(s, k);
		owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
		if (fd >= 0 && owner < 0 && errno == EPERM) {
			fault_why(f, "%s:[%lu] is owned by a user namespace outside of our own", k->name, nsfs_inode(fd));
			fault_fix(f, "--except %s, or ns-enter from out there", k->name);
			return true;
		}
		if (owner < 0 || nsfs_inode(owner) == nsfs_inode(user))
			continue;
		if (nsfs_inode(owner) == nsfs_inode(self) && !admin) {
			fault_why(f, "%s:[%lu] is owned by user:[%lu], our own, in which you lack CAP_SYS_ADMIN", k->name,
				  nsfs_inode(fd), nsfs_inode(owner));
			fault_fix(f, "sudo ns-enter, or --except %s", k->name);
			return true;
		}
		if (nsfs_inode(owner) != nsfs_inode(self)) {
			fault_why(f, "%s:[%lu] is owned by user:[%lu]; join it first", k->name, nsfs_inode(fd), nsfs_inode(owner));
			fault_fix(f, "--%s, or --user=FILE of that one, or --user-parent", "user");
			return true;
		}
	}
	return false;
}

int enter_why_refused(const struct ns_enter *s, int err, struct fault *f)
{
	char names[96];

	fault_set(f, OP_NS_JOIN, err, "%s", s->target ?: ns_names(names, sizeof(names), s->join));
	if (err == ESRCH)
		fault_why(f, "the process has ended");
	if (err == EINVAL && s->join & CLONE_NEWPID) {
		fault_why(f, "its pid namespace is not below our own, and the kernel lets nobody go up or aside");
		fault_fix(f, "--except pid");
	}
	if (err != EPERM)
		return -err;
	fault_fix(f, "sudo ns-enter, or the kinds you may join (its %s)", ns_names(names, sizeof(names), s->join));
	if (why_owner(s, f))
		return -err;
	if (s->join & CLONE_NEWUSER && !self_has_cap(CAP_SYS_ADMIN)) {
		fault_why(f, "its user namespace was made by another user, or lies outside of ours");
		fault_fix(f, "sudo ns-enter, or as the user who made it: lsns -t user -o NS,USER,COMMAND");
	} else if (self_seccomp_mode() == 2) {
		fault_why(f, "a seccomp filter of this process refuses it");
		fault_fix(f, "ns-enter outside of it: grep Seccomp /proc/self/status");
	}
	return -err;
}
