/* SPDX-License-Identifier: MIT */
/* calls.c - loaded before the C library by tests/valgrind/check: system calls that valgrind does
 * not know are made outside of it.
 *
 * valgrind 3.19 answers them with ENOSYS, so that nothing which mounts or filters would be
 * looked at. It can run a function on the real processor, and there the call is made as it
 * stands. None of them but listns writes to memory of ours, so nothing is missed but the look at what
 * they are given, and the descriptors that they make. An ioctl that valgrind does not know is made,
 * but what it wrote is held to be undefined: so the owner of a namespace is asked for outside, too. A fork cannot be made so: clone3 stays unknown,
 * and the tools fall back to clone.
 *
 * The real processor has no C library: no errno, no stack protector in there. */
#include <errno.h>
#include <linux/nsfs.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

enum { SYS_LISTNS = 470 };

struct call {
	long n, args[6];
};

static const long unknown[] = {
	SYS_seccomp, SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount,
	SYS_mount_setattr, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_openat2,
	SYS_LISTNS,
};

/* Under valgrind the instruction below is valgrind's; called by make_outside() it is the processor's. */
__attribute__((optimize("no-stack-protector"))) static long make(const struct call *c)
{
	register long r10 __asm__("r10") = c->args[3];
	register long r8 __asm__("r8") = c->args[4];
	register long r9 __asm__("r9") = c->args[5];
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(c->n), "D"(c->args[0]), "S"(c->args[1]), "d"(c->args[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

__attribute__((optimize("no-stack-protector"))) static long make_outside(unsigned long thread, const struct call *c)
{
	(void)thread;
	return make(c);
}

long syscall(long n, ...)
{
	struct call c = {.n = n};
	int is_known = !RUNNING_ON_VALGRIND;
	va_list args;
	long r;

	va_start(args, n);
	for (size_t i = 0; i < 6; i++)
		c.args[i] = va_arg(args, long);
	va_end(args);
	if (!is_known) {
		is_known = 1;
		for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
			if (unknown[i] == n)
				is_known = 0;
	}
	r = is_known ? make(&c) : (long)VALGRIND_NON_SIMD_CALL1(make_outside, &c);
	if (n == SYS_LISTNS && r > 0)
		VALGRIND_MAKE_MEM_DEFINED(c.args[1], (size_t)r * sizeof(uint64_t));
	if (r >= 0 || r < -4095)
		return r;
	errno = (int)-r;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct call c = {.n = SYS_ioctl, .args = {fd, (long)request}};
	va_list args;
	long r;

	va_start(args, request);
	c.args[2] = va_arg(args, long);
	va_end(args);
	if (request != NS_GET_OWNER_UID || !RUNNING_ON_VALGRIND)
		r = make(&c);
	else if ((r = (long)VALGRIND_NON_SIMD_CALL1(make_outside, &c)) == 0)
		VALGRIND_MAKE_MEM_DEFINED(c.args[2], sizeof(uid_t));
	if (r >= 0)
		return (int)r;
	errno = (int)-r;
	return -1;
}

/* What the C library has a function for. */
int open_tree(int fd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, fd, path, flags);
}

int move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

int fsopen(const char *type, unsigned flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

int fsconfig(int fd, unsigned what, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, what, key, value, aux);
}

int fsmount(int fd, unsigned flags, unsigned attrs)
{
	return (int)syscall(SYS_fsmount, fd, flags, attrs);
}

int mount_setattr(int fd, const char *path, unsigned flags, struct mount_attr *attr, size_t size)
{
	return (int)syscall(SYS_mount_setattr, fd, path, flags, attr, size);
}

int pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}
