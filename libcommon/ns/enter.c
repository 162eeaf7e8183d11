/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/enter.h"
#include "ns/expect.h"
#include "ns/ids.h"
#include "ns/kinds.h"
#include "target/self.h"

#define FIELD(x) offsetof(struct ns_enter, x)

static const struct opt opts[] = {
	{'t', "target", "TARGET", &opt_string, FIELD(target), 0,
	 "whose namespaces: a PID, or the path of a namespace file (required)", ":pid"},
	{'a', "all", NULL, &opt_flag, FIELD(all), 0, "all that differ from ours (the default)", NULL},
#define KIND(flag, kind, letter, file, sysctl, own) \
	{letter, kind, NULL, &opt_bit, FIELD(kinds), flag, "the " kind " namespace: " own, NULL},
#include "ns/kinds.def"
#undef KIND
	{0, "keep-ids", NULL, &opt_flag, FIELD(keep_ids), 0, "keep our user and group ids in a user namespace", NULL},
	{0, "has-users", "IN:OUT:N", &opt_idmap, FIELD(users), 0, "refuse a user namespace whose user ids are not mapped so", NULL},
	{0, "has-groups", "IN:OUT:N", &opt_idmap, FIELD(groups), 0, "the same for group ids", NULL},
	{0},
};

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;

	s->t = (struct target){.pidfd = -1, .procfd = -1};
	s->nsfd = -1;
	s->planned = true;
	if (!s->target) {
		fault_rule(f, OP_USAGE, "ns-enter", "no target was named");
		fault_fix(f, "ns-enter --target PID PROGRAM");
		return -EINVAL;
	}
	if ((s->users.n || s->groups.n) && s->kinds && !(s->kinds & CLONE_NEWUSER)) {
		fault_rule(f, OP_OPTION, s->users.n ? "--has-users" : "--has-groups", "no user namespace is entered");
		fault_fix(f, "--user as well");
		return -EINVAL;
	}
	/* whether the mount namespace differs is known only in check; what follows from it
	 * (no descriptor of the host passes) is right in any case */
	if (!s->kinds || s->kinds & (CLONE_NEWNS | CLONE_NEWUSER))
		c->root_changes = true;
	return 0;
}

static int check_file(struct ns_enter *s, struct fault *f)
{
	int type;

	s->nsfd = open(s->target, O_RDONLY | O_CLOEXEC);
	type = s->nsfd < 0 ? -1 : ioctl(s->nsfd, NS_GET_NSTYPE);
	if (type < 0) {
		int err = s->nsfd < 0 ? errno : 0;

		fault_set(f, OP_NS_JOIN, err, "%s", s->target);
		if (!err)
			fault_why(f, "it is no namespace file");
		if (err != EACCES)
			fault_fix(f, "a namespace file, such as /proc/PID/ns/net or /run/netns/NAME: ls -l");
		return err ? -err : -EINVAL;
	}
	if (s->kinds && s->kinds != (unsigned)type) {
		char is[96], wanted[96];

		return fault_rule(f, OP_NS_JOIN, s->target, "it is a %s namespace, and not of the kind named: %s",
				  ns_names(is, sizeof(is), (unsigned)type), ns_names(wanted, sizeof(wanted), s->kinds));
	}
	s->join = (unsigned)type;
	return 0;
}

