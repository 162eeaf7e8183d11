/* SPDX-License-Identifier: MIT */
/* sys.c - one wrapper a system call; see sys.h. The frame of all of them is CALL. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "flags.h"
#include "printable.h"
#include "sys.h"
#include "words.h"

enum sys_id {
#define SYS(id, name, meaning, page) SYS_##id,
#include "sys.def"
#undef SYS
};

static const struct {
	const char *name, *meaning, *page;
} rows[] = {
#define SYS(id, name, meaning, page) [SYS_##id] = {name, meaning, page},
#include "sys.def"
#undef SYS
};

enum { LINE = 1536 };

/* Bits and numbers as text, in a buffer of the calling expression. */
#define BITS(table, v) flags_bits((char[160]){0}, 160, table, v)
#define NAME(table, v) flags_name((char[32]){0}, 32, table, v)
#define FD(fd) fd_text((char[300]){0}, 300, fd)
#define QUOTED(text) word_c((char[300]){0}, 300, text)

/* Make the call, or say it, or both. `expr` is evaluated at most once. */
#define CALL(s, id, expr, ...) CALL_AS(s, SYS_##id, expr, __VA_ARGS__)
#define CALL_AS(s, id, expr, ...)                                                                \
	__extension__({                                                                          \
		char line_[LINE];                                                                \
		long r_ = (s)->explain ? begin(s, id, line_, __VA_ARGS__) : 0;                   \
		if (r_ == 0 && !(s)->dry) {                                                      \
			r_ = (expr);                                                             \
			if (r_ < 0)                                                              \
				r_ = -errno;                                                     \
		}                                                                                \
		if ((s)->explain)                                                                \
			end(s, id, line_, r_);                                                   \
		(int)r_;                                                                         \
	})

/* The same for a call that gives a descriptor: a dry run gets a harmless one. */
#define CALL_FD(s, id, expr, ...)                                                                \
	__extension__({                                                                          \
		int fd_ = CALL(s, id, expr, __VA_ARGS__);                                        \
		fd_ == 0 && (s)->dry ? open("/", O_PATH | O_CLOEXEC) : fd_;                      \
	})

/* "5</proc>": a descriptor and what it is, when /proc can tell. */
static const char *fd_text(char *buf, size_t n, int fd)
{
	char link[32], target[200];
	ssize_t len;

	if (fd == AT_FDCWD)
		return "AT_FDCWD";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	snprintf(buf, n, len > 0 ? "%d<%.*s>" : "%d", fd, (int)len, target);
	return buf;
}

/* A line that cannot be shown (a closed pipe) must not stop the chain, nor leave a signal
 * behind for the program. */
static void put(const struct sys *s, const char *text, size_t n)
{
	const struct timespec now = {0};
	sigset_t pipe, old;
	ssize_t r;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, &old);
	r = write(s->out, text, n);
	if (r < 0 && errno == EPIPE)
		sigtimedwait(&pipe, NULL, &now);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* --step: Enter does it, c does it and all the rest, q stops the chain. */
static long ask(struct sys *s, const char *line)
{
	char answer[16] = "";
	char prompt[LINE + 64];
	int n = snprintf(prompt, sizeof(prompt), "? %s\n  Enter: do it, c: all, q: stop > ", line);
	ssize_t r;

	if (write(s->tty, prompt, (size_t)n) < 0)
		return -ECANCELED;
	r = read(s->tty, answer, sizeof(answer) - 1);
	if (r <= 0 || answer[0] == 'q') {
		s->stopped = true;
		return -ECANCELED;
	}
	if (answer[0] == 'c')
		s->step = false;
	return 0;
}

static long __attribute__((format(printf, 4, 5))) begin(struct sys *s, enum sys_id id, char *line,
							 const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(line, LINE, "%s(", rows[id].name);

	va_start(ap, fmt);
	n += vsnprintf(line + n, LINE - (size_t)n, fmt, ap);
	va_end(ap);
	if (n > LINE - 2)
		n = LINE - 2;
	line[n++] = ')';
	line[n] = '\0';
	printable(line);
	if (s->stopped && !s->undoing)
		return -ECANCELED;
	return s->step && !s->undoing ? ask(s, line) : 0; /* cleaning up is no question */
}

