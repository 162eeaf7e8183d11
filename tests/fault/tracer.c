/* SPDX-License-Identifier: MIT */
/* tracer - run a command of boxutils and let one of its system calls fail, or kill it there.
 *
 * usage: tracer [-o REPORT] [-l] [-w MS] [-p PROCESS:K -e ERRNO | -p PROCESS:K -k] COMMAND [ARG...]
 *
 * System calls are counted for each process of the command by itself, because the order between
 * processes is not the same twice: the process of the command is "0", its second child "0.2", and
 * that one's first child "0.2.1". Only those are counted that the tool's own code makes: from main
 * on, and what comes before the C library starts (the sealing); nothing of another program that it
 * executes. Calls that cannot fail are not counted.
 *
 *   -p PROCESS:K  where: the Kth call of that process
 *   -e ERRNO      that call is not made, and returns this error: a number, or "fit" for one that
 *                 suits the call
 *   -k            that process is killed before it makes the call
 *   -l            report every call that is counted
 *   -w MS         so long wait for the processes that are still there when the command has ended
 *                 (500); those that remain are let go
 *   -t S          so many seconds the command may take (10); then all are killed
 *
 * The report has lines of words: "call PROCESS K NAME", "hit PROCESS K NAME ERRNO", "left PID NAME",
 * "hang" and "exit STATUS" or "signal NUMBER". The exit is the command's status, 128+n for a signal, 125 for
 * an error of the tracer. For x86_64 only. */
#include <asm/unistd.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PROCS = 256, LINEAGE = 64, BREAKS = 2 };

struct breakpoint {
	uintptr_t at; /* 0: none */
	long word;    /* what was there */
	bool counts;  /* from here on calls are counted, or not */
};

struct proc {
	pid_t pid;             /* 0: free */
	char lineage[LINEAGE]; /* "": its parent has not told of it yet */
	unsigned int children;
	unsigned int count; /* of its calls */
	bool counting;
	bool waiting;  /* stopped until its parent has told of it */
	bool at_entry; /* the next system call stop is an entry */
	int error;     /* what the call it is in returns, or 0 */
	bool restores; /* the call had another first argument */
	unsigned long long argument;
	struct breakpoint breaks[BREAKS];
};

static struct proc procs[MAX_PROCS];
static FILE *report;
static bool list_calls, kill_it;
static char point[LINEAGE];
static unsigned int point_count;
static int point_errno = -1; /* 0: one that suits the call */

static void die(const char *what)
{
	fprintf(stderr, "tracer: %s: %s\n", what, strerror(errno));
	exit(125);
}

static struct proc *find_proc(pid_t pid)
{
	for (size_t i = 0; i < MAX_PROCS; i++) {
		if (procs[i].pid == pid)
			return &procs[i];
	}
	return NULL;
}

static struct proc *get_proc(pid_t pid)
{
	struct proc *p = find_proc(pid);

	if (p)
		return p;
	p = find_proc(0);
	if (!p) {
		errno = ENOSPC;
		die("too many processes");
	}
	*p = (struct proc){ .pid = pid, .at_entry = true };
	return p;
}

/* -- which program is this? ---------------------------------------------------------------------- */

struct symbols {
	uintptr_t entry, start, box_start, main;
	bool ours;
};

static void read_symbols(const char *image, size_t size, struct symbols *ret)
{
	const Elf64_Ehdr *head = (const void *)image;
	const Elf64_Shdr *sections;

	if (size < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64)
		return;
	ret->entry = head->e_entry;
	if (head->e_shoff + head->e_shnum * sizeof(*sections) > size)
		return;
	sections = (const void *)(image + head->e_shoff);
	for (size_t i = 0; i < head->e_shnum; i++) {
		const Elf64_Sym *symbols = (const void *)(image + sections[i].sh_offset);
		const char *names;

		if (sections[i].sh_type != SHT_SYMTAB || sections[i].sh_link >= head->e_shnum)
			continue;
		names = image + sections[sections[i].sh_link].sh_offset;
		for (size_t k = 0; k < sections[i].sh_size / sizeof(*symbols); k++) {
			const char *name = names + symbols[k].st_name;

			if (strcmp(name, "main") == 0)
				ret->main = symbols[k].st_value;
			else if (strcmp(name, "_start") == 0)
				ret->start = symbols[k].st_value;
			else if (strcmp(name, "box_start") == 0)
				ret->box_start = symbols[k].st_value;
			else if (strcmp(name, "fault_print") == 0)
				ret->ours = true;
		}
	}
}

