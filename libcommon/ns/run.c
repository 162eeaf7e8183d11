/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/ids.h"
#include "ns/kinds.h"
#include "ns/run.h"
#include "ns/sysctl.h"
#include "ns/why.h"
#include "target/self.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define FIELD(x) offsetof(struct ns_run, x)

static const struct opt opts[] = {
	{'a', "all", NULL, &opt_flag, FIELD(all), 0, "a new namespace of every kind the kernel has", NULL},
#define KIND(flag, kind, letter, file, sysctl, own) \
	{letter, kind, NULL, &opt_bit, FIELD(kinds), flag, "a new " kind " namespace: " own, NULL},
#include "ns/kinds.def"
#undef KIND
	{'r', "map-root", NULL, &opt_flag, FIELD(map_root), 0, "be root (0) inside: map your own ids to 0", NULL},
	{'c', "map-current", NULL, &opt_flag, FIELD(map_current), 0, "keep your ids inside: map them to themselves", NULL},
	{0, "map-auto", NULL, &opt_flag, FIELD(map_auto), 0,
	 "map all ids that /etc/subuid and /etc/subgid give you, from 1 on (from 0 alone)", NULL},
	{0, "map-users", "IN:OUT:N", &opt_idmap, FIELD(users), 0, "map N user ids: IN inside is OUT outside", NULL},
	{0, "map-groups", "IN:OUT:N", &opt_idmap, FIELD(groups), 0, "the same for group ids", NULL},
	{0, "hostname", "NAME", &opt_string, FIELD(hostname), 0, "name the machine (implies --uts)", NULL},
	{0, "domainname", "NAME", &opt_string, FIELD(domainname), 0, "its NIS domain (implies --uts)", NULL},
	{0, "monotonic", "SECS[:NANOSECS]", &opt_offset, FIELD(monotonic), 0, "shift the monotonic clock (implies --time)", NULL},
	{0, "boottime", "SECS[:NANOSECS]", &opt_offset, FIELD(boottime), 0, "shift the clock of the uptime (implies --time)", NULL},
	{0, "sysctl", "KEY=VALUE", &opt_strings, FIELD(sysctls), 0,
	 "set a kernel parameter of the new namespaces; repeatable", NULL},
	{0, "no-loopback", NULL, &opt_flag, FIELD(no_loopback), 0, "leave lo down in a new net namespace", NULL},
	{0, "no-proc", NULL, &opt_flag, FIELD(no_proc), 0, "with --pid: no fresh /proc, no mount namespace for it", NULL},
	{0, "init", NULL, &opt_flag, FIELD(init), 0, "pid 1 is a small init that passes signals on and reaps (implies --pid)", NULL},
	{'d', "detach", NULL, &opt_flag, FIELD(detach), 0, "return once the program runs, or waits (proc-set --wait)", NULL},
	{0, "pid-file", "FILE", &opt_string, FIELD(pid_file), 0, "write the program's pid there once it runs, or waits", ":file"},
	{0, "ready-fd", "FD", &opt_int, FIELD(ready_fd), 0, "write its pid and a newline there once it runs, or waits", NULL},
	{0},
};

static bool maps_given(const struct ns_run *s)
{
	return s->map_root || s->map_current || s->map_auto || s->users.n || s->groups.n;
}

/* What the words --map-root, --map-current and the lack of any mean, as ranges. */
static int complete_maps(struct ns_run *s, struct ctx *c, struct fault *f)
{
	bool own = s->map_root || s->map_current || !maps_given(s);
	uint32_t uid = s->map_current ? c->euid : 0, gid = s->map_current ? c->egid : 0;
	int r;

	if (own && s->map_root && s->map_current) {
		fault_rule(f, OP_MAP_RULE, "--map-current", "--map-root says otherwise");
		fault_fix(f, "one of --map-root and --map-current");
		return -EINVAL;
	}
	s->euid = c->euid;
	s->egid = c->egid;
	/* ranges given by hand for one sort of ids hold for the other too, when it has none */
	if (s->users.n && !s->groups.n)
		s->groups = s->users;
	else if (s->groups.n && !s->users.n)
		s->users = s->groups;
	if (!own)
		return 0;
	r = idmap_add(&s->users, uid, c->euid, 1, f);
	return r < 0 ? r : idmap_add(&s->groups, gid, c->egid, 1, f);
}

