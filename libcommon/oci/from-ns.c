/* SPDX-License-Identifier: MIT */
/* from-ns.c - ns-run and ns-enter as linux.namespaces, the id maps, hostname, domainname and
 * linux.sysctl. */
#include <errno.h>
#include <json-c/json.h>
#include <sched.h>
#include <string.h>

#include "base/count.h"
#include "base/fd.h"
#include "ns/enter.h"
#include "ns/kinds.h"
#include "ns/run.h"
#include "oci/from.h"
#include "target/self.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

enum { TTY_GROUP = 5 };

static const char *config_name(const struct ns_kind *k)
{
	return k->flag == CLONE_NEWNET ? "network" : k->name;
}

/* One of each kind, new or entered; a second one inside the first has no words. */
static void put_namespace(struct from *r, const struct ns_kind *k, const char *path)
{
	struct json_object *o;

	if (r->kinds & k->flag) {
		from_lose(r, "a container has one namespace of a kind, and the chain has one before it", "--%s", k->name);
		return;
	}
	r->kinds |= k->flag;
	o = json_object_new_object();
	put_string(o, "type", config_name(k));
	if (path)
		put_string(o, "path", path);
	json_object_array_add(put_array(r->lin, "namespaces"), o);
}

static void put_map(struct from *r, const char *key, const struct idmap *m)
{
	struct json_object *list = put_array(r->lin, key);

	for (unsigned i = 0; i < m->n; i++)
		put_range(list, m->e[i].in, m->e[i].out, m->e[i].count);
}

static void put_maps(struct from *r, const struct ns_run *s)
{
	put_map(r, "uidMappings", &s->users);
	put_map(r, "gidMappings", &s->groups);
	r->groups = &s->groups;
	r->has_tty = idmap_has_in(&s->groups, TTY_GROUP);
	r->no_groups |= s->become;
	r->nobody = !s->become && !idmap_has_out(&s->users, s->euid);
}

/* What is the runtime's to know, and not the container's. */
static void lose_life(struct from *r, const struct ns_run *s)
{
	static const char why[] = "it is an option of who runs the bundle";

	for (unsigned i = 0; i < NS_KINDS; i++)
		if (s->which.file[i])
			from_lose(r, why, "--%s=%s", ns_kinds[i].name, s->which.file[i]);
	if (s->detach)
		from_lose(r, why, "--detach");
	if (s->pid_file)
		from_lose(r, why, "--pid-file %s", s->pid_file);
	if (s->ready_fd.given)
		from_lose(r, why, "--ready-fd %ld", s->ready_fd.n);
	if (s->init)
		from_lose(r, "the program is pid 1 itself there; an init can be the program", "--init");
	if (s->die.given)
		from_lose(r, why, "--die-with-parent");
	if (s->owner)
		from_lose(r, "a user namespace belongs to who runs the bundle", "--owner %s", s->owner);
	if (s->setgroups)
		from_lose(r, "every runtime decides about setgroups by the maps", "--setgroups %s", s->setgroups);
	if (s->propagation)
		from_lose(r, "the propagation of a root says it there: fs-root --propagation", "--propagation %s", s->propagation);
	if (s->binfmt.given)
		from_lose(r, "config.json has no words for program formats", "--binfmt");
	if (s->no_loopback && s->which.kinds & CLONE_NEWNET)
		from_lose(r, "every runtime brings the loopback up", "--no-loopback");
}

static void put_offset(struct from *r, const char *clock, const struct time_offset *t)
{
	struct json_object *o;

	if (!t->given)
		return;
	o = put_object(put_object(r->lin, "timeOffsets"), clock);
	put_int(o, "secs", t->secs);
	put_uint(o, "nanosecs", t->nanos);
}

int from_ns_run(struct from *r, void *spec, struct fault *f)
{
	struct ns_run *s = spec;
	bool user = (s->which.kinds & CLONE_NEWUSER) && !(r->kinds & CLONE_NEWUSER);

	for (const struct ns_kind *k = ns_kinds; k->name; k++)
		if (s->which.kinds & k->flag)
			put_namespace(r, k, NULL);
	if (s->hostname)
		put_string(r->config, "hostname", s->hostname);
	if (s->domainname)
		put_string(r->config, "domainname", s->domainname);
	for (size_t i = 0; i < s->sysctls.n; i++) {
		const char *word = s->sysctls.v[i];
		_cleanup_free_ char *key = xprintf("%.*s", (int)strcspn(word, "="), word);

		if (!strchr(word, '='))
			return fault_rule(f, OP_SYSCTL, word, "expected KEY=VALUE, as in net.ipv4.ip_forward=1");
		put_string(put_object(r->lin, "sysctl"), key, strchr(word, '=') + 1);
	}
	put_offset(r, "monotonic", &s->monotonic);
	put_offset(r, "boottime", &s->boottime);
	lose_life(r, s);
	if (user)
		put_maps(r, s);
	return 0;
}

