/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "chain/init.h"
#include "chain/program.h"
#include "chain/watch.h"

/* Reap all that has ended; true when the program itself did, with its status. A filter may
 * refuse wait4: without it there is no way to be an init. */
static bool reap(struct chain *ch, pid_t program, int *status, int flags)
{
	int one;
	pid_t pid;

	while ((pid = waitpid(-1, &one, flags)) > 0) {
		if (pid != program)
			continue;
		if (WIFSTOPPED(one)) {
			watch_tell(ch, MSG_STOPPED, 0, NULL);
			continue;
		}
		*status = one;
		return true;
	}
	if (pid < 0 && errno != EINTR) { /* nobody will tell how it ended */
		struct fault f;

		fault_set(&f, OP_WATCH, errno, "%s", ch->prog.v[0]);
		fault_print(ch->ctx.tool, &f);
		_exit(125);
	}
	return false;
}

static _Noreturn void init_run(struct chain *ch, pid_t program, int executed)
{
	sigset_t all;
	siginfo_t info = {0};
	int status = 0, flags = WNOHANG | WUNTRACED;
	char byte;

	/* Of the program's copy nothing is left once it has executed, or has ended. */
	if (read(executed, &byte, 1) == 0 &&
	    !(waitid(P_PID, (id_t)program, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0))
		watch_tell(ch, MSG_RUNS, 0, NULL);
	close(executed);
	sigfillset(&all);
	while (!reap(ch, program, &status, flags)) {
		int sig = sigwaitinfo(&all, &info);

		if (sig < 0 && errno != EINTR)
			flags = WUNTRACED; /* a filter refuses it: reap, and forward nothing */
		/* what the terminal sent went to the program's group as well */
		else if (sig > 0 && sig != SIGCHLD && !watch_by_terminal(sig, info.si_code))
			kill(program, sig);
	}
	watch_tell(ch, MSG_STATUS, status, NULL);
	/* The program must not outlive us: the kernel ends all that is left with pid 1. */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* We stay in the container, with the rights of the program. Nobody in there, whatever
 * capabilities the container has, may look into us, take our descriptors, or find in our
 * memory what the watcher trusts. */
static void seclude(struct chain *ch, int pipefd)
{
	struct sys quiet = ch->sys;
	int keep[2] = {ch->up, pipefd};

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	path_made_free(ch->ctx.made);
	quiet.explain = false;
	program_close_all_but(&quiet, keep, 2);
}

int init_fork(struct chain *ch, struct fault *f)
{
	pid_t pid = sys_clone(&ch->sys, 0);

	if (pid < 0) {
		fault_set(f, OP_FORK, -(int)pid, "%s", ch->prog.v[0]);
		if (ch->ctx.has_filter)
			fault_fix(f, "ns-run without --init, or a profile that allows clone");
		return (int)pid;
	}
	if (pid == 0) {
		if (ch->init_pipe[0] >= 0)
			close(ch->init_pipe[0]);
		return 0;
	}
	close(ch->init_pipe[1]);
	seclude(ch, ch->init_pipe[0]);
	init_run(ch, pid, ch->init_pipe[0]);
}