static struct symbols symbols_of(pid_t pid)
{
	struct symbols ret = { .ours = false };
	char path[64];
	struct stat st;
	void *image;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ret;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (image != MAP_FAILED) {
			read_symbols(image, (size_t)st.st_size, &ret);
			munmap(image, (size_t)st.st_size);
		}
	}
	close(fd);
	return ret;
}

/* Where the program was really put: AT_ENTRY of its auxiliary vector. */
static uintptr_t entry_of(pid_t pid)
{
	uint64_t pairs[2];
	uintptr_t entry = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (read(fd, pairs, sizeof(pairs)) == (ssize_t)sizeof(pairs) && pairs[0] != AT_NULL) {
		if (pairs[0] == AT_ENTRY)
			entry = pairs[1];
	}
	close(fd);
	return entry;
}

static void set_break(struct proc *p, size_t which, uintptr_t at, bool counts)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, p->pid, at, 0);
	if (errno || ptrace(PTRACE_POKETEXT, p->pid, at, (word & ~0xffL) | 0xcc) < 0)
		die("set a breakpoint");
	p->breaks[which] = (struct breakpoint){ at, word, counts };
}

/* A new program. Ours counts from its main; before the C library's start where it has an entry of
 * its own. */
static void on_exec(struct proc *p)
{
	struct symbols of = symbols_of(p->pid);
	uintptr_t shift = entry_of(p->pid) - of.entry;

	memset(p->breaks, 0, sizeof(p->breaks));
	p->counting = false;
	if (!of.ours || !of.main)
		return;
	if (of.box_start && of.box_start == of.entry && of.start) {
		p->counting = true;
		set_break(p, 1, of.start + shift, false);
	}
	set_break(p, 0, of.main + shift, true);
}

/* Is this trap one of our breakpoints? Then it is taken away, and the process goes on there. */
static bool on_break(struct proc *p)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, p->pid, 0, &regs) < 0)
		return false;
	for (size_t i = 0; i < BREAKS; i++) {
		struct breakpoint *b = &p->breaks[i];

		if (!b->at || regs.rip != b->at + 1)
			continue;
		regs.rip = b->at;
		ptrace(PTRACE_POKETEXT, p->pid, b->at, b->word);
		ptrace(PTRACE_SETREGS, p->pid, 0, &regs);
		p->counting = b->counts;
		b->at = 0;
		return true;
	}
	return false;
}

/* -- the calls ------------------------------------------------------------------------------------ */

/* Calls that do not fail, whatever the state of the system. */
static bool cannot_fail(long number)
{
	static const int list[] = {
		__NR_getpid,  __NR_getppid, __NR_gettid, __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid,
		__NR_umask,   __NR_exit,    __NR_exit_group, __NR_rt_sigreturn, __NR_rt_sigaction, __NR_rt_sigprocmask,
		__NR_close,   __NR_restart_syscall, __NR_sched_yield, __NR_munmap, __NR_getpgid, __NR_getpgrp,
		__NR_getsid,  __NR_clock_gettime, __NR_uname, __NR_getcwd, __NR_nanosleep, __NR_clock_nanosleep,
		__NR_alarm,   __NR_madvise, __NR_close_range,
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		if (list[i] == number)
			return true;
	}
	return false;
}

