/* SPDX-License-Identifier: MIT */
/* apply.c - each step uses what the next ones take away. */
#include <errno.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "cap/apply.h"
#include "cap/names.h"
#include "cap/sets.h"

/* CAP_SETPCAP is still there: nothing has been taken from the other sets yet. */
static int drop_bounding(struct sys *sys, uint64_t gone, struct fault *f)
{
	for (; gone; gone &= gone - 1) {
		unsigned n = (unsigned)__builtin_ctzll(gone);
		int r = sys_prctl(sys, PR_CAPBSET_DROP, n, 0);

		if (r < 0)
			return fault_set(f, OP_CAP_BOUND, -r, "%s", cap_name(n) ?: "a newer capability");
	}
	return 0;
}

static int set_securebits(struct sys *sys, const struct cap_facts *now, const struct cap_facts *next,
			  struct fault *f)
{
	int r;

	if (next->securebits == now->securebits)
		return 0;
	r = sys_prctl(sys, PR_SET_SECUREBITS, next->securebits, 0);
	return r < 0 ? fault_set(f, OP_SECUREBITS, -r, "%#x", next->securebits) : 0;
}

static int set_groups(const struct id_groups *groups, struct sys *sys, struct fault *f)
{
	int r = groups ? sys_setgroups(sys, groups->n, groups->v) : 0;

	if (r == 0)
		return 0;
	fault_set(f, OP_IDS, -r, "a member of exactly %zu further groups", groups->n);
	if (r == -EPERM) {
		fault_why(f, "this user namespace denies setgroups(2)");
		fault_fix(f, "--keep-groups, or a namespace whose group map newgidmap(1) wrote: ns-run --map-auto");
	}
	return r;
}

/* Groups first: they take CAP_SETGID, which leaves with user 0. */
static int set_ids(const struct cap_ids *ids, struct sys *sys, bool keep, struct fault *f)
{
	int r = keep ? sys_prctl(sys, PR_SET_KEEPCAPS, 1, 0) : 0;

	if (r < 0)
		return fault_set(f, OP_SECUREBITS, -r, "keep-caps");
	r = set_groups(ids->groups, sys, f);
	if (r < 0)
		return r;
	r = ids->gid >= 0 ? sys_setresgid(sys, (gid_t)ids->gid) : 0;
	if (r < 0)
		return fault_set(f, OP_IDS, -r, "group %lld", (long long)ids->gid);
	r = ids->uid >= 0 ? sys_setresuid(sys, (uid_t)ids->uid) : 0;
	if (r < 0)
		return fault_set(f, OP_IDS, -r, "user %lld", (long long)ids->uid);
	/* A change of ids makes it what fs.suid_dumpable says (PR_SET_DUMPABLE(2const)), and
	 * with 1 somebody in there could look into us, who still hold what is the host's. */
	if (ids->hidden && (ids->gid >= 0 || ids->uid >= 0))
		r = sys_prctl(sys, PR_SET_DUMPABLE, 0, 0);
	return r < 0 ? fault_set(f, OP_IDS, -r, "user %lld", (long long)ids->uid) : 0;
}

/* One capset for three sets, when the kernel has not left them right already. */
static int set_three(struct sys *sys, const struct cap_facts *left, const struct cap_facts *next, struct fault *f)
{
	char *text;
	int r;

	if (left->effective == next->effective && left->permitted == next->permitted &&
	    left->inheritable == next->inheritable)
		return 0;
	r = sys_capset(sys, next->effective, next->permitted, next->inheritable);
	if (r == 0)
		return 0;
	text = cap_mask_text(next->permitted);
	fault_set(f, OP_CAP_SET, -r, "%s", text);
	mem_free(&text);
	return r;
}

static int set_ambient(struct sys *sys, const struct cap_facts *left, const struct cap_facts *next, struct fault *f)
{
	/* capset has lowered what is no longer permitted and inheritable */
	uint64_t have = left->ambient & next->permitted & next->inheritable;
	int r = 0;

	if (have & ~next->ambient) {
		r = sys_prctl(sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
		have = 0;
	}
	if (r < 0)
		return fault_set(f, OP_CAP_AMBIENT, -r, "none");
	for (uint64_t more = next->ambient & ~have; more; more &= more - 1) {
		unsigned n = (unsigned)__builtin_ctzll(more);

		r = sys_prctl(sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, n);
		if (r < 0)
			return fault_set(f, OP_CAP_AMBIENT, -r, "%s", cap_name(n) ?: "a newer capability");
	}
	return 0;
}

int cap_apply(struct sys *sys, const struct cap_facts *now, const struct cap_facts *next,
	      const struct cap_ids *ids, struct fault *f)
{
	struct cap_facts start = *now;
	struct cap_facts left;
	bool keep;
	int r;

	start.securebits = next->securebits;
	keep = next->permitted & ~cap_after_setuid(&start, ids->uid, false).permitted;
	left = cap_after_setuid(&start, ids->uid, keep);
	r = drop_bounding(sys, now->bounding & ~next->bounding, f);
	if (r == 0)
		r = set_securebits(sys, now, next, f);
	if (r == 0)
		r = set_ids(ids, sys, keep, f);
	if (r == 0)
		r = set_three(sys, &left, next, f);
	return r < 0 ? r : set_ambient(sys, &left, next, f);
}
