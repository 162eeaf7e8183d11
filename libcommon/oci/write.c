/* SPDX-License-Identifier: MIT */
/* write.c - namespaces, process, capabilities, filter as links; the chain of all. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap/names.h"
#include "ns/kinds.h"
#include "oci/bpf-data.h"
#include "oci/write.h"
#include "proc/sched.h"
#include "target/self.h"

/* -- namespaces ---------------------------------------------------------------------- */

static const char *kind_name(const struct oci_namespace *ns)
{
	for (const struct ns_kind *k = ns_kinds; k->name; k++)
		if (k->flag == ns->type->value)
			return k->name;
	return "?"; /* every type of config.json is a row there */
}

static void write_maps(struct line *l, const char *from, const char *option, const struct json_list *maps)
{
	const struct oci_range *r = maps->v;

	for (size_t i = 0; i < maps->n; i++) {
		char *value = xprintf("%lu:%lu:%lu", (unsigned long)r[i].container.n, (unsigned long)r[i].host.n,
				      (unsigned long)r[i].size.n);

		line_element(l, from, i, option, value);
		free(value);
	}
}

static void write_entered(struct line *l, const struct oci_linux *lin, const struct oci_namespace *ns, size_t i)
{
	char *at = xprintf("linux.namespaces[%zu]", i);

	line_add(l, at, "ns-enter");
	line_option(l, at, kind_name(ns), NULL);
	line_option(l, at, "target", ns->path);
	free(at);
	if (ns->type->value != CLONE_NEWUSER)
		return;
	/* engines say the map also where it is made already: it has to be the one that is there */
	write_maps(l, "linux.uidMappings", "has-users", &lin->uid_maps);
	write_maps(l, "linux.gidMappings", "has-groups", &lin->gid_maps);
}

static bool is_joined(const struct oci_namespace *ns)
{
	return ns && ns->path && *ns->path;
}

/* The user namespace first: it gives the rights over the others. */
static void write_all_entered(struct line *l, const struct oci_linux *lin)
{
	const struct oci_namespace *ns = lin->namespaces.v, *user = oci_namespace_of(lin, CLONE_NEWUSER);

	if (is_joined(user))
		write_entered(l, lin, user, (size_t)(user - ns));
	for (size_t i = 0; i < lin->namespaces.n; i++)
		if (is_joined(&ns[i]) && &ns[i] != user)
			write_entered(l, lin, &ns[i], i);
}

static void write_sysctls(struct line *l, const struct oci_linux *lin)
{
	for (size_t i = 0; i < lin->sysctl.n; i++) {
		line_add(l, "linux.sysctl", "--sysctl");
		line_add(l, "", "%s=%s", lin->sysctl.v[i].key, lin->sysctl.v[i].value);
	}
}

static bool any(const struct oci_linux *lin, bool joined)
{
	const struct oci_namespace *ns = lin->namespaces.v;
	bool found = false;

	for (size_t i = 0; i < lin->namespaces.n; i++)
		found |= is_joined(&ns[i]) == joined;
	return found;
}

static void write_offset(struct line *l, const char *from, const char *option, const struct oci_offset *o)
{
	if (!o)
		return;
	line_add(l, from, "--%s", option);
	line_add(l, "", o->nanosecs.n ? "%ld:%lu" : "%ld", (long)o->secs.n, (unsigned long)o->nanosecs.n);
}

static void write_new(struct line *l, const struct oci_config *c)
{
	const struct oci_linux *lin = c->linux_;
	const struct oci_namespace *ns = lin->namespaces.v, *user = oci_namespace_of(lin, CLONE_NEWUSER);
	/* one that is joined has its name already */
	bool names = !is_joined(oci_namespace_of(lin, CLONE_NEWUTS));

	line_add(l, "linux.namespaces", "ns-run");
	for (size_t i = 0; i < lin->namespaces.n; i++)
		if (!is_joined(&ns[i]))
			line_element(l, "linux.namespaces", i, kind_name(&ns[i]), NULL);
	if (user && !is_joined(user) && !lin->uid_maps.n) /* as other runtimes: be root in there */
		line_option(l, "linux.namespaces", "map-root", NULL);
	if (!is_joined(user)) {
		write_maps(l, "linux.uidMappings", "map-users", &lin->uid_maps);
		write_maps(l, "linux.gidMappings", "map-groups", &lin->gid_maps);
	}
	if (lin->offsets) {
		write_offset(l, "linux.timeOffsets.monotonic", "monotonic", lin->offsets->monotonic);
		write_offset(l, "linux.timeOffsets.boottime", "boottime", lin->offsets->boottime);
	}
	if (names && c->hostname && *c->hostname)
		line_option(l, "hostname", "hostname", c->hostname);
	if (names && c->domainname && *c->domainname)
		line_option(l, "domainname", "domainname", c->domainname);
}

