/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "proc/console.h"
#include "proc/cpus.h"
#include "proc/env.h"
#include "proc/home.h"
#include "proc/set.h"
#include "proc/wait.h"
#include "target/self.h"

#define AT(field) offsetof(struct proc_spec, field)

static const struct opt opts[] = {
	{0, "rlimit", "TYPE=SOFT[:HARD]", &opt_rlimit, AT(rlimits), 0, "limit a resource; repeatable",
	 "as= core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= rtprio= rttime= "
	 "sigpending= stack="},
	{0, "nice", "N", &opt_nice, AT(nice), 0, "share the processors: -20 (first) to 19 (last)", NULL},
	{0, "scheduler", "POLICY[:KEY=VALUE,...]", &opt_sched, AT(sched), 0,
	 "how it is given the processors: other, batch, idle, fifo, rr, deadline", sched_words},
	{0, "io-priority", "CLASS[:LEVEL]", &opt_ioprio, AT(ioprio), 0,
	 "when its turn at the disks comes: realtime, best-effort, idle; level 0 (first) to 7", io_words},
	{0, "personality", "NAME", &opt_persona, AT(persona), 0, "which system it believes to be on: linux, linux32", persona_words},
	{0, "oom-score-adj", "N", &opt_signed, AT(oom), 1000, "be killed later (-1000) or sooner (1000) without memory",
	 NULL},
	{0, "cpus", "LIST", &opt_string, AT(cpus), 0, "run on these processors alone: 0-3,8", NULL},
	{0, "umask", "OCTAL", &opt_octal, AT(umask), 0, "permissions that new files do not get", "022 027 077"},
	{0, "cwd", "DIR", &opt_string, AT(cwd), 0, "working directory, in the new root", ":dir"},
	{0, "env", "NAME=VALUE", &opt_strings, AT(set), 0, "set an environment variable; repeatable", NULL},
	{0, "unset-env", "NAME", &opt_strings, AT(unset), 0, "take one out of the environment; repeatable", NULL},
	{0, "clear-env", NULL, &opt_flag, AT(clear), 0, "begin with an empty environment", NULL},
	{0, "home", NULL, &opt_flag, AT(home), 0, "set HOME, if nothing does, as the passwd of the new root says", NULL},
	{0, "own-stdio", NULL, &opt_flag, AT(own_stdio), 0, "give the pipes at 0, 1 and 2 to the program's user", NULL},
	{0, "session-keyring", "NAME", &opt_string, AT(keyring), 0, "an empty session keyring of its own", NULL},
	{0, "new-session", NULL, &opt_flag, AT(new_session), 0, "a session of its own, without a terminal", NULL},
	{0, "wait", "FIFO", &opt_string, AT(wait), 0, "wait here until somebody writes to the FIFO", ":file"},
	{0, "console-socket", "PATH", &opt_string, AT(console), 0,
	 "make a terminal, send its other side to this UNIX socket", ":file"},
	{0, "console-size", "ROWSxCOLUMNS", &opt_size, AT(size), 0, "the size of that terminal", "24x80"},
	{0, "keep-fd", "N", &opt_strings, AT(keep_fds), 0, "the program gets descriptor N; repeatable", NULL},
	{0},
};

/* -- plan ------------------------------------------------------------------------- */

static int plan_env(const struct proc_spec *s, struct words *env, struct fault *f)
{
	int r = env_check(&s->set, &s->unset, f);

	if (r < 0)
		return r;
	if (s->clear)
		env_clear(env);
	for (size_t i = 0; i < s->unset.n; i++)
		env_unset(env, s->unset.v[i]);
	for (size_t i = 0; i < s->set.n; i++)
		if (env_set(env, s->set.v[i]) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "%s", s->set.v[i]);
	return 0;
}

