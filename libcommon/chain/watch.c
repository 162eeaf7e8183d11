/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "cg/exec.h"
#include "base/printable.h"
#include "chain/life.h"
#include "chain/watch.h"
#include "chain/watching.h"
#include "ns/why.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

int watch_tell(struct chain *ch, enum msg_type type, int value, const struct fault *f)
{
	struct msg m = {.type = type, .value = value};

	if (ch->up < 0)
		return 0;
	if (f)
		m.fault = *f;
	/* write and not send, which a filter of a program without a network may not know */
	return write(ch->up, &m, f ? sizeof(m) : MSG_SHORT) < 0 ? -errno : 0;
}

/* -- readiness --------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Open, writable, and the user's: all of ours are closed on exec, none of the user's is. */
static int check_ready_fd(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags < 0)
		return -1;
	errno = EBADF;
	return (flags & FD_CLOEXEC) || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? -1 : 0;
}

int watch_check(struct chain *ch, struct fault *f)
{
	const struct watch_wish *w = &ch->ctx.watch;
	struct stat st;

	ch->pid_dir = -1;
	if (w->ready_fd >= 0 && check_ready_fd(w->ready_fd) < 0)
		return fault_set(f, OP_READY, errno, "descriptor %d", w->ready_fd);
	if (w->pid_file) {
		const char *name = base_name(w->pid_file);
		_cleanup_free_ char *dir = strndup(w->pid_file, (size_t)(name - w->pid_file));

		ch->pid_dir = open(dir && *dir ? dir : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (ch->pid_dir < 0 || faccessat(ch->pid_dir, ".", W_OK, AT_EACCESS) < 0)
			return fault_set(f, OP_PIDFILE, errno, "%s", w->pid_file);
		if (!*name || (fstatat(ch->pid_dir, name, &st, 0) == 0 && S_ISDIR(st.st_mode)))
			return fault_rule(f, OP_PIDFILE, w->pid_file, "it names a directory and no file");
	}
	return 0;
}

/* Under another name first: who sees the file sees the whole of it. */
static int write_pid_file(struct watch *w, struct fault *f)
{
	struct sys *s = &w->ch->sys;
	const char *path = w->ch->ctx.watch.pid_file, *name = base_name(path);
	_cleanup_free_ char *temp = xprintf(".%s.%d", name, getpid());
	_cleanup_fd_ int fd = sys_create(s, w->pid_dir, temp, 0644);
	char text[16];
	int r = fd < 0 ? fd : 0;

	/* engines read it with functions that want digits and nothing else */
	snprintf(text, sizeof(text), w->ch->life ? "%d" : "%d\n", w->whose);
	if (r == 0)
		r = sys_write(s, fd, temp, text);
	if (r == 0)
		r = sys_renameat(s, w->pid_dir, temp, name);
	if (r < 0 && fd >= 0)
		sys_unlinkat(s, w->pid_dir, temp, 0);
	return r < 0 ? fault_set(f, OP_PIDFILE, -r, "%s", path) : 0;
}

/* The program runs, or waits: tell whoever asked. */
static int tell_ready(struct watch *w)
{
	const struct watch_wish *wish = &w->ch->ctx.watch;
	char text[16];
	int r = 0;

	if (w->told)
		return 0;
	w->told = true;
	if (w->ch->life && w->ch->life->ready && !w->ch->inner)
		r = w->ch->life->ready(w->ch->life, w->whose, &w->fault);
	if (r == 0 && wish->pid_file && w->pid_dir >= 0)
		r = write_pid_file(w, &w->fault);
	if (r == 0 && wish->ready_fd >= 0) {
		snprintf(text, sizeof(text), "%d\n", w->whose);
		r = sys_write(&w->ch->sys, wish->ready_fd, "ready-fd", text);
		close(wish->ready_fd);
		if (r < 0)
			fault_set(&w->fault, OP_READY, -r, "descriptor %d", wish->ready_fd);
	}
	if (r < 0) {
		w->failed = true;
		kill(w->child, SIGKILL);
		return r;
	}
	watch_tell(w->ch, MSG_WAITS, w->ch->life ? w->whose : 0, NULL); /* our own watcher, if we are in between */
	return 0;
}

/* -- the end of the child --------------------------------------------------------------- */

/* Was the ended child, which nobody has waited for yet, still our own code? The kernel
 * keeps it as a flag (PF_FORKNOEXEC, in the ninth field of /proc/PID/stat; proc(5)). */
static bool never_executed(const struct watch *w)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	unsigned flags = 0;
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", w->child);
	if (!w->sees || path_read(AT_FDCWD, path, 4096, &text) <= 0 || !(end = strrchr(text, ')')))
		return false;
	return sscanf(end, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && (flags & 0x40);
}

/* Has it ended? Nothing is taken from whoever waits for it. 1 or 0; -errno when the kernel does not tell. */
static int has_ended(const struct watch *w)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)w->child, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ? -errno : info.si_pid != 0;
}