/* The user namespace's ids are of another's making: we are 0 in there, without groups. */
static void enter_user(struct from *r, const struct ns_enter *s)
{
	bool root = s->has_root && s->ids.how == IDS_ROOT;

	r->ch->ctx.euid = r->ch->ctx.egid = root ? 0 : 65534;
	r->no_groups = true;
	r->has_tty = s->t.procfd >= 0 && self_map_has(s->t.procfd, "gid_map", TTY_GROUP);
	r->nobody = !root;
}

/* What a bundle has no words for. */
static void lose_taken(struct from *r, const struct ns_enter *s)
{
	const struct {
		bool given;
		const char *name, *why;
	} rows[] = {
		{s->like.given, "like-exec", "it is what the target is when it runs"},
		{s->env, "env", "it is what the target has when it runs"},
		{s->cgroup, "cgroup-of", "it is where the target is when it runs"},
		{s->label, "label", "it is what the target has when it runs"},
		{s->root.given, "root", "a container has a root of its own"},
		{s->cwd.given, "cwd", "a container's directory is in its root"},
		{s->cwd_inside, "cwd-inside", "a container's directory is in its root"},
		{s->fresh_proc, "fresh-proc", "a container mounts its own"},
		{s->tools.given, "with-host-tools", "a container has a root of its own"},
		{s->inject, "inject", "a container's program is a file in its root"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].given)
			from_lose(r, rows[i].why, "--%s", rows[i].name);
}

/* From the top on. A link in /proc/PID/ns leads to no path: then it stands as it is. */
static char *whole_path(const char *path)
{
	char *real = realpath(path, NULL);
	_cleanup_free_ char *here = real ? NULL : realpath(".", NULL);

	if (real)
		return real;
	return path[0] == '/' || !here ? xprintf("%s", path) : xprintf("%s/%s", here, path);
}

/* The file that a namespace of kind i can be found at later, or NULL. */
static char *file_of(const struct ns_enter *s, unsigned i)
{
	const char *file = s->which.file[i];

	if (file)
		return file[0] == ':' ? NULL : whole_path(file);
	if (s->t.path)
		return whole_path(s->t.path);
	if (s->fd[i] < 0 || s->held & ns_kinds[i].flag)
		return xprintf("/proc/%d/ns/%s", s->t.pid, ns_kinds[i].file);
	if (s->for_children && ns_kinds[i].flag & (CLONE_NEWPID | CLONE_NEWTIME))
		return xprintf("/proc/%d/ns/%s_for_children", s->t.pid, ns_kinds[i].file);
	return NULL;
}

/* check() finds which of the target's namespaces are not ours. */
int from_ns_enter(struct from *r, void *spec, struct fault *f)
{
	struct ns_enter *s = spec;
	int err = ns_enter_link.check(s, &r->ch->ctx, f);

	if (err < 0)
		return err;
	for (unsigned i = 0; i < NS_KINDS; i++) {
		const struct ns_kind *k = &ns_kinds[i];
		_cleanup_free_ char *path = NULL;

		if (!(s->join & k->flag))
			continue;
		path = file_of(s, i);
		if (k->flag == CLONE_NEWNS)
			from_lose(r, "a root is entered in a mount namespace of its own, never in another's", "--%s of %s", k->name,
				  s->target ?: path ?: "a file");
		else if (!path)
			from_lose(r, "config.json knows namespaces by their files only", "--%s", k->name);
		else
			put_namespace(r, k, path);
	}
	lose_taken(r, s);
	if (s->join & CLONE_NEWUSER)
		enter_user(r, s);
	if (s->users.n && s->groups.n) {
		put_map(r, "uidMappings", &s->users);
		put_map(r, "gidMappings", &s->groups);
	}
	return 0;
}