/* A fork returns twice; the line is the parent's. */
static bool forks(enum sys_id id)
{
	return id == SYS_CLONE3 || id == SYS_CLONE;
}

static void end(const struct sys *s, enum sys_id id, const char *line, long r)
{
	char text[LINE + 256];
	char result[64] = "";
	int n;

	if ((s->stopped && !s->undoing) || (forks(id) && r == 0 && !s->dry))
		return;
	if (r < 0)
		snprintf(result, sizeof(result), " = -1 %s", strerrorname_np((int)-r) ?: "?");
	else if (!s->dry)
		snprintf(result, sizeof(result), id == SYS_UMASK ? " = %03lo" : " = %ld", r);
	n = snprintf(text, sizeof(text), "+ %d %s%s  # %s -- %s\n", s->pid, line, result, rows[id].meaning,
		     rows[id].page);
	put(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void sys_say(const struct sys *s, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;
	int n;

	if (!s->explain)
		return;
	text[0] = '#';
	text[1] = ' ';
	va_start(ap, fmt);
	n = 2 + vsnprintf(text + 2, sizeof(text) - 3, fmt, ap);
	va_end(ap);
	if (n > LINE - 2)
		n = LINE - 2;
	printable(text);
	text[n++] = '\n';
	put(s, text, (size_t)n);
}

void sys_note(const struct sys *s, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable(text);
	if (s->explain)
		sys_say(s, "%s", text);
	else if (s->verbose)
		printable_say("%s: %s", s->verbose, text);
}

/* -- processes and namespaces --------------------------------------------------- */

pid_t sys_clone3(struct sys *s, struct clone_args *args)
{
	return CALL(s, CLONE3, syscall(SYS_clone3, args, sizeof(*args)), "{flags=%s, exit_signal=SIGCHLD}",
		    BITS(flags_clone, args->flags));
}

pid_t sys_clone(struct sys *s, unsigned flags)
{
	/* The old call, since profiles answer clone3 with ENOSYS, having no way to see its
	 * flags; and not fork(3), which makes further calls that a filter may not expect. */
	return CALL(s, CLONE, syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL), "%s|SIGCHLD",
		    BITS(flags_clone, flags));
}

int sys_unshare(struct sys *s, unsigned flags)
{
	return CALL(s, UNSHARE, unshare((int)flags), "%s", BITS(flags_clone, flags));
}

int sys_setns(struct sys *s, int fd, unsigned flags, const char *object)
{
	return CALL(s, SETNS, setns(fd, (int)flags), "%d<%s>, %s", fd, object, BITS(flags_clone, flags));
}

int sys_pidfd_send_signal(struct sys *s, int pidfd, int sig)
{
	return CALL(s, PIDFD_SEND_SIGNAL, syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0U), "%s, SIG%s, NULL, 0",
		    FD(pidfd), sigabbrev_np(sig) ?: "?");
}

int sys_setaffinity(struct sys *s, size_t size, const void *set, const char *text)
{
	return CALL(s, SETAFFINITY, sched_setaffinity(0, size, set), "0, %zu, [%s]", size, text);
}

int sys_join_keyring(struct sys *s, const char *name)
{
	int r = CALL(s, KEYRING, (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name),
		     "KEYCTL_JOIN_SESSION_KEYRING, %s", QUOTED(name));

	return r < 0 ? r : 0;
}

int sys_ptrace_seize(struct sys *s, pid_t pid)
{
	return CALL(s, PTRACE_SEIZE, (int)ptrace(PTRACE_SEIZE, pid, NULL, NULL), "PTRACE_SEIZE, %d, NULL, 0", pid);
}

int sys_ptrace_interrupt(struct sys *s, pid_t pid)
{
	return CALL(s, PTRACE_INTERRUPT, (int)ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), "PTRACE_INTERRUPT, %d", pid);
}

int sys_ptrace_detach(struct sys *s, pid_t pid, int sig)
{
	return CALL(s, PTRACE_DETACH, (int)ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)sig), "PTRACE_DETACH, %d, NULL, %d",
		    pid, sig);
}

