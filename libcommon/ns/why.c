/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "ns/kinds.h"
#include "ns/look.h"
#include "ns/why.h"

/* The first thing that refuses with this error is the cause. */
struct search {
	struct fault *f;
	int err;
	bool found;
};

static void take(void *arg, const struct ns_line *l)
{
	struct search *s = arg;

	if (s->found || !l->refused || l->err != s->err)
		return;
	s->found = true;
	fault_why(s->f, "%s", l->says);
	fault_fix(s->f, "%s", l->fix);
}

int ns_why(struct fault *f, unsigned flags, int err)
{
	struct search s = {f, err == EUSERS ? ENOSPC : err, false};
	char names[96];

	fault_set(f, OP_NS_NEW, err, "%s", ns_names(names, sizeof(names), flags));
	ns_look(flags, 0, take, &s);
	return -err;
}

/* Of what looks at /proc and at mounts alone. */
static void take_mounts(void *arg, const struct ns_line *l)
{
	if (l->what[0] == '/' || strcmp(l->what, "mounts") == 0)
		take(arg, l);
}

static void why_mounts(struct fault *f, unsigned does)
{
	struct search s = {f, f->err, false};

	ns_look(0, does, take_mounts, &s);
}

int ns_why_proc(struct fault *f, int err)
{
	fault_set(f, OP_MOUNT, err, "proc on /proc");
	why_mounts(f, NS_DOES_PROC);
	return -err;
}

/* From ns-enter until the program runs nobody may look into this process, and the kernel gives its
 * files in /proc to root of the host: what entered a user namespace may not write them. */
static bool why_hidden(struct fault *f)
{
	if (f->err != EACCES || (f->op != OP_MAP && f->op != OP_TIME) || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1)
		return false;
	fault_why(f, "after ns-enter nobody in there may look into this process, nor it write its own files of /proc, "
		     "until the program runs");
	fault_fix(f, "ns-run as a program that ns-enter brings along: ns-enter ... --inject \"$(command -v ns-run)\" -- ns-run ...");
	return true;
}

int ns_why_inside(struct fault *f, int r)
{
	struct ns_line l;

	if (r >= 0 || why_hidden(f))
		return r;
	/* AppArmor lets a user namespace be made, and refuses what would be done in it */
	if (f->err == EPERM && (f->op == OP_MAP || !f->why[0]) && ns_look_sysctl(&l)) {
		fault_why(f, "%s", l.says);
		fault_fix(f, "%s", l.fix);
	} else if (!f->why[0] && (f->op == OP_BINFMT || f->op == OP_NS_KEEP || f->op == OP_MOUNT)) {
		why_mounts(f, NS_DOES_MOUNT);
	} else if (!f->why[0] && f->op == OP_PROPAGATION) {
		why_mounts(f, NS_DOES_PRIVATE);
	}
	return r;
}
