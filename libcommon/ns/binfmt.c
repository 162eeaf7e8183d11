/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "ns/binfmt.h"

static int parse_binfmt(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct ns_binfmt *b = field;

	(void)o, (void)f;
	b->given = true;
	b->dir = text;
	return 0;
}

static void print_binfmt(const void *field, const struct opt *o, struct words *out)
{
	const struct ns_binfmt *b = field;

	if (b->given)
		opt_emit(o, b->dir, out);
}

const struct opt_kind opt_binfmt = {true, true, parse_binfmt, print_binfmt};

static int mount_fault(const char *dir, int err, struct fault *f)
{
	fault_set(f, OP_BINFMT, err, "%s", dir);
	if (err == EPERM) {
		fault_why(f, "formats of a user namespace's own come with Linux 6.7");
		fault_fix(f, "uname -r; before, formats are the whole machine's: sudo tee /proc/sys/fs/binfmt_misc/register");
	} else if (err == ENODEV) {
		fault_why(f, "this kernel has no binfmt_misc");
		fault_fix(f, "sudo modprobe binfmt_misc");
	}
	return -err;
}

/* Registered before anything else changes: the interpreter of a format with the flag F is opened
 * now, on the files that we have, and works in whatever root follows. */
int ns_binfmt_mount(struct sys *s, const struct ns_binfmt *b, const struct words *formats, struct fault *f)
{
	const char *dir = b->dir ? b->dir : "/proc/sys/fs/binfmt_misc";
	_cleanup_fd_ int fs = sys_fsopen(s, "binfmt_misc"), mnt = -1, to = -1;
	int r = fs < 0 ? fs : sys_fsconfig_create(s, fs);

	if (r == 0)
		r = mnt = sys_fsmount(s, fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r < 0)
		return mount_fault(dir, -r, f);
	to = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = to < 0 ? -errno : sys_move_mount(s, mnt, to, dir, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	if (r < 0)
		return fault_set(f, OP_BINFMT, -r, "%s", dir);
	for (size_t i = 0; i < formats->n; i++) {
		r = sys_write_file(s, mnt, "register", "binfmt_misc/register", formats->v[i]);
		if (r < 0)
			return fault_set(f, OP_INTERP, -r, "%s", formats->v[i]);
	}
	return 0;
}
