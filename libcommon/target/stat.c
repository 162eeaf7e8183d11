/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "target/stat.h"

bool stat_parse(const char *text, struct process_stat *ret)
{
	const char *p = strrchr(text, ')');

	*ret = (struct process_stat){.state = 'Z'};
	return p && sscanf(p, ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %" SCNu64, &ret->state,
			   &ret->parent, &ret->threads, &ret->started) == 4;
}

uint64_t process_started(int proc, pid_t pid, pid_t *parent)
{
	_cleanup_free_ char *text = NULL;
	struct process_stat st;
	char path[32];

	snprintf(path, sizeof(path), "%s%d/stat", proc == AT_FDCWD ? "/proc/" : "", pid);
	if (path_read(proc, path, 4096, &text) <= 0 || !stat_parse(text, &st))
		return 0;
	if (parent)
		*parent = st.parent;
	/* its first thread may have ended before the others: then it has not */
	return st.state == 'X' || (st.state == 'Z' && st.threads <= 1) ? 0 : st.started;
}
