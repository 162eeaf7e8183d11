/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "ns/fresh.h"
#include "ns/ids.h"
#include "ns/kinds.h"
#include "ns/run-do.h"
#include "ns/sysctl.h"
#include "ns/why.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

bool ns_run_shifts(const struct ns_run *s)
{
	return s->monotonic.given || s->boottime.given;
}

/* A fresh /proc goes with a new pid namespace, unless a root is built (it has its own). */
bool ns_run_fresh_proc(const struct ns_run *s, const struct ctx *c)
{
	return (s->which.kinds & CLONE_NEWPID) && !s->no_proc && !c->builds_root;
}

unsigned ns_run_kinds(const struct ns_run *s, const struct ctx *c)
{
	return s->which.kinds | (ns_run_fresh_proc(s, c) ? CLONE_NEWNS : 0);
}

/* The cgroup namespace is made by the child: its root is the cgroup that its maker is in, and
 * the child is placed only after it exists. So is a time namespace whose clocks are shifted,
 * as who is born in one finds it closed. */
unsigned ns_run_late(const struct ns_run *s)
{
	return s->which.kinds & (CLONE_NEWCGROUP | (ns_run_shifts(s) ? CLONE_NEWTIME : 0U));
}

/* -- id maps -------------------------------------------------------------------------- */

static int write_maps(struct ns_run *s, struct ctx *c, int procfd, const char *object, pid_t child, struct fault *f)
{
	char path[64];
	int r = 0;

	if (s->deny_setgroups) {
		/* a user without CAP_SETGID may map a group only after giving up setgroups(2) */
		snprintf(path, sizeof(path), "%s/setgroups", object);
		r = sys_write_file(c->sys, procfd, "setgroups", path, "deny");
		if (r < 0 && r != -ENOENT)
			return fault_set(f, OP_MAP, -r, "%s", path);
	}
	snprintf(path, sizeof(path), "%s/uid_map", object);
	r = s->user_helper ? idmap_helper(c->sys, s->user_helper, child, &s->users, f)
			   : idmap_write(c->sys, procfd, "uid_map", path, &s->users, f);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/gid_map", object);
	return s->group_helper ? idmap_helper(c->sys, s->group_helper, child, &s->groups, f)
			       : idmap_write(c->sys, procfd, "gid_map", path, &s->groups, f);
}

/* The maps are written through one descriptor of /proc/PID, opened on the host's own
 * procfs before anything in the container runs: no path that it could change. */