static bool shifts(const struct ns_run *s)
{
	return s->monotonic.given || s->boottime.given;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_run *s = spec;
	int r;

	if (s->all)
		s->kinds |= c->ns_supported;
	if (maps_given(s))
		s->kinds |= CLONE_NEWUSER;
	if (s->hostname || s->domainname)
		s->kinds |= CLONE_NEWUTS;
	if (s->init)
		s->kinds |= CLONE_NEWPID;
	if (shifts(s))
		s->kinds |= CLONE_NEWTIME;
	if (!s->kinds && !s->sysctls.n && !s->detach && !s->pid_file && !s->ready_fd.given) {
		fault_rule(f, OP_NS_KIND, c->tool, "no kind was named");
		fault_fix(f, "ns-run --all --map-root, or one of --mount --pid --net --uts --ipc --user");
		return -EINVAL;
	}
	if (s->kinds & CLONE_NEWUSER) {
		r = complete_maps(s, c, f);
		if (r < 0)
			return r;
		s->become_root = !idmap_has_out(&s->users, s->euid) && idmap_has_in(&s->users, 0);
		c->euid = idmap_inside(&s->users, s->euid, s->become_root ? 0 : 65534);
		c->egid = idmap_inside(&s->groups, s->egid, s->become_root ? 0 : 65534);
		c->cap_bounding = c->cap_all; /* a new user namespace begins with all of them */
	}
	if (s->hostname && (strlen(s->hostname) > 64 || !*s->hostname))
		return fault_rule(f, OP_HOSTNAME, s->hostname, "a host name has 1 to 64 bytes");
	if (s->domainname && strlen(s->domainname) > 64)
		return fault_rule(f, OP_HOSTNAME, s->domainname, "a domain name has at most 64 bytes");
	c->ns_new |= s->kinds;
	s->kinds_here = c->ns_new;
	c->watch.init |= s->init;
	c->watch.detach |= s->detach;
	if (s->pid_file)
		c->watch.pid_file = s->pid_file;
	if (s->ready_fd.given)
		c->watch.ready_fd = (int)s->ready_fd.n;
	return 0;
}

/* May we write this map ourselves, without a helper? */
static bool own_id_only(const struct idmap *m, uint32_t id)
{
	return m->n == 1 && m->e[0].out == id && m->e[0].count == 1;
}

static int need_helper(const char **helper, const char *path, const struct idmap *m, const char *file,
		       uint32_t own, struct fault *f)
{
	int r = idmap_check_subids(m, file, own, f);

	if (r < 0)
		return r;
	if (access(path, X_OK) < 0) {
		fault_set(f, OP_MAP_HELPER, errno, "%s", path);
		return -errno;
	}
	*helper = path;
	return 0;
}

static int check_maps(struct ns_run *s, struct fault *f)
{
	bool set_ids = self_has_cap(CAP_SETUID) && self_has_cap(CAP_SETGID);
	bool own;
	int64_t n;
	int r = 0;

	if (s->map_auto) {
		uint32_t from = idmap_has_in(&s->users, 0) ? 1 : 0;

		n = idmap_add_subids(&s->users, "/etc/subuid", from, f);
		if (n >= 0)
			n = idmap_add_subids(&s->groups, "/etc/subgid", idmap_has_in(&s->groups, 0) ? 1 : 0, f);
		if (n < 0)
			return (int)n;
	}
	own = own_id_only(&s->users, s->euid) && own_id_only(&s->groups, s->egid);
	s->deny_setgroups = !set_ids && own;
	if (!set_ids && !own_id_only(&s->users, s->euid))
		r = need_helper(&s->user_helper, "/usr/bin/newuidmap", &s->users, "/etc/subuid", s->euid, f);
	if (r == 0 && !set_ids && !own_id_only(&s->groups, s->egid))
		r = need_helper(&s->group_helper, "/usr/bin/newgidmap", &s->groups, "/etc/subgid", s->egid, f);
	return r;
}

/* A fresh /proc goes with a new pid namespace, unless a root is built (it has its own). */
static bool fresh_proc(const struct ns_run *s, const struct ctx *c)
{
	return (s->kinds & CLONE_NEWPID) && !s->no_proc && !c->builds_root;
}

static unsigned all_kinds(const struct ns_run *s, const struct ctx *c)
{
	return s->kinds | (fresh_proc(s, c) ? CLONE_NEWNS : 0);
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_run *s = spec;
	unsigned lacks = s->kinds & ~c->ns_supported;

	int r;

	if (lacks)
		return ns_why(f, lacks, EINVAL);
	r = sysctl_check(&s->sysctls, s->kinds_here | c->ns_joined, f);
	if (r < 0)
		return r;
	if (s->kinds & CLONE_NEWUSER) {
		r = check_maps(s, f);
		if (r == 0)
			c->uid = idmap_inside(&s->users, s->euid, s->become_root ? 0 : 65534);
		return r;
	}
	/* no user namespace here or before: the right to make the others must be ours */
	if (s->kinds && !((c->ns_new | c->ns_joined) & CLONE_NEWUSER) && !self_has_cap(CAP_SYS_ADMIN))
		return ns_why(f, s->kinds, EPERM);
	return 0;
}

static unsigned late_kinds(const struct ns_run *s)
{
	return s->kinds & (CLONE_NEWCGROUP | (shifts(s) ? CLONE_NEWTIME : 0U));
}

