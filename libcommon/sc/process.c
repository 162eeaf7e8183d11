/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "base/words.h"
#include "sc/process.h"
#include "target/self.h"
#include "target/target.h"

static const char prefix[] = "process:";

enum { PATIENCE = 2 }; /* seconds until it has to have stopped */

bool sc_is_process(const char *word)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

/* -- why not --------------------------------------------------------------------------------- */

static long number(const char *dir, const char *file, const char *key)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *path = xprintf("%s%s", dir, file);
	const char *line;

	if (path_read(AT_FDCWD, path, 1 << 16, &text) <= 0)
		return -1;
	line = *key ? strstr(text, key) : text;
	return line ? strtol(line + strlen(key), NULL, 10) : -1;
}

static int why_not_held(const char *word, pid_t pid, int err, struct fault *f)
{
	_cleanup_free_ char *dir = xprintf("/proc/%d/", pid);
	long tracer = number(dir, "status", "\nTracerPid:"), yama = number("/proc/sys/kernel/yama/", "ptrace_scope", "");

	fault_set(f, OP_PROFILE, err, "%s", word);
	fault_fix(f, "sudo; or the profile itself: sc-filter FILE");
	if (err != EPERM)
		return -err;
	if (tracer > 0) {
		fault_why(f, "process %ld traces it already, and only one can", tracer);
		fault_fix(f, "once more without that one: ps %ld", tracer);
	} else if (yama > 0 && !self_has_cap(CAP_SYS_PTRACE)) {
		fault_why(f, "Yama lets nobody trace it but its parent (kernel.yama.ptrace_scope is %ld)", yama);
	} else {
		fault_why(f, "it is not yours to trace");
	}
	return -err;
}

static int why_not_read(const char *word, long n, int err, struct fault *f)
{
	fault_set(f, OP_PROFILE, err, "%s", word);
	fault_fix(f, "the profile itself: sc-filter FILE");
	if (err == ESRCH) {
		fault_why(f, "it has ended, and its number is another's by now");
	} else if (err == EACCES && !self_has_cap(CAP_SYS_ADMIN)) {
		fault_why(f, "the kernel gives a filter away to a holder of CAP_SYS_ADMIN only");
		fault_fix(f, "sudo; or the profile itself: sc-filter FILE");
	} else if (err == EACCES && self_seccomp_mode() == 2) {
		fault_why(f, "the kernel gives no filter away to who has one itself");
	} else if (err == EACCES) {
		fault_why(f, "the kernel gives filters away in the first user namespace only");
	} else if (err == EINVAL) {
		fault_why(f, "it has no filter, or this kernel gives none away (CONFIG_CHECKPOINT_RESTORE)");
		fault_fix(f, "no sc-filter: grep Seccomp /proc/PID/status");
	} else if (err == ENOENT) {
		fault_why(f, "it has no filter number %ld; the first is 0", n);
		fault_fix(f, "a smaller one: grep Seccomp /proc/PID/status");
	}
	return -err;
}

/* -- reading ------------------------------------------------------------------------------------ */

/* Until it has stopped; *sig gets the signal that it was about to be given, or 0. A frozen one never
 * does. */
static int await_stop(pid_t pid, const sigset_t *chld, int *sig)
{
	const struct timespec patience = {.tv_sec = PATIENCE};
	int status;

	*sig = 0;
	for (;;) {
		pid_t r = waitpid(pid, &status, WNOHANG | __WALL);

		if (r < 0)
			return -errno;
		if (r == pid && !WIFSTOPPED(status))
			return -ESRCH;
		if (r == pid) {
			*sig = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
			return 0;
		}
		if (sigtimedwait(chld, NULL, &patience) < 0 && errno == EAGAIN)
			return -ETIMEDOUT;
	}
}

