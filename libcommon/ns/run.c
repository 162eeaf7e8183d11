/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/num.h"
#include "ns/kinds.h"
#include "ns/others.h"
#include "ns/run-do.h"
#include "ns/run.h"
#include "target/names.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static const char setgroups_words[] = "allow deny", propagation_words[] = "private shared slave unchanged";

#define FIELD(x) offsetof(struct ns_run, x)

static const struct opt opts[] = {
	{'a', "all", NULL, &opt_flag, FIELD(all), 0, "a new namespace of every kind the kernel has", NULL},
#define KIND(flag, kind, letter, file, sysctl, own) \
	{letter, kind, "FILE", &opt_ns_choice, FIELD(which), flag, "a new " kind " namespace: " own, ":file"},
#include "base/kinds.def"
#undef KIND
	{'r', "map-root", NULL, &opt_flag, FIELD(maps.root), 0, "be root (0) inside: map your own ids to 0", NULL},
	{'c', "map-current", NULL, &opt_flag, FIELD(maps.current), 0, "keep your ids inside: map them to themselves", NULL},
	{0, "map-auto", NULL, &opt_flag, FIELD(maps.automatic), 0,
	 "map all ids that /etc/subuid and /etc/subgid give you, to the lowest that are free", NULL},
	{0, "map-subids", NULL, &opt_flag, FIELD(maps.subids), 0, "map them to themselves", NULL},
	{0, "map", "SPEC", &opt_map, FIELD(maps.both), 0,
	 "map ids: IN:OUT:N, root, current, auto, subids, all, or several with commas", ns_map_words},
	{0, "map-users", "SPEC", &opt_map, FIELD(maps.users), 0, "map user ids only", ns_map_words},
	{0, "map-groups", "SPEC", &opt_map, FIELD(maps.groups), 0, "map group ids only", ns_map_words},
	{0, "show-map", NULL, &opt_flag, FIELD(show_map), 0, "print the map as a table first (with --dry-run: only print)", NULL},
	{0, "owner", "UID:GID", &opt_string, FIELD(owner), 0, "whom the new user namespace belongs to (implies --user)", ":user"},
	{0, "setgroups", "WORD", &opt_string, FIELD(setgroups), 0, "allow or deny setgroups(2) in it (implies --user)", setgroups_words},
	{0, "propagation", "WORD", &opt_string, FIELD(propagation), 0,
	 "of the mounts in a new mount namespace: private (the default), shared, slave, unchanged",
	 propagation_words},
	{0, "binfmt", "DIR", &opt_binfmt, FIELD(binfmt), 0,
	 "program formats of its own: mount binfmt_misc (implies --user --mount)", ":dir"},
	{0, "load-interp", "FORMAT", &opt_strings, FIELD(interps), 0,
	 "register :NAME:TYPE:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS there (implies --binfmt); repeatable", NULL},
	{0, "hostname", "NAME", &opt_string, FIELD(hostname), 0, "name the machine (implies --uts)", NULL},
	{0, "domainname", "NAME", &opt_string, FIELD(domainname), 0, "its NIS domain (implies --uts)", NULL},
	{0, "monotonic", "SECS[:NANOSECS]", &opt_offset, FIELD(monotonic), 0, "shift the monotonic clock (implies --time)", NULL},
	{0, "boottime", "SECS[:NANOSECS]", &opt_offset, FIELD(boottime), 0, "shift the clock of the uptime (implies --time)", NULL},
	{0, "sysctl", "KEY=VALUE", &opt_strings, FIELD(sysctls), 0,
	 "set a kernel parameter of the new namespaces; repeatable", NULL},
	{0, "check", NULL, &opt_flag, FIELD(preflight), 0, "only look: would it work here, and if not, why? Exits 0 or 1", NULL},
	{0, "json", NULL, &opt_flag, FIELD(json), 0, "with --check: as JSON", NULL},
	{0, "no-loopback", NULL, &opt_flag, FIELD(no_loopback), 0, "leave lo down in a new net namespace", NULL},
	{0, "no-proc", NULL, &opt_flag, FIELD(no_proc), 0, "with --pid: no fresh /proc, no mount namespace for it", NULL},
	{0, "init", NULL, &opt_flag, FIELD(init), 0, "pid 1 is a small init that passes signals on and reaps (implies --pid)", NULL},
	{0, "die-with-parent", "SIGNAL", &opt_signal, FIELD(die), 0,
	 "the program gets it (KILL) when whoever started the tool ends", NULL},
	{'d', "detach", NULL, &opt_flag, FIELD(detach), 0, "return once the program runs, or waits (proc-set --wait)", NULL},
	{0, "pid-file", "FILE", &opt_string, FIELD(pid_file), 0, "write the program's pid there once it runs, or waits", ":file"},
	{0, "ready-fd", "FD", &opt_int, FIELD(ready_fd), 0, "write its pid and a newline there once it runs, or waits", NULL},
	{0},
};

