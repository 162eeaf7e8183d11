/* SPDX-License-Identifier: MIT */
/* enter.c - the link ns-enter. plan() and check() find everything and hold it by descriptor; act() goes
 * in; act_after() does what takes effect only behind the fork that a pid namespace needs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "ns/enter-do.h"
#include "ns/expect.h"
#include "ns/others.h"
#include "target/self.h"

#define FIELD(x) offsetof(struct ns_enter, x)

static const struct opt opts[] = {
	{'t', "target", "TARGET", &opt_string, FIELD(target), 0,
	 "whose namespaces: a PID, @NAME of a container, or a namespace file", ":target"},
	{'a', "all", NULL, &opt_flag, FIELD(all), 0, "all that differ from ours (the default)", NULL},
	{0, "except", "KIND,...", &opt_enter_kinds, FIELD(except), 0, "not these kinds; repeatable", enter_kind_words},
#define KIND(flag, kind, letter, file, sysctl, own) \
	{letter, kind, "FILE|:ID", &opt_ns_choice, FIELD(which), flag, "the " kind " namespace: " own, ":file"},
#include "base/kinds.def"
#undef KIND
	{0, "user-parent", NULL, &opt_flag, FIELD(user_parent), 0, "the user namespace that owns the others", NULL},
	{0, "for-children", NULL, &opt_flag, FIELD(for_children), 0, "of pid and time those of its children", NULL},
	{'N', "net-of-socket", "FD", &opt_int, FIELD(socket), 0, "the net namespace of this socket of the target's", NULL},
	{'r', "root", "DIR", &opt_enter_dir, FIELD(root), 0, "its root directory, or a directory of ours", ":dir"},
	{'w', "cwd", "DIR", &opt_enter_dir, FIELD(cwd), 0, "its working directory, or a directory of ours", ":dir"},
	{'W', "cwd-inside", "DIR", &opt_string, FIELD(cwd_inside), 0, "a working directory, looked up in there", NULL},
	{'e', "env", NULL, &opt_flag, FIELD(env), 0, "its environment", NULL},
	{0, "ids", "follow|keep|UID:GID", &opt_enter_ids, FIELD(ids), 0,
	 "be who it is, who we are, or these; else root of a user namespace", "follow keep"},
	{'c', "cgroup-of", NULL, &opt_flag, FIELD(cgroup), 0, "in its cgroups", NULL},
	{'Z', "label", NULL, &opt_flag, FIELD(label), 0, "under its label of the security module", NULL},
	{0, "like-exec", "[-]PART,...", &opt_enter_like, FIELD(like), 0,
	 "all that an engine's exec takes; without some parts", enter_part_words},
	{0, "fresh-proc", NULL, &opt_flag, FIELD(fresh_proc), 0, "a /proc of the pid namespace, for us alone", NULL},
	{0, "with-host-tools", "DIR", &opt_enter_dir, FIELD(tools), 0,
	 "keep the host's files, and see the target's at /mnt/target, or DIR", ":dir"},
	{0, "inject", "FILE", &opt_string, FIELD(inject), 0, "run this static program of the host's", ":file"},
	{0, "has-users", "IN:OUT:N", &opt_idmap, FIELD(users), 0, "refuse a user namespace whose user ids are not mapped so", NULL},
	{0, "has-groups", "IN:OUT:N", &opt_idmap, FIELD(groups), 0, "the same for group ids", NULL},
	{'v', "verbose", NULL, &opt_flag, FIELD(verbose), 0, "say what is left out, and why", NULL},
	{0},
};

/* -- plan ------------------------------------------------------------------------------------ */

static int usage(const char *object, const char *why, const char *fix, struct fault *f)
{
	fault_rule(f, OP_OPTION, object, "%s", why);
	fault_fix(f, "%s", fix);
	return -EINVAL;
}

/* The first option that needs a process as the target. */
static const char *needs_process(const struct ns_enter *s)
{
	return s->env                             ? "--env"
	       : s->for_children                  ? "--for-children"
	       : s->socket.given                  ? "--net-of-socket"
	       : s->ids.how == IDS_FOLLOW         ? "--ids follow"
	       : s->tools.given                   ? "--with-host-tools"
	       : s->root.given && !s->root.path   ? "--root"
	       : s->cwd.given && !s->cwd.path     ? "--cwd"
						  : NULL;
}

