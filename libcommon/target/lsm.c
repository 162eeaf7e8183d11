/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
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

bool lsm_lists(const char *name)
{
	_cleanup_free_ char *text = NULL;
	size_t n = strlen(name);

	if (path_read(AT_FDCWD, "/sys/kernel/security/lsm", 4096, &text) <= 0)
		return false;
	for (const char *at = text; *at; at += *at == ',') {
		size_t len = strcspn(at, ",\n");

		if (len == n && strncmp(at, name, n) == 0)
			return true;
		at += len;
		at += *at == '\n';
	}
	return false;
}

void lsm_label(char *buf, size_t n)
{
	_cleanup_free_ char *text = NULL;

	buf[0] = '\0';
	if (path_read(AT_FDCWD, "/proc/self/attr/current", 4096, &text) > 0 && strncmp(text, "unconfined", 10) != 0)
		snprintf(buf, n, "%.*s", (int)strcspn(text, "\n"), text);
}
