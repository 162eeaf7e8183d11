/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "ns/ids.h"

int ns_take_ids(struct sys *s, uint32_t uid, uint32_t gid, struct fault *f)
{
	int r = sys_setgroups(s, 0, NULL);

	if (r < 0 && r != -EPERM)
		return fault_set(f, OP_IDS, -r, "no further groups");
	if (r < 0 && getgroups(0, NULL) > 0)
		sys_note(s, "groups: setgroups(2) is denied in there, so yours stay");
	r = sys_setresgid(s, gid);
	if (r == 0)
		r = sys_setresuid(s, uid);
	if (r == 0)
		return 0;
	if (uid == 0 && gid == 0)
		return fault_set(f, OP_IDS, -r, "root of the user namespace");
	return fault_set(f, OP_IDS, -r, "%u:%u of the user namespace", uid, gid);
}

int ns_take_root_ids(struct sys *s, struct fault *f)
{
	return ns_take_ids(s, 0, 0, f);
}
