/* SPDX-License-Identifier: MIT */
/* Compiled with -ffreestanding: nothing here may call the C library, which has not
 * started, nor use a stack protector, whose secret is not there yet. */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/stat.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "chain/early.h"

#if defined(__x86_64__)
static long call(long n, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return r;
}

/* The stack pointer goes to early_start; then all is as the kernel left it for _start. */
__asm__(".globl box_start\n"
	"box_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdx, %r12\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call early_start\n"
	"	mov %rbx, %rsp\n"
	"	mov %r12, %rdx\n"
	"	jmp _start\n");
#elif defined(__aarch64__)
static long call(long n, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}

__asm__(".globl box_start\n"
	"box_start:\n"
	"	mov x19, sp\n"
	"	mov x20, x0\n"
	"	mov x0, sp\n"
	"	bl early_start\n"
	"	mov sp, x19\n"
	"	mov x0, x20\n"
	"	b _start\n");
#else
#include <errno.h>
#include <unistd.h>
/* No entry point of its own here: called by seal_self() only, with the library running. */
static long call(long n, long a, long b, long c, long d, long e)
{
	long r = syscall(n, a, b, c, d, e);

	return r < 0 ? -errno : r;
}
#endif

#define ST_RDONLY_FLAG 1 /* in f_flags of statfs(2) */

static const char exe[] = "/proc/self/exe";

int early_seal_needed(void)
{
	/* static, not initialized: without optimisation clang calls memset for that */
	static struct statfs fs;
	static struct statx st;
	long fd = call(SYS_openat, AT_FDCWD, (long)exe, O_RDONLY | O_CLOEXEC, 0, 0);
	long r, seals;

	if (fd < 0)
		return (int)fd;
	r = call(SYS_fstatfs, fd, (long)&fs, 0, 0, 0);
	if (r == 0)
		r = call(SYS_statx, fd, (long)"", AT_EMPTY_PATH, STATX_UID, (long)&st);
	seals = call(SYS_fcntl, fd, F_GET_SEALS, 0, 0, 0);
	call(SYS_close, fd, 0, 0, 0, 0);
	if (r < 0)
		return (int)r;
	if ((fs.f_flags & ST_RDONLY_FLAG) || (seals >= 0 && (seals & F_SEAL_WRITE)))
		return 0;
	/* its owner could make it writable */
	if ((long)st.stx_uid == call(SYS_geteuid, 0, 0, 0, 0, 0))
		return 1;
	r = call(SYS_faccessat2, AT_FDCWD, (long)exe, 2 /* W_OK */, AT_EACCESS, 0);
	return r != -EACCES && r != -EPERM && r != -EROFS; /* unsure: seal */
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* Is it one of the words, perhaps behind a path? */
static int is_one_of(const char *word, const char *const *words)
{
	const char *base = word;

	for (const char *p = word; *p; p++)
		if (*p == '/')
			base = p + 1;
	for (; *words; words++)
		if (same(base, *words))
			return 1;
	return 0;
}

/* Only a guess, for speed: seal_self() decides by the parsed chain. A copy too many does
 * no harm; one too few is made later. */
static int wants_seal(char **argv)
{
	static const char *const enter[] = {"fs-root", "ns-enter", NULL};
	static const char *const leave[] = {"--explain", "--step", "--dry-run", "--print", "--help", "--complete", NULL};
	static const char *const oci[] = {"oci-run", NULL}, *const verbs[] = {"create", "run", "exec", NULL};
	int found = 0, runtime = is_one_of(*argv, oci);

	for (; *argv; argv++) {
		found |= is_one_of(*argv, enter) || (runtime && is_one_of(*argv, verbs));
		if (is_one_of(*argv, leave))
			return 0;
	}
	return found;
}

void early_start(long *stack)
{
	char **argv = (char **)(stack + 1);
	char **envp = argv + stack[0] + 1;
	static const struct mount_attr ro = {.attr_set = MOUNT_ATTR_RDONLY};
	long fd;

	if (stack[0] < 1 || !wants_seal(argv) || early_seal_needed() != 1)
		return;
	fd = call(SYS_open_tree, AT_FDCWD, (long)exe, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);
	if (fd < 0)
		return;
	if (call(SYS_mount_setattr, fd, (long)"", AT_EMPTY_PATH, (long)&ro, sizeof(ro)) == 0)
		call(SYS_execveat, fd, (long)"", (long)argv, (long)envp, AT_EMPTY_PATH);
	call(SYS_close, fd, 0, 0, 0, 0);
}
