/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "proc/wait.h"

static int not_fifo(const char *path, struct fault *f)
{
	fault_rule(f, OP_WAIT, path, "not a FIFO");
	fault_fix(f, "mkfifo FIFO, and that path; echo >FIFO says go");
	return -EINVAL;
}

/* stat comes first because opening another kind of file can do something (a device), and
 * comes again because the name may mean another file by then.
 *
 * O_RDONLY and not O_RDWR: with a writing end of our own, a writer that closes without a
 * byte would never be noticed. With O_NONBLOCK open returns at once, and poll(2) reports
 * no hangup until a first writer has come: see fifo(7), poll(2). */
int wait_open(const char *path, struct fault *f)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (stat(path, &st) < 0) {
		fault_set(f, OP_WAIT, errno, "%s", path);
		if (f->err == ENOENT)
			fault_fix(f, "mkfifo FIFO first, and that path");
		return -f->err;
	}
	if (!S_ISFIFO(st.st_mode))
		return not_fifo(path, f);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fault_set(f, OP_WAIT, errno, "%s", path);
		if (f->err == EACCES)
			fault_fix(f, "a FIFO that you may read: ls -l on it, chmod");
		return -f->err;
	}
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return not_fifo(path, f);
	return fd_steal(&fd);
}

int wait_go(struct ctx *c, int fd, const char *path, struct fault *f)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int r = c->tell_waiting && !c->sys->dry ? c->tell_waiting(c) : 0;

	if (r < 0)
		return fault_set(f, OP_WAIT, -r, "%s", path);
	sys_say(c->sys, "waiting for a byte at %s", path);
	while (!c->sys->dry) {
		ssize_t n;
		char byte;

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return fault_set(f, OP_WAIT, errno, "%s", path);
		n = p.revents ? read(fd, &byte, 1) : -1;
		if (n >= 0)
			break;
		/* EAGAIN: another who waits at the same FIFO took the byte */
		if (p.revents && errno != EAGAIN && errno != EINTR)
			return fault_set(f, OP_WAIT, errno, "%s", path);
		p.revents = 0;
	}
	return 0;
}