static void forks(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags)
{
	const struct ns_run *s = spec;

	if (s->kinds & CLONE_NEWPID)
		words_add(why, "a pid namespace begins with a child");
	if ((s->kinds & CLONE_NEWTIME) && !(s->kinds & CLONE_NEWPID) && !shifts(s))
		words_add(why, "a time namespace is entered by children only");
	if ((s->kinds & CLONE_NEWUSER) &&
	    (!own_id_only(&s->users, s->euid) || !own_id_only(&s->groups, s->egid)))
		words_add(why, "id maps beyond your own id are written from outside");
	if (s->detach)
		words_add(why, "--detach returns while the program runs");
	if (s->pid_file)
		words_add(why, "--pid-file is written once the program runs");
	if (s->ready_fd.given)
		words_add(why, "--ready-fd is told once the program runs");
	/* The cgroup namespace is made by the child: its root is the cgroup that its maker is
	 * in, and the child is placed only after it exists. So is a time namespace whose clocks
	 * are shifted, as who is born in one finds it closed. */
	*flags |= all_kinds(s, c) & ~late_kinds(s);
}

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

static int outside(void *spec, struct ctx *c, pid_t child, struct fault *f)
{
	struct ns_run *s = spec;
	_cleanup_fd_ int procfd = -1;
	char path[32];

	if (!(s->kinds & CLONE_NEWUSER))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", child);
	procfd = open_proc(path, c->sys->dry, f);
	return procfd < 0 ? procfd : write_maps(s, c, procfd, path, child, f);
}

static int make_here(struct ns_run *s, struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int procfd = -1;
	unsigned kinds = all_kinds(s, c);
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

/* Nobody else is in the new mount namespace yet, and /proc there is the host's own, so
 * the path is safe; only this namespace sees the mount. */
static int mount_proc(struct ctx *c, struct fault *f)
{
	struct sys *s = c->sys;
	_cleanup_fd_ int fs = -1, mnt = -1, dir = -1;
	int r = sys_mount_setattr(s, AT_FDCWD, AT_RECURSIVE, 0, 0, MS_PRIVATE);

	if (r < 0)
		return fault_set(f, OP_PROPAGATION, -r, "/");
	fs = sys_fsopen(s, "proc");
	r = fs < 0 ? fs : sys_fsconfig_create(s, fs);
	if (r == 0)
		r = mnt = sys_fsmount(s, fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r >= 0) {
		dir = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = dir < 0 ? -errno
			    : sys_move_mount(s, mnt, dir, "/proc", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	}
	if (r >= 0)
		return 0;
	fault_set(f, OP_MOUNT, -r, "proc on /proc");
	if (r == -EPERM) {
		fault_why(f, "the /proc we have is partly covered, as in a container, and a new one would show it");
		fault_fix(f, "ns-run --no-proc");
	}
	return r;
}

static int shift_clocks(const struct ns_run *s, struct ctx *c, struct fault *f)
{
	_cleanup_fd_ int procfd = open_proc("/proc/self", c->sys->dry, f);

	return procfd < 0 ? procfd : offsets_set(c->sys, procfd, &s->monotonic, &s->boottime, f);
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_run *s = spec;
	int r = 0;

	if (!c->watched)
		r = make_here(s, c, f);
	else if (late_kinds(s)) {
		r = sys_unshare(c->sys, late_kinds(s));
		if (r < 0)
			r = ns_why(f, late_kinds(s), -r);
	}
	if (r == 0 && shifts(s))
		r = shift_clocks(s, c, f);
	if (r == 0 && s->become_root && (s->kinds & CLONE_NEWUSER))
		r = ns_take_root_ids(c->sys, f);
	if (r == 0 && s->hostname) {
		r = sys_sethostname(c->sys, s->hostname);
		if (r < 0)
			r = fault_set(f, OP_HOSTNAME, -r, "%s", s->hostname);
	}
	if (r == 0 && s->domainname) {
		r = sys_setdomainname(c->sys, s->domainname);
		if (r < 0)
			r = fault_set(f, OP_HOSTNAME, -r, "%s", s->domainname);
	}
	if (r == 0)
		r = sysctl_set(c->sys, &s->sysctls, f);
	if (r == 0 && (s->kinds & CLONE_NEWNET) && !s->no_loopback)
		r = loopback_up(c, f);
	if (r == 0 && fresh_proc(s, c))
		r = mount_proc(c, f);
	return r;
}

static void drop(void *spec)
{
	words_free(&((struct ns_run *)spec)->sysctls);
}

const struct link ns_run_link = {
	.cmd = {
		.name = "ns-run",
		.rest = "[LINK...] [PROGRAM [ARG...]]",
		.summary = "Run a program in new namespaces.",
		.opts = opts,
	},
	.rank = RANK_NAMESPACE,
	.needs = "the host's id maps and the right to make namespaces",
	.takes = "the host's namespaces",
	.spec_size = sizeof(struct ns_run),
	.plan = plan,
	.check = check,
	.fork = forks,
	.outside = outside,
	.act = act,
	.drop = drop,
};