int sys_setsid(struct sys *s)
{
	return CALL(s, SETSID, setsid(), "%s", "");
}

static enum sys_id prctl_id(int op)
{
	static const struct {
		int op;
		enum sys_id id;
	} ids[] = {
		{PR_SET_PDEATHSIG, SYS_PDEATHSIG},   {PR_SET_DUMPABLE, SYS_DUMPABLE},
		{PR_SET_NO_NEW_PRIVS, SYS_NO_NEW_PRIVS}, {PR_CAPBSET_DROP, SYS_CAPBSET_DROP},
		{PR_SET_KEEPCAPS, SYS_KEEPCAPS},     {PR_SET_SECUREBITS, SYS_SECUREBITS},
		{PR_CAP_AMBIENT, SYS_CAP_AMBIENT},
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (ids[i].op == op)
			return ids[i].id;
	return SYS_PRCTL;
}

int sys_prctl(struct sys *s, int op, unsigned long a, unsigned long b)
{
	static const struct flag caps[] = {
#define CAP(name, number, permits) {number, "cap_" name},
#include "caps.def"
#undef CAP
		{0, NULL},
	};

	if (op == PR_CAPBSET_DROP)
		return CALL(s, CAPBSET_DROP, prctl(op, a, 0UL, 0UL, 0UL), "PR_CAPBSET_DROP, %s", NAME(caps, a));
	return CALL_AS(s, prctl_id(op), prctl(op, a, b, 0UL, 0UL), "%s, %#lx, %#lx", NAME(flags_prctl, (unsigned)op), a, b);
}

int sys_sethostname(struct sys *s, const char *name)
{
	return CALL(s, SETHOSTNAME, sethostname(name, strlen(name)), "%s", QUOTED(name));
}

int sys_setdomainname(struct sys *s, const char *name)
{
	return CALL(s, SETDOMAINNAME, setdomainname(name, strlen(name)), "%s", QUOTED(name));
}

/* The first words of a command line, for one line of explanation. */
static const char *argv_text(char *buf, size_t n, char *const argv[])
{
	size_t len = 0;

	for (int i = 0; argv[i] && len < n; i++)
		len += (size_t)snprintf(buf + len, n - len, "%s%s", i ? ", " : "", QUOTED(argv[i]));
	return buf;
}

/* execve does not return when it succeeds: its line comes first, without a result. */
int sys_execve(struct sys *s, const char *path, char *const argv[], char *const envp[])
{
	struct sys said = *s;
	char line[LINE], words[1024];
	long r = 0;

	if (s->explain) {
		r = begin(s, SYS_EXECVE, line, "%s, [%s]", QUOTED(path), argv_text(words, sizeof(words), argv));
		said.dry = true;
		if (r == 0)
			end(&said, SYS_EXECVE, line, 0);
	}
	if (r < 0 || s->dry)
		return (int)r;
	execve(path, argv, envp);
	r = -errno;
	if (s->explain)
		end(s, SYS_EXECVE, line, r);
	return (int)r;
}

static int execveat_as(struct sys *s, enum sys_id id, int fd, char *const argv[], char *const envp[])
{
	struct sys said = *s;
	char line[LINE];
	long r = 0;

	if (s->explain) {
		r = begin(s, id, line, "%s, \"\", [%s, ...], AT_EMPTY_PATH", FD(fd), QUOTED(argv[0]));
		said.dry = true;
		if (r == 0)
			end(&said, id, line, 0);
	}
	if (r < 0 || s->dry)
		return (int)r;
	execveat(fd, "", argv, envp, AT_EMPTY_PATH);
	r = -errno;
	if (s->explain)
		end(s, id, line, r);
	return (int)r;
}

int sys_execveat(struct sys *s, int fd, char *const argv[], char *const envp[])
{
	return execveat_as(s, SYS_EXECVEAT, fd, argv, envp);
}

int sys_execveat_program(struct sys *s, int fd, char *const argv[], char *const envp[])
{
	return execveat_as(s, SYS_EXECVEAT_PROGRAM, fd, argv, envp);
}

/* -- ids, capabilities, filter, limits ------------------------------------------ */

int sys_setresuid(struct sys *s, uid_t uid)
{
	return CALL(s, SETRESUID, setresuid(uid, uid, uid), "%u, %u, %u", uid, uid, uid);
}

int sys_setresgid(struct sys *s, gid_t gid)
{
	return CALL(s, SETRESGID, setresgid(gid, gid, gid), "%u, %u, %u", gid, gid, gid);
}

int sys_seteuid(struct sys *s, uid_t uid)
{
	return CALL(s, SETEUID, setresuid((uid_t)-1, uid, (uid_t)-1), "-1, %u, -1", uid);
}

int sys_setegid(struct sys *s, gid_t gid)
{
	return CALL(s, SETEGID, setresgid((gid_t)-1, gid, (gid_t)-1), "-1, %u, -1", gid);
}

int sys_setgroups(struct sys *s, size_t n, const gid_t *groups)
{
	return CALL(s, SETGROUPS, setgroups(n, groups), "%zu, [%s]", n, n ? "..." : "");
}

int sys_capset(struct sys *s, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
		{(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
	};

	return CALL(s, CAPSET, syscall(SYS_capset, &head, data),
		    "self, {effective=%#llx, permitted=%#llx, inheritable=%#llx}", (unsigned long long)effective,
		    (unsigned long long)permitted, (unsigned long long)inheritable);
}

int sys_seccomp(struct sys *s, unsigned op, unsigned flags, const struct sock_fprog *prog)
{
	return CALL(s, SECCOMP, syscall(SYS_seccomp, op, flags, prog),
		    "SECCOMP_SET_MODE_FILTER, %s, {len=%u instructions}", BITS(flags_seccomp, flags), prog->len);
}

int sys_bpf_load(struct sys *s, unsigned type, const struct bpf_insn *prog, size_t n)
{
	union bpf_attr attr = {.prog_type = type, .insn_cnt = (uint32_t)n, .insns = (uintptr_t)prog, .license = (uintptr_t)"MIT"};

	return CALL_FD(s, BPF_LOAD, (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)),
		       "BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=%zu}", n);
}

int sys_bpf_attach(struct sys *s, int cgroup, int prog, unsigned type, const char *object)
{
	union bpf_attr attr = {.target_fd = (uint32_t)cgroup, .attach_bpf_fd = (uint32_t)prog, .attach_type = type,
			       .attach_flags = BPF_F_ALLOW_MULTI};

	return CALL(s, BPF_ATTACH, (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)),
		    "BPF_PROG_ATTACH, {target_fd=%d<%s>, attach_bpf_fd=%d}", cgroup, object, prog);
}

