/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "ns/ids.h"

int ns_take_root_ids(struct sys *s, struct fault *f)
{
	int r = sys_setgroups(s, 0, NULL);

	if (r < 0 && r != -EPERM)
		return fault_set(f, OP_IDS, -r, "no further groups");
	r = sys_setresgid(s, 0);
	if (r == 0)
		r = sys_setresuid(s, 0);
	return r < 0 ? fault_set(f, OP_IDS, -r, "root of the user namespace") : 0;
}