/* No target, and a program that looks like one: the line that was meant. */
static int meant_target(const struct ns_enter *s, const struct words *program, struct fault *f)
{
	const char *word = program->v[0];
	struct words w = {0};
	char *line = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&line, &n);

	opt_print(opts, s, &w);
	for (size_t i = 0; out && i < w.n + program->n - 1; i++) {
		fputc(' ', out);
		word_quote(out, i < w.n ? w.v[i] : program->v[i - w.n + 1]);
	}
	words_free_all(&w);
	if (out)
		fclose(out);
	fault_rule(f, OP_USAGE, word, "no target was named; is it one? Then it belongs behind -t");
	fault_fix(f, "ns-enter -t %.100s%s", word, line ?: "");
	free(line);
	return -EINVAL;
}

static int plan_target(const struct ns_enter *s, const struct ctx *c, struct fault *f)
{
	const char *option = needs_process(s);

	if (!s->target && (option || s->all || !ns_choice_files(&s->which))) {
		if (c->program && target_is_word(c->program->v[0]))
			return meant_target(s, c->program, f);
		fault_rule(f, OP_USAGE, option ?: "ns-enter", "no target was named");
		fault_fix(f, "ns-enter --target PID PROGRAM, or --target @NAME for a container");
		return -EINVAL;
	}
	if (option && target_is_file(s->target))
		return usage(option, "a namespace file has none; it needs a process", "--target PID, and --net=FILE or the like beside it", f);
	if (s->target && target_is_file(s->target) && ns_choice_files(&s->which))
		return usage("--target", "it is a file, and a kind has another one", "one of them", f);
	return 0;
}

static int plan_options(const struct ns_enter *s, struct fault *f)
{
	if ((s->users.n || s->groups.n) && !(enter_wanted(s) & CLONE_NEWUSER)) {
		fault_rule(f, OP_OPTION, s->users.n ? "--has-users" : "--has-groups", "no user namespace is entered");
		fault_fix(f, "--user as well");
		return -EINVAL;
	}
	if (s->which.kinds & s->except)
		return usage("--except", "it names a kind that is asked for as well", "one of both", f);
	if (s->user_parent && s->which.file[ns_kind_index(CLONE_NEWUSER)])
		return usage("--user-parent", "a file says which user namespace", "one of both", f);
	if (s->socket.given && s->which.file[ns_kind_index(CLONE_NEWNET)])
		return usage("--net-of-socket", "a file says which net namespace", "one of both", f);
	if (s->tools.given && (s->which.kinds & CLONE_NEWNS || s->root.given))
		return usage("--with-host-tools", "the mounts and the root are the host's then", "ns-enter without --mount and --root", f);
	if (s->tools.given && s->env)
		return usage("--env", "its words would choose what the host's programs load and run (LD_PRELOAD, PATH)",
			     "proc-set --env NAME=VALUE behind it, for those that are needed", f);
	if (s->tools.given && s->inject)
		return usage("--inject", "--with-host-tools has all programs of the host", "one of both", f);
	return 0;
}

const char *ns_enter_user(const struct ns_enter *s)
{
	if (!(enter_wanted(s) & CLONE_NEWUSER))
		return NULL;
	return s->user_parent ? "--user-parent" : s->which.file[ns_kind_index(CLONE_NEWUSER)] ?: "";
}

int ns_enter_target(struct ns_enter *s, struct fault *f)
{
	if (!s->target || s->t.path || s->t.pid)
		return 0;
	return target_open(&s->t, s->target, f);
}

/* Its words are a stranger's, and go to the program only: like those of every process in there. */
static int take_env(struct ns_enter *s, struct ctx *c, struct fault *f)
{
	ssize_t n;
	int r = ns_enter_target(s, f);

	if (r < 0)
		return r;
	n = path_read(s->t.procfd, "environ", 1 << 22, &s->environ);
	if (n < 0)
		return enter_why_hidden(s, "the environment", (int)-n, f);
	c->env.n = 0;
	for (char *word = s->environ; word < s->environ + n; word += strlen(word) + 1)
		if (strchr(word, '=') && words_add(&c->env, word) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "the environment");
	c->env.v[c->env.n] = NULL;
	return 0;
}