static int plan_fds(const struct proc_spec *s, struct words *keep, struct fault *f)
{
	for (size_t i = 0; i < s->keep_fds.n; i++) {
		const char *word = s->keep_fds.v[i];
		uint64_t n;
		int r = num_u64(word, INT_MAX, &n);

		if (r < 0)
			return fault_rule(f, OP_FD_INHERIT, word,
					  r == -ERANGE ? "out of range" : "not the number of a descriptor");
		if (words_add(keep, word) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "%s", word);
	}
	return 0;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	const struct proc_spec *s = spec;
	int r = plan_env(s, &c->env, f);

	if (r == 0)
		r = plan_fds(s, &c->keep_fds, f);
	if (r == 0 && s->cpus) {
		cpu_set_t *set = cpus_read(s->cpus, f);

		r = set ? 0 : -EINVAL;
		CPU_FREE(set);
	}
	if (r < 0)
		return r;
	if (s->sched.given && s->nice.given) {
		fault_rule(f, OP_OPTION, "--nice", "--scheduler says that as well");
		fault_fix(f, "--scheduler other:nice=%ld", s->nice.n);
		return -EINVAL;
	}
	if (s->size.given && !s->console) {
		fault_rule(f, OP_OPTION, "--console-size", "there is no terminal to make");
		fault_fix(f, "--console-socket PATH as well");
		return -EINVAL;
	}
	if (s->cwd && s->cwd[0] != '/' && c->root_changes) {
		fault_rule(f, OP_DIRECTORY, s->cwd, "relative, and the root changes");
		fault_fix(f, "the path inside the new root, from / on: --cwd /%s", s->cwd);
		return -EINVAL;
	}
	return 0;
}

/* -- check ------------------------------------------------------------------------ */

/* A descriptor that was inherited passed an execve, so it is not close-on-exec. Ours
 * are: none of them can be kept by naming its number (CVE-2024-21626). */
static int check_fds(const struct proc_spec *s, struct fault *f)
{
	for (size_t i = 0; i < s->keep_fds.n; i++) {
		const char *word = s->keep_fds.v[i];
		int flags = fcntl(atoi(word), F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		fault_rule(f, OP_FD_INHERIT, word, "it is not open");
		fault_fix(f, "%s<FILE or %s>FILE behind the command; ls -l /proc/self/fd shows what is open", word,
			  word);
		return -EINVAL;
	}
	return 0;
}

/* See can_nice() of sched(7): downwards as far as 20 - RLIMIT_NICE. */
static int check_nice(const struct proc_spec *s, struct fault *f)
{
	struct rlimit64 l = {0};
	int now;

	if (!s->nice.given)
		return 0;
	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if ((now == -1 && errno) || s->nice.n >= now || self_has_cap(CAP_SYS_NICE))
		return 0;
	if (s->rlimits.rows[RLIMIT_NICE].given)
		l.rlim_cur = s->rlimits.rows[RLIMIT_NICE].soft;
	else
		prlimit64(0, RLIMIT_NICE, NULL, &l);
	if ((uint64_t)(20 - s->nice.n) <= l.rlim_cur)
		return 0;
	fault_set(f, OP_PRIORITY, EACCES, "nice %ld", s->nice.n);
	fault_why(f, "it is %d, and only CAP_SYS_NICE lowers it", now);
	fault_fix(f, "--nice %d or more, or a caller with CAP_SYS_NICE (sudo)", now);
	return -EACCES;
}

/* The score that the kernel lets us have without CAP_SYS_RESOURCE is the one that a holder
 * of it set last, which nobody can read; the present one is what we know. */
static int check_oom(struct proc_spec *s, struct fault *f)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n;
	long now;

	if (!s->oom.given)
		return 0;
	n = path_read(AT_FDCWD, "/proc/self/oom_score_adj", 64, &text);
	if (n < 0)
		return fault_set(f, OP_OOM, (int)-n, "%ld", s->oom.n);
	now = strtol(text, NULL, 10);
	if (s->oom.n < now && !self_has_cap(CAP_SYS_RESOURCE)) {
		fault_set(f, OP_OOM, EACCES, "%ld", s->oom.n);
		fault_why(f, "it is %ld, and only CAP_SYS_RESOURCE lowers it", now);
		fault_fix(f, "--oom-score-adj %ld or more, or a caller with CAP_SYS_RESOURCE (sudo)", now);
		return -EACCES;
	}
	/* Both are held from here on: the root may change, and after it so may /proc. */
	s->fd.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->fd.oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (s->fd.proc < 0 || s->fd.oom < 0)
		return fault_set(f, OP_OOM, errno, "%ld", s->oom.n);
	return 0;
}