int sys_prlimit(struct sys *s, pid_t pid, int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit64 new = {soft, hard};

	return CALL(s, PRLIMIT, prlimit64(pid, (enum __rlimit_resource)resource, &new, NULL),
		    "%d, %d, {soft=%llu, hard=%llu}", pid, resource, (unsigned long long)soft,
		    (unsigned long long)hard);
}

int sys_setpriority(struct sys *s, pid_t pid, int nice)
{
	return CALL(s, SETPRIORITY, setpriority(PRIO_PROCESS, (id_t)pid, nice), "PRIO_PROCESS, %d, %d", pid, nice);
}

int sys_sched_setattr(struct sys *s, pid_t pid, const struct sys_sched *to)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} a = {48, to->policy, to->flags, to->nice, to->priority, to->runtime, to->deadline, to->period};

	return CALL(s, SCHED_SETATTR, syscall(SYS_sched_setattr, pid, &a, 0U),
		    "%d, {sched_policy=%u, sched_flags=%#llx, sched_nice=%d, sched_priority=%u, %llu, %llu, %llu}, 0", pid,
		    a.policy, (unsigned long long)a.flags, a.nice, a.priority, (unsigned long long)a.runtime,
		    (unsigned long long)a.deadline, (unsigned long long)a.period);
}

int sys_ioprio_set(struct sys *s, pid_t pid, unsigned class, unsigned level)
{
	return CALL(s, IOPRIO_SET, syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, IOPRIO_PRIO_VALUE(class, level)),
		    "IOPRIO_WHO_PROCESS, %d, IOPRIO_PRIO_VALUE(%u, %u)", pid, class, level);
}