int watch_do_made(struct chain *ch, pid_t child, struct fault *f)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ch->n; i++)
		if ((ch->nodes[i].begun || ch->sys.dry) && ch->nodes[i].link->made)
			r = ch->nodes[i].link->made(ch->nodes[i].spec, &ch->ctx, child, f);
	return r;
}

/* What was made for the program stays once it has run, and goes if it never did. */
static void settle_made(struct watch *w)
{
	struct ctx *c = &w->ch->ctx;

	if (((!c->made || !c->made->n) && !c->keeps) || w->ch->up >= 0 || has_ended(w) <= 0)
		return;
	c->never_ran = c->watch.init ? !w->runs : w->failed || never_executed(w);
	if (c->made && !c->never_ran)
		c->made->n = 0;
}

/* The watcher itself cannot go on: the child goes with it. */
static void give_up(struct watch *w, int err)
{
	if (!w->failed)
		fault_set(&w->fault, OP_WATCH, err, "%s", w->ch->prog.v[0]);
	w->failed = w->ended = true;
	kill(w->child, SIGKILL);
}

/* With --detach the program's end is for whoever comes after us (an engine's monitor waits for it):
 * once it was executed, it is not waited for here. Our own init tells itself; and who waits at a
 * gate has not been executed. */
static bool is_for_others(const struct watch *w)
{
	const struct watch_wish *wish = &w->ch->ctx.watch;
	const struct chain_life *life = w->ch->life;

	return wish->detach && !wish->init && !w->failed && !w->aborted && !(life && life->gate >= 0);
}

static void announce(struct watch *w);

static void reap(struct watch *w)
{
	/* as pid 1 of a namespace we are everybody's parent */
	pid_t whom = getpid() == 1 ? -1 : w->child, pid;
	int status;

	if (is_for_others(w)) {
		int ended = has_ended(w);

		if (w->chan >= 0 || ended == 0)
			return; /* what it said last is still to be read; its end will wake us again */
		if (ended > 0 && !never_executed(w)) {
			announce(w);
			return;
		}
	}
	settle_made(w);
	while ((pid = waitpid(whom, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != w->child)
			continue;
		if (WIFSTOPPED(status)) {
			watching_stop_too(w);
			continue;
		}
		w->ended = true;
		if (!w->have_status)
			w->status = status;
	}
	if (pid < 0 && errno != EINTR && !w->ended) /* nobody will tell how it ended */
		give_up(w, errno);
}

static void read_signal(struct watch *w)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(w);
	else
		watching_forward(w, &info);
}

/* -- the channel --------------------------------------------------------------------- */

/* A process that is ending closes its descriptors as well; then it has no file any more. */
static bool is_dying(const struct watch *w)
{
	char path[32], file[16];

	snprintf(path, sizeof(path), "/proc/%d/exe", w->child);
	return w->sees && readlink(path, file, sizeof(file)) < 0 && (errno == ENOENT || errno == ESRCH);
}

/* It runs: tell whoever asked. */
static void announce(struct watch *w)
{
	w->runs = true;
	if (tell_ready(w) == 0)
		fd_close(&w->ch->up);
	else
		reap(w); /* it was ended for that */
}

