/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain/init.h"
#include "chain/watch.h"

/* Reap all that has ended; true when the program itself did, with its status. */
static bool reap(struct chain *ch, pid_t program, int *status)
{
	int one;
	pid_t pid;

	while ((pid = waitpid(-1, &one, WNOHANG | WUNTRACED)) > 0) {
		if (pid != program)
			continue;
		if (WIFSTOPPED(one)) {
			watch_tell(ch, MSG_STOPPED, WSTOPSIG(one), NULL);
			continue;
		}
		*status = one;
		return true;
	}
	return false;
}

static _Noreturn void init_run(struct chain *ch, pid_t program, int executed)
{
	sigset_t all;
	siginfo_t info;
	int status = 0;
	char byte;

	/* Of the program's copy nothing is left once it has executed: then tell. */
	if (read(executed, &byte, 1) == 0)
		watch_tell(ch, MSG_RUNS, program, NULL);
	close(executed);
	sigfillset(&all);
	while (!reap(ch, program, &status)) {
		int sig = sigwaitinfo(&all, &info);

		/* what the terminal sent went to the program's group as well */
		if (sig > 0 && sig != SIGCHLD && info.si_code != SI_KERNEL)
			kill(program, sig);
	}
	watch_tell(ch, MSG_STATUS, status, NULL);
	/* The program must not outlive us: the kernel ends all that is left with pid 1. */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Keep the channel and the pipe (and 0 to 2); what else were open would be so for ever. */
static void close_all_but(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, UINT_MAX, 0);
}

int init_fork(struct chain *ch, struct fault *f)
{
	int fds[2] = {-1, -1};
	pid_t pid;

	if (!ch->sys.dry && pipe2(fds, O_CLOEXEC) < 0)
		return fault_set(f, OP_FDS, errno, "--init");
	pid = sys_fork(&ch->sys);
	if (pid < 0) {
		fault_set(f, OP_FORK, -(int)pid, "%s", ch->prog.v[0]);
		if (ch->ctx.has_filter)
			fault_fix(f, "ns-run without --init, or a profile that allows clone");
		return (int)pid;
	}
	if (pid == 0) {
		if (fds[0] >= 0)
			close(fds[0]);
		return 0;
	}
	close_all_but(ch->up, fds[0]);
	init_run(ch, pid, fds[0]);
}
