/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "ns/kinds.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

const struct ns_kind ns_kinds[] = {
#define KIND(flag, name, letter, file, sysctl, own) {flag, name, file, sysctl},
#include "base/kinds.def"
#undef KIND
	{0},
};

unsigned ns_supported(void)
{
	unsigned found = 0;
	char path[64];

	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", k->file);
		/* any other error is none of a kernel that has not got it: nothing is left out in silence */
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
			found |= k->flag;
	}
	return found;
}

unsigned ns_kind_index(unsigned flag)
{
	unsigned i = 0;

	while (ns_kinds[i].name && ns_kinds[i].flag != flag)
		i++;
	return i;
}

const char *ns_names(char *buf, size_t n, unsigned flags)
{
	size_t len = 0;

	buf[0] = '\0';
	for (const struct ns_kind *k = ns_kinds; k->name && len < n; k++)
		if (flags & k->flag)
			len += (size_t)snprintf(buf + len, n - len, "%s%s", len ? ", " : "", k->name);
	return buf;
}