static int open_proc(const char *path, bool dry, struct fault *f)
{
	int fd = open(dry ? "/proc/self" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return fault_set(f, OP_MAP, errno, "%s", path);
	if (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		return fd;
	close(fd);
	return fault_rule(f, OP_MAP, path, "/proc is no proc filesystem: mount -t proc proc /proc");
}

int ns_run_outside(struct ns_run *s, struct ctx *c, pid_t child, struct fault *f)
{
	_cleanup_fd_ int procfd = -1;
	char path[32];
	int r;

	if (!(s->which.kinds & CLONE_NEWUSER))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", child);
	procfd = open_proc(path, c->sys->dry, f);
	r = procfd < 0 ? procfd : write_maps(s, c, procfd, path, child, f);
	if (r == -EPERM && f->op == OP_MAP) /* a cause that is certain first */
		(void)(idmap_check_around(&s->users, "uid_map", f) < 0 || idmap_check_around(&s->groups, "gid_map", f) < 0);
	return ns_why_inside(f, r);
}

static int make_here(struct ns_run *s, struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int procfd = -1;
	unsigned kinds = ns_run_kinds(s, c);
	int r;

	if (!kinds)
		return 0;
	if (kinds & CLONE_NEWUSER) {
		procfd = open_proc("/proc/self", c->sys->dry, f);
		if (procfd < 0)
			return procfd;
		s->deny_setgroups = true; /* once inside we have no CAP_SETGID outside */
	}
	r = sys_unshare(c->sys, kinds);
	if (r < 0)
		return ns_why(f, kinds, -r);
	return kinds & CLONE_NEWUSER ? write_maps(s, c, procfd, "/proc/self", getpid(), f) : 0;
}

static int loopback_up(struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = sock < 0 ? -errno : sys_loopback_up(c->sys, sock);

	/* a kernel without IPv4 has nothing to bring up */
	return r < 0 && r != -EAFNOSUPPORT ? fault_set(f, OP_LOOPBACK, -r, "the new net namespace") : 0;
}

/* The word of --propagation, as a flag; 0 for "unchanged". */
static uint64_t propagation(const struct ns_run *s)
{
	static const struct {
		const char *word;
		uint64_t flag;
	} words[] = {{"private", MS_PRIVATE}, {"shared", MS_SHARED}, {"slave", MS_SLAVE}, {"unchanged", 0}};

	for (size_t i = 0; s->propagation && i < COUNT(words); i++)
		if (strcmp(words[i].word, s->propagation) == 0)
			return words[i].flag;
	return MS_PRIVATE;
}

/* What is mounted in the new mount namespace goes nowhere else, unless somebody asked for it. A
 * root that is built sees to its mounts itself, and some of them may be slaves of the host's. */
static int spread(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	uint64_t flag = propagation(s);
	int r;

	if (!flag || !(ns_run_kinds(s, c) & CLONE_NEWNS) || (!s->propagation && c->builds_root))
		return 0;
	r = sys_mount_setattr(c->sys, AT_FDCWD, AT_RECURSIVE, 0, 0, flag);
	return r < 0 ? fault_set(f, OP_PROPAGATION, -r, "/") : 0;
}

/* Nobody else is in the new mount namespace yet, and /proc there is the host's own, so
 * the path is safe; only this namespace sees the mount, whatever the others do. */
static int mount_proc(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r = ns_fresh_proc(c->sys, propagation(s) == MS_PRIVATE);

	return r < 0 ? ns_why_proc(f, -r) : 0;
}

static int shift_clocks(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int procfd = open_proc("/proc/self", c->sys->dry, f);

	return procfd < 0 ? procfd : offsets_set(c->sys, procfd, &s->monotonic, &s->boottime, f);
}

/* Those that the child makes: see ns_run_late(). */
static int make_late(struct ns_run *s, struct ctx *c, struct fault *f)
{
	unsigned late = ns_run_late(s);
	int r = late ? sys_unshare(c->sys, late) : 0;

	return r < 0 ? ns_why(f, late, -r) : 0;
}

static int set_names(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r = s->hostname ? sys_sethostname(c->sys, s->hostname) : 0;

	if (r < 0)
		return fault_set(f, OP_HOSTNAME, -r, "%s", s->hostname);
	r = s->domainname ? sys_setdomainname(c->sys, s->domainname) : 0;
	return r < 0 ? fault_set(f, OP_HOSTNAME, -r, "%s", s->domainname) : 0;
}

static int mount_ours(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r = spread(s, c, f);

	if (r == 0 && ns_run_fresh_proc(s, c))
		r = mount_proc(s, c, f);
	return r == 0 && s->binfmt.given ? ns_binfmt_mount(c->sys, &s->binfmt, &s->interps, f) : r;
}

int ns_run_act(struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r = c->watched ? make_late(s, c, f) : make_here(s, c, f);

	if (r == 0 && ns_run_shifts(s))
		r = shift_clocks(s, c, f);
	if (r == 0 && ns_choice_files(&s->which) && c->tell_made)
		r = c->tell_made(c, f);
	ns_keep_close(&s->keep);
	if (r == 0 && s->become)
		r = ns_take_ids(c->sys, s->uid, s->gid, f);
	if (r == 0)
		r = set_names(s, c, f);
	if (r == 0)
		r = sysctl_set(c->sys, &s->sysctls, f);
	if (r == 0 && (s->which.kinds & CLONE_NEWNET) && !s->no_loopback)
		r = loopback_up(c, f);
	return ns_why_inside(f, r == 0 ? mount_ours(s, c, f) : r);
}

/* -- kept namespaces ------------------------------------------------------------------ */

int ns_run_before(struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r;

	if (!ns_choice_files(&s->which))
		return 0;
	c->keeps = true;
	r = ns_keep_begin(&s->keep, c->sys, &s->which, f);
	if (r < 0)
		ns_keep_undo(&s->keep, c->sys);
	return r;
}

int ns_run_made(struct ns_run *s, struct ctx *c, pid_t child, struct fault *f)
{
	_cleanup_fd_ int procfd = -1;
	char path[32];

	if (!ns_choice_files(&s->which))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", child);
	procfd = open_proc(path, c->sys->dry, f);
	return procfd < 0 ? procfd : ns_why_inside(f, ns_keep_bind(&s->keep, c->sys, &s->which, procfd, f));
}