int sys_personality(struct sys *s, unsigned long persona)
{
	int r = CALL(s, PERSONALITY, personality(persona), "%#lx", persona);

	return r < 0 ? r : 0; /* it gives back the former one */
}

int sys_umask(struct sys *s, mode_t mask)
{
	return CALL(s, UMASK, (int)umask(mask), "%04o", mask);
}

/* -- files ----------------------------------------------------------------------- */

int sys_mkdirat(struct sys *s, int dirfd, const char *path, mode_t mode)
{
	return CALL(s, MKDIRAT, mkdirat(dirfd, path, mode), "%s, %s, %04o", FD(dirfd), QUOTED(path), mode);
}

int sys_mknodat(struct sys *s, int dirfd, const char *path, mode_t mode, dev_t dev)
{
	return CALL(s, MKNODAT, mknodat(dirfd, path, mode, dev), "%s, %s, %07o, %#llx", FD(dirfd), QUOTED(path), mode,
		    (unsigned long long)dev);
}

int sys_symlinkat(struct sys *s, const char *target, int dirfd, const char *path)
{
	return CALL(s, SYMLINKAT, symlinkat(target, dirfd, path), "%s, %s, %s", QUOTED(target), FD(dirfd),
		    QUOTED(path));
}

int sys_unlinkat(struct sys *s, int dirfd, const char *path, int flags)
{
	return CALL(s, UNLINKAT, unlinkat(dirfd, path, flags), "%s, %s, %s", FD(dirfd), QUOTED(path),
		    flags & AT_REMOVEDIR ? "AT_REMOVEDIR" : "0");
}

int sys_fchmodat(struct sys *s, int dirfd, const char *path, mode_t mode)
{
	return CALL(s, FCHMODAT, fchmodat(dirfd, path, mode, 0), "%s, %s, %04o", FD(dirfd), QUOTED(path), mode);
}

int sys_fchown(struct sys *s, int fd, uid_t uid, gid_t gid)
{
	return CALL(s, FCHOWN, fchown(fd, uid, gid), "%s, %u, %u", FD(fd), uid, gid);
}

int sys_fchownat(struct sys *s, int dirfd, const char *path, uid_t uid, gid_t gid)
{
	return CALL(s, FCHOWNAT, fchownat(dirfd, path, uid, gid, AT_SYMLINK_NOFOLLOW), "%s, %s, %u, %u, AT_SYMLINK_NOFOLLOW",
		    FD(dirfd), QUOTED(path), uid, gid);
}

int sys_create(struct sys *s, int dirfd, const char *path, mode_t mode)
{
	return CALL_FD(s, CREATE,
		       openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode),
		       "%s, %s, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, %04o", FD(dirfd), QUOTED(path), mode);
}

int sys_renameat(struct sys *s, int dirfd, const char *from, const char *to)
{
	return CALL(s, RENAMEAT, renameat(dirfd, from, dirfd, to), "%s, %s, %s", FD(dirfd), QUOTED(from),
		    QUOTED(to));
}

int sys_chdir(struct sys *s, const char *path)
{
	return CALL(s, CHDIR, chdir(path), "%s", QUOTED(path));
}

int sys_fchdir(struct sys *s, int fd, const char *object)
{
	return CALL(s, FCHDIR, fchdir(fd), "%d<%s>", fd, object);
}

int sys_chroot(struct sys *s, const char *path)
{
	return CALL(s, CHROOT, chroot(path), "%s", QUOTED(path));
}

/* What a kernel file means by its name. */
static enum sys_id write_id(const char *object)
{
	static const struct {
		const char *name;
		enum sys_id id;
	} ids[] = {
		{"uid_map", SYS_WRITE_UID_MAP},      {"gid_map", SYS_WRITE_GID_MAP},
		{"setgroups", SYS_WRITE_SETGROUPS},  {"cgroup.procs", SYS_WRITE_PROCS},
		{"tasks", SYS_WRITE_PROCS},
		{"cgroup.kill", SYS_WRITE_KILL},     {"cgroup.subtree_control", SYS_WRITE_SUBTREE},
		{"oom_score_adj", SYS_WRITE_OOM},    {"exec", SYS_WRITE_LABEL},
		{"timens_offsets", SYS_WRITE_OFFSETS},
	};
	const char *name = strrchr(object, '/');

