/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "ns/fresh.h"

int ns_fresh_proc(struct sys *s, bool all_private)
{
	_cleanup_fd_ int fs = -1, mnt = -1, dir = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = dir < 0 ? -errno : 0;

	if (r == 0 && !all_private)
		r = sys_mount_setattr(s, dir, AT_EMPTY_PATH, 0, 0, MS_PRIVATE);
	if (r == 0)
		r = fs = sys_fsopen(s, "proc");
	if (r >= 0)
		r = sys_fsconfig_create(s, fs);
	if (r == 0)
		r = mnt = sys_fsmount(s, fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (r >= 0)
		r = sys_move_mount(s, mnt, dir, "/proc", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return r < 0 ? r : 0;
}
