/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "oci/hooks.h"

static char **with_end(const struct json_strings *list)
{
	char **v = xcalloc(list->n + 1, sizeof(*v));

	for (size_t i = 0; i < list->n; i++)
		v[i] = (char *)list->v[i];
	return v;
}

/* In the child. Our descriptors are all closed on exec; signals were blocked. */
static _Noreturn void become(const struct oci_hook *h, char *const *env, int in, int out)
{
	char *alone[] = {(char *)h->path, NULL}, *none[] = {NULL};
	char **args = h->args.n ? with_end(&h->args) : alone;
	char *const *use = h->env.v ? with_end(&h->env) : env ? env : none;
	sigset_t empty;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&empty);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
		execve(h->path, args, use);
	dprintf(2, "%s", strerror(errno));
	_exit(127);
}

/* The last line that it printed, for the fault. */
static void last_line(int out, char *buf, size_t n)
{
	off_t end = lseek(out, 0, SEEK_END), from = end > (off_t)n - 1 ? end - (off_t)n + 1 : 0;
	ssize_t r = pread(out, buf, n - 1, from);
	char *line;

	buf[r > 0 ? r : 0] = '\0';
	while (*buf && buf[strlen(buf) - 1] == '\n')
		buf[strlen(buf) - 1] = '\0';
	line = strrchr(buf, '\n');
	if (line)
		memmove(buf, line + 1, strlen(line));
}

/* Returns its wait status; -1 when it took too long; -errno - 1 when its time could not be measured. It is
 * killed in both cases. */
static int wait_for(pid_t pid, const struct oci_hook *h)
{
	bool limited = h->timeout.given && h->timeout.n < 2000000;
	_cleanup_fd_ int fd = limited ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int status = 0, r = 1, err = 0;

	if (limited) {
		r = fd < 0 ? -1 : poll(&p, 1, (int)h->timeout.n * 1000); /* we have no handlers */
		err = r < 0 ? errno : 0;
	}
	if (r <= 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return r <= 0 ? -err - 1 : status;
}

static int run_one(struct sys *s, const struct oci_hook *h, const char *name, const char *state, char *const *env,
		   struct fault *f)
{
	_cleanup_fd_ int in = memfd_create("state", MFD_CLOEXEC), out = memfd_create("output", MFD_CLOEXEC);
	size_t len = strlen(state);
	char said[160];
	pid_t pid;
	int status;

	if (in < 0 || out < 0 || write(in, state, len) != (ssize_t)len || lseek(in, 0, SEEK_SET) < 0)
		return fault_set(f, OP_HOOK, errno, "%s", h->path);
	sys_say(s, "running the hook %s: %s", name, h->path);
	pid = fork();
	if (pid == 0)
		become(h, env, in, out);
	if (pid < 0)
		return fault_set(f, OP_HOOK, errno, "%s", h->path);
	status = wait_for(pid, h);
	if (status == 0)
		return 0;
	if (status < -1)
		return fault_set(f, OP_HOOK, -status - 1, "%s", h->path);
	last_line(out, said, sizeof(said));
	fault_set(f, OP_HOOK, 0, "%s", h->path);
	if (status == -1)
		fault_why(f, "%s hook: not done after %lu s, so it was killed; it said: %s", name,
			  (unsigned long)h->timeout.n, said);
	else if (WIFSIGNALED(status))
		fault_why(f, "%s hook: killed by signal %d; it said: %s", name, WTERMSIG(status), said);
	else
		fault_why(f, "%s hook: exit status %d; it said: %s", name, WEXITSTATUS(status), said);
	return -EINVAL;
}

int hooks_run(struct sys *s, const struct json_list *hooks, const char *name, const char *state, char *const *env,
	      bool all, struct fault *f)
{
	const struct oci_hook *h = hooks->v;
	int bad = 0;

	for (size_t i = 0; i < hooks->n && (bad == 0 || all); i++) {
		int r = run_one(s, &h[i], name, state, env, f);

		bad = r < 0 ? r : bad;
	}
	return bad;
}