/* Which of the target's namespaces are not ours already. */
static int check_process(struct ns_enter *s, struct fault *f)
{
	unsigned want = s->kinds ? s->kinds : ~0U;

	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		struct stat ours, theirs;
		char path[64], own[64];

		if (!(want & k->flag))
			continue;
		snprintf(own, sizeof(own), "/proc/self/ns/%s", k->file);
		snprintf(path, sizeof(path), "ns/%s", k->file);
		if (fstatat(s->t.procfd, path, &theirs, 0) < 0) {
			int err = errno;

			if (err == ENOENT && stat(own, &ours) < 0 && !s->kinds)
				continue; /* a kind this kernel lacks */
			fault_set(f, OP_NS_JOIN, err, "%s of process %s", k->name, s->target);
			if (err == EACCES) {
				fault_why(f, "process %s is not yours to look into", s->target);
				fault_fix(f, "sudo ns-enter, or as the user who owns process %s", s->target);
			}
			return -err;
		}
		if (stat(own, &ours) == 0 && (ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev))
			s->join |= k->flag;
	}
	return 0;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	int r = target_open(&s->t, s->target, f);

	if (r == 0)
		r = s->t.path ? check_file(s, f) : check_process(s, f);
	if (r < 0)
		return r;
	r = userns_expect(s->t.procfd, s->nsfd, &s->users, &s->groups, s->target, f);
	if (r < 0)
		return r;
	c->ns_joined |= s->join;
	if (s->join & CLONE_NEWUSER) {
		s->has_root = s->t.procfd < 0 || self_map_has(s->t.procfd, "uid_map", 0);
		c->cap_bounding = c->cap_all;
	} else if (s->join && !self_has_cap(CAP_SYS_ADMIN)) {
		char names[96];

		fault_set(f, OP_NS_JOIN, EPERM, "%s", s->target);
		fault_why(f, "you lack CAP_SYS_ADMIN over its %s namespaces", ns_names(names, sizeof(names), s->join));
		fault_fix(f, "sudo ns-enter --target %s", s->target);
		return -EPERM;
	}
	return 0;
}

/* Join all at once: the kernel sorts the user namespace first and judges the rest by the
 * rights it gives. Where another's owner is not that one (a net namespace made by root
 * outside of it), the rest go first, with the rights we have now. */
static int join(const struct ns_enter *s, struct ctx *c)
{
	int fd = s->t.path ? s->nsfd : s->t.pidfd;
	int r = sys_setns(c->sys, fd, s->join, s->target);

	if (r != -EPERM || !(s->join & CLONE_NEWUSER) || s->t.path)
		return r;
	r = sys_setns(c->sys, fd, s->join & ~(unsigned)CLONE_NEWUSER, s->target);
	return r < 0 ? r : sys_setns(c->sys, fd, CLONE_NEWUSER, s->target);
}

static bool takes_ids(const struct ns_enter *s)
{
	return (s->join & CLONE_NEWUSER) && s->has_root && !s->keep_ids;
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_enter *s = spec;
	char names[96];
	int r;

	if (!s->join) {
		sys_say(c->sys, "ns-enter: every namespace of %s is ours already", s->target);
		return 0;
	}
	/* From here to execve a process in there could look into this one (CVE-2016-9962):
	 * not dumpable means that only a holder of CAP_SYS_PTRACE on the host can. */
	r = sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0);
	/* Our groups would count in there as they do here, and the right to lay them down may
	 * be gone once inside (setgroups denied). */
	if (r == 0 && takes_ids(s) && self_has_cap(CAP_SETGID))
		sys_setgroups(c->sys, 0, NULL);
	if (r == 0)
		r = join(s, c);
	if (r < 0) {
		fault_set(f, OP_NS_JOIN, -r, "%s", s->target);
		if (r == -ESRCH)
			fault_why(f, "the process has ended");
		if (r == -EPERM)
			fault_fix(f, "sudo ns-enter, or the kinds you may join (its %s)",
				  ns_names(names, sizeof(names), s->join));
		return r;
	}
	if (takes_ids(s)) {
		r = ns_take_root_ids(c->sys, f);
		if (r == 0) /* the change of ids has set it anew */
			r = sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0);
	}
	return r;
}

static void fork_after(const void *spec, const struct ctx *c, struct words *why)
{
	const struct ns_enter *s = spec;

	(void)c;
	if (s->join & CLONE_NEWPID)
		words_add(why, "a pid namespace is entered by children only");
}

static void drop(void *spec)
{
	struct ns_enter *s = spec;

	if (!s->planned) /* its descriptors are not set yet */
		return;
	target_close(&s->t);
	fd_close(&s->nsfd);
}

const struct link ns_enter_link = {
	.cmd = {
		.name = "ns-enter",
		.rest = "[LINK...] [PROGRAM [ARG...]]",
		.summary = "Run a program in the namespaces of another process.",
		.opts = opts,
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
	.drop = drop,
};