/* The other end was closed: by execve, or because its holder ends. */
static void channel_closed(struct watch *w)
{
	fd_close(&w->chan);
	reap(w);
	if (!w->failed && !w->ended && !is_dying(w))
		announce(w);
}

/* The chain is in its namespaces: the life cycle's turn, or that of a link's outer half, and
 * then the chain's again. */
static void go_on(struct watch *w)
{
	struct msg go = {.type = MSG_GO, .value = w->child};
	struct chain_life *life = w->ch->life;
	int r = 0;

	/* it is said once, and the one answer has room: a second would let its holder make us wait */
	if ((!life && !w->ch->ctx.keeps) || w->failed || w->made || w->ended)
		return;
	w->made = true;
	if (w->ch->inner)
		r = watch_made(w->ch, w->whose, &w->fault);
	else if (life && life->made)
		r = life->made(life, w->whose, &w->fault);
	else if (!life)
		r = watch_do_made(w->ch, w->child, &w->fault);
	/* nobody there: the child has ended, which is heard in another way */
	if (r == 0 && send(w->chan, &go, MSG_SHORT, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		r = fault_set(&w->fault, OP_WATCH, errno, "%s", w->ch->prog.v[0]);
	if (r == 0)
		return;
	w->failed = true;
	kill(w->child, SIGKILL);
}

static void take_fault(struct watch *w, const struct fault *f)
{
	if (w->runs || w->failed)
		return;
	w->failed = true;
	w->fault = *f;
	if ((unsigned)w->fault.op >= OP_COUNT)
		w->fault.op = OP_NONE;
	w->fault.obj[sizeof(w->fault.obj) - 1] = '\0';
	w->fault.why[sizeof(w->fault.why) - 1] = '\0';
	w->fault.fix[sizeof(w->fault.fix) - 1] = '\0';
}

static bool ends(int sig)
{
	return sig > 0 && sig < NSIG && sig != SIGSTOP && sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU && sig != SIGCONT &&
	       sig != SIGCHLD && sig != SIGURG && sig != SIGWINCH;
}

void watching_read(struct watch *w)
{
	bool init = w->ch->ctx.watch.init;
	struct msg m = {0};
	ssize_t n = recv(w->chan, &m, sizeof(m), MSG_DONTWAIT);

	/* it ended without having read our last message: what it sent before is still to come */
	if (n < 0 && errno == ECONNRESET)
		n = recv(w->chan, &m, sizeof(m), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		channel_closed(w);
		return;
	}
	if (n != (m.type == MSG_FAULT ? (ssize_t)sizeof(m) : MSG_SHORT))
		return;
	/* only our own code has a life cycle and no init */
	if ((m.type == MSG_MADE || m.type == MSG_WAITS) && w->ch->life && !init && m.value > 0)
		w->whose = m.value;
	switch (m.type) {
	case MSG_FAULT:
		take_fault(w, &m.fault);
		break;
	case MSG_RUNS:
		w->runs |= !w->failed && init;
		/* fallthrough */
	case MSG_WAITS:
		if (!w->failed)
			tell_ready(w);
		break;
	case MSG_STOPPED:
		if (init && w->runs)
			watching_stop_too(w);
		break;
	case MSG_STATUS:
		/* whoever holds the channel says it: no signal that would stop us */
		w->have_status = init && w->runs && (WIFEXITED(m.value) || (WIFSIGNALED(m.value) && ends(WTERMSIG(m.value))));
		if (w->have_status)
			w->status = m.value;
		break;
	case MSG_MADE:
		go_on(w);
		break;
	case MSG_GO:
		break;
	}
}

/* Has anybody to know at once what comes up the channel? If not, it is read in the end,
 * and the watcher sleeps until then. */
static bool must_listen(const struct watch *w)
{
	const struct watch_wish *wish = &w->ch->ctx.watch;

	return w->ended || w->ch->up >= 0 || wish->init || wish->detach || wish->pid_file || wish->ready_fd >= 0 ||
	       w->ch->life || w->parent >= 0 || (!w->made && w->ch->ctx.keeps);
}

static void watch_over(struct watch *w)
{
	struct pollfd p[3] = {{.fd = w->signals, .events = POLLIN}, {.events = POLLIN}, {.events = POLLIN}};

	while (!w->ended || w->chan >= 0) {
		p[1].fd = must_listen(w) ? w->chan : -1;
		p[2].fd = w->parent;
		if (poll(p, 3, w->ended ? 0 : -1) < 0)
			continue;
		if (p[1].revents)
			watching_read(w);
		else if (w->ended)
			break; /* a grandchild may hold the channel: nothing more will come */
		if (p[0].revents)
			read_signal(w);
		if (p[2].revents && !w->ended)
			watching_parent_ended(w);
		if (w->told && w->ch->ctx.watch.detach && !w->failed)
			_exit(0);
	}
}

/* -- the fork ------------------------------------------------------------------------ */

/* In the child: wait until the watcher has done its part. */
static int await_go(struct chain *ch, struct fault *f)
{
	int r = watch_await_go(ch, &ch->sys.pid, f);

	ch->ctx.watcher_fd = ch->ctx.watch.detach ? -1 : ch->up;
	return r;
}

/* From outside on the waiting child: every link that came before the fork or is at it, and
 * the settings that are raised (a process's own part of the chain cannot raise them). */
static int do_outside(struct chain *ch, unsigned at, pid_t child, struct fault *f)
{
	for (unsigned i = 0; i < ch->n; i++) {
		struct node *node = &ch->nodes[i];
		bool due = i == at || node->link->rank == RANK_CGROUP || node->link->rank == RANK_PROCESS;
		int r;

		if (!due || node->watched || !node->link->outside)
			continue;
		r = node->link->outside(node->spec, &ch->ctx, child, f);
		if (r < 0)
			return r;
	}
	return 0;
}

static void mark_watched(struct chain *ch, unsigned at)
{
	for (unsigned i = 0; i < ch->n; i++) {
		struct node *node = &ch->nodes[i];

		node->begun = false; /* the parent's to undo */
		if (i == at || node->link->rank == RANK_CGROUP || node->link->rank == RANK_PROCESS)
			node->watched = true;
	}
}

static int fork_fault(const struct chain *ch, uint64_t flags, int err, struct fault *f)
{
	char why[160];
	bool found = false;

	if (flags && err != EAGAIN)
		return ns_why(f, (unsigned)flags, err);
	fault_set(f, OP_FORK, err, "%s", ch->prog.v[0]);
	for (unsigned i = 0; i < ch->n && err == EAGAIN && !found; i++)
		found = ch->nodes[i].link == &cg_exec_link && cg_full(ch->nodes[i].spec, why, sizeof(why));
	if (found || (err == EAGAIN && cg_pids_limit(why, sizeof(why))))
		fault_why(f, "%s", why);
	return -err;
}

/* The parent's part after a good clone. */
static _Noreturn void parent(struct watch *w, unsigned at)
{
	struct msg go = {.type = MSG_GO, .value = w->child};
	struct chain *ch = w->ch;
	char byte;

	/* a watcher in the middle of two ends with the outer one */
	if (ch->up >= 0 && !ch->ctx.watch.detach) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (recv(ch->up, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			_exit(125);
	}
	if (do_outside(ch, at, w->child, &w->fault) < 0 ||
	    (ch->life && ch->life->placed && !ch->inner && ch->life->placed(ch->life, w->child, &w->fault) < 0)) {
		w->failed = true;
		kill(w->child, SIGKILL);
	} else if (send(w->chan, &go, MSG_SHORT, MSG_NOSIGNAL) < 0 && errno != EPIPE) {
		fault_set(&w->fault, OP_WATCH, errno, "%s", ch->prog.v[0]);
		w->failed = true;
		kill(w->child, SIGKILL);
	}
	if (ch->ctx.watch.die && ch->up < 0 && !w->failed)
		watching_parent(w);
	watch_over(w);
	if (ch->ctx.watch.pid_file && w->told && w->pid_dir >= 0)
		sys_unlinkat(&ch->sys, w->pid_dir, base_name(ch->ctx.watch.pid_file), 0);
	if (w->aborted && !w->failed)
		w->status = w->aborted; /* as if it had killed the program itself */
	watch_leave(ch, w->failed ? -1 : w->status, w->failed ? &w->fault : NULL);
}

static int dry_fork(struct chain *ch, unsigned at, struct fault *f)
{
	int r = do_outside(ch, at, 0, f);

	ch->ctx.born_in_cgroup = ch->ctx.cgroup_fd >= 0;
	mark_watched(ch, at);
	sys_say(&ch->sys, "from here on the child");
	return r;
}

int watch_fork(struct chain *ch, unsigned at, uint64_t flags, const struct words *why, struct fault *f)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	struct watch w = {.ch = ch, .chan = -1, .signals = -1, .parent = -1, .pid_dir = ch->pid_dir};
	sigset_t all;
	int pair[2];

	for (size_t i = 0; i < why->n; i++)
		sys_say(&ch->sys, "a watcher stays: %s", why->v[i]);
	if (ch->ctx.cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)ch->ctx.cgroup_fd;
	}
	if (ch->sys.dry) {
		watch_clone(ch, &args);
		return dry_fork(ch, at, f);
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	w.signals = signalfd(-1, &all, SFD_CLOEXEC);
	if (w.signals < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fault_set(f, OP_FDS, errno, "the watcher");
	w.child = watch_clone(ch, &args);
	ch->ctx.born_in_cgroup = w.child >= 0 && (args.flags & CLONE_INTO_CGROUP);
	if (w.child < 0) {
		close(pair[0]);
		close(pair[1]);
		close(w.signals);
		return fork_fault(ch, flags, -w.child, f);
	}
	if (w.child == 0) {
		close(pair[0]);
		close(w.signals);
		if (ch->ctx.watch.ready_fd > 2) /* ours to tell, not the program's to hold */
			close(ch->ctx.watch.ready_fd);
		fd_close(&ch->up);
		fd_close(&ch->pid_dir); /* the outermost watcher tells */
		ch->up = pair[1];
		ch->inner = true;
		mark_watched(ch, at);
		ch->ctx.cgroup_fd = -1;
		return await_go(ch, f);
	}
	close(pair[1]);
	w.chan = pair[0];
	w.whose = w.child;
	w.is_init = flags & CLONE_NEWPID;
	w.sees = ch->up < 0 && !ch->ctx.ns_joined;
	parent(&w, at);
}

/* -- the end --------------------------------------------------------------------------- */

/* Pass the program's status on: die as it died, or exit as it did. */
static _Noreturn void end_as(int status)
{
	struct rlimit no_core = {0, 0};
	sigset_t one;
	int sig;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	sig = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &no_core); /* the core is the program's, not ours */
	signal(sig, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, sig); /* it alone: another that is pending must not be the one */
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), sig);
	_exit(128 + sig); /* as pid 1 we cannot die of it */
}

_Noreturn void watch_leave(struct chain *ch, int status, const struct fault *f)
{
	ch->sys.undoing = true;
	/* what was made in the root, if it is still on the list: see settle_made() */
	if (ch->up < 0)
		path_made_undo(&ch->sys, ch->ctx.made, ch->ctx.root_fd);
	for (unsigned i = ch->n; i-- > 0;)
		if (ch->nodes[i].begun && ch->nodes[i].link->undo && !ch->sys.dry)
			ch->nodes[i].link->undo(ch->nodes[i].spec, &ch->ctx, status);
	if (ch->life && !ch->inner)
		_exit(ch->life->ended(ch->life, status, f));
	if (ch->ctx.note[0])
		printable_say("%s: %s", ch->ctx.tool, ch->ctx.note);
	if (f) {
		if (ch->up < 0 || watch_tell(ch, MSG_FAULT, 0, f) < 0)
			fault_print(ch->ctx.tool, f);
		_exit(fault_exit_status(f));
	}
	end_as(status);
}