static int read_filter(pid_t pid, long n, struct sc_program *ret)
{
	struct {
		uint64_t filter, flags;
	} meta = {.filter = (uint64_t)n};
	long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, NULL);

	if (count < 0)
		return -errno;
	ret->insns = calloc((size_t)count, sizeof(*ret->insns));
	if (!ret->insns)
		return -ENOMEM;
	if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, ret->insns) != count)
		return -errno;
	ret->n = (unsigned)count;
	if (ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(meta), &meta) >= (long)sizeof(meta))
		ret->flags = meta.flags & SECCOMP_FILTER_FLAG_LOG;
	return 0;
}

/* Held by us it is let go when we end, however we do. Nobody but us may be told of its stops. */
static int read_held(struct sys *s, const char *word, const struct target *t, long n, struct sc_program *ret, struct fault *f)
{
	pid_t pid = t->pid;
	int sig = 0, r;
	struct sigaction before, def = {.sa_handler = SIG_DFL};
	sigset_t chld, mask;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &mask);
	sigaction(SIGCHLD, &def, &before);
	r = sys_ptrace_interrupt(s, pid);
	if (r == 0)
		r = await_stop(pid, &chld, &sig);
	if (r == -ETIMEDOUT) {
		fault_rule(f, OP_PROFILE, word, "it does not stop, since it is frozen, or waits for a disk");
		fault_fix(f, "once it runs: cat /proc/%d/cgroup, ps -o stat %d; or the profile itself: sc-filter FILE", pid, pid);
	} else if (r < 0) {
		fault_set(f, OP_PROFILE, -r, "%s", word);
	} else {
		/* seized by its number, which is the target's while that one lives */
		r = target_ended(t->pidfd) ? -ESRCH : read_filter(pid, n, ret);
		if (r < 0)
			why_not_read(word, n, -r, f);
		sys_ptrace_detach(s, pid, sig);
	}
	sigaction(SIGCHLD, &before, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return r;
}

/* "PID" or "PID:N". */
static int parse(const char *word, char *pid, size_t size, long *n, struct fault *f)
{
	const char *text = word + strlen(prefix), *colon = strchr(text, ':');
	int64_t number = 0;

	snprintf(pid, size, "%.*s", (int)strcspn(text, ":"), text);
	if (colon && num_i64(colon + 1, 0, INT_MAX, &number) < 0) {
		fault_rule(f, OP_PROFILE, word, "behind the second colon stands the number of a filter");
		fault_fix(f, "process:PID:0 for the first; a file of this name: ./%s", word);
		return -EINVAL;
	}
	*n = colon ? (long)number : -1;
	return 0;
}

static int read_from(struct sys *s, const char *word, const struct target *t, long n, struct sc_program *ret, struct fault *f)
{
	_cleanup_free_ char *dir = xprintf("/proc/%d/", t->pid);
	long filters = number(dir, "status", "\nSeccomp_filters:");
	int r;

	if (n < 0 && filters > 1) {
		fault_rule(f, OP_PROFILE, word, "it is under %ld filters, and it is not said which", filters);
		fault_fix(f, "each in turn: sc-filter %s:0 sc-filter %s:1 ...", word, word);
		return -EINVAL;
	}
	r = sys_ptrace_seize(s, t->pid);
	if (r < 0)
		return why_not_held(word, t->pid, -r, f);
	if (s->dry)
		return 0;
	return read_held(s, word, t, n < 0 ? 0 : n, ret, f);
}

int sc_of_process(struct sys *s, const char *word, struct sc_program *ret, struct fault *f)
{
	struct target t = {.pidfd = -1, .procfd = -1};
	char pid[128];
	long n;
	int r = parse(word, pid, sizeof(pid), &n, f);

	if (r == 0)
		r = target_open(&t, pid, f);
	if (r == 0 && t.path)
		r = fault_rule(f, OP_PROFILE, word, "it is no process");
	if (r == 0)
		r = read_from(s, word, &t, n, ret, f);
	target_close(&t);
	return r;
}