/* An error that this call has on a system in trouble. */
static int fitting_error(long number)
{
	static const struct {
		int number, error;
	} table[] = {
		{ __NR_mmap, ENOMEM },         { __NR_mprotect, ENOMEM },
		{ __NR_openat, EMFILE },       { __NR_open, EMFILE },       { __NR_openat2, EMFILE },
		{ __NR_clone, EAGAIN },        { __NR_clone3, EAGAIN },     { __NR_fork, EAGAIN },
		{ __NR_vfork, EAGAIN },        { __NR_write, ENOSPC },      { __NR_mkdirat, ENOSPC },
		{ __NR_mkdir, ENOSPC },        { __NR_ftruncate, ENOSPC },  { __NR_unshare, ENOSPC },
		{ __NR_pipe2, EMFILE },        { __NR_socket, EMFILE },     { __NR_socketpair, EMFILE },
		{ __NR_memfd_create, EMFILE }, { __NR_pidfd_open, EMFILE }, { __NR_epoll_create1, EMFILE },
		{ __NR_signalfd4, EMFILE },    { __NR_eventfd2, EMFILE },   { __NR_dup, EMFILE },
		{ __NR_fsopen, EPERM },        { __NR_fsmount, EPERM },     { __NR_move_mount, EPERM },
		{ __NR_open_tree, EPERM },     { __NR_mount, EPERM },       { __NR_mount_setattr, EPERM },
		{ __NR_execve, ENOMEM },       { __NR_execveat, ENOMEM },   { __NR_wait4, ECHILD },
		{ __NR_waitid, ECHILD },       { __NR_prlimit64, EPERM },   { __NR_setrlimit, EPERM },
		{ __NR_renameat, ENOSPC },     { __NR_rename, ENOSPC },     { __NR_renameat2, ENOSPC },
		{ __NR_poll, ENOMEM },         { __NR_ppoll, ENOMEM },      { __NR_bpf, EPERM },
		{ __NR_seccomp, EINVAL },      { __NR_prctl, EPERM } ,      { __NR_symlinkat, ENOSPC },
		{ __NR_mknodat, EPERM },       { __NR_fchownat, EPERM },    { __NR_setns, EPERM },
		{ __NR_sendmsg, ENOBUFS },     { __NR_recvmsg, ENOMEM },    { __NR_setgroups, EPERM },
		{ __NR_flock, EINTR },         { __NR_kill, EPERM },        { __NR_pidfd_send_signal, EPERM },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].number == number)
			return table[i].error;
	}
	return EIO;
}

static void print_call(const char *word, const struct proc *p, long number, int error)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

	fprintf(report, "%s %s %u %s", word, p->lineage, p->count, name ? name : "?");
	if (error)
		fprintf(report, " %d", error);
	fputc('\n', report);
	free(name);
}

static void on_entry(struct proc *p)
{
	struct user_regs_struct regs;
	long number;

	if (!p->counting || ptrace(PTRACE_GETREGS, p->pid, 0, &regs) < 0)
		return;
	number = (long)regs.orig_rax;
	if (cannot_fail(number))
		return;
	p->count++;
	if (list_calls)
		print_call("call", p, number, 0);
	if (p->count != point_count || strcmp(p->lineage, point) != 0)
		return;
	if (kill_it) {
		print_call("hit", p, number, 0);
		kill(p->pid, SIGKILL);
	} else if (number == __NR_brk) { /* which says no by changing nothing */
		print_call("hit", p, number, ENOMEM);
		p->argument = regs.rdi;
		p->restores = true;
		regs.rdi = 0;
		ptrace(PTRACE_SETREGS, p->pid, 0, &regs);
	} else {
		p->error = point_errno > 0 ? point_errno : fitting_error(number);
		print_call("hit", p, number, p->error);
		regs.orig_rax = (unsigned long long)-1;
		ptrace(PTRACE_SETREGS, p->pid, 0, &regs);
	}
}

static void on_return(struct proc *p)
{
	struct user_regs_struct regs;

	if ((!p->error && !p->restores) || ptrace(PTRACE_GETREGS, p->pid, 0, &regs) < 0)
		return;
	if (p->error)
		regs.rax = (unsigned long long)-p->error;
	if (p->restores)
		regs.rdi = p->argument;
	p->error = 0;
	p->restores = false;
	ptrace(PTRACE_SETREGS, p->pid, 0, &regs);
}

/* -- the stops ------------------------------------------------------------------------------------- */

static void go_on(pid_t pid, int signal)
{
	ptrace(PTRACE_SYSCALL, pid, 0, signal);
}

/* A process tells of its new child, which may have stopped already. It counts as its parent does. */
static void on_child(struct proc *p)
{
	unsigned long pid = 0;
	struct proc *child;

	if (ptrace(PTRACE_GETEVENTMSG, p->pid, 0, &pid) < 0 || pid == 0)
		return;
	child = get_proc((pid_t)pid);
	if (snprintf(child->lineage, LINEAGE, "%s.%u", p->lineage, ++p->children) >= LINEAGE) {
		errno = ENAMETOOLONG;
		die("name a process");
	}
	child->counting = p->counting;
	memcpy(child->breaks, p->breaks, sizeof(p->breaks));
	if (child->waiting) {
		child->waiting = false;
		go_on(child->pid, 0);
	}
}