/* A user namespace gives the rights over those that are made after it, so it comes before
 * them. Without one the new ones come first: then whoever forks for them, and stays, is in
 * none that is joined. Parameters belong to what was made or joined: they come last. */
static void write_namespaces(struct line *l, const struct oci_config *c)
{
	const struct oci_linux *lin = c->linux_;
	bool user = oci_namespace_of(lin, CLONE_NEWUSER), joins = any(lin, true);

	if (user && joins)
		write_all_entered(l, lin);
	if (any(lin, false))
		write_new(l, c);
	if (!user && joins) {
		write_all_entered(l, lin);
		if (lin->sysctl.n)
			line_add(l, "linux.sysctl", "ns-run");
	}
	write_sysctls(l, lin);
}

/* -- the process ----------------------------------------------------------------------- */

static void limit_text(char *buf, size_t n, uint64_t v)
{
	if (v == UINT64_MAX)
		snprintf(buf, n, "unlimited");
	else
		snprintf(buf, n, "%llu", (unsigned long long)v);
}

static void write_rlimits(struct line *l, const struct oci_process *p)
{
	const struct oci_rlimit *rows = p->rlimits.v;

	for (size_t i = 0; i < p->rlimits.n; i++) {
		char soft[24], hard[24], *value;

		limit_text(soft, sizeof(soft), rows[i].soft.n);
		limit_text(hard, sizeof(hard), rows[i].hard.n);
		value = xprintf("%s=%s:%s", rows[i].type, soft, hard);
		line_element(l, "process.rlimits", i, "rlimit", value);
		free(value);
	}
}

static char *append_key(char *text, const char *key, long long n)
{
	char *longer = n ? xprintf("%s%s%s=%lld", text, strchr(text, ':') ? "," : ":", key, n) : xprintf("%s", text);

	free(text);
	return longer;
}

/* What nice(1) could do is said so: the policy is the one that everybody has. */
static void write_scheduler(struct line *l, const struct oci_scheduler *s)
{
	char *text = xprintf("%s", sched_policies[s->policy->value].name);

	if (sched_policies[s->policy->value].value == SCHED_OTHER && !s->flags.n && s->nice.given) {
		line_add(l, "process.scheduler.nice", "--nice");
		line_add(l, "", "%ld", (long)s->nice.n);
		free(text);
		return;
	}
	text = append_key(text, "nice", s->nice.n);
	text = append_key(text, "priority", s->priority.n);
	text = append_key(text, "runtime", (long long)s->runtime.n);
	text = append_key(text, "deadline", (long long)s->deadline.n);
	text = append_key(text, "period", (long long)s->period.n);
	for (size_t i = 0; i < s->flags.n; i++) {
		char *longer = xprintf("%s%s%s", text, strchr(text, ':') ? "," : ":", sched_flags[s->flags.v[i]->value].name);

		free(text);
		text = longer;
	}
	line_option(l, "process.scheduler", "scheduler", text);
	free(text);
}

/* The terminal is made in the container's own devpts and its other side sent away. */
static int write_terminal(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f)
{
	const struct oci_process *p = b->config.process;

	if (!p->terminal)
		return 0;
	if (!w->console) {
		json_fail_path(b->doc, "process.terminal", f, "a chain makes a terminal only for who takes its other side");
		fault_fix(f, "--console-socket PATH; or --without process.terminal, to run in the terminal that is there");
		return -EINVAL;
	}
	line_option(l, "process.terminal", "console-socket", w->console);
	if (w->rows && w->columns) {
		line_add(l, "process.terminal", "--console-size");
		line_add(l, "", "%ux%u", w->rows, w->columns);
	} else if (p->size) {
		line_add(l, "process.consoleSize", "--console-size");
		line_add(l, "", "%lux%lu", (unsigned long)p->size->height.n, (unsigned long)p->size->width.n);
	}
	return 0;
}

/* What an engine hands over is the container's from now on. */
static void write_own(struct line *l, const struct oci_process *p, const struct write_wish *w)
{
	if (p->user->uid.n)
		line_option(l, "process.user.uid", "own-stdio", NULL);
	if (w->keep_keys)
		return;
	line_add(l, "process", "--session-keyring");
	line_add(l, "", "_ses.%s", w->id);
}

/* sd_listen_fds(3): who gets the descriptors is told by number; there it is pid 1. */
static void write_listen(struct line *l, const struct write_wish *w)
{
	const char *names = getenv("LISTEN_FDNAMES");

	if (!w->listen_fds)
		return;
	line_add(l, "process.env", "--env");
	line_add(l, "", "LISTEN_FDS=%u", w->listen_fds);
	line_add(l, "process.env", "--env");
	line_add(l, "", "LISTEN_PID=1");
	if (names) {
		line_add(l, "process.env", "--env");
		line_add(l, "", "LISTEN_FDNAMES=%s", names);
	}
}

