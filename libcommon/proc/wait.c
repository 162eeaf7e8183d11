/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "proc/wait.h"

int wait_find(const char *path, struct fault *f)
{
	_cleanup_fd_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fault_set(f, OP_WAIT, errno, "%s", path);
		if (f->err == ENOENT)
			fault_fix(f, "mkfifo FIFO first, and that path");
		return -f->err;
	}
	if (!S_ISFIFO(st.st_mode)) {
		fault_rule(f, OP_WAIT, path, "not a FIFO");
		fault_fix(f, "mkfifo FIFO, and that path; echo >FIFO says go");
		return -EINVAL;
	}
	if (faccessat(fd, "", R_OK, AT_EMPTY_PATH | AT_EACCESS) < 0) {
		fault_set(f, OP_WAIT, errno, "%s", path);
		if (f->err == EACCES)
			fault_fix(f, "a FIFO that you may read: ls -l on it, chmod");
		return -f->err;
	}
	return fd_steal(&fd);
}

/* By way of the descriptor, so that it is the file that was looked at: to open another
 * kind of file (a device) could do something.
 *
 * O_RDONLY and not O_RDWR: with a writing end of our own, a writer that closes without a
 * byte would never be noticed. With O_NONBLOCK open returns at once, and poll(2) reports
 * no hangup until a first writer has come: see fifo(7), poll(2). */
int wait_open(int found, const char *path, struct fault *f)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", found);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? fault_set(f, OP_WAIT, errno, "%s", path) : fd;
}

static void end(int sig)
{
	_exit(128 + sig);
}

/* Signals that nobody handles end a process, but not pid 1 of a pid namespace, where the
 * kernel drops them: there a handler has to. What is ignored (nohup) stays so. */
static void end_by_signals(void (*from)(int), void (*to)(int))
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

	for (size_t i = 0; getpid() == 1 && i < COUNT(signals); i++) {
		struct sigaction now;

		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == from)
			sigaction(signals[i], &(struct sigaction){.sa_handler = to}, NULL);
	}
}

/* The program's turn does not come without its watcher: who was killed can neither pass a
 * signal on nor clean up. The other end of the channel says so. */
static int wait_byte(const struct ctx *c, int fd)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = c->watcher_fd}};

	for (;;) {
		int n = ppoll(p, 2, NULL, &c->wait_mask);
		char byte;

		if (n > 0 && p[1].revents)
			_exit(125);
		/* a byte, or a writer that has closed */
		if (n > 0 && read(fd, &byte, 1) >= 0)
			return 0;
		/* EAGAIN: another who waits at the same FIFO took the byte */
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

int wait_visitor(const struct ctx *c, int listener)
{
	struct pollfd p[2] = {{.fd = listener, .events = POLLIN}, {.fd = c->watcher_fd}};
	int r;

	end_by_signals(SIG_DFL, end);
	do {
		r = ppoll(p, 2, NULL, &c->wait_mask);
		if (r > 0 && p[1].revents)
			_exit(125);
		r = r < 0 ? -errno : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (r < 0)
			r = -errno;
		if (r == -ENOMEM) /* a moment's shortage is no reason to lose who waits */
			poll(NULL, 0, 20);
	} while (r == -EINTR || r == -EAGAIN || r == -ECONNABORTED || r == -ENOMEM);
	end_by_signals(end, SIG_DFL);
	return r;
}

int wait_go(struct ctx *c, int fd, const char *path, struct fault *f)
{
	int r = c->tell_waiting && !c->sys->dry ? c->tell_waiting(c) : 0;

	if (r < 0)
		return fault_set(f, OP_WAIT, -r, "%s", path);
	sys_say(c->sys, "waiting for a byte at %s", path);
	if (c->sys->dry)
		return 0;
	end_by_signals(SIG_DFL, end);
	r = wait_byte(c, fd);
	end_by_signals(end, SIG_DFL);
	return r < 0 ? fault_set(f, OP_WAIT, -r, "%s", path) : 0;
}
