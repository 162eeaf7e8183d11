/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "target/lsm.h"

/* The module says so itself; a kernel that was built without it has no such file. */
bool lsm_has_apparmor(void)
{
	_cleanup_free_ char *text = NULL;

	return path_read(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", 64, &text) > 0 && text[0] == 'Y';
}

/* Its filesystem is registered only where it runs; whether it is mounted does not matter. */
bool lsm_has_selinux(void)
{
	_cleanup_free_ char *text = NULL;

	return path_read(AT_FDCWD, "/proc/filesystems", 1 << 16, &text) > 0 && strstr(text, "\tselinuxfs\n");
}
