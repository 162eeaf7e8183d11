/* SPDX-License-Identifier: MIT */
/* watch-signals.c - the signals that a watcher gets: passed on, said to be ignored, or its end;
 * and the end of who started it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "chain/watch.h"
#include "chain/watching.h"

bool watch_by_terminal(int sig, int code)
{
	static const int sent[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGWINCH, SIGCONT};

	/* the kernel sends others too, such as SIGALRM: those are for one process */
	for (size_t i = 0; i < sizeof(sent) / sizeof(*sent); i++)
		if (sent[i] == sig)
			return code == SI_KERNEL;
	return false;
}

/* Does the child handle, block or ignore the signal? (of /proc/PID/status) */
static bool handles(const struct watch *w, int sig)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	const char *line;
	uint64_t mask = 0, one = 1ULL << (sig - 1);

	snprintf(path, sizeof(path), "/proc/%d/status", w->child);
	if (!w->sees || path_read(AT_FDCWD, path, 65536, &text) <= 0)
		return true; /* gone, or not to be seen: nothing to say */
	for (const char *key = "SigBlk:\0SigIgn:\0SigCgt:\0"; *key; key += strlen(key) + 1)
		if ((line = strstr(text, key)))
			mask |= strtoull(line + strlen(key), NULL, 16);
	return mask & one;
}

/* Is the child a program that is pid 1 and leaves this signal to its default, which the
 * kernel then drops? (Our own init hands it on.) */
static bool drops(const struct watch *w, int sig)
{
	return w->is_init && !w->ch->ctx.watch.init && !handles(w, sig);
}

/* Nobody would know why nothing happens. */
static void say_ignored(struct watch *w, int sig)
{
	if (w->said || sig == SIGKILL || sig == SIGCONT || sig == SIGWINCH || !drops(w, sig))
		return;
	w->said = true;
	fprintf(stderr,
		"%s: pass on SIG%s '%s': ignored, since it is pid 1 there and has no handler for it\n"
		"%s: try: ns-run --init, or end it with kill -KILL %d\n",
		w->ch->ctx.tool, sigabbrev_np(sig) ?: "RT", w->ch->prog.v[0], w->ch->ctx.tool, w->child);
}

static bool shares_terminal(const struct watch *w)
{
	_cleanup_fd_ int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return tty >= 0 && getpgid(w->child) == getpgrp();
}

void watching_stop_too(struct watch *w)
{
	if (!shares_terminal(w))
		return;
	raise(SIGSTOP);
	kill(w->child, SIGCONT);
}

/* A chain that is not done yet, or waits (proc-set --wait), ends of what would end any
 * process: its own steps block all signals. */
static bool aborts(struct watch *w, int sig)
{
	if (sig != SIGTERM && sig != SIGINT && sig != SIGHUP && sig != SIGQUIT)
		return false;
	while (w->chan >= 0 && !w->runs && poll(&(struct pollfd){.fd = w->chan, .events = POLLIN}, 1, 0) > 0)
		watching_read(w); /* it may have been executed meanwhile */
	/* with the channel closed it was executed, or is ending by itself */
	if (w->chan < 0 || w->runs || w->ended || sigismember(&w->ch->mask, sig) == 1)
		return false;
	w->aborted = sig;
	kill(w->child, SIGKILL);
	return true;
}

void watching_forward(struct watch *w, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;
	bool by_terminal = watch_by_terminal(sig, info->ssi_code) && getpgid(w->child) == getpgrp();

	if (sig == SIGPIPE && (pid_t)info->ssi_pid == getpid())
		return; /* our own: nobody reads what we had to say */
	if (aborts(w, sig))
		return;
	if (by_terminal && (sig == SIGTSTP || sig == SIGHUP) && drops(w, sig)) {
		/* pid 1 ignores them: ^Z would stop nobody, and a closed terminal end nobody */
		kill(w->child, sig == SIGHUP ? SIGKILL : SIGSTOP);
		return;
	}
	if (!by_terminal)
		kill(w->child, sig);
	say_ignored(w, sig);
}

/* Whoever started us has ended, and the program is to end with it; what is to be undone is. */
void watching_parent_ended(struct watch *w)
{
	fd_close(&w->parent);
	if (w->chan >= 0 && !w->runs && !w->told)
		w->aborted = w->ch->ctx.watch.die; /* as of any signal before it runs */
	kill(w->child, w->aborted ? SIGKILL : w->ch->ctx.watch.die);
}

/* Hear of the end of who started us. What ended before we held it by a descriptor has left us to
 * another parent. One outside of our pid namespace cannot be held: then the kernel ends us. */
void watching_parent(struct watch *w)
{
	pid_t parent = w->ch->parent;

	w->parent = parent ? pidfd_open(parent, 0) : -1;
	if (w->parent < 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		watching_parent_ended(w);
}
