/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "target/self.h"

/* The kernel takes at most 340 lines of three numbers. */
enum { MAP_MAX = 1 << 16 };

#define FIRST_USERNS 0xeffffffdU

bool self_has_cap(int cap)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	return data[cap / 32].effective >> (cap % 32) & 1;
}

uint64_t self_cap_bounding(uint64_t *all)
{
	uint64_t set = 0;
	int cap = 0;

	*all = 0;
	/* one prctl a capability is cheaper than /proc/self/status */
	for (; cap < 64; cap++) {
		int r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (r < 0 && errno == EINVAL)
			break;
		/* any other error says nothing: dropping it will tell */
		*all |= 1ULL << cap;
		set |= (uint64_t)(r != 0) << cap;
	}
	return set;
}

bool self_map_has(int procfd, const char *file, uint32_t inside)
{
	_cleanup_free_ char *map = NULL;

	if (path_read(procfd, file, MAP_MAX, &map) <= 0)
		return true;
	/* strtoul passes over the blanks and line ends in between */
	for (char *p = map, *end;; p = end) {
		unsigned long first = strtoul(p, &end, 10), count;

		if (end == p)
			return false;
		(void)strtoul(end, &end, 10);
		count = strtoul(end, &end, 10);
		if (inside >= first && inside - first < count)
			return true;
	}
}

bool self_in_userns(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != FIRST_USERNS;
}

int self_seccomp_mode(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
}

const char *self_sight(const char *sudo)
{
	return geteuid() != 0 ? sudo : "as root of the host, with CAP_SYS_PTRACE: grep CapEff /proc/self/status";
}
