/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cg/where.h"

const char *cg_split(const char *text, const char **controllers, size_t *len)
{
	size_t n = strcspn(text, ":/");

	*controllers = text;
	*len = text[n] == ':' ? n : 0;
	return text[n] == ':' ? text + n + 1 : text;
}

static int bad_path(const char *said, const char *why, struct fault *f)
{
	return fault_rule(f, OP_CG_PATH, *said ? said : "(empty)", "%s", why);
}

/* Controllers put files named CONTROLLER.KEY beside the directories of cgroups. */
static bool is_file_name(const char *name)
{
	static const char prefixes[] = "cgroup memory cpu cpuacct cpuset io blkio pids hugetlb rdma misc "
				       "devices freezer net_cls net_prio perf_event debug dmem";
	static const char files[] = "tasks notify_on_release release_agent";
	size_t n = strcspn(name, ".");

	return (name[n] && cg_listed(prefixes, " ", name, n)) || cg_listed(files, " ", name, strlen(name));
}

int cg_path_check(const char *path, bool make, const char *said, struct fault *f)
{
	char name[NAME_MAX + 1] = ""; /* the last component */

	if (!*path)
		return bad_path(said, "the path is empty", f);
	if (strchr(path, '\n') || strlen(path) >= PATH_MAX / 2)
		return bad_path(said, "the path is too long, or has a newline", f);
	for (const char *p = path + (*path == '/'); *p; p += *p == '/') {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && *p == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return bad_path(said, n ? ". and .. are no names of cgroups" : "a component is empty", f);
		if (n > NAME_MAX)
			return bad_path(said, "a component has more than 255 characters", f);
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		p += n;
	}
	if (!make)
		return 0;
	if (!*name)
		return bad_path(said, "the top of a hierarchy exists already", f);
	if (is_file_name(name))
		return bad_path(said, "the name is one of a controller's files", f);
	return 0;
}

static int hidden(const struct cg_hier *h, struct fault *f)
{
	fault_rule(f, OP_CG_PATH, h->mount, "the caller's own cgroup is not below this mount, or is removed");
	fault_fix(f, "a path from the top: /NAME; or mount the cgroups anew in this namespace: ns-run --cgroup");
	return -EINVAL;
}

char *cg_path_in(const struct cg_hier *h, const char *path, struct fault *f)
{
	char *out, *end;

	if (*path != '/' && !h->own) {
		hidden(h, f);
		return NULL;
	}
	out = *path == '/' ? xprintf("%s", path + 1) : xprintf("%s%s%s", h->own, *h->own ? "/" : "", path);
	end = out + strlen(out);
	if (end > out && end[-1] == '/')
		end[-1] = '\0';
	return out;
}

void cg_path_cut(char *path, char *name)
{
	char *slash = strrchr(path, '/');

	snprintf(name, NAME_MAX + 1, "%s", slash ? slash + 1 : path);
	*(slash ?: path) = '\0';
}

char *cg_default_parent(const struct cg_hier *h, struct fault *f)
{
	char *out, *slash;

	if (geteuid() == 0 && access(h->mount, W_OK) == 0)
		return xprintf("%s", "");
	if (!h->own) {
		hidden(h, f);
		return NULL;
	}
	out = xprintf("%s", h->own);
	slash = strrchr(out, '/');
	*(slash ?: out) = '\0';
	return out;
}
