/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "ns/expect.h"

/* -- maps as text --------------------------------------------------------------------- */

static bool has_extent(const struct idmap *m, const struct extent *e)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->e[i].in == e->in && m->e[i].out == e->out && m->e[i].count == e->count)
			return true;
	return false;
}

static const char *map_text(char *buf, size_t n, const struct idmap *m)
{
	size_t len = 0;

	snprintf(buf, n, "not at all");
	for (unsigned i = 0; i < m->n && len < n; i++)
		len += (size_t)snprintf(buf + len, n - len, "%s%" PRIu32 ":%" PRIu32 ":%" PRIu32, i ? "," : "", m->e[i].in,
					m->e[i].out, m->e[i].count);
	return buf;
}

/* More ranges than anybody writes by hand are not equal to any that was. */
static int read_map(int procfd, const char *file, struct idmap *m)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = path_read(procfd, file, 1 << 16, &text);

	if (n < 0)
		return (int)n;
	for (const char *line = text; *line; line += *line == '\n') {
		struct extent e;

		if (sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu32, &e.in, &e.out, &e.count) != 3 || m->n == IDMAP_MAX)
			return -E2BIG;
		m->e[m->n++] = e;
		line += strcspn(line, "\n");
	}
	return 0;
}

static int compare(int procfd, const char *file, const struct idmap *want, const char *object, struct fault *f)
{
	struct idmap have = {0};
	char is[100], wanted[100];
	int r = want->n ? read_map(procfd, file, &have) : 0;
	bool equal = have.n == want->n;

	if (r < 0 && r != -E2BIG)
		return fault_set(f, OP_NS_JOIN, -r, "%s", object);
	for (unsigned i = 0; equal && i < want->n; i++)
		equal = has_extent(&have, &want->e[i]);
	if (!want->n || (r == 0 && equal))
		return 0;
	fault_rule(f, OP_NS_JOIN, object, "its %s ids are mapped %s, and not %s", file[0] == 'u' ? "user" : "group",
		   map_text(is, sizeof(is), &have), map_text(wanted, sizeof(wanted), want));
	fault_fix(f, "the map that it has: ns-enter --user --target %.200s cat /proc/self/%s", object, file);
	return -EINVAL;
}

/* -- a process to read it from -------------------------------------------------------- */

/* The child only enters, says so with a byte (its error), and waits to be killed. */
static void be_inside(int nsfd, int up)
{
	unsigned char err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = setns(nsfd, CLONE_NEWUSER) < 0 ? (unsigned char)errno : 0;
	if (write(up, &err, 1) == 1)
		for (;;)
			pause();
	_exit(125);
}

static int compare_child(pid_t pid, int down, const struct idmap *users, const struct idmap *groups, const char *object,
			 struct fault *f)
{
	_cleanup_fd_ int proc = -1;
	unsigned char err = 0;
	char path[32];
	int r;

	if (read(down, &err, 1) != 1)
		err = EPIPE;
	if (err && err != EINVAL)
		return fault_set(f, OP_NS_JOIN, err, "%s", object);
	/* EINVAL: it is our own already, and its map that of the child */
	snprintf(path, sizeof(path), "/proc/%d", pid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return fault_set(f, OP_OPEN, errno, "%s", path);
	r = compare(proc, "uid_map", users, object, f);
	return r < 0 ? r : compare(proc, "gid_map", groups, object, f);
}

static int expect_file(int nsfd, const struct idmap *users, const struct idmap *groups, const char *object, struct fault *f)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(f, OP_FDS, errno, "%s", object);
	pid = fork();
	if (pid == 0)
		be_inside(nsfd, ends[1]);
	fd_close(&ends[1]);
	r = pid < 0 ? fault_set(f, OP_FORK, errno, "%s", object) : compare_child(pid, ends[0], users, groups, object, f);
	fd_close(&ends[0]);
	if (pid > 0)
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int userns_expect(int procfd, int nsfd, const struct idmap *users, const struct idmap *groups, const char *object,
		  struct fault *f)
{
	int r;

	if (!users->n && !groups->n)
		return 0;
	if (procfd < 0)
		return expect_file(nsfd, users, groups, object, f);
	r = compare(procfd, "uid_map", users, object, f);
	return r < 0 ? r : compare(procfd, "gid_map", groups, object, f);
}