/* given is NULL, or one of the words, which are separated by blanks. */
static int one_of(const char *option, const char *given, const char *words, struct fault *f)
{
	size_t n;

	for (const char *w = words; given && *w; w += n + (w[n] == ' ')) {
		n = strcspn(w, " ");
		if (strlen(given) == n && strncmp(w, given, n) == 0)
			return 0;
	}
	if (!given)
		return 0;
	fault_rule(f, OP_OPTION, given, "%s is one of: %s", option, words);
	fault_fix(f, "%s %.*s", option, (int)strcspn(words, " "), words);
	return -EINVAL;
}

static int check_words(const struct ns_run *s, struct fault *f)
{
	if (one_of("--setgroups", s->setgroups, setgroups_words, f) < 0 ||
	    one_of("--propagation", s->propagation, propagation_words, f) < 0)
		return -EINVAL;
	if (s->hostname && (strlen(s->hostname) > 64 || !*s->hostname))
		return fault_rule(f, OP_HOSTNAME, s->hostname, "a host name has 1 to 64 bytes");
	if (s->domainname && strlen(s->domainname) > 64)
		return fault_rule(f, OP_HOSTNAME, s->domainname, "a domain name has at most 64 bytes");
	if (s->die.given && s->detach) {
		fault_rule(f, OP_OPTION, "--die-with-parent", "--detach leaves nobody who would notice");
		fault_fix(f, "one of --die-with-parent and --detach");
		return -EINVAL;
	}
	return 0;
}

static int read_owner(const char *text, struct ctx *c, struct fault *f)
{
	const char *colon = strchr(text, ':');
	const char *part[] = {text, colon ? colon + 1 : ""}, *file[] = {"/etc/passwd", "/etc/group"};
	uint32_t *id[] = {&c->owner.uid, &c->owner.gid};

	for (int i = 0; i < 2; i++) {
		size_t n = i || !colon ? strlen(part[i]) : (size_t)(colon - text);
		_cleanup_free_ char *word = xprintf("%.*s", (int)n, part[i]);
		uint64_t v;

		if (num_u64(word, UINT32_MAX - 1ULL, &v) == 0)
			*id[i] = (uint32_t)v;
		else if (!n || (*word >= '0' && *word <= '9') || names_id(file[i], word, n, id[i], NULL) < 0) {
			fault_rule(f, OP_OPTION, text, "--owner is UID:GID: numbers, or names of the host");
			fault_fix(f, "--owner %u:%u", c->euid, c->egid);
			return -EINVAL;
		}
	}
	c->owner.given = true;
	return 0;
}

/* Another owner: it is taken for the clone that makes the first user namespace. */
static int plan_owner(struct ns_run *s, struct ctx *c, struct fault *f)
{
	if (!s->owner)
		return 0;
	if (c->ns_new & CLONE_NEWUSER) {
		fault_rule(f, OP_OPTION, "--owner", "a user namespace comes before, and who is in it can be no other");
		fault_fix(f, "--owner in the ns-run that makes the first user namespace");
		return -EINVAL;
	}
	return read_owner(s->owner, c, f);
}

static int plan_user(struct ns_run *s, struct ctx *c, struct fault *f)
{
	int r = plan_owner(s, c, f);

	s->euid = c->euid;
	s->egid = c->egid;
	if (r == 0)
		r = ns_maps_resolve(&s->maps, c->euid, c->egid, &s->users, &s->groups, f);
	if (r < 0 && s->preflight)
		s->maps_fault = *f;
	else if (r < 0)
		return r;
	s->become = idmap_has_in(&s->users, 0) && !idmap_has_out(&s->users, s->euid);
	if (s->owner) { /* the child begins as the owner, and goes back to who we are */
		s->become = idmap_has_in(&s->users, 0) || idmap_has_out(&s->users, s->euid);
		s->uid = idmap_inside(&s->users, s->euid, 0);
		s->gid = idmap_inside(&s->groups, s->egid, 0);
	}
	c->euid = s->become ? s->uid : idmap_inside(&s->users, s->euid, 65534);
	c->egid = s->become ? s->gid : idmap_inside(&s->groups, s->egid, 65534);
	c->cap_bounding = c->cap_all; /* a new user namespace begins with all of them */
	return 0;
}

/* What an option brings with it. */
static void imply(struct ns_run *s, const struct ctx *c)
{
	unsigned *kinds = &s->which.kinds;

	s->binfmt.given |= s->interps.n > 0;
	*kinds |= s->all ? c->ns_supported : 0;
	*kinds |= ns_maps_given(&s->maps) || s->show_map || s->owner || s->setgroups ? CLONE_NEWUSER : 0;
	*kinds |= s->binfmt.given ? CLONE_NEWUSER | CLONE_NEWNS : 0;
	*kinds |= s->propagation ? CLONE_NEWNS : 0;
	*kinds |= s->hostname || s->domainname ? CLONE_NEWUTS : 0;
	*kinds |= s->init ? CLONE_NEWPID : 0;
	*kinds |= ns_run_shifts(s) ? CLONE_NEWTIME : 0;
}

