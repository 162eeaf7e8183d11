/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdlib.h>

#include "base/count.h"
#include "cap/sets.h"

#define BIT(n) (1ULL << (n))

/* The bits beyond SECURE_ALL_BITS that anybody may set (Linux 6.14 on). */
#define SECURE_FOR_ANYBODY 0xf00U

/* A fault about the first capability of a set that is not empty. */
static int refuse(enum op op, uint64_t which, struct fault *f, const char *why, const char *fix)
{
	const char *name = cap_name((unsigned)__builtin_ctzll(which));

	fault_set(f, op, 0, "%s", name ? name : "?");
	fault_why(f, "%s", why);
	if (fix)
		fault_fix(f, "%s", fix);
	return -EINVAL;
}

static bool exact(const struct cap_wish *w)
{
	return w->bounding.given || w->permitted.given || w->effective.given || w->inheritable.given ||
	       w->ambient.given;
}

/* What list a asks for beyond list b, where both were spelled out. */
static uint64_t beyond(const struct cap_list *a, const struct cap_list *b)
{
	if (!a->given || !b->given || a->mask == CAP_MASK_ALL)
		return 0;
	return a->mask & ~b->mask;
}

int cap_wish_check(const struct cap_wish *w, struct fault *f)
{
	uint64_t x;

	if ((w->only.given || w->drop.given) && exact(w)) {
		fault_rule(f, OP_OPTION, w->only.given ? "--only" : "--drop",
			   "it shapes all five sets, and one of them is given exactly as well");
		fault_fix(f, "--only or --drop alone, or --bounding, --permitted, --effective, --inheritable "
			     "and --ambient");
		return -EINVAL;
	}
	x = beyond(&w->effective, &w->permitted);
	if (x)
		return refuse(OP_CAP_SET, x, f, "in --effective but not in --permitted",
			      "it in --permitted as well; read capabilities(7)");
	x = beyond(&w->ambient, &w->permitted);
	if (x)
		return refuse(OP_CAP_AMBIENT, x, f, "it is not in --permitted, so the kernel keeps it from being ambient",
			      NULL);
	x = beyond(&w->ambient, &w->inheritable);
	if (x)
		return refuse(OP_CAP_AMBIENT, x, f, "it is not in --inheritable, so the kernel keeps it from being ambient",
			      NULL);
	return 0;
}

int cap_wish_known(const struct cap_wish *w, uint64_t all, struct fault *f)
{
	const struct cap_list *lists[] = {&w->only,      &w->drop,        &w->bounding, &w->permitted,
					  &w->effective, &w->inheritable, &w->ambient};

	for (size_t i = 0; i < COUNT(lists); i++) {
		uint64_t newer = lists[i]->mask == CAP_MASK_ALL ? 0 : lists[i]->mask & ~all;
		unsigned last = all ? 63 - (unsigned)__builtin_clzll(all) : 0;

		if (!newer)
			continue;
		refuse(OP_CAP_NAME, newer, f, "", NULL);
		fault_why(f, "newer than this kernel, whose last capability is %s (%u)", cap_name(last), last);
		fault_fix(f, "the list without it; cat /proc/sys/kernel/cap_last_cap");
		return -EINVAL;
	}
	return 0;
}

struct cap_facts cap_after_setuid(const struct cap_facts *now, int64_t uid, bool keep)
{
	struct cap_facts left = *now;

	if (uid < 0)
		return left;
	left.uid = uid;
	if (now->securebits & SECBIT_NO_SETUID_FIXUP)
		return left;
	if (now->uid == 0 && uid != 0) {
		if (!keep)
			left.permitted = 0;
		left.effective = 0;
		left.ambient = 0;
	} else if (now->uid != 0 && uid == 0) {
		left.effective = left.permitted;
	}
	return left;
}

struct cap_facts cap_after_exec(const struct cap_facts *now)
{
	struct cap_facts left = *now;
	bool root = now->uid == 0 && !(now->securebits & SECBIT_NOROOT);

	left.permitted = (root ? now->inheritable | now->bounding : 0) | now->ambient;
	left.effective = root ? left.permitted : now->ambient;
	return left;
}

/* --only: for root execve gives inheritable | bounding, so the bounding set is enough;
 * for anybody else only what is ambient survives execve. */
static void shape_only(const struct cap_list *only, const struct cap_facts *now, struct cap_facts *n)
{
	bool root = n->uid == 0 && !(n->securebits & SECBIT_NOROOT);
	bool all = only->mask == CAP_MASK_ALL;

	n->bounding = all ? now->bounding : only->mask;
	n->permitted = n->effective = all ? now->permitted : only->mask;
	n->inheritable = n->ambient = root ? 0 : n->permitted & n->bounding;
}

static void shape_drop(uint64_t drop, struct cap_facts *n)
{
	n->bounding &= ~drop;
	n->permitted &= ~drop;
	n->effective &= ~drop;
	n->inheritable &= ~drop;
	n->ambient &= ~drop;
}

static uint64_t pick(const struct cap_list *list, uint64_t all, uint64_t otherwise)
{
	if (!list->given)
		return otherwise;
	return list->mask == CAP_MASK_ALL ? all : list->mask;
}

static void shape_exact(const struct cap_wish *w, const struct cap_facts *now, struct cap_facts *n)
{
	n->bounding = pick(&w->bounding, now->bounding, n->bounding);
	n->permitted = pick(&w->permitted, now->permitted, n->permitted);
	n->effective = pick(&w->effective, n->permitted, n->effective & n->permitted);
	n->inheritable = pick(&w->inheritable, n->permitted & n->bounding, n->inheritable);
	n->ambient = pick(&w->ambient, n->permitted & n->inheritable, n->ambient & n->permitted & n->inheritable);
}