static int check_cwd(const struct proc_spec *s, const struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int fd = -1;

	if (!s->cwd || c->root_changes)
		return 0;
	fd = open(s->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fault_set(f, OP_DIRECTORY, errno, "%s", s->cwd) : 0;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct proc_spec *s = spec;
	int r = check_fds(s, f);

	if (r == 0)
		r = rlimits_check(&s->rlimits, f);
	if (r == 0)
		r = check_nice(s, f);
	if (r == 0)
		r = sched_check(&s->sched, s->rlimits.rows[RLIMIT_RTPRIO].given ? &s->rlimits.rows[RLIMIT_RTPRIO].soft : NULL, f);
	if (r == 0)
		r = ioprio_check(&s->ioprio, f);
	if (r == 0)
		r = check_oom(s, f);
	if (r == 0)
		r = check_cwd(s, c, f);
	if (r == 0 && s->wait)
		r = s->fd.wait = wait_find(s->wait, f);
	if (r >= 0 && s->console)
		r = s->fd.console = console_connect(s->console, c->sys->dry, f);
	return r < 0 ? r : 0;
}

/* -- before ----------------------------------------------------------------------- */

/* The FIFO is opened now that nothing of the checks can fail any more, and while the rights
 * to do it are still the caller's. */
static int before(void *spec, struct ctx *c, struct fault *f)
{
	struct proc_spec *s = spec;
	int fd;

	if (!s->wait || c->sys->dry)
		return 0;
	fd = wait_open(s->fd.wait, s->wait, f);
	if (fd < 0)
		return fd;
	fd_close(&s->fd.wait);
	s->fd.wait = fd;
	return 0;
}

/* -- act -------------------------------------------------------------------------- */

static void reasons(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags)
{
	const struct proc_spec *s = spec;

	(void)c, (void)flags;
	if ((s->new_session || s->console) && getpgrp() == getpid())
		words_add(why, "the leader of a process group cannot begin a session: a child of it does (setsid(2))");
}

/* What may have to be raised. From outside, by the watcher, it counts with the watcher's
 * rights and reaches exactly the child that it made; the number is of the /proc that
 * was opened before anything changed. */
static int raise_on(const struct proc_spec *s, struct ctx *c, pid_t pid, struct fault *f)
{
	char text[16], path[48];
	int r = rlimits_set(&s->rlimits, s->rlimits.raised, c->sys, pid, f);

	if (r == 0 && s->nice.given) {
		r = sys_setpriority(c->sys, pid, (int)s->nice.n);
		if (r < 0)
			return fault_set(f, OP_PRIORITY, -r, "nice %ld", s->nice.n);
	}
	if (r == 0)
		r = sched_set(c->sys, pid, &s->sched, f);
	if (r == 0)
		r = ioprio_set_of(c->sys, pid, &s->ioprio, f);
	if (r < 0 || !s->oom.given)
		return r;
	snprintf(text, sizeof(text), "%ld", s->oom.n);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	if (pid)
		r = sys_write_file(c->sys, s->fd.proc, path + strlen("/proc/"), path, text);
	else
		r = sys_write(c->sys, s->fd.oom, "/proc/self/oom_score_adj", text);
	return r < 0 ? fault_set(f, OP_OOM, -r, "%s", text) : 0;
}

static int outside(void *spec, struct ctx *c, pid_t child, struct fault *f)
{
	struct proc_spec *s = spec;

	/* The reader is the child: with one more here, a writer that comes when nobody waits
	 * any more would not be told. */
	if (s->wait && !c->sys->dry)
		fd_close(&s->fd.wait);
	return raise_on(s, c, child, f);
}

static int raise_self(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	int r = raise_on(s, c, 0, f);

	if (r == -EPERM && c->ns_new) {
		fault_why(f, "from inside a new user namespace nothing can be raised");
		fault_fix(f, "ns-run --pid as well: then a watcher stays, and raises it from outside");
	}
	return r;
}

/* A directory that was reached through a descriptor or a link of /proc can lie outside the
 * root; the kernel then gives a path that does not begin with / (CVE-2024-21626). The
 * system call itself, because the library hides such an answer. */
static int change_directory(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	char path[PATH_MAX] = "";
	long n;
	int r = sys_chdir(c->sys, s->cwd);

	if (r < 0)
		return fault_set(f, OP_DIRECTORY, -r, "%s", s->cwd);
	if (c->sys->dry)
		return 0;
	n = syscall(SYS_getcwd, path, sizeof(path));
	if (n < 0 && errno != ERANGE) /* longer than PATH_MAX is unusual, and inside */
		return fault_set(f, OP_DIRECTORY, errno, "%s", s->cwd);
	if (n >= 0 && path[0] != '/')
		return fault_rule(f, OP_DIRECTORY, s->cwd, "it lies outside the new root");
	return 0;
}

static int set_umask(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	int r = s->umask.given ? sys_umask(c->sys, (mode_t)s->umask.n) : 0;

	return r < 0 ? fault_set(f, OP_UMASK, -r, "%03lo", (unsigned long)s->umask.n) : 0;
}

static int new_session(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	int r;

	if (s->console)
		return console_set(c, s->fd.console, s->console, &s->size, f);
	r = s->new_session ? sys_setsid(c->sys) : 0;
	return r < 0 ? fault_set(f, OP_SESSION, -r, "%s", c->tool) : 0;
}

/* What is lowered comes last, since the steps before need descriptors and memory. */
/* The root is the new one by now, and which user the program will be was planned. */
static int set_home(struct proc_spec *s, struct ctx *c, struct fault *f)
{
	if (!s->home || env_has(&c->env, "HOME") || c->sys->dry)
		return 0;
	s->home_word = home_of(c->uid >= 0 ? c->uid : (int64_t)geteuid());
	return env_set(&c->env, s->home_word) < 0 ? fault_set(f, OP_MEMORY, ENOMEM, "HOME") : 0;
}

/* Who opens /dev/stdout opens the pipe anew, and needs the right to. Files and devices belong to
 * others as well, /dev/null above all: never them. */
static int own_stdio(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	struct stat st;
	int r = 0;

	for (int fd = 0; s->own_stdio && c->uid > 0 && fd <= 2 && r == 0; fd++) {
		if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
			continue;
		r = sys_fchown(c->sys, fd, (uid_t)c->uid, (gid_t)-1);
		if (r == -EPERM || r == -EINVAL) /* somebody else's, or not mapped: then it stays so */
			r = 0;
	}
	return r < 0 ? fault_set(f, OP_IDS, -r, "standard input and output") : 0;
}

/* The keys of the caller's session are not the program's to use. A kernel without keys has none. */
static int own_keyring(const struct proc_spec *s, struct ctx *c, struct fault *f)
{
	int r = s->keyring ? sys_join_keyring(c->sys, s->keyring) : 0;

	return r < 0 && r != -ENOSYS ? fault_set(f, OP_KEYRING, -r, "%s", s->keyring) : 0;
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct proc_spec *s = spec;
	int r = c->watched ? 0 : raise_self(s, c, f);

	if (r == 0 && s->cpus)
		r = cpus_set(c->sys, s->cpus, f);
	if (r == 0)
		r = own_keyring(s, c, f);
	if (r == 0)
		r = own_stdio(s, c, f);
	if (r == 0)
		r = set_home(s, c, f);

	if (r == 0 && s->cwd)
		r = change_directory(s, c, f);
	if (r == 0)
		r = set_umask(s, c, f);
	if (r == 0)
		r = persona_set(c->sys, &s->persona, f);
	if (r == 0)
		r = new_session(s, c, f);
	if (r == 0 && s->wait)
		r = wait_go(c, s->fd.wait, s->wait, f);
	if (r == 0)
		r = rlimits_set(&s->rlimits, ~s->rlimits.raised, c->sys, 0, f);
	return r;
}

static void drop(void *spec)
{
	struct proc_spec *s = spec;

	int *fds[] = {&s->fd.wait, &s->fd.console, &s->fd.oom, &s->fd.proc};

	for (size_t i = 0; i < COUNT(fds); i++)
		if (*fds[i] > 0)
			fd_close(fds[i]);
	free(s->home_word);
	words_free(&s->set);
	words_free(&s->unset);
	words_free(&s->keep_fds);
}

const struct link proc_set_link = {
	.cmd = {
		.name = "proc-set",
		.rest = "[PROGRAM [ARG...]]",
		.summary = "Set limits, priorities, environment, directory and terminal of a program.",
		.opts = opts,
	},
	.rank = RANK_PROCESS,
	.needs = "the process that becomes the program",
	.takes = "resources beyond its limits",
	.spec_size = sizeof(struct proc_spec),
	.plan = plan,
	.check = check,
	.fork = reasons,
	.before = before,
	.outside = outside,
	.act = act,
	.drop = drop,
};