static int write_process(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f)
{
	const struct oci_process *p = b->config.process;
	bool masked = p->user->umask.given;

	line_add(l, "process", "proc-set");
	line_option(l, "process.env", "clear-env", NULL);
	for (size_t i = 0; i < p->env.n; i++)
		line_element(l, "process.env", i, "env", p->env.v[i]);
	line_option(l, "process.env", "home", NULL); /* as every runtime does it */
	line_option(l, "process.cwd", "cwd", p->cwd);
	if (w->id)
		write_own(l, p, w);
	/* not given: 022, as every runtime has it, whoever calls */
	line_add(l, masked ? "process.user.umask" : "process.user", "--umask");
	line_add(l, "", "%03lo", masked ? (unsigned long)p->user->umask.n : 022UL);
	write_rlimits(l, p);
	if (w->cpus)
		line_option(l, "process.execCPUAffinity.final", "cpus", w->cpus);
	write_listen(l, w);
	if (p->oom.given) {
		line_add(l, "process.oomScoreAdj", "--oom-score-adj");
		line_add(l, "", "%ld", (long)p->oom.n);
	}
	if (p->scheduler)
		write_scheduler(l, p->scheduler);
	if (p->io_priority) {
		line_add(l, "process.ioPriority", "--io-priority");
		line_add(l, "", "%s:%ld", io_classes[p->io_priority->class->value].name, (long)p->io_priority->priority.n);
	}
	if (b->config.linux_->personality)
		line_option(l, "linux.personality", "personality",
			    personalities[b->config.linux_->personality->domain->value].name);
	for (unsigned i = 0; i < w->keep_fds; i++) {
		line_add(l, "process", "--keep-fd");
		line_add(l, "", "%u", 3 + i);
	}
	return write_terminal(l, b, w, f);
}

/* -- capabilities and ids ------------------------------------------------------------------ */

/* What a program can be given here: all that the kernel knows in a user namespace of the
 * chain's, else what the caller's bounding set leaves. */
static uint64_t grantable(const struct oci_linux *lin)
{
	uint64_t all, bounding = self_cap_bounding(&all);

	return oci_namespace_of(lin, CLONE_NEWUSER) ? all : bounding;
}

/* The mask of those names that can be given; what cannot is told. */
static uint64_t set_mask(unsigned set, const struct json_strings *names, uint64_t can, const struct write_wish *w)
{
	char *at = xprintf("process.capabilities.%s", oci_cap_sets[set]);
	uint64_t mask = 0;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		struct fault ignored;
		int n = strncmp(name, "CAP_", 4) == 0 ? cap_find(name, strlen(name), &ignored) : -1;
		char *where;

		if (n >= 0 && (can & (1ULL << n))) {
			mask |= 1ULL << n;
			continue;
		}
		where = xprintf("%s[%zu]: %.60s", at, i, name);
		if (w->warn)
			w->warn(w->arg, where, n < 0 ? "no such capability: left out" : "it cannot be given here: left out");
		free(where);
	}
	free(at);
	return mask;
}

static void write_set(struct line *l, unsigned set, uint64_t mask)
{
	char *at = xprintf("process.capabilities.%s", oci_cap_sets[set]), *text = cap_mask_text(mask);

	line_option(l, at, oci_cap_sets[set], text);
	free(text);
	free(at);
}

static void write_groups(struct line *l, const struct oci_user *u)
{
	line_add(l, "process.user.additionalGids", "--groups");
	if (!u->groups.n) {
		line_add(l, "", "none");
	} else {
		char *text = xprintf("%s", "");

		for (size_t i = 0; i < u->groups.n; i++) {
			char *longer = xprintf("%s%s%lu", text, i ? "," : "", (unsigned long)u->groups.v[i].n);

			free(text);
			text = longer;
		}
		line_add(l, "", "%s", text);
		free(text);
	}
}

/* Where only one's own group is mapped, the kernel allows no setgroups(2): the groups that
 * are there stay, and have no number inside. */
static bool may_set_groups(const struct oci_linux *lin)
{
	const struct oci_range *r = lin->gid_maps.v;
	const struct oci_namespace *user = oci_namespace_of(lin, CLONE_NEWUSER);

	if (!user || is_joined(user) || self_has_cap(CAP_SETGID))
		return true;
	return lin->gid_maps.n > 1 || (lin->gid_maps.n == 1 && r[0].size.n > 1);
}