static void on_stop(struct proc *p, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_child(p);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(p);
		break;
	case PTRACE_EVENT_STOP:
		if (!p->lineage[0]) {
			p->waiting = true;
			return;
		}
		if (signal != SIGTRAP) { /* a stop of the whole process: it stays stopped */
			ptrace(PTRACE_LISTEN, p->pid, 0, 0);
			return;
		}
		break;
	case 0:
		if (signal == (SIGTRAP | 0x80)) {
			if (p->at_entry)
				on_entry(p);
			else
				on_return(p);
			p->at_entry = !p->at_entry;
		} else if (signal != SIGTRAP || !on_break(p)) {
			go_on(p->pid, signal);
			return;
		}
		break;
	default:
		break;
	}
	go_on(p->pid, 0);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Those that are still there are let go: they have to be stopped for it. */
static void let_go(void)
{
	char path[64], name[64];

	for (size_t i = 0; i < MAX_PROCS; i++) {
		int status, fd;
		ssize_t n = 0;

		if (!procs[i].pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", procs[i].pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n = read(fd, name, sizeof(name) - 1);
			close(fd);
		}
		name[n > 0 ? n : 0] = '\0';
		fprintf(report, "left %d %s%s", procs[i].pid, name, n > 0 ? "" : "?\n");
		if (ptrace(PTRACE_INTERRUPT, procs[i].pid, 0, 0) == 0 && waitpid(procs[i].pid, &status, __WALL) > 0)
			ptrace(PTRACE_DETACH, procs[i].pid, 0, 0);
	}
}

static volatile sig_atomic_t late;

static void on_alarm(int signal)
{
	late = signal;
}

static void kill_all(void)
{
	late = 0;
	fprintf(report, "hang\n");
	for (size_t i = 0; i < MAX_PROCS; i++) {
		if (procs[i].pid)
			kill(procs[i].pid, SIGKILL);
	}
}

/* Follow everybody until the first has ended and the others too, or `wait_ms` have passed. Returns
 * the first one's status of wait(2). */
static int follow(pid_t first, long wait_ms)
{
	int result = 0, status;
	long end = 0;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL | (end ? WNOHANG : 0));
		struct proc *p;

		if (late)
			kill_all();
		if (pid < 0 && errno == ECHILD)
			return result;
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			die("wait");
		if (pid == 0) {
			if (now_ms() >= end) {
				let_go();
				return result;
			}
			poll(NULL, 0, 1);
			continue;
		}
		p = get_proc(pid);
		if (WIFSTOPPED(status)) {
			on_stop(p, status);
			continue;
		}
		p->pid = 0;
		if (pid == first) {
			alarm(0);
			result = status;
			end = now_ms() + wait_ms;
		}
	}
}

static pid_t start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC;
	int go[2];
	pid_t pid;
	char c = 0;

	if (pipe2(go, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (read(go[0], &c, 1) == 1)
			execvp(argv[0], argv);
		fprintf(stderr, "tracer: %s: %s\n", argv[0], strerror(errno));
		_exit(125);
	}
	strcpy(get_proc(pid)->lineage, "0");
	if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
		die("trace");
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || write(go[1], &c, 1) != 1)
		die("start");
	close(go[0]);
	close(go[1]);
	return pid;
}

int main(int argc, char **argv)
{
	long wait_ms = 500, seconds = 10;
	int c, status;
	char *colon;

	report = stderr;
	while ((c = getopt(argc, argv, "+o:lw:t:p:e:k")) != -1) {
		switch (c) {
		case 'o':
			report = fopen(optarg, "we");
			if (!report)
				die(optarg);
			break;
		case 'l': list_calls = true; break;
		case 'w': wait_ms = atol(optarg); break;
		case 't': seconds = atol(optarg); break;
		case 'p':
			colon = strchr(optarg, ':');
			if (!colon || (size_t)(colon - optarg) >= LINEAGE)
				return 125;
			memcpy(point, optarg, (size_t)(colon - optarg));
			point_count = (unsigned int)atoi(colon + 1);
			break;
		case 'e': point_errno = strcmp(optarg, "fit") == 0 ? 0 : atoi(optarg); break;
		case 'k': kill_it = true; break;
		default: return 125;
		}
	}
	if (optind == argc)
		return 125;
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	alarm((unsigned int)seconds);
	status = follow(start(argv + optind), wait_ms);
	if (WIFSIGNALED(status))
		fprintf(report, "signal %d\n", WTERMSIG(status));
	else
		fprintf(report, "exit %d\n", WEXITSTATUS(status));
	fclose(report);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