static int refuse_unheld(uint64_t x, const struct cap_facts *now, struct fault *f)
{
	if (now->permitted)
		return refuse(OP_CAP_SET, x, f, "the caller does not hold it", NULL);
	refuse(OP_CAP_SET, x, f, "", "ns-run --map-root before cap-set, which gives all capabilities in a user "
				     "namespace of its own; or sudo");
	fault_why(f, "user %lld holds no capabilities", (long long)now->uid);
	return -EINVAL;
}

static int verify_bounding(const struct cap_facts *now, const struct cap_facts *n, struct fault *f)
{
	uint64_t more = n->bounding & ~now->bounding;
	uint64_t less = now->bounding & ~n->bounding;

	if (more)
		return refuse(OP_CAP_SET, more, f, "it is not in the bounding set, and nothing comes back into that",
			      "the list without it: grep CapBnd /proc/self/status");
	if (!less || now->effective & BIT(CAP_SETPCAP))
		return 0;
	refuse(OP_CAP_BOUND, less, f, "",
	       "cap-set --no-new-privs, which keeps set-user-ID programs from giving any; or ns-run --map-root "
	       "before cap-set; or sudo");
	fault_why(f, "the caller (user %lld) lacks CAP_SETPCAP, which changing the bounding set takes",
		  (long long)now->uid);
	return -EINVAL;
}

/* The rules of capset(2) and PR_CAP_AMBIENT_RAISE. `free_hand`: SETPCAP is effective
 * at the moment of capset. */
static int verify_inherited(const struct cap_facts *now, const struct cap_facts *n, bool free_hand,
			    struct fault *f)
{
	uint64_t x = n->inheritable & ~(now->inheritable | n->bounding);

	if (x)
		return refuse(OP_CAP_SET, x, f, "inheritable needs it in the bounding set",
			      "it in --bounding as well; read capabilities(7)");
	x = n->inheritable & ~(now->inheritable | now->permitted);
	if (x && !free_hand)
		return refuse_unheld(x, now, f);
	x = n->ambient & ~(n->permitted & n->inheritable);
	if (x)
		return refuse(OP_CAP_AMBIENT, x, f,
			      x & ~n->permitted ? "it is not in the permitted set" : "it is not in the inheritable set",
			      NULL);
	x = n->ambient & ~now->ambient;
	if (x && n->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)
		return refuse(OP_CAP_AMBIENT, x, f, "the securebit no-cap-ambient-raise forbids it",
			      "--securebits without no-cap-ambient-raise, or --ambient none");
	return 0;
}

static int verify_securebits(const struct cap_facts *now, const struct cap_facts *n, struct fault *f)
{
	unsigned set = n->securebits & ~now->securebits;
	/* a lock is one bit above what it locks */
	unsigned locked = set & (now->securebits >> 1) & 0x555U;
	char *text;

	if (!locked && (!(set & ~SECURE_FOR_ANYBODY) || now->effective & BIT(CAP_SETPCAP)))
		return 0;
	text = cap_securebits_text(locked ? locked : set);
	fault_set(f, OP_SECUREBITS, 0, "%s", text);
	free(text);
	fault_why(f, locked ? "locked by whoever started this" : "needs CAP_SETPCAP, which the caller lacks");
	fault_fix(f, locked ? "--securebits without it; capsh --print shows the locks"
			    : "sudo, or ns-run --map-root before cap-set");
	return -EINVAL;
}

static int verify(const struct cap_facts *now, const struct cap_facts *n, struct fault *f)
{
	bool fixup = now->uid == 0 && n->uid != 0 && !(n->securebits & SECBIT_NO_SETUID_FIXUP);
	uint64_t x = n->permitted & ~now->permitted;
	int r;

	if (x)
		return refuse_unheld(x, now, f);
	x = n->effective & ~n->permitted;
	if (x)
		return refuse(OP_CAP_SET, x, f, "effective needs it in the permitted set",
			      "it in --permitted as well; read capabilities(7)");
	r = verify_bounding(now, n, f);
	if (r == 0)
		r = verify_inherited(now, n, !fixup && now->effective & BIT(CAP_SETPCAP), f);
	if (r == 0)
		r = verify_securebits(now, n, f);
	if (r == 0 && fixup && n->permitted && n->securebits & SECBIT_KEEP_CAPS_LOCKED) {
		fault_rule(f, OP_SECUREBITS, "keep-caps-locked",
			   "it keeps capabilities from surviving the change of user");
		fault_fix(f, "no-setuid-fixup as well: --securebits no-setuid-fixup,keep-caps-locked");
		r = -EINVAL;
	}
	return r;
}

int cap_sets_next(const struct cap_wish *w, const struct cap_facts *now, int64_t uid, struct cap_facts *ret,
		  struct fault *f)
{
	struct cap_facts start = *now;
	struct cap_facts n;
	int r;

	start.securebits |= w->securebits; /* set before the change of user, so they rule it */
	n = cap_after_setuid(&start, uid, false);
	if (w->only.given)
		shape_only(&w->only, now, &n);
	if (w->drop.given)
		shape_drop(w->drop.mask, &n);
	shape_exact(w, now, &n);
	r = verify(now, &n, f);
	if (r == 0)
		*ret = n;
	return r;
}
