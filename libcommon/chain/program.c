/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chain/init.h"
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
	if ((size_t)snprintf(ch->path, sizeof(ch->path), "%.*s%s%s", (int)n, dir, n ? "/" : "", name) >=
	    sizeof(ch->path))
		return -ENAMETOOLONG;
	return faccessat(AT_FDCWD, ch->path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int not_found(const struct chain *ch, int r, struct fault *f)
{
	const char *name = ch->prog.v[0];

	fault_set(f, OP_PROGRAM, -r, "%s", name);
	if (r == -ENOENT && !strchr(name, '/'))
		fault_why(f, "not found in PATH%s", ch->ctx.builds_root ? " of the new root" : "");
	return r;
}

int program_find(struct chain *ch, struct fault *f)
{
	const char *name = ch->prog.v[0];
	const char *path = env_get(&ch->ctx.env, "PATH");
	int r = -ENOENT;

	if (strchr(name, '/')) {
		r = try_file(ch, "", 0, name);
		return r < 0 ? not_found(ch, r, f) : 0;
	}
	if (!path)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (const char *dir = path; *name; dir += strcspn(dir, ":") + 1) {
		size_t n = strcspn(dir, ":");
		int one = try_file(ch, n ? dir : ".", n ? n : 1, name);

		if (one == 0)
			return 0;
		if (faccessat(AT_FDCWD, ch->path, F_OK, AT_EACCESS) == 0)
			r = one; /* as a shell does: remember that one was there */
		if (!dir[n])
			break;
	}
	return not_found(ch, r, f);
}

/* Descriptors of the host would be a way out of the new root (CVE-2024-21626). */
static int arrange_fds(struct chain *ch, struct fault *f)
{
	const struct words *keep = &ch->ctx.keep_fds;
	int r = 0;

	if (ch->ctx.root_changes)
		r = sys_close_range(&ch->sys, 3, UINT_MAX, 4 /* CLOSE_RANGE_CLOEXEC */);
	if (r < 0)
		return fault_set(f, OP_FDS, -r, "%s", ch->prog.v[0]);
	for (size_t i = 0; i < keep->n; i++) {
		r = sys_set_cloexec(&ch->sys, atoi(keep->v[i]), false);
		if (r < 0)
			return fault_set(f, OP_FD_INHERIT, -r, "%s", keep->v[i]);
	}
	return 0;
}

/* From here on the program dies with its watcher. A change of ids or capabilities
 * clears this setting, so it is made last; and should the watcher have died before it
 * was made, its end of the channel is closed by now. */
static int die_with_watcher(struct chain *ch, struct fault *f)
{
	char byte;
	int r = sys_prctl(&ch->sys, PR_SET_PDEATHSIG, SIGKILL, 0);

	if (r < 0)
		return fault_set(f, OP_WATCH, -r, "%s", ch->prog.v[0]);
	if (!ch->sys.dry && recv(ch->up, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(125);
	return 0;
}

/* The program gets its signals as we got them. */
static void give_signals(const struct chain *ch)
{
	sigaction(SIGCHLD, &ch->chld, NULL);
	sigprocmask(SIG_SETMASK, &ch->mask, NULL);
}

int program_settle(struct chain *ch, struct fault *f)
{
	int r = program_find(ch, f);

	if (ch->sys.dry && (r < 0 || ch->ctx.builds_root)) /* that root is not here to look in */
		snprintf(ch->path, sizeof(ch->path), "%s", ch->prog.v[0]);
	else if (r < 0)
		return r;
	r = arrange_fds(ch, f);
	if (r == 0 && ch->up >= 0 && !ch->ctx.watch.detach)
		r = die_with_watcher(ch, f);
	if (!ch->ctx.watch.init) /* init takes its signals by waiting for them */
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
