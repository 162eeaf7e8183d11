/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/uts.h"

/* Who owns the user namespace has the right only in there. */
static void tell_from_inside(int pidfd, int up)
{
	struct utsname names;

	if (setns(pidfd, CLONE_NEWUTS) < 0 && setns(pidfd, CLONE_NEWUSER | CLONE_NEWUTS) < 0)
		_exit(errno < 255 ? errno : 255);
	if (uname(&names) < 0 || write(up, &names, sizeof(names)) != sizeof(names))
		_exit(EIO);
	_exit(0);
}

int uts_read(int pidfd, struct utsname *ret)
{
	int ends[2], status = 0, err;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		tell_from_inside(pidfd, ends[1]);
	err = errno;
	fd_close(&ends[1]);
	n = pid < 0 ? -1 : read(ends[0], ret, sizeof(*ret));
	fd_close(&ends[0]);
	if (pid < 0)
		return -err;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == (ssize_t)sizeof(*ret))
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) ? -WEXITSTATUS(status) : -EIO;
}