static void begin(struct ns_enter *s)
{
	if (s->planned)
		return;
	if (!s->t.pid)
		s->t = (struct target){.pidfd = -1, .procfd = -1};
	s->nsfd = s->root_fd = s->cwd_fd = s->tree = -1;
	for (unsigned i = 0; i < NS_KINDS; i++)
		s->fd[i] = -1;
	s->planned = true;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	int r;

	begin(s);
	if (s->verbose)
		c->sys->verbose = "ns-enter";
	if (s->socket.given)
		s->which.kinds |= CLONE_NEWNET;
	r = plan_target(s, c, f);
	if (r == 0)
		r = plan_options(s, f);
	if (r < 0)
		return r;
	/* whether the mount namespace differs is known only in check; what follows from it
	 * (no descriptor of the host passes) is right in any case */
	if (enter_wanted(s) & (CLONE_NEWNS | CLONE_NEWUSER) || s->root.given)
		c->root_changes = true;
	return s->env ? take_env(s, c, f) : 0;
}

/* -- check ----------------------------------------------------------------------------------- */

static int open_dir(const struct ns_enter *s, const struct enter_dir *d, const char *own, const char *what, int *fd, struct fault *f)
{
	if (!d->given)
		return 0;
	*fd = d->path ? open(d->path, O_PATH | O_DIRECTORY | O_CLOEXEC) : openat(s->t.procfd, own, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	return d->path ? fault_set(f, OP_DIRECTORY, errno, "%s", d->path) : enter_why_hidden(s, what, errno, f);
}

/* ps(1) would show the processes of another pid namespace than the program is in. Looked up as the
 * target sees it, and followed only where it is the kernel's own. */
static void look_at_proc(const struct ns_enter *s, const struct ctx *c)
{
	_cleanup_fd_ int root = -1, proc = -1;
	struct stat shown, theirs;
	struct statfs fs;

	/* nothing of a stranger's is looked up when nobody hears of it */
	if (!c->sys->explain && !c->sys->verbose)
		return;
	if (!(s->join & CLONE_NEWPID) || s->fresh_proc || s->tools.given || s->t.procfd < 0)
		return;
	if (!(s->join & CLONE_NEWNS)) {
		sys_note(c->sys, "/proc: stays that of our own pid namespace; --fresh-proc mounts one");
		return;
	}
	root = openat(s->t.procfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	proc = root < 0 ? -1 : path_open_in(root, "proc/1/ns", O_PATH | O_DIRECTORY, 0);
	if (proc >= 0 && (fstatfs(proc, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC))
		return;
	if (proc >= 0 && fstatat(proc, "pid", &shown, 0) == 0 && fstatat(s->t.procfd, "ns/pid", &theirs, 0) == 0 &&
	    shown.st_ino == theirs.st_ino)
		return;
	sys_note(c->sys, "/proc: in there it is none of its pid namespace; --fresh-proc mounts one");
}

static int may_join(const struct ns_enter *s, struct ctx *c, struct fault *f)
{
	char names[96];

	c->ns_joined |= s->join;
	c->their_root |= s->join & CLONE_NEWNS || s->root.given;
	if (s->join & CLONE_NEWUSER) {
		c->cap_bounding = c->cap_all;
		return 0;
	}
	if ((!s->join && !s->root.given && !s->tools.given) || self_has_cap(CAP_SYS_ADMIN))
		return 0;
	fault_set(f, OP_NS_JOIN, EPERM, "%s", s->target ?: ns_names(names, sizeof(names), s->join));
	fault_why(f, "you lack CAP_SYS_ADMIN over its %s namespaces", ns_names(names, sizeof(names), s->join));
	fault_fix(f, "sudo ns-enter%s%s; or --user as well, where it is yours", s->target ? " --target " : "", s->target ?: "");
	return -EPERM;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	int r = ns_enter_target(s, f);

	target_say(&s->t, c->sys, s->target);
	if (r == 0)
		r = enter_find(s, c, f);
	if (r == 0)
		r = enter_tools_apart(s, c, f);
	if (r == 0)
		r = enter_hold(s, f);
	if (r == 0)
		r = userns_expect(s->nsfd < 0 ? s->t.procfd : -1, s->nsfd, &s->users, &s->groups, s->target ?: "--user", f);
	if (r == 0)
		r = enter_held(s, f);
	if (r == 0)
		r = may_join(s, c, f);
	if (r == 0)
		r = enter_ids_check(s, c, f);
	if (r == 0)
		r = open_dir(s, &s->root, "root", "the root directory", &s->root_fd, f);
	if (r == 0)
		r = open_dir(s, &s->cwd, "cwd", "the working directory", &s->cwd_fd, f);
	if (r == 0)
		r = enter_tools_check(s, c, f);
	if (r == 0)
		r = enter_inject_check(s, c, f);
	if (r == 0)
		look_at_proc(s, c);
	return r;
}

/* -- act --------------------------------------------------------------------------------------- */

/* The directories were opened before, and lead where they led then: into the target's root; or, where
 * the user named one of ours, out of it, on purpose. */
static int take_dirs(const struct ns_enter *s, struct ctx *c, struct fault *f)
{
	int r = 0;

	if (s->root.given) {
		r = sys_fchdir(c->sys, s->root_fd, s->root.path ?: "its root");
		if (r == 0)
			r = sys_chroot(c->sys, ".");
		if (r < 0)
			return fault_set(f, OP_ROOT_RIGHT, -r, "%s", s->root.path ?: s->target);
	}
	if (s->cwd.given)
		r = sys_fchdir(c->sys, s->cwd_fd, s->cwd.path ?: "its directory");
	return r < 0 ? fault_set(f, OP_DIRECTORY, -r, "%s", s->cwd.path ?: s->target) : 0;
}

/* In a user namespace that denies it the right alone does not do, and nobody can help it. */
static int drop_groups(struct ctx *c, struct fault *f)
{
	_cleanup_free_ char *text = NULL;
	int r = sys_setgroups(c->sys, 0, NULL);

	if (r < 0 && (r != -EPERM || path_read(AT_FDCWD, "/proc/self/setgroups", 64, &text) <= 0 || strncmp(text, "deny", 4) != 0))
		return fault_set(f, OP_IDS, -r, "no further groups");
	if (r < 0)
		sys_note(c->sys, "groups: setgroups(2) is denied out here, so yours stay");
	return 0;
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	int r;

	if (!s->join)
		sys_say(c->sys, "ns-enter: every namespace of %s is ours already", s->target ?: "those files");
	/* From here to execve a process in there could look into this one (CVE-2016-9962):
	 * not dumpable means that only a holder of CAP_SYS_PTRACE on the host can. */
	r = s->join || s->tools.given ? sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0) : 0;
	/* Our groups would count in there as they do here, and the right to lay them down may
	 * be gone once inside (setgroups denied). */
	if (r == 0 && enter_ids_change(s) && self_has_cap(CAP_SETGID))
		r = drop_groups(c, f);
	if (r == 0)
		r = enter_tools_fetch(s, c, &s->tree, f);
	if (r == 0)
		r = enter_join(s, c, f);
	/* entering a user namespace gives other rights, at which the kernel may set it anew */
	if (r == 0 && s->join & CLONE_NEWUSER)
		r = sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0);
	return r == 0 ? take_dirs(s, c, f) : r;
}

static void fork_after(const void *spec, const struct ctx *c, struct words *why)
{
	const struct ns_enter *s = spec;

	(void)c;
	if (s->join & CLONE_NEWPID)
		words_add(why, "a pid namespace is entered by children only");
}

/* The ids last: what is mounted needs the rights of who entered. */
static int act_after(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	int r = enter_tools_mount(s, c, &s->tree, f);

	return r == 0 ? enter_ids_take(s, c, f) : r;
}

static void drop(void *spec)
{
	struct ns_enter *s = spec;

	free(s->environ);
	free(s->further);
	if (!s->planned) { /* its descriptors are not set yet */
		if (s->t.pid)
			target_close(&s->t);
		return;
	}
	target_close(&s->t);
	fd_close(&s->nsfd);
	fd_close(&s->root_fd);
	fd_close(&s->cwd_fd);
	fd_close(&s->tree);
	for (unsigned i = 0; i < NS_KINDS; i++)
		fd_close(&s->fd[i]);
}

const struct link ns_enter_link = {
	.cmd = {
		.name = "ns-enter",
		.rest = "[LINK...] [PROGRAM [ARG...]]",
		.summary = "Run a program in the namespaces of another process.",
		.opts = opts,
		.others = ns_enter_others,
	},
	.rank = RANK_NAMESPACE,
	.needs = "the host's /proc",
	.takes = "the host's namespaces",
	.enters = true,
	.spec_size = sizeof(struct ns_enter),
	.plan = plan,
	.check = check,
	.act = act,
	.fork_after = fork_after,
	.act_after = act_after,
	.drop = drop,
};