	name = name ? name + 1 : object;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (strcmp(ids[i].name, name) == 0)
			return ids[i].id;
	return strstr(object, "cgroup") ? SYS_WRITE_CGROUP : SYS_WRITE;
}

int sys_write(struct sys *s, int fd, const char *object, const char *text)
{
	size_t n = strlen(text);
	int r = CALL_AS(s, write_id(object), write(fd, text, n), "%d<%s>, \"%.*s\", %zu", fd, object,
		     (int)strcspn(text, "\n"), text, n);

	if (r < 0)
		return r;
	return s->dry || (size_t)r == n ? 0 : -EIO;
}

int sys_open_output(struct sys *s, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC;

	return CALL_FD(s, OPEN_OUTPUT, openat(AT_FDCWD, path, flags, 0666),
		       "AT_FDCWD, %s, O_WRONLY|O_CREAT|O_NOCTTY|O_TRUNC|O_CLOEXEC, 0666", QUOTED(path));
}

int sys_write_bytes(struct sys *s, int fd, const char *object, const void *data, size_t n)
{
	int r = CALL(s, WRITE, write(fd, data, n), "%d<%s>, ..., %zu", fd, object, n);

	if (r < 0)
		return r;
	return s->dry || (size_t)r == n ? 0 : -ENOSPC;
}

int sys_write_file(struct sys *s, int dirfd, const char *path, const char *object, const char *text)
{
	_cleanup_fd_ int fd = -1;

	if (!s->dry) {
		fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			return -errno;
	}
	return sys_write(s, fd, object, text);
}

int sys_close_range(struct sys *s, unsigned first, unsigned last, unsigned flags)
{
	return CALL(s, CLOSE_RANGE, close_range(first, last, (int)flags), "%u, %u, %s", first, last,
		    flags & 4U ? "CLOSE_RANGE_CLOEXEC" : "0");
}

int sys_dup2(struct sys *s, int from, int to)
{
	/* dup2 and not dup3: the program is to get the copy. from == to is then no error. */
	return CALL(s, DUP2, dup2(from, to), "%s, %d", FD(from), to);
}

int sys_set_cloexec(struct sys *s, int fd, bool on)
{
	return CALL(s, CLOEXEC, fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0), "%s, F_SETFD, %s", FD(fd),
		    on ? "FD_CLOEXEC" : "0");
}

/* -- devices and sockets ---------------------------------------------------------- */

int sys_set_terminal(struct sys *s, int tty)
{
	return CALL(s, TIOCSCTTY, ioctl(tty, TIOCSCTTY, 0), "%s, TIOCSCTTY, 0", FD(tty));
}

int sys_set_winsize(struct sys *s, int tty, unsigned rows_, unsigned columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows_, .ws_col = (unsigned short)columns};

	return CALL(s, TIOCSWINSZ, ioctl(tty, TIOCSWINSZ, &size), "%s, TIOCSWINSZ, {%u, %u}", FD(tty), rows_,
		    columns);
}

int sys_open_ptmx(struct sys *s, const char *path)
{
	return CALL_FD(s, OPEN_PTMX, openat(AT_FDCWD, path, O_RDWR | O_NOCTTY | O_CLOEXEC),
		       "AT_FDCWD, %s, O_RDWR|O_NOCTTY|O_CLOEXEC", QUOTED(path));
}

int sys_unlock_pty(struct sys *s, int master)
{
	int zero = 0;

	return CALL(s, TIOCSPTLCK, ioctl(master, TIOCSPTLCK, &zero), "%s, TIOCSPTLCK, [0]", FD(master));
}

int sys_open_pty_peer(struct sys *s, int master)
{
	return CALL_FD(s, PTY_PEER, ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
		       "%s, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC", FD(master));
}

int sys_send_fd(struct sys *s, int socket, const char *object, int fd, const char *text)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec io = {(void *)text, strlen(text)};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int r;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	r = CALL(s, SENDMSG, (int)sendmsg(socket, &m, MSG_NOSIGNAL), "%d<%s>, {\"%s\", SCM_RIGHTS [%s]}, MSG_NOSIGNAL",
		 socket, object, text, FD(fd));
	return r < 0 ? r : 0;
}

