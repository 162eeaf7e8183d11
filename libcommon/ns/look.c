/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/path.h"
#include "ns/kinds.h"
#include "ns/looking.h"
#include "ns/try.h"
#include "target/mounts.h"
#include "target/self.h"

void looking_fine(const struct looking *k, const char *what, const char *says, ...)
{
	struct ns_line l = {.what = what};
	va_list ap;

	va_start(ap, says);
	vsnprintf(l.says, sizeof(l.says), says, ap);
	va_end(ap);
	k->see(k->arg, &l);
}

void looking_refused(const struct looking *k, const char *what, int err, const char *says, const char *fix)
{
	struct ns_line l = {.what = what, .refused = true, .err = err};

	*k->any = true;
	snprintf(l.says, sizeof(l.says), "%s", says);
	snprintf(l.fix, sizeof(l.fix), "%s", fix);
	k->see(k->arg, &l);
}

enum { NOBODY = 65534 };

/* The number in a file of /proc/sys, or -1 when it is not there. */
static long sysctl_number(const char *path)
{
	_cleanup_free_ char *text = NULL;

	return path_read(AT_FDCWD, path, 64, &text) > 0 ? strtol(text, NULL, 10) : -1;
}

static void look_kernel(const struct looking *k)
{
	unsigned lacks = k->flags & ~ns_supported();
	char names[96], says[160];

	if (lacks && access("/proc/self/ns", F_OK) < 0) {
		looking_refused(k, "kernel", EINVAL, "there is no /proc here, so that nothing can be seen of what it has",
			"mount -t proc proc /proc");
		return;
	}
	if (!lacks) {
		looking_fine(k, "kernel", "it has %s", ns_names(names, sizeof(names), k->flags));
		return;
	}
	snprintf(says, sizeof(says), "this kernel has no such namespaces: %s", ns_names(names, sizeof(names), lacks));
	looking_refused(k, "kernel", EINVAL, says, "ns-run without them, or a newer kernel: uname -r");
}

bool looking_elsewhere(void)
{
	struct stat own, children;

	return stat("/proc/self/ns/pid", &own) == 0 &&
	       (stat("/proc/self/ns/pid_for_children", &children) < 0 || children.st_ino != own.st_ino);
}

static void look_children(const struct looking *k)
{
	if (k->flags & CLONE_NEWPID && looking_elsewhere())
		looking_refused(k, "children", EINVAL,
				"this process has another pid namespace for its children, and until it is in one with them none is made",
				"ns-run --pid in place of unshare --pid; or unshare --pid --fork");
}

static void look_right(const struct looking *k)
{
	if (k->flags & CLONE_NEWUSER)
		looking_fine(k, "rights", "a new user namespace gives them");
	else if (k->admin)
		looking_fine(k, "rights", "you have CAP_SYS_ADMIN");
	else
		looking_refused(k, "rights", EPERM, "you lack CAP_SYS_ADMIN",
			"ns-run --map-root, which makes you root in a user namespace of your own; or sudo");
}

static bool is_mapped(const char *map, uint32_t id)
{
	_cleanup_free_ char *text = NULL;

	/* one that nobody has written yet is empty */
	return path_read(AT_FDCWD, map, 1 << 16, &text) != 0 && self_map_has(AT_FDCWD, map, id);
}

/* An id without a number here looks like that of nobody, which may be another's number here. */
static bool is_nobody(void)
{
	return (geteuid() == NOBODY || getegid() == NOBODY) && ns_try_ids(geteuid(), getegid()) < 0;
}

/* Whoever is nobody in the user namespace around cannot own another. */
static void look_id(const struct looking *k)
{
	if (!(k->flags & CLONE_NEWUSER))
		return;
	if (is_mapped("/proc/self/uid_map", geteuid()) && is_mapped("/proc/self/gid_map", getegid()) && !is_nobody())
		looking_fine(k, "your ids", "they are mapped in the user namespace that you are in");
	else
		looking_refused(k, "your ids", EPERM, "your ids are not mapped in the user namespace that you are in",
			"a map for it: ns-run --map-root in place of unshare --user; cat /proc/self/uid_map");
}