static void write_caps(struct line *l, const struct bundle *b, const struct write_wish *w)
{
	static const struct oci_caps none;
	const struct oci_process *p = b->config.process;
	const struct oci_caps *caps = p->caps ? p->caps : &none;
	enum { PERMITTED = 1, INHERITABLE = 3, AMBIENT = 4 }; /* in oci_cap_sets */
	uint64_t can = grantable(b->config.linux_), mask[OCI_SETS];

	line_add(l, "process.capabilities", "cap-set");
	line_add(l, "process.user.uid", "--user");
	line_add(l, "", "%lu:%lu", (unsigned long)p->user->uid.n, (unsigned long)p->user->gid.n);
	if (p->user->groups.n || may_set_groups(b->config.linux_))
		write_groups(l, p->user);
	else
		line_option(l, "process.user", "keep-groups", NULL);
	for (unsigned i = 0; i < OCI_SETS; i++)
		mask[i] = set_mask(i, &caps->set[i], can, w);
	/* the kernel makes nothing ambient that is not in both; engines ask for more all the same */
	if (mask[AMBIENT] & ~(mask[PERMITTED] & mask[INHERITABLE]) && w->warn)
		w->warn(w->arg, "process.capabilities.ambient", "what is not permitted and inheritable is left out");
	mask[AMBIENT] &= mask[PERMITTED] & mask[INHERITABLE];
	for (unsigned i = 0; i < OCI_SETS; i++)
		write_set(l, i, mask[i]);
	if (p->apparmor && *p->apparmor)
		line_option(l, "process.apparmorProfile", "apparmor", p->apparmor);
	if (p->selinux && *p->selinux)
		line_option(l, "process.selinuxLabel", "selinux", p->selinux);
	if (p->no_new_privs)
		line_option(l, "process.noNewPrivileges", "no-new-privs", NULL);
}

/* -- all of it --------------------------------------------------------------------------------- */

/* A profile is read from the file it stands in. One that was compiled before stands in an
 * annotation, and is no word of a line. */
static int write_filter(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f)
{
	int r = bpf_data_open(b, f);

	if (r < 0)
		return r;
	if (b->filter >= 0 && !w->id) {
		json_fail_path(b->doc, "annotations[\"" BPF_DATA "\"]", f, "a compiled filter in an annotation has no file");
		fault_fix(f, "oci-run, which reads it; or --without annotations, and sc-filter FILE in the line");
		return -EINVAL;
	}
	if (b->filter >= 0 || b->config.linux_->seccomp)
		line_add(l, "linux.seccomp", "sc-filter");
	if (b->filter >= 0)
		line_add(l, "linux.seccomp", "/proc/self/fd/%d", b->filter);
	else if (b->config.linux_->seccomp)
		line_add(l, "linux.seccomp", "%s", b->file);
	return 0;
}

/* What each program gets, also one that comes later. */
static int write_program(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f)
{
	const struct oci_config *c = &b->config;
	int r = write_process(l, b, w, f);

	if (r < 0)
		return r;
	write_caps(l, b, w);
	r = write_filter(l, b, w, f);
	if (r < 0)
		return r;
	line_add(l, "process.args", "--");
	for (size_t i = 0; i < c->process->args.n; i++)
		line_add(l, "process.args", "%s", c->process->args.v[i]);
	return 0;
}

static int no_hooks(struct bundle *b, struct fault *f)
{
	const struct oci_hooks *h = b->config.hooks;

	for (size_t i = 0; h && i < HOOKS; i++) {
		if (!h->at[i].n)
			continue;
		json_fail_path(b->doc, "hooks", f, "a chain has no life cycle that hooks could hook into");
		fault_fix(f, "--without hooks; or oci-run, which runs them");
		return -EINVAL;
	}
	return 0;
}

int write_chain(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f)
{
	const struct oci_config *c = &b->config;
	int r = w->id ? 0 : no_hooks(b, f);

	if (r < 0)
		return r;
	write_cgroup(l, c->linux_, w);
	write_namespaces(l, c);
	write_root(l, b);
	return write_program(l, b, w, f);
}

int write_exec(struct line *l, struct bundle *b, const struct write_wish *w, pid_t pid, const char *cgroup,
	       struct fault *f)
{
	if (cgroup) {
		line_add(l, "linux.cgroupsPath", "cg-exec");
		line_add(l, "", "--group");
		line_add(l, "", "%s", cgroup);
	}
	line_add(l, "linux.namespaces", "ns-enter");
	line_option(l, "linux.namespaces", "all", NULL);
	/* its ids are said below; until then the one that stays keeps ours, and what it writes */
	line_option(l, "linux.namespaces", "ids", "keep");
	line_add(l, "", "--target");
	line_add(l, "", "%d", pid);
	return write_program(l, b, w, f);
}
