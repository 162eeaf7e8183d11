/* SPDX-License-Identifier: MIT */
/* lsm.c - the label of the program, written to /proc/thread-self/attr. What is written
 * through a /proc of the container's may go anywhere (CVE-2019-16884, CVE-2025-52881), so
 * the handle is the host's, taken before anything changed, and below it no link but the
 * kernel's own and no other mount is followed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "cap/lsm.h"
#include "target/lsm.h"

static int is_off(const char *option, const char *label, const char *module, const char *look, struct fault *f)
{
	fault_set(f, OP_LSM, 0, "%s", label);
	fault_why(f, "this kernel does not run with %s", module);
	fault_fix(f, "without %s; %s shows what it runs with", option, look);
	return -EINVAL;
}

int lsm_check(struct cap_lsm *l, struct fault *f)
{
	static const char look[] = "cat /sys/kernel/security/lsm";
	struct statfs fs;

	if (!l->apparmor && !l->selinux)
		return 0;
	if (l->apparmor && !lsm_has_apparmor())
		return is_off("--apparmor", l->apparmor, "AppArmor", look, f);
	if (l->selinux && !lsm_has_selinux())
		return is_off("--selinux", l->selinux, "SELinux", look, f);
	l->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->proc < 0 || fstatfs(l->proc, &fs) < 0)
		return fault_set(f, OP_LSM, errno, "/proc");
	if (fs.f_type == PROC_SUPER_MAGIC)
		return 0;
	return fault_rule(f, OP_LSM, "/proc", "it is no proc filesystem: mount -t proc proc /proc");
}

/* thread-self is a relative link of the kernel's: to us, by our number in that /proc. */
static int open_attr(int proc, const char *path)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, proc, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int write_attr(struct sys *s, int proc, const char *path, const char *text, const char *label, struct fault *f)
{
	_cleanup_fd_ int fd = s->dry ? -1 : open_attr(proc, path);
	char object[64];
	int r = s->dry ? 0 : fd;

	snprintf(object, sizeof(object), "/proc/%s", path);
	if (r >= 0)
		r = sys_write(s, fd, object, text);
	if (r >= 0 || r == -ENOENT)
		return r;
	fault_set(f, OP_LSM, -r, "%s", label);
	/* engines look for these words */
	fault_why(f, "write to `/proc/self/attr/exec`: %s", strerror(-r));
	return r;
}

int lsm_set(struct sys *s, const struct cap_lsm *l, struct fault *f)
{
	int r = 0;

	if (l->apparmor) {
		_cleanup_free_ char *text = xprintf("exec %s", l->apparmor);

		/* before Linux 5.1 there was one file for all modules */
		r = write_attr(s, l->proc, "thread-self/attr/apparmor/exec", text, l->apparmor, f);
		if (r == -ENOENT)
			r = write_attr(s, l->proc, "thread-self/attr/exec", text, l->apparmor, f);
	}
	if (r == 0 && l->selinux)
		r = write_attr(s, l->proc, "thread-self/attr/exec", l->selinux, l->selinux, f);
	return r == -ENOENT ? fault_set(f, OP_LSM, ENOENT, "%s", l->apparmor ? l->apparmor : l->selinux) : r;
}
