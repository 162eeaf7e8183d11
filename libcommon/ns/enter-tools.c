/* SPDX-License-Identifier: MIT */
/* enter-tools.c - for containers that have no tools: the container's files beside the host's, a /proc
 * of its pid namespace, and one program of the host's without its file.
 *
 * --with-host-tools, and why that is safe. The container's files are mounted in a mount namespace that
 * is a copy of the host's and that nobody else is in: neither the host nor the container sees a mount
 * of it, it is gone with the last process in it, and no mount of it is anybody's peer. The tree is
 * taken hold of from inside, by a child that cannot be looked into and does nothing else: only there
 * is it "ours" to the kernel. Through /proc/PID/root of the program, and of all that it starts, the
 * host's files are reached by whoever sees that process and may trace it: a process in the same user
 * namespace or one above needs only its ids and no fewer capabilities, so that a container with
 * CAP_SETUID reaches each that has lowered its rights; one in a user namespace below may never. So a
 * pid namespace is joined only where all processes in it are below (is_apart). Else it stays ours: the
 * container's processes do not see the program then, and their /proc is in the tree.
 *
 * --inject, and why that is safe. The program is executed from a sealed copy in memory, by descriptor:
 * nothing is written, mounted or left in the container, and /proc/PID/exe in there is that copy and
 * never the host's file (CVE-2019-5736). It is static, so no file of the container is loaded into it. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "ns/enter-do.h"
#include "ns/fresh.h"
#include "ns/nsfs.h"
#include "ns/why.h"

static const char stand[] = "/mnt";
static const char place[] = "target"; /* in there */

/* -- host tools -------------------------------------------------------------------------------- */

int enter_tools_check(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	const char *dir = s->tools.path ?: stand;
	_cleanup_fd_ int fd = -1;

	(void)c;
	if (!s->tools.given)
		return 0;
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		int err = errno;

		fault_set(f, OP_MOUNT_DEST, err, "%s", dir);
		fault_fix(f, "--with-host-tools=DIR, a directory that exists");
		return -err;
	}
	s->root_fd = openat(s->t.procfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->root_fd < 0 ? enter_why_hidden(s, "the root directory", errno, f) : 0;
}

/* Are all processes that would see one in there in user namespaces below the program's? Those of the
 * pid namespaces on the way down from ours see it as well; who made one owns it, and its processes are
 * in its owner or below. What the kernel does not tell, as it is above us, is not so. 1, 0 or -errno. */
static int is_apart(const struct ns_enter *s)
{
	unsigned i = ns_kind_index(CLONE_NEWPID);
	_cleanup_fd_ int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int ours = user < 0 ? -1 : open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int err = errno;
	_cleanup_fd_ int at = s->fd[i] >= 0 ? fcntl(s->fd[i], F_DUPFD_CLOEXEC, 3) : enter_open_own(s, ns_kinds[i].file);
	unsigned long our_users = nsfs_inode(user), our_pids = nsfs_inode(ours), here = 0;

	if (ours < 0 || at < 0)
		return ours < 0 ? -err : at == -1 ? -errno : at;
	while (our_users && our_pids && (here = nsfs_inode(at)) && here != our_pids) {
		_cleanup_fd_ int owner = ioctl(at, NS_GET_USERNS);
		unsigned long users = nsfs_inode(owner);
		int up = users ? ioctl(at, NS_GET_PARENT) : -1;

		if (up < 0)
			return errno == EPERM ? 0 : -errno;
		fd_close(&at);
		at = up;
		if (users == our_users)
			return 0;
	}
	return here == our_pids && here ? 1 : -errno;
}

/* Is its pid namespace ours? 1, 0 or -errno. */
static int shares_pids(const struct ns_enter *s)
{
	struct stat ours, theirs;

	if (stat("/proc/self/ns/pid", &ours) < 0 || fstatat(s->t.procfd, "ns/pid", &theirs, 0) < 0)
		return -errno;
	return ours.st_ino == theirs.st_ino;
}

int enter_tools_apart(struct ns_enter *s, const struct ctx *c, struct fault *f)
{
	int r;

	if (!s->tools.given)
		return 0;
	r = s->join & CLONE_NEWUSER ? shares_pids(s) : s->join & CLONE_NEWPID ? is_apart(s) : 0;
	if (r < 0)
		return enter_why_hidden(s, "pid", -r, f);
	if (s->join & CLONE_NEWUSER && r) {
		fault_rule(f, OP_OPTION, "--with-host-tools", "it is in your pid namespace, so that it could look into the program, and reach your files");
		fault_fix(f, "a container with ns-run --pid; or --inject FILE");
		return -EINVAL;
	}
	if (!(s->join & CLONE_NEWPID) || r)
		return 0;
	if (s->which.kinds & CLONE_NEWPID) {
		fault_rule(f, OP_OPTION, "--pid", "its processes could look into the program, and reach the host's files");
		fault_fix(f, "--with-host-tools without --pid: they are in /proc, and as they count in %s/proc", s->tools.path ?: "/mnt/target");
		return -EINVAL;
	}
	s->join &= ~(unsigned)CLONE_NEWPID;
	sys_note(c->sys, "pid: stays ours, or its processes could look into the program; they are in %s/proc", s->tools.path ?: "/mnt/target");
	return 0;
}