int sys_loopback_up(struct sys *s, int socket)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	return CALL(s, SIOCSIFFLAGS, ioctl(socket, SIOCSIFFLAGS, &lo), "%d, SIOCSIFFLAGS, {\"lo\", IFF_UP|IFF_RUNNING}",
		    socket);
}

/* -- mounts ------------------------------------------------------------------------ */

int sys_open_tree(struct sys *s, int dirfd, const char *path, unsigned flags)
{
	return CALL_FD(s, OPEN_TREE, open_tree(dirfd, path, flags), "%s, %s, %s", FD(dirfd), QUOTED(path),
		       BITS(flags_open_tree, flags));
}

int sys_move_mount(struct sys *s, int fromfd, int tofd, const char *to_object, unsigned flags)
{
	return CALL(s, MOVE_MOUNT, move_mount(fromfd, "", tofd, "", flags), "%d, \"\", %d<%s>, \"\", %s", fromfd, tofd,
		    to_object, BITS(flags_move_mount, flags));
}

int sys_mount_setattr(struct sys *s, int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation)
{
	struct mount_attr a = {.attr_set = set, .attr_clr = clear, .propagation = propagation};

	return CALL(s, MOUNT_SETATTR, mount_setattr(fd, fd == AT_FDCWD ? "/" : "", flags, &a, sizeof(a)),
		    "%s, \"%s\", %s, {attr_set=%s, attr_clr=%s, propagation=%s}", FD(fd), fd == AT_FDCWD ? "/" : "",
		    BITS(flags_open_tree, flags), BITS(flags_mount_attr, set), BITS(flags_mount_attr, clear),
		    BITS(flags_propagation, propagation));
}

int sys_mount_idmap(struct sys *s, int fd, unsigned flags, int userns)
{
	struct mount_attr a = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns};

	return CALL(s, MOUNT_IDMAP, mount_setattr(fd, "", flags, &a, sizeof(a)),
		    "%s, \"\", %s, {attr_set=MOUNT_ATTR_IDMAP, userns_fd=%d}", FD(fd), BITS(flags_open_tree, flags), userns);
}

int sys_fsopen(struct sys *s, const char *type)
{
	return CALL_FD(s, FSOPEN, fsopen(type, FSOPEN_CLOEXEC), "%s, FSOPEN_CLOEXEC", QUOTED(type));
}

int sys_fsconfig_string(struct sys *s, int fd, const char *key, const char *value)
{
	if (!value)
		return CALL(s, FSCONFIG, fsconfig(fd, FSCONFIG_SET_FLAG, key, NULL, 0),
			    "%d, FSCONFIG_SET_FLAG, %s, NULL, 0", fd, QUOTED(key));
	return CALL(s, FSCONFIG, fsconfig(fd, FSCONFIG_SET_STRING, key, value, 0),
		    "%d, FSCONFIG_SET_STRING, %s, %s, 0", fd, QUOTED(key), QUOTED(value));
}

int sys_fsconfig_create(struct sys *s, int fd)
{
	return CALL(s, FSCONFIG, fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0),
		    "%d, FSCONFIG_CMD_CREATE, NULL, NULL, 0", fd);
}

int sys_fsmount(struct sys *s, int fd, uint64_t attrs)
{
	return CALL_FD(s, FSMOUNT, fsmount(fd, FSMOUNT_CLOEXEC, (unsigned)attrs), "%d, FSMOUNT_CLOEXEC, %s", fd,
		       BITS(flags_mount_attr, attrs));
}

int sys_pivot_root(struct sys *s, const char *to, const char *old)
{
	return CALL(s, PIVOT_ROOT, syscall(SYS_pivot_root, to, old), "%s, %s", QUOTED(to), QUOTED(old));
}

int sys_umount2(struct sys *s, const char *path, int flags)
{
	return CALL(s, UMOUNT2, umount2(path, flags), "%s, %s", QUOTED(path), BITS(flags_umount, (unsigned)flags));
}
