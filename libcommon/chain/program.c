/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain/init.h"
#include "chain/life.h"
#include "chain/program.h"

static const char *env_get(const struct words *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, n) == 0 && env->v[i][n] == '=')
			return env->v[i] + n + 1;
	return NULL;
}

/* Looking the file up beforehand gives one execve, and a clear reason. */
static int try_file(struct chain *ch, const char *dir, size_t n, const char *name)
{
	struct stat st;

	if ((size_t)snprintf(ch->path, sizeof(ch->path), "%.*s%s%s", (int)n, dir, n ? "/" : "", name) >=
	    sizeof(ch->path))
		return -ENAMETOOLONG;
	if (faccessat(AT_FDCWD, ch->path, X_OK, AT_EACCESS) < 0)
		return -errno;
	return stat(ch->path, &st) == 0 && S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The root of another process, which may have next to nothing in it. */
static int not_in_there(const struct chain *ch, const char *name, struct fault *f)
{
	const char *given = ch->program_given ? last_part(name) : "sh";

	if (!ch->program_given)
		fault_why(f, "there is no such file in its root, and no /bin/sh either");
	else
		fault_why(f, strchr(name, '/') ? "there is no such file in its root" : "not found in PATH of its root");
	fault_fix(f, "ns-enter ... --with-host-tools%s%.100s, with the host's programs, and its files at /mnt/target; "
		     "or one static program: ns-enter ... --inject \"$(command -v busybox)\" -- busybox %.100s",
		  ch->program_given ? " -- " : "", ch->program_given ? name : "", given);
	return -ENOENT;
}

static int not_found(const struct chain *ch, int r, struct fault *f)
{
	const char *name = ch->prog.v[0];

	fault_set(f, OP_PROGRAM, -r, "%s", name);
	if (r == -ENOENT && ch->ctx.their_root && !ch->ctx.builds_root)
		return not_in_there(ch, name, f);
	if (r == -ENOENT && !strchr(name, '/'))
		fault_why(f, "not found in PATH%s", ch->ctx.builds_root ? " of the new root" : "");
	if (!ch->ctx.builds_root && r == -ENOENT)
		fault_fix(f, "a program that exists: type -a NAME, echo $PATH");
	if (r == -EISDIR)
		fault_fix(f, "a program in it: ls %s", name);
	return r;
}

int program_check(struct chain *ch, struct fault *f)
{
	const char *name;

	if (ch->ctx.program_fd < 0 || !ch->ctx.program_file)
		return 0;
	name = last_part(ch->ctx.program_file);
	if (!ch->program_given)
		ch->prog.v[0] = (char *)name;
	if (strcmp(last_part(ch->prog.v[0]), name) == 0)
		return 0;
	fault_rule(f, OP_PROGRAM, ch->prog.v[0], "the program that is brought along is %s, and no path in there leads to it", name);
	fault_fix(f, "ns-enter --inject %.200s -- %s ...", ch->ctx.program_file, name);
	return -EINVAL;
}

static int look_up(struct chain *ch, const char *name)
{
	const char *path = env_get(&ch->ctx.env, "PATH");
	int r = -ENOENT;

	if (strchr(name, '/'))
		return try_file(ch, "", 0, name);
	if (!path)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (const char *dir = path; *name; dir += strcspn(dir, ":") + 1) {
		size_t n = strcspn(dir, ":");
		int one = try_file(ch, n ? dir : ".", n ? n : 1, name);

		if (one == 0)
			return 0;
		if (one != -ENOENT && one != -EISDIR && faccessat(AT_FDCWD, ch->path, F_OK, AT_EACCESS) == 0)
			r = one; /* as a shell does: remember that one was there */
		if (!dir[n])
			break;
	}
	return r;
}

int program_find(struct chain *ch, struct fault *f)
{
	static const char shell[] = "/bin/sh";
	int r;

	if (ch->ctx.program_fd >= 0) {
		snprintf(ch->path, sizeof(ch->path), "%s", ch->ctx.program_file);
		return 0;
	}
	r = look_up(ch, ch->prog.v[0]);
	/* the caller's own shell is seldom in the root of another, and this one nearly always */
	if (r == -ENOENT && !ch->program_given && ch->ctx.their_root && look_up(ch, shell) == 0) {
		ch->prog.v[0] = (char *)shell;
		r = 0;
	}
	return r < 0 ? not_found(ch, r, f) : 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int program_close_all_but(struct sys *s, int *keep, size_t n)
{
	unsigned from = 3;
	int r = 0;

	qsort(keep, n, sizeof(*keep), by_number);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			r = sys_close_range(s, from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	return r < 0 ? r : sys_close_range(s, from, UINT_MAX, 0);
}

/* Any descriptor of the host that is open while the new root's files are looked up would
 * be a way out of it: the program, a link to it, or the interpreter in its first line may
 * be /proc/self/fd/N/../... (CVE-2024-21626). To mark them for the execve is too late:
 * they are closed before the program is looked for. */
static int close_host(struct chain *ch, struct fault *f)
{
	const struct words *kept = &ch->ctx.keep_fds;
	int *keep, r;
	size_t n = 0;

	if (!ch->ctx.root_changes)
		return 0;
	keep = xcalloc(kept->n + 7, sizeof(*keep));
	keep[n++] = ch->up;
	keep[n++] = ch->ctx.program_fd;
	if (ch->life)
		keep[n++] = ch->life->gate;
	keep[n++] = ch->init_pipe[0];
	keep[n++] = ch->init_pipe[1];
	if (ch->sys.explain)
		keep[n++] = ch->sys.out;
	if (ch->sys.step)
		keep[n++] = ch->sys.tty;
	for (size_t i = 0; i < kept->n; i++)
		keep[n++] = atoi(kept->v[i]);
	r = program_close_all_but(&ch->sys, keep, n);
	free(keep);
	ch->ctx.root_fd = -1;
	return r < 0 ? fault_set(f, OP_FDS, -r, "%s", ch->prog.v[0]) : 0;
}

static int keep_fds(struct chain *ch, struct fault *f)
{
	const struct words *kept = &ch->ctx.keep_fds;

	for (size_t i = 0; i < kept->n; i++) {
		int r = sys_set_cloexec(&ch->sys, atoi(kept->v[i]), false);

		if (r < 0)
			return fault_set(f, OP_FD_INHERIT, -r, "%s", kept->v[i]);
	}
	return 0;
}

/* From here on the program dies with its watcher; or, where nobody stays and the user wants it,
 * with whoever started us. A change of ids or capabilities clears this setting, so it is made
 * last; and should the other have died before it was made, the end of its channel is closed by
 * now, or we have another parent (which a parent outside of our pid namespace does not show). */
static int die_with_parent(struct chain *ch, struct fault *f)
{
	int sig = ch->ctx.watch.die ? ch->ctx.watch.die : SIGKILL;
	int r = sys_prctl(&ch->sys, PR_SET_PDEATHSIG, (unsigned long)sig, 0);
	char byte;

	if (r < 0)
		return fault_set(f, OP_WATCH, -r, "%s", ch->prog.v[0]);
	if (!ch->sys.dry && (ch->up >= 0 ? recv(ch->up, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0 : getppid() != ch->parent))
		_exit(125);
	return 0;
}

/* The program gets its signals as we got them. */
static void give_signals(const struct chain *ch)
{
	/* (we ignore SIGPIPE, which takes away one that is pending) */
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigaction(SIGPIPE, &ch->pipe, NULL);
	sigaction(SIGCHLD, &ch->chld, NULL);
	sigprocmask(SIG_SETMASK, &ch->mask, NULL);
}

int program_settle(struct chain *ch, struct fault *f)
{
	int r = 0;

	ch->init_pipe[0] = ch->init_pipe[1] = -1;
	if (ch->ctx.watch.init && !ch->sys.dry && pipe2(ch->init_pipe, O_CLOEXEC) < 0)
		return fault_set(f, OP_FDS, errno, "--init");
	r = close_host(ch, f);
	if (r == 0)
		r = keep_fds(ch, f);
	if (r == 0)
		r = program_find(ch, f);
	if (ch->sys.dry && ch->ctx.root_changes) { /* that root is not here to look in */
		snprintf(ch->path, sizeof(ch->path), "%s", ch->prog.v[0]);
		r = 0;
	}
	if (r == 0 && (ch->up >= 0 || ch->ctx.watch.die) && !ch->ctx.watch.detach)
		r = die_with_parent(ch, f);
	if (r == 0 && !ch->ctx.watch.init) /* init takes its signals by waiting for them */
		give_signals(ch);
	return r;
}

/* The filter is loaded, so what was held for it alone can go: init never executes. */
static int drop_held(struct chain *ch, struct fault *f)
{
	const struct cap_facts *caps = &ch->ctx.caps;
	uint64_t held = caps->until_exec;
	int r = held ? sys_capset(&ch->sys, caps->effective & ~held, caps->permitted & ~held, caps->inheritable) : 0;

	if (r == 0)
		return 0;
	fault_set(f, OP_CAP_SET, -r, "those of the program, for --init");
	fault_fix(f, "cap-set --no-new-privs, or a profile that allows capset, or no ns-run --init");
	return r;
}

int program_become(struct chain *ch, struct fault *f)
{
	int r = 0;

	if (ch->ctx.watch.init) {
		r = drop_held(ch, f);
		r = r < 0 ? r : init_fork(ch, f);
		if (r < 0)
			return r;
		give_signals(ch);
	}
	if (ch->ctx.program_fd >= 0)
		r = sys_execveat_program(&ch->sys, ch->ctx.program_fd, ch->prog.v, ch->ctx.env.v);
	else
		r = sys_execve(&ch->sys, ch->path, ch->prog.v, ch->ctx.env.v);
	if (r == 0) /* a dry run */
		return 0;
	fault_set(f, OP_PROGRAM, -r, "%s", ch->path);
	if (r == -ENOENT) {
		f->err = EACCES; /* it is there, so it is "found but cannot run": 126 */
		fault_why(f, "its interpreter or loader is missing there");
		fault_fix(f, "head -1 on a script, or ldd on a program, names what the root lacks");
	}
	return r;
}