static const struct knob {
	const char *name, *path;
	long refuses, allows;
} knobs[] = {
	{"kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", 0, 1},
	{"kernel.apparmor_restrict_unprivileged_userns", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1, 0},
};

static bool knob_refuses(const struct knob *n, struct ns_line *l)
{
	if (sysctl_number(n->path) != n->refuses)
		return false;
	*l = (struct ns_line){.what = n->name, .refused = true, .err = EPERM};
	snprintf(l->says, sizeof(l->says), "%s is %ld: users may not make user namespaces", n->name, n->refuses);
	snprintf(l->fix, sizeof(l->fix), "sudo sysctl %s=%ld", n->name, n->allows);
	return true;
}

bool ns_look_sysctl(struct ns_line *l)
{
	for (size_t i = 0; i < COUNT(knobs); i++)
		if (knob_refuses(&knobs[i], l))
			return true;
	return false;
}

static void look_knobs(const struct looking *k)
{
	struct ns_line l;

	for (size_t i = 0; k->flags & CLONE_NEWUSER && i < COUNT(knobs); i++) {
		long n = sysctl_number(knobs[i].path);

		if (!k->admin && knob_refuses(&knobs[i], &l))
			looking_refused(k, l.what, l.err, l.says, l.fix);
		else if (n >= 0)
			looking_fine(k, knobs[i].name, "%ld%s", n, k->admin ? ", and you have CAP_SYS_ADMIN" : "");
		else
			looking_fine(k, knobs[i].name, "this kernel has no such switch");
	}
}

/* Is our root not the root of our mounts? It is certain where it is no mount point, and where a child
 * may go and look; else pid 1, if it may be looked at, has the other, and the kernel says no. */
