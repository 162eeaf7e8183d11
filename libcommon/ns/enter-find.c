/* SPDX-License-Identifier: MIT */
/* enter-find.c - which namespaces are entered, and where each comes from: the target's own, those of
 * its children, of its socket, a file, an id, an owner. Changes nothing. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "ns/enter-do.h"
#include "ns/nsfs.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

unsigned enter_wanted(const struct ns_enter *s)
{
	unsigned all = ~0U;

	/* who keeps the host's files keeps the host's rights over them as well */
	if (s->tools.given)
		all = ~(unsigned)(CLONE_NEWNS | (geteuid() == 0 ? CLONE_NEWUSER : 0));
	if (s->all || !s->which.kinds)
		return (s->which.kinds | all) & ~s->except;
	return (s->which.kinds | (s->user_parent ? CLONE_NEWUSER : 0)) & ~s->except;
}

int enter_open_own(const struct ns_enter *s, const char *file)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "ns/%s", file);
	fd = openat(s->t.procfd, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Nobody is left outside by mistake: what is not known to be ours is not ours. */
static bool is_ours(const struct ns_kind *k, const struct stat *theirs)
{
	struct stat ours;
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/ns/%s", k->file);
	return stat(own, &ours) == 0 && ours.st_ino == theirs->st_ino && ours.st_dev == theirs->st_dev;
}

/* A descriptor becomes the source of kind k. */
static int take(struct ns_enter *s, const struct ns_kind *k, int fd, const char *object, struct fault *f)
{
	int type = ioctl(fd, NS_GET_NSTYPE);
	char is[96];
	struct stat st;

	if (type < 0 || fstat(fd, &st) < 0) {
		fault_rule(f, OP_NS_JOIN, object, "it is no namespace file");
		fault_fix(f, "a namespace file, such as /proc/PID/ns/%s or /run/netns/NAME: ls -l", k->file);
	} else if ((unsigned)type != k->flag) {
		fault_rule(f, OP_NS_JOIN, object, "it is a %s namespace, and not of the kind named: %s",
			   ns_names(is, sizeof(is), (unsigned)type), k->name);
	} else {
		fd_close(&s->fd[k - ns_kinds]);
		s->fd[k - ns_kinds] = fd;
		if (!is_ours(k, &st))
			s->join |= k->flag;
		else
			s->join &= ~k->flag;
		return 0;
	}
	close(fd);
	return -EINVAL;
}

/* -- a file, an id --------------------------------------------------------------------------- */

static int from_file(struct ns_enter *s, const struct ns_kind *k, const char *path, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = errno;

	if (fd >= 0)
		return take(s, k, fd, path, f);
	fault_set(f, OP_NS_JOIN, err, "%s", path);
	if (err != EACCES)
		fault_fix(f, "a namespace file, such as /proc/PID/ns/%s or /run/netns/NAME: ls -l", k->file);
	return -err;
}

/* Before Linux 6.19, which looks it up itself: a process that is in there, if we may look. */
static int search_by_id(const struct ns_kind *k, uint64_t id)
{
	DIR *proc = opendir("/proc");
	int found = -1;

	for (struct dirent *e; proc && found < 0 && (e = readdir(proc));) {
		char path[320];

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/ns/%s", e->d_name, k->file);
		found = openat(dirfd(proc), path, O_RDONLY | O_CLOEXEC);
		if (found >= 0 && nsfs_id(found) != id)
			fd_close(&found);
	}
	if (proc)
		closedir(proc);
	return found;
}

static bool has_ids(const struct ns_kind *k)
{
	char own[64];
	_cleanup_fd_ int fd = -1;

	snprintf(own, sizeof(own), "/proc/self/ns/%s", k->file);
	fd = open(own, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && nsfs_id(fd);
}

static int from_id(struct ns_enter *s, const struct ns_kind *k, const char *text, struct fault *f)
{
	uint64_t id;
	int fd = -1;

	if (num_u64(text + 1, UINT64_MAX, &id) < 0) {
		fault_rule(f, OP_NS_JOIN, text, "behind the colon stands a number, the namespace's id");
		fault_fix(f, "--%s=:ID; a file whose name begins with a colon is --%s=./%s", k->name, k->name, text);
		return -EINVAL;
	}
	fd = nsfs_open_id(id);
	if (fd < 0 && id)
		fd = search_by_id(k, id);
	if (fd >= 0)
		return take(s, k, fd, text, f);
	if (!has_ids(k)) {
		fault_rule(f, OP_NS_JOIN, text, "this kernel gives namespaces no ids; Linux 6.18 and later do");
		fault_fix(f, "--%s=/proc/PID/ns/%s", k->name, k->file);
	} else {
		fault_rule(f, OP_NS_JOIN, text,
			   "no %s namespace of that id; before Linux 6.19 only one with a process that you may look into is found",
			   k->name);
		fault_fix(f, "--%s=/proc/PID/ns/%s, or sudo", k->name, k->file);
	}
	return -ENOENT;
}

/* -- the target's ---------------------------------------------------------------------------- */

static int from_own(struct ns_enter *s, const struct ns_kind *k, struct ctx *c, struct fault *f)
{
	struct stat theirs, ours;
	char path[64];

	snprintf(path, sizeof(path), "ns/%s", k->file);
	if (fstatat(s->t.procfd, path, &theirs, 0) == 0) {
		if (!is_ours(k, &theirs))
			s->join |= k->flag;
		else
			sys_note(c->sys, "%s: ours already", k->name);
		return 0;
	}
	if (errno == ENOENT && !(s->which.kinds & k->flag)) {
		char own[64];

		snprintf(own, sizeof(own), "/proc/self/ns/%s", k->file);
		if (stat(own, &ours) < 0) {
			sys_note(c->sys, "%s: this kernel has no such namespaces", k->name);
			return 0;
		}
		errno = ENOENT;
	}
	return enter_why_hidden(s, k->name, errno, f);
}

static const char *children_of(const struct ns_kind *k)
{
	return k->flag == CLONE_NEWPID ? "pid_for_children" : k->flag == CLONE_NEWTIME ? "time_for_children" : NULL;
}

static int from_children(struct ns_enter *s, const struct ns_kind *k, struct fault *f)
{
	int fd = enter_open_own(s, children_of(k));

	if (fd >= 0)
		return take(s, k, fd, s->target, f);
	if (fd != -ENOENT || k->flag != CLONE_NEWPID)
		return enter_why_hidden(s, children_of(k), -fd, f);
	fault_rule(f, OP_NS_JOIN, s->target, "the pid namespace of its children has no process yet, and nobody can enter it before");
	fault_fix(f, "once it has a child: ps --ppid %s; ns-run --pid and unshare --fork make one at once", s->target);
	return -ENOENT;
}

/* Only a socket is asked: the driver or filesystem behind another descriptor may be a process of a
 * stranger's. Returns a descriptor or -errno. */
static int net_of(int sock)
{
	struct statx st;
	int fd;

	if (statx(sock, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return -errno;
	fd = S_ISSOCK(st.stx_mode) ? ioctl(sock, SIOCGSKNS) : -1;
	return fd >= 0 ? fd : S_ISSOCK(st.stx_mode) ? -errno : -ENOTSOCK;
}

static int from_socket(struct ns_enter *s, const struct ns_kind *k, struct fault *f)
{
	_cleanup_fd_ int sock = (int)syscall(SYS_pidfd_getfd, s->t.pidfd, (int)s->socket.n, 0U);
	int err = errno, fd;

	if (sock < 0 && err == EBADF) {
		fault_set(f, OP_NS_JOIN, err, "descriptor %ld of process %s", s->socket.n, s->target);
		fault_why(f, "it has no such descriptor open");
		fault_fix(f, "ls -l /proc/%d/fd", s->t.pid);
		return -err;
	}
	if (sock < 0)
		return enter_why_hidden(s, "its descriptors", err, f);
	fd = net_of(sock);
	if (fd >= 0)
		return take(s, k, fd, s->target, f);
	err = -fd;
	fault_set(f, OP_NS_JOIN, err, "descriptor %ld of process %s", s->socket.n, s->target);
	if (err == EPERM) {
		fault_why(f, "only a holder of CAP_NET_ADMIN over it may ask a socket for its namespace");
		fault_fix(f, "sudo ns-enter");
	} else {
		fault_why(f, "it is no socket of a network");
		fault_fix(f, "one that is: ls -l /proc/%d/fd", s->t.pid);
	}
	return -err;
}

/* A namespace of kind k as a descriptor of its own. */
static int borrow(const struct ns_enter *s, const struct ns_kind *k)
{
	int fd = s->fd[k - ns_kinds];

	if (fd < 0)
		return s->t.procfd < 0 ? -1 : enter_open_own(s, k->file);
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* The owner of what is entered; of a user namespace that is its parent. */
static int from_owner(struct ns_enter *s, unsigned wanted, struct fault *f)
{
	bool of_user = s->which.kinds & CLONE_NEWUSER || s->all || !s->which.kinds;

	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		_cleanup_fd_ int fd = -1;
		int owner;

		if (!(wanted & k->flag) || (k->flag == CLONE_NEWUSER && !of_user))
			continue;
		fd = borrow(s, k);
		owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
		if (owner >= 0)
			return take(s, &ns_kinds[ns_kind_index(CLONE_NEWUSER)], owner, "--user-parent", f);
		fault_set(f, OP_NS_JOIN, errno, "--user-parent");
		if (errno == EPERM)
			fault_why(f, "what owns the %s namespace lies outside of our own user namespace", k->name);
		fault_fix(f, "ns-enter without --user-parent, which needs a user namespace below another; or sudo");
		return -EPERM;
	}
	fault_rule(f, OP_OPTION, "--user-parent", "no namespace is entered whose owner it could be");
	fault_fix(f, "--mount or another kind as well");
	return -EINVAL;
}

static int find_one(struct ns_enter *s, const struct ns_kind *k, struct ctx *c, struct fault *f)
{
	const char *file = s->which.file[k - ns_kinds];

	if (file)
		return file[0] == ':' ? from_id(s, k, file, f) : from_file(s, k, file, f);
	if (s->socket.given && k->flag == CLONE_NEWNET)
		return from_socket(s, k, f);
	if (s->t.procfd < 0) {
		if (!(s->which.kinds & k->flag))
			return 0;
		fault_rule(f, OP_USAGE, k->name, "it is not said whose %s namespace", k->name);
		fault_fix(f, "--target PID as well, or --%s=FILE", k->name);
		return -EINVAL;
	}
	if (s->for_children && children_of(k))
		return from_children(s, k, f);
	return from_own(s, k, c, f);
}

/* unshare --pid without a fork, and whoever changed what its children get. Told where somebody asked
 * for the pid namespace and would get none at all; else a note. */
static int look_at_children(const struct ns_enter *s, const struct ctx *c, struct fault *f)
{
	struct stat own, children;

	if (s->for_children || s->t.procfd < 0 || fstatat(s->t.procfd, "ns/pid", &own, 0) < 0)
		return 0;
	if (fstatat(s->t.procfd, "ns/pid_for_children", &children, 0) == 0 && own.st_ino == children.st_ino)
		return 0;
	if (s->join & CLONE_NEWPID || !(s->which.kinds & CLONE_NEWPID)) {
		sys_note(c->sys, "pid: that of its children is another: --for-children");
		return 0;
	}
	fault_rule(f, OP_NS_JOIN, s->target, "its own pid namespace is ours; it made another one, for its children alone");
	fault_fix(f, "ns-enter --for-children --pid --target %s, or --target and one of its children: ps --ppid %d", s->target,
		  s->t.pid);
	return -EINVAL;
}

/* The user namespace of a file, whose map is to be looked at. */
static int keep_file(struct ns_enter *s, int fd, struct fault *f)
{
	s->nsfd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return s->nsfd < 0 ? fault_set(f, OP_FDS, errno, "%s", s->target ?: "ns-enter") : 0;
}

/* One file as the target: the namespace that it is. */
static int find_target_file(struct ns_enter *s, struct fault *f)
{
	_cleanup_fd_ int fd = open(s->target, O_RDONLY | O_CLOEXEC);
	int type = fd < 0 ? -1 : ioctl(fd, NS_GET_NSTYPE);
	unsigned i = type < 0 ? NS_KINDS : ns_kind_index((unsigned)type);
	char is[96], wanted[96];
	int r;

	if (i == NS_KINDS) {
		int err = fd < 0 ? errno : 0;

		fault_set(f, OP_NS_JOIN, err, "%s", s->target);
		if (!err)
			fault_why(f, "it is no namespace file");
		if (err != EACCES)
			fault_fix(f, "a namespace file, such as /proc/PID/ns/net or /run/netns/NAME: ls -l");
		return err ? -err : -EINVAL;
	}
	if (s->which.kinds && s->which.kinds != (unsigned)type)
		return fault_rule(f, OP_NS_JOIN, s->target, "it is a %s namespace, and not of the kind named: %s",
				  ns_names(is, sizeof(is), (unsigned)type), ns_names(wanted, sizeof(wanted), s->which.kinds));
	s->join = (unsigned)type;
	r = keep_file(s, fd, f);
	return r < 0 ? r : take(s, &ns_kinds[i], fd_steal(&fd), s->target, f);
}

int enter_find(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	unsigned wanted = enter_wanted(s);
	int r = 0;

	if (s->t.path)
		return find_target_file(s, f);
	for (const struct ns_kind *k = ns_kinds; k->name && r == 0; k++)
		if (wanted & k->flag && !(s->user_parent && k->flag == CLONE_NEWUSER))
			r = find_one(s, k, c, f);
	if (r == 0 && s->user_parent)
		r = from_owner(s, wanted, f);
	if (r == 0 && wanted & CLONE_NEWPID && !s->which.file[ns_kind_index(CLONE_NEWPID)])
		r = look_at_children(s, c, f);
	if (r == 0 && s->fd[ns_kind_index(CLONE_NEWUSER)] >= 0)
		r = keep_file(s, s->fd[ns_kind_index(CLONE_NEWUSER)], f);
	return r;
}
