/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "ns/kinds.h"
#include "ns/why.h"
#include "target/self.h"

/* The number in a file of /proc/sys, or -1 when it is not there. */
static long sysctl_number(const char *path)
{
	_cleanup_free_ char *text = NULL;

	return path_read(AT_FDCWD, path, 64, &text) > 0 ? strtol(text, NULL, 10) : -1;
}

/* A limit of zero or of few is the likely one; the smallest is named. */
static void why_limit(struct fault *f, unsigned flags)
{
	const struct ns_kind *least = NULL;
	long least_n = -1;

	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		char path[64];
		long n;

		if (!(flags & k->flag))
			continue;
		snprintf(path, sizeof(path), "/proc/sys/user/%s", k->sysctl);
		n = sysctl_number(path);
		if (n >= 0 && (!least || n < least_n)) {
			least = k;
			least_n = n;
		}
	}
	if (!least)
		return;
	fault_why(f, "the limit on namespaces is reached (user.%s is %ld, or more than 32 levels deep)",
		  least->sysctl, least_n);
	fault_fix(f, "sudo sysctl user.%s=%ld", least->sysctl, least_n < 1000 ? 15000 : 2 * least_n);
}

/* User namespaces are refused to a process whose root is not the root of its mounts. */
static bool in_chroot(void)
{
	struct stat root, parent;

	return stat("/", &root) == 0 && stat("/proc/1/root/.", &parent) == 0 &&
	       (root.st_ino != parent.st_ino || root.st_dev != parent.st_dev);
}

static void why_not_permitted(struct fault *f, unsigned flags)
{
	static const struct {
		const char *path, *name;
		long refuses, allows;
	} knobs[] = {
		{"/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", 0, 1},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		 "kernel.apparmor_restrict_unprivileged_userns", 1, 0},
	};

	if (!(flags & CLONE_NEWUSER)) {
		fault_why(f, "you lack CAP_SYS_ADMIN");
		fault_fix(f, "ns-run --map-root, which makes you root in a user namespace of your own; or sudo");
		return;
	}
	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++)
		if (sysctl_number(knobs[i].path) == knobs[i].refuses) {
			fault_why(f, "%s is %ld: users may not make user namespaces", knobs[i].name, knobs[i].refuses);
			fault_fix(f, "sudo sysctl %s=%ld", knobs[i].name, knobs[i].allows);
			return;
		}
	if (in_chroot()) {
		fault_why(f, "this process is in a chroot, where user namespaces are refused");
		fault_fix(f, "fs-root in place of chroot, or ns-run outside of it; read user_namespaces(7)");
		return;
	}
	if (self_seccomp_mode() == 2) {
		fault_why(f, "a seccomp filter of this process refuses it");
		fault_fix(f, "a container whose profile allows clone: grep Seccomp /proc/self/status");
	}
}

int ns_why(struct fault *f, unsigned flags, int err)
{
	char names[96];

	fault_set(f, OP_NS_NEW, err, "%s", ns_names(names, sizeof(names), flags));
	if (err == ENOSPC || err == EUSERS)
		why_limit(f, flags);
	else if (err == EPERM)
		why_not_permitted(f, flags);
	else if (err == EINVAL) {
		unsigned lacks = flags & ~ns_supported();

		if (lacks) {
			fault_why(f, "this kernel has no such namespaces: %s", ns_names(names, sizeof(names), lacks));
			fault_fix(f, "ns-run without them, or a newer kernel: uname -r");
		}
	}
	return -err;
}
