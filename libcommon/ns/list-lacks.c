/* SPDX-License-Identifier: MIT */
/* list-lacks.c - what a scan could not read, in words. */
#include <string.h>

#include "base/lacks.h"
#include "ns/list-view.h"
#include "target/self.h"

static const char *several(size_t n, const char *ending)
{
	return n == 1 ? "" : ending;
}

void list_lacks_scan(struct lack **list, const struct scan *s, const char *sudo)
{
	const char *fix = self_sight(sudo);

	if (s->denied)
		lacks_add(list, fix, "the namespaces of %zu process%s may not be read", s->denied, several(s->denied, "es"));
	if (s->denied_fds)
		lacks_add(list, fix, "the descriptors of %zu process%s may not be read", s->denied_fds, several(s->denied_fds, "es"));
	if (s->denied_mounts)
		lacks_add(list, fix, "the mounts of %zu mount namespace%s could not be read", s->denied_mounts,
			  several(s->denied_mounts, "s"));
	if (s->no_ioctl)
		lacks_add(list, "a kernel with user namespaces, and no filter that refuses ioctl: grep Seccomp /proc/self/status",
			  "owners and parents are not told (%s)", strerror(s->no_ioctl));
	if (s->hidden)
		lacks_add(list, fix, "/proc hides the processes of other users (hidepid)");
}

void list_lacks_boxes(struct lack **list, const struct boxes *b, const char *sudo)
{
	if (b->unreadable)
		lacks_add(list, self_sight(sudo), "names of containers may be missing: %s could not be read%s", b->unreadable_path,
			  b->unreadable > 1 ? ", and others" : "");
}
