/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "flags.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#define CLONE_INTO_CGROUP_BIT 0x200000000ULL

#define ROW(x) {x, #x}

const struct flag flags_clone[] = {
	ROW(CLONE_NEWUSER), ROW(CLONE_NEWNS),   ROW(CLONE_NEWUTS),    ROW(CLONE_NEWIPC),
	ROW(CLONE_NEWNET),  ROW(CLONE_NEWPID),  ROW(CLONE_NEWCGROUP), ROW(CLONE_NEWTIME),
	ROW(CLONE_PIDFD),   ROW(CLONE_PARENT),  {CLONE_INTO_CGROUP_BIT, "CLONE_INTO_CGROUP"}, {0, NULL},
};
const struct flag flags_mount_attr[] = {
	ROW(MOUNT_ATTR_RDONLY), ROW(MOUNT_ATTR_NOSUID), ROW(MOUNT_ATTR_NODEV), ROW(MOUNT_ATTR_NOEXEC),
	{0x70, "MOUNT_ATTR__ATIME"}, ROW(MOUNT_ATTR_NOATIME), ROW(MOUNT_ATTR_STRICTATIME), ROW(MOUNT_ATTR_NODIRATIME),
	ROW(MOUNT_ATTR_IDMAP), {0x200000, "MOUNT_ATTR_NOSYMFOLLOW"}, {0, NULL},
};
const struct flag flags_open_tree[] = {
	ROW(OPEN_TREE_CLONE), ROW(OPEN_TREE_CLOEXEC), ROW(AT_RECURSIVE), ROW(AT_EMPTY_PATH),
	ROW(AT_SYMLINK_NOFOLLOW), ROW(AT_NO_AUTOMOUNT), {0, NULL},
};
const struct flag flags_move_mount[] = {
	ROW(MOVE_MOUNT_F_EMPTY_PATH), ROW(MOVE_MOUNT_T_EMPTY_PATH), ROW(MOVE_MOUNT_F_SYMLINKS),
	ROW(MOVE_MOUNT_T_SYMLINKS), {0, NULL},
};
const struct flag flags_propagation[] = {
	ROW(MS_PRIVATE), ROW(MS_SLAVE), ROW(MS_SHARED), ROW(MS_UNBINDABLE), {0, NULL},
};
const struct flag flags_prctl[] = {
	ROW(PR_SET_PDEATHSIG), ROW(PR_SET_DUMPABLE), ROW(PR_SET_NO_NEW_PRIVS), ROW(PR_CAPBSET_DROP),
	ROW(PR_SET_KEEPCAPS), ROW(PR_SET_SECUREBITS), ROW(PR_CAP_AMBIENT), ROW(PR_SET_NAME),
	ROW(PR_SET_CHILD_SUBREAPER), {0, NULL},
};
const struct flag flags_seccomp[] = {
	ROW(SECCOMP_FILTER_FLAG_TSYNC), ROW(SECCOMP_FILTER_FLAG_LOG), ROW(SECCOMP_FILTER_FLAG_SPEC_ALLOW),
	ROW(SECCOMP_FILTER_FLAG_NEW_LISTENER), {1 << 5, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"}, {0, NULL},
};
const struct flag flags_umount[] = {
	{MNT_DETACH, "MNT_DETACH"}, {UMOUNT_NOFOLLOW, "UMOUNT_NOFOLLOW"}, {0, NULL},
};

const char *flags_bits(char *buf, size_t n, const struct flag *table, uint64_t v)
{
	size_t len = 0;

	buf[0] = '\0';
	for (const struct flag *r = table; r->name; r++) {
		if (!r->value || (v & r->value) != r->value || len >= n)
			continue;
		len += (size_t)snprintf(buf + len, n - len, "%s%s", len ? "|" : "", r->name);
		v &= ~r->value;
	}
	if ((v || !len) && len < n)
		snprintf(buf + len, n - len, v ? "%s%#llx" : "%s%llu", len ? "|" : "", (unsigned long long)v);
	return buf;
}

const char *flags_name(char *buf, size_t n, const struct flag *table, uint64_t v)
{
	for (const struct flag *r = table; r->name; r++)
		if (r->value == v)
			return r->name;
	snprintf(buf, n, "%llu", (unsigned long long)v);
	return buf;
}