static int plan_watch(const struct ns_run *s, struct ctx *c)
{
	struct watch_wish *w = &c->watch;

	w->init |= s->init;
	w->detach |= s->detach;
	if (s->pid_file)
		w->pid_file = s->pid_file;
	if (s->ready_fd.given)
		w->ready_fd = (int)s->ready_fd.n;
	if (s->die.given)
		w->die = s->die.sig;
	return 0;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	struct ns_run *s = spec;
	int r = check_words(s, f);

	if (r < 0)
		return r;
	imply(s, c);
	if (!s->which.kinds && !s->sysctls.n && !s->detach && !s->pid_file && !s->ready_fd.given && !s->die.given) {
		fault_rule(f, OP_NS_KIND, c->tool, "no kind was named");
		fault_fix(f, "ns-run --all --map-root, or one of --mount --pid --net --uts --ipc --user");
		return -EINVAL;
	}
	s->kinds_before = c->ns_new;
	r = s->which.kinds & CLONE_NEWUSER ? plan_user(s, c, f) : 0;
	if (r < 0)
		return r;
	c->ns_new |= s->which.kinds;
	s->kinds_here = c->ns_new;
	return plan_watch(s, c);
}

static bool maps_from_outside(const struct ns_run *s)
{
	return !ns_run_own_only(&s->users, s->euid) || !ns_run_own_only(&s->groups, s->egid);
}

static void forks(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags)
{
	const struct ns_run *s = spec;
	unsigned kinds = s->which.kinds;
	const struct {
		bool holds;
		const char *why;
	} reasons[] = {
		{kinds & CLONE_NEWPID, "a pid namespace begins with a child"},
		{(kinds & CLONE_NEWTIME) && !(kinds & CLONE_NEWPID) && !ns_run_shifts(s),
		 "a time namespace is entered by children only"},
		{(kinds & CLONE_NEWUSER) && maps_from_outside(s), "id maps beyond your own id are written from outside"},
		{(kinds & CLONE_NEWUSER) && s->setgroups && !s->deny_setgroups,
		 "a group map that leaves setgroups allowed is written from outside"},
		{s->owner != NULL, "a user namespace belongs to who clones"},
		{ns_choice_files(&s->which), "a namespace is bound to a file from outside"},
		{(kinds & CLONE_NEWNS) && c->makes_in_root && !c->stays,
		 "a mount point is missing in the root: who removes it after a failure must be outside"},
		{s->detach, "--detach returns while the program runs"},
		{s->pid_file != NULL, "--pid-file is written once the program runs"},
		{s->ready_fd.given, "--ready-fd is told once the program runs"},
	};

	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].holds)
			words_add(why, reasons[i].why);
	*flags |= ns_run_kinds(s, c) & ~ns_run_late(s);
}

static int before(void *spec, struct ctx *c, struct fault *f)
{
	return ns_run_before(spec, c, f);
}

static int outside(void *spec, struct ctx *c, pid_t child, struct fault *f)
{
	return ns_run_outside(spec, c, child, f);
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	return ns_run_act(spec, c, f);
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	return ns_run_check(spec, c, f);
}

static bool alone(const void *spec)
{
	return ((const struct ns_run *)spec)->preflight;
}

static int run_alone(void *spec, struct ctx *c, struct fault *f)
{
	return ns_run_preflight(spec, c, f);
}

static int made(void *spec, struct ctx *c, pid_t child, struct fault *f)
{
	return ns_run_made(spec, c, child, f);
}

/* What was kept stays once the program has run. */
static void undo(void *spec, struct ctx *c, int status)
{
	struct ns_run *s = spec;

	if (status < 0 || c->never_ran)
		ns_keep_undo(&s->keep, c->sys);
	ns_keep_close(&s->keep);
}

static void drop(void *spec)
{
	struct ns_run *s = spec;

	words_free(&s->sysctls);
	words_free(&s->interps);
	ns_maps_free(&s->maps);
	ns_keep_close(&s->keep);
}

const struct link ns_run_link = {
	.cmd = {
		.name = "ns-run",
		.rest = "[LINK...] [PROGRAM [ARG...]]",
		.summary = "Run a program in new namespaces.",
		.opts = opts,
		.others = ns_run_others,
	},
	.rank = RANK_NAMESPACE,
	.needs = "the host's id maps and the right to make namespaces",
	.takes = "the host's namespaces",
	.spec_size = sizeof(struct ns_run),
	.plan = plan,
	.check = check,
	.fork = forks,
	.before = before,
	.outside = outside,
	.act = act,
	.made = made,
	.undo = undo,
	.drop = drop,
	.alone = alone,
	.run_alone = run_alone,
};