/* The tree of its mounts from its root on, as a copy that is mounted nowhere. */
static int grab(const struct ns_enter *s, struct ctx *c)
{
	int r = sys_setns(c->sys, s->t.pidfd, CLONE_NEWNS | (s->join & CLONE_NEWUSER), s->target), tree;

	if (r < 0)
		return r;
	tree = sys_open_tree(c->sys, s->root_fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	/* what is mounted here or there goes nowhere else; a set-user-ID file of a stranger's is none */
	r = tree < 0 ? tree : sys_mount_setattr(c->sys, tree, AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_NOSUID, 0, MS_PRIVATE);
	return r < 0 ? r : tree;
}

/* The child: goes in, hands the tree out, and ends. */
static _Noreturn void fetcher(const struct ns_enter *s, struct ctx *c, int up)
{
	int tree, r = sys_prctl(c->sys, PR_SET_PDEATHSIG, SIGKILL, 0);
	char text[16];

	c->sys->pid = getpid();
	tree = r < 0 ? r : grab(s, c);
	if (tree >= 0)
		_exit(sys_send_fd(c->sys, up, "the one that waits", tree, "0") < 0);
	snprintf(text, sizeof(text), "%d", -tree);
	(void)!write(up, text, strlen(text)); /* nobody there: nobody asks */
	_exit(1);
}

static int receive(int from)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[16] = "";
	struct iovec io = {text, sizeof(text) - 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	int fd;

	if (head && head->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
		return fd;
	}
	return n > 0 && atoi(text) > 0 ? -atoi(text) : -EPIPE;
}

int enter_tools_fetch(struct ns_enter *s, struct ctx *c, int *tree, struct fault *f)
{
	int ends[2], r;
	pid_t pid;

	if (!s->tools.given)
		return 0;
	if (c->sys->dry) {
		*tree = grab(s, c);
		return 0;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fault_set(f, OP_FDS, errno, "%s", s->target);
	pid = sys_clone(c->sys, 0);
	if (pid == 0)
		fetcher(s, c, ends[1]);
	fd_close(&ends[1]);
	r = pid < 0 ? pid : receive(ends[0]);
	fd_close(&ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return fault_set(f, OP_FORK, -r, "%s", s->target);
	if (r < 0)
		return enter_why_refused(s, -r, f);
	*tree = r;
	return 0;
}

static int open_dir(int at, const char *path)
{
	int fd = openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* An empty filesystem over /mnt, with the mount point in it: no directory of the host's is made. */
static int make_stand(struct sys *sys)
{
	_cleanup_fd_ int fs = sys_fsopen(sys, "tmpfs"), mnt = -1, dir = -1;
	int r = fs < 0 ? fs : sys_fsconfig_create(sys, fs);

	if (r == 0)
		r = mnt = sys_fsmount(sys, fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (r >= 0)
		r = sys_mkdirat(sys, mnt, place, 0755);
	if (r >= 0)
		r = dir = open_dir(AT_FDCWD, stand);
	if (r >= 0)
		r = sys_move_mount(sys, mnt, dir, stand, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return r < 0 ? r : sys->dry ? fd_steal(&dir) : open_dir(mnt, place);
}

static int put_tree(const struct ns_enter *s, struct ctx *c, int tree, struct fault *f)
{
	const char *where = s->tools.path ?: "/mnt/target";
	_cleanup_fd_ int dir = s->tools.path ? open_dir(AT_FDCWD, s->tools.path) : make_stand(c->sys);
	int r = dir < 0 ? dir : 0;

	if (r == 0)
		r = sys_move_mount(c->sys, tree, dir, where, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return r < 0 ? fault_set(f, OP_MOUNT, -r, "the root of process %s on %s", s->target, where) : 0;
}

/* Have we no right over our pid namespace? Who owns it is told unless that is outside of our view. */
static bool pid_is_of_others(void)
{
	_cleanup_fd_ int pid = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int owner = pid < 0 ? -1 : ioctl(pid, NS_GET_USERNS);

	return pid >= 0 && owner < 0 && errno == EPERM;
}

static int fresh_proc(struct ctx *c, struct fault *f)
{
	int r = ns_fresh_proc(c->sys, true);

	if (r == 0)
		return 0;
	if (r == -EPERM && pid_is_of_others()) {
		fault_set(f, OP_MOUNT, EPERM, "proc on /proc");
		fault_why(f, "the pid namespace in there belongs to a user namespace outside of the one entered");
	} else {
		ns_why_proc(f, -r);
	}
	if (r == -EPERM)
		fault_fix(f, "ns-enter without --fresh-proc; or sudo, without its user namespace: --except user");
	return r;
}

int enter_tools_mount(struct ns_enter *s, struct ctx *c, int *tree, struct fault *f)
{
	bool proc = s->fresh_proc || (s->tools.given && s->join & CLONE_NEWPID);
	int r;

	if (!s->tools.given && !s->fresh_proc)
		return 0;
	r = sys_unshare(c->sys, CLONE_NEWNS);
	if (r < 0) {
		fault_set(f, OP_NS_NEW, -r, "mount");
		if (r == -EPERM)
			fault_fix(f, "sudo ns-enter, or --user as well, where it is yours");
		return r;
	}
	r = sys_mount_setattr(c->sys, AT_FDCWD, AT_RECURSIVE, 0, 0, MS_PRIVATE);
	if (r < 0)
		return fault_set(f, OP_PROPAGATION, -r, "/");
	if (s->tools.given)
		r = put_tree(s, c, *tree, f);
	fd_close(tree);
	return r == 0 && proc ? fresh_proc(c, f) : r;
}

/* -- inject ---------------------------------------------------------------------------------------- */

/* What an ELF file says of the program that loads it; only its first page is looked at, where every
 * linker puts it. */
static int look_at(const char *file, int fd, struct fault *f)
{
	union {
		Elf64_Ehdr e64;
		Elf32_Ehdr e32;
		unsigned char c[4096];
	} h = {0};
	ssize_t n = pread(fd, &h, sizeof(h), 0);
	bool wide = h.c[EI_CLASS] == ELFCLASS64;
	size_t at = wide ? h.e64.e_phoff : h.e32.e_phoff, size = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t count = wide ? h.e64.e_phnum : h.e32.e_phnum;

	if (n < (ssize_t)sizeof(h.e64) || memcmp(h.c, ELFMAG, SELFMAG) != 0) {
		fault_rule(f, OP_PROGRAM, file, n > 2 && h.c[0] == '#' && h.c[1] == '!' ? "it is a script, and needs its interpreter in there"
										       : "it is no program of this machine");
		fault_fix(f, "a static program, such as busybox; or --with-host-tools");
		return -EINVAL;
	}
	for (size_t i = 0; i < count && at <= sizeof(h) && at + (i + 1) * size <= sizeof(h); i++) {
		Elf64_Phdr p64;
		Elf32_Phdr p32;
		size_t name, most;

		memcpy(&p64, h.c + at + i * size, wide ? sizeof(p64) : 0);
		memcpy(&p32, h.c + at + i * size, wide ? 0 : sizeof(p32));
		if ((wide ? p64.p_type : p32.p_type) != PT_INTERP)
			continue;
		name = wide ? p64.p_offset : p32.p_offset;
		/* a name that does not end in what was read */
		most = name < sizeof(h) ? sizeof(h) - name : 0;
		fault_rule(f, OP_PROGRAM, file, "it is dynamic: it needs %.*s and libraries, which the container may not have",
			   most < 100 ? (int)most : 100, most ? (const char *)h.c + name : "");
		fault_fix(f, "a static program, such as busybox-static's; or --with-host-tools, which has all of the host's");
		return -EINVAL;
	}
	return 0;
}

int enter_inject_check(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;
	int r;

	if (!s->inject)
		return 0;
	fd = open(s->inject, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || faccessat(AT_FDCWD, s->inject, X_OK, AT_EACCESS) < 0)
		return fault_set(f, OP_PROGRAM, errno, "%s", s->inject);
	if (!S_ISREG(st.st_mode))
		return fault_rule(f, OP_PROGRAM, s->inject, "it is no file");
	r = look_at(s->inject, fd, f);
	if (r == 0)
		r = memory_copy(fd, strrchr(s->inject, '/') ? strrchr(s->inject, '/') + 1 : s->inject);
	if (r < 0)
		return f->op == OP_PROGRAM && f->why[0] ? r : fault_set(f, OP_SEAL, -r, "%s", s->inject);
	c->program_fd = r;
	c->program_file = s->inject;
	return 0;
}
