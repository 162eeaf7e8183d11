/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns/try.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

enum { ELSEWHERE = 255, FILTERED = 254 }; /* no errnos */

/* clone(2) itself: its C library has no fork with flags. */
static pid_t clone_with(unsigned flags)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL);
}

/* What the child found: its exit status is an errno. */
static int result_or(pid_t pid, int killed)
{
	int status;

	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -killed;
}

static int result_of(pid_t pid)
{
	return result_or(pid, EPERM);
}

/* A filesystem that is mounted nowhere is gone with its descriptor. */
static int make_fs(const char *type)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC);

	return fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -1 : fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static int make_proc(void)
{
	return make_fs("proc") < 0 ? errno : 0;
}

int ns_try(unsigned flags, bool proc)
{
	/* in clone(2) the bit of a time namespace is one of the signal's */
	pid_t pid = clone_with(flags & ~(unsigned)CLONE_NEWTIME);

	if (pid == 0) {
		if (flags & CLONE_NEWTIME && unshare(CLONE_NEWTIME) < 0)
			_exit(errno);
		_exit(proc ? make_proc() : 0);
	}
	return result_of(pid);
}

/* In mounts of the child's own, which pass nothing on and end with it. No flag of move_mount(2) is ~0:
 * who has CAP_SYS_ADMIN and is asked says EINVAL. */
static int make_mount(bool proc)
{
	struct mount_attr alone = {.propagation = MS_PRIVATE};
	int mnt;

	if (move_mount(-1, "", -1, "", ~0U) < 0 && (errno == EPERM || errno == ENOSYS))
		return FILTERED;
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &alone, sizeof(alone)) < 0)
		return errno;
	mnt = make_fs(proc ? "proc" : "tmpfs");
	if (mnt < 0 || move_mount(mnt, "", AT_FDCWD, proc ? "/proc" : "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return errno;
	return 0;
}

int ns_try_mount(unsigned flags, bool proc)
{
	pid_t pid = clone_with((flags & ~(unsigned)CLONE_NEWTIME) | CLONE_NEWNS);
	int r;

	if (pid == 0)
		_exit(make_mount(proc));
	r = pid < 0 ? -ECHILD : result_or(pid, FILTERED);
	return r == -FILTERED ? NS_TRY_FILTERED : r;
}

int ns_try_ids(uid_t uid, gid_t gid)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	pid_t pid = clone_with(0);

	if (pid == 0) {
		bool ours = syscall(SYS_capset, &head, none) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;

		_exit(ours ? 0 : errno);
	}
	return result_of(pid);
}

int ns_try_landlock(void)
{
	pid_t pid = clone_with(0);

	if (pid == 0)
		_exit(syscall(SYS_landlock_create_ruleset, NULL, 0UL, 1U) < 0 ? errno : 0); /* the version */
	return result_of(pid);
}

/* 1 is no flag of unshare, and CLONE_SIGHAND alone none of clone: who is asked says EINVAL. */
int ns_try_filter(unsigned kind)
{
	pid_t pid = clone_with(0);

	if (pid == 0) {
		if (unshare((int)(kind | 1)) < 0 && errno != EINVAL)
			_exit(errno);
		if (!(kind & CLONE_NEWTIME) && clone_with(kind | CLONE_SIGHAND) < 0 && errno != EINVAL)
			_exit(errno);
		_exit(0);
	}
	return result_of(pid);
}

/* setns(2) into a mount namespace takes its root, also when it is our own. */
static int is_elsewhere(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct stat here, top;

	if (fd < 0 || stat("/", &here) < 0 || setns(fd, CLONE_NEWNS) < 0 || stat("/", &top) < 0)
		return errno;
	return here.st_dev == top.st_dev && here.st_ino == top.st_ino ? 0 : ELSEWHERE;
}

int ns_try_chroot(void)
{
	pid_t pid = clone_with(0);
	int r;

	if (pid == 0)
		_exit(is_elsewhere());
	r = result_of(pid);
	return r == -ELSEWHERE ? 1 : r;
}
