/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "target/target.h"

static int open_process(struct target *t, const char *word, struct fault *f)
{
	char path[32];

	t->pidfd = pidfd_open(t->pid, 0);
	if (t->pidfd < 0) {
		int err = errno;

		fault_set(f, OP_NS_TARGET, err, "%s", word);
		if (err == ESRCH)
			fault_why(f, "no such process, or it is a thread of one");
		return -err;
	}
	snprintf(path, sizeof(path), "/proc/%d", t->pid);
	t->procfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->procfd < 0) {
		int err = errno;

		fault_set(f, OP_NS_TARGET, err, "%s", word);
		fault_fix(f, "a /proc of our own pid namespace: mount -t proc proc /proc");
		target_close(t);
		return -err;
	}
	return 0;
}

int target_open(struct target *t, const char *word, struct fault *f)
{
	int64_t pid = 0;
	int r;

	*t = (struct target){.pidfd = -1, .procfd = -1};
	if (strchr(word, '/')) {
		t->path = word;
		return 0;
	}
	r = strcmp(word, "self") == 0 ? (pid = getpid(), 0) : num_i64(word, 1, INT_MAX, &pid);
	if (r < 0) {
		fault_set(f, OP_NS_TARGET, -r, "%s", word);
		fault_why(f, r == -ERANGE ? "a pid is 1 to 2147483647" : "it is neither a pid, nor self, nor a path");
		return r;
	}
	t->pid = (pid_t)pid;
	return open_process(t, word, f);
}

void target_close(struct target *t)
{
	fd_close(&t->pidfd);
	fd_close(&t->procfd);
}
