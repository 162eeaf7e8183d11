/* SPDX-License-Identifier: MIT */
/* v1.c - groups of the hierarchies of cgroup v1. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "cg/group.h"

enum { BATCH = 32 }; /* processes killed between two readings of cgroup.procs */

/* A new cpuset has no processors and no memory nodes, and then takes no process
 * (ENOSPC; cgroup-v1/cpusets.rst), so it begins with its parent's. */
static const char *const inherited[] = {"cpuset.cpus", "cpuset.mems"};

static bool is_cpuset(const struct cg_group *g)
{
	return cg_listed(g->hier->options, ",", "cpuset", strlen("cpuset"));
}

static int v1_plan(struct cg_group *g, const char *controllers, struct fault *f)
{
	char value[4 * CG_SMALL];

	(void)controllers; /* they are part of the hierarchy */
	for (size_t i = 0; is_cpuset(g) && i < 2; i++) {
		if (cg_read(g->up, inherited[i], value, sizeof(value)) != 0)
			continue;
		fault_set(f, OP_CG_NEW, 0, "%s/%.100s", g->hier->mount, g->path);
		fault_why(f, "the %s of the cgroup above it is empty", inherited[i]);
		fault_fix(f, "cat %s/%s > %s/%.100s/%s", g->hier->mount, inherited[i], g->hier->mount, g->path,
			  inherited[i]);
		return -EINVAL;
	}
	return 0;
}

static int v1_settle(struct sys *s, struct cg_group *g, struct fault *f)
{
	char value[4 * CG_SMALL], object[512];

	for (size_t i = 0; is_cpuset(g) && i < 2; i++) {
		ssize_t r = cg_read(g->up, inherited[i], value, sizeof(value));

		cg_group_file(g, inherited[i], object, sizeof(object));
		if (r >= 0)
			r = sys_write_file(s, g->dir, inherited[i], object, value);
		if (r < 0)
			return fault_set(f, OP_CG_WRITE, (int)-r, "%s", object);
	}
	return 0;
}

/* Open a process by its number, and by whoever has the number now. */
static int hold(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Read cgroup.procs without a number cut in half at the end. */
static char *procs(int dir, char *buf, size_t n)
{
	ssize_t r = cg_read(dir, "cgroup.procs", buf, n);

	if (r < 0)
		return NULL;
	if ((size_t)r + 2 >= n)
		*(strrchr(buf, '\n') ?: buf) = '\0';
	return buf;
}

/* Safe: a number that was read may belong to somebody else by now. So the process is held
 * first (pidfd), and only when the group still lists its number is the held one killed:
 * then it was in the group while we held it. 0 stands for a process that our pid
 * namespace does not show, and would mean our own process group: never sent to. */
static void v1_kill(struct sys *s, int dir)
{
	char before[CG_SMALL], now[4 * CG_SMALL];
	char *rest = procs(dir, before, sizeof(before));
	int fds[BATCH];
	const char *pids[BATCH];
	size_t n = 0;

	while (rest && *rest && n < BATCH) {
		pids[n] = strsep(&rest, "\n");
		fds[n] = strcmp(pids[n], "0") == 0 ? -1 : hold((pid_t)strtol(pids[n], NULL, 10));
		n += fds[n] >= 0;
	}
	if (n == 0 || !procs(dir, now, sizeof(now)))
		now[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (cg_listed(now, "\n", pids[i], strlen(pids[i])))
			sys_pidfd_send_signal(s, fds[i], SIGKILL);
		fd_close(&fds[i]);
	}
}

static void v1_why_not(int err, struct fault *f)
{
	if (err == ENOSPC)
		fault_why(f, "its cpuset.cpus or cpuset.mems is empty");
}

const struct cg_ops cg_v1_ops = {
	.entry = "tasks",
	.events = "memory.oom_control",
	.plan = v1_plan,
	.settle = v1_settle,
	.kill = v1_kill,
	.why_not = v1_why_not,
	.freeze = {"freezer.self_freezing", "freezer.state", "THAWED"},
};