static bool in_chroot(void)
{
	struct statx here;
	struct stat root, first;
	int r;

	if (statx(AT_FDCWD, "/", 0, STATX_INO, &here) == 0 && here.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
	    !(here.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return true;
	r = ns_try_chroot();
	if (r >= 0)
		return r;
	return stat("/", &root) == 0 && stat("/proc/1/root/.", &first) == 0 &&
	       (root.st_ino != first.st_ino || root.st_dev != first.st_dev) && ns_try(CLONE_NEWUSER, false) == -EPERM;
}

static void look_root(const struct looking *k)
{
	if (!(k->flags & CLONE_NEWUSER))
		return;
	if (in_chroot())
		looking_refused(k, "root", EPERM, "this process is in a chroot, where user namespaces are refused",
			"fs-root in place of chroot, or ns-run outside of it; read user_namespaces(7)");
	else
		looking_fine(k, "root", "it is that of the mounts, and no chroot");
}

static void look_filter(const struct looking *k)
{
	char names[96], says[180];
	unsigned no = 0;

	if (self_seccomp_mode() <= 0) {
		looking_fine(k, "seccomp", "this process has no filter");
		return;
	}
	for (const struct ns_kind *kind = ns_kinds; kind->name; kind++)
		if (k->flags & kind->flag && ns_try_filter(kind->flag) < 0)
			no |= kind->flag;
	if (!no) {
		looking_fine(k, "seccomp", "the filter of this process lets the calls through");
		return;
	}
	snprintf(says, sizeof(says), "a seccomp filter of this process refuses it: %s", ns_names(names, sizeof(names), no));
	looking_refused(k, "seccomp", EPERM, says,
		"it outside of that filter, or a profile that allows clone and unshare: grep Seccomp /proc/self/status");
}

/* How many there are nobody tells: a child tries. Depth is a limit of its own, with the same error. */
static void look_limit(const struct looking *k, const struct ns_kind *kind)
{
	char path[64], what[64], says[200], fix[160];
	bool nests = kind->flag & (CLONE_NEWUSER | CLONE_NEWPID);
	long n;
	int r;

	snprintf(path, sizeof(path), "/proc/sys/user/%s", kind->sysctl);
	snprintf(what, sizeof(what), "user.%s", kind->sysctl);
	n = sysctl_number(path);
	r = n ? ns_try(kind->flag | (k->flags & CLONE_NEWUSER), false) : -ENOSPC;
	if (r != -ENOSPC && r != -EUSERS) {
		looking_fine(k, what, "%ld", n);
		return;
	}
	snprintf(says, sizeof(says), "the limit on %s namespaces is reached: %s is %ld%s", kind->name, what, n,
		 n && nests ? ", or there are more than 32 in one another" : "");
	snprintf(fix, sizeof(fix), "sudo sysctl %s=%ld", what, n < 1000 ? 15000 : 2 * n);
	if (n > 1000 && nests) /* nobody has so many: it is the depth */
		snprintf(fix, sizeof(fix), "it from further outside, or without --%s; read %s_namespaces(7)", kind->name, kind->name);
	looking_refused(k, what, ENOSPC, says, fix);
}

static void look_limits(const struct looking *k)
{
	/* a user namespace that cannot be made says nothing about what would be made in it */
	bool user = k->flags & CLONE_NEWUSER, stop;

	for (const struct ns_kind *kind = ns_kinds; kind->name; kind++) {
		if (!(k->flags & kind->flag))
			continue;
		look_limit(k, kind);
		stop = user && kind->flag == CLONE_NEWUSER && ns_try(CLONE_NEWUSER, false) < 0;
		if (stop)
			return;
	}
}

/* The maps are written in /proc. */
static void look_proc_writable(const struct looking *k)
{
	struct statvfs fs;

	if (k->flags & CLONE_NEWUSER && statvfs("/proc/self", &fs) == 0 && fs.f_flag & ST_RDONLY)
		looking_refused(k, "/proc is writable", EROFS, "it is mounted read-only, and id maps are written there",
			"mount -o remount,rw /proc where the container is made");
}

/* In a user namespace a proc filesystem is new only where the present one is seen whole. */
static void look_proc(const struct looking *k)
{
	char cover[120] = "", says[200], fix[200];
	bool read_only = false;

	if (!(k->does & NS_DOES_PROC))
		return;
	if (!(k->flags & CLONE_NEWUSER) && !self_in_userns()) {
		looking_fine(k, "/proc", "a new one is always allowed outside of user namespaces");
		return;
	}
	/* the table does not tell which mounts are locked: a child of those kinds does */
	if (mounts_proc_whole(cover, sizeof(cover), &read_only) || (k->flags && ns_try(k->flags | CLONE_NEWNS, true) == 0)) {
		looking_fine(k, "/proc", "a new one would show nothing that is hidden from us");
		return;
	}
	if (*cover) {
		snprintf(says, sizeof(says), "%s covers a part of the /proc we have, and a new one would show it", cover);
		snprintf(fix, sizeof(fix), "ns-run --no-proc; or where the container is made, no mount on it: umount %s", cover);
	} else {
		snprintf(says, sizeof(says), "%s", read_only ? "the /proc we have is read-only, and a new one would not be"
							       : "there is no whole proc filesystem here, and a new one would show it");
		snprintf(fix, sizeof(fix), "ns-run --no-proc; or where the container is made: mount %s /proc",
			 read_only ? "-o remount,rw" : "-t proc proc");
	}
	looking_refused(k, "/proc", EPERM, says, fix);
}

void ns_look(unsigned flags, unsigned does, ns_see *see, void *arg)
{
	bool any = false;
	const struct looking k = {flags, does, self_has_cap(CAP_SYS_ADMIN), &any, see, arg};

	look_kernel(&k);
	look_children(&k);
	look_right(&k);
	look_id(&k);
	look_knobs(&k);
	look_root(&k);
	look_filter(&k);
	look_limits(&k);
	look_proc_writable(&k);
	look_proc(&k);
	look_mounts(&k);
	look_child(&k);
}
