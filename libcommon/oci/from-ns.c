/* SPDX-License-Identifier: MIT */
/* from-ns.c - ns-run and ns-enter as linux.namespaces, the id maps, hostname, domainname and
 * linux.sysctl. */
#include <errno.h>
#include <json-c/json.h>
#include <sched.h>
#include <string.h>

#include "base/fd.h"
#include "ns/enter.h"
#include "ns/kinds.h"
#include "ns/run.h"
#include "oci/from.h"
#include "target/self.h"

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

/* What /etc/subuid and /etc/subgid give is written as the ranges it is. */
static int add_subids(struct ns_run *s, struct fault *f)
{
	int64_t n = idmap_add_subids(&s->users, "/etc/subuid", idmap_has_in(&s->users, 0) ? 1 : 0, f);

	if (n >= 0)
		n = idmap_add_subids(&s->groups, "/etc/subgid", idmap_has_in(&s->groups, 0) ? 1 : 0, f);
	return n < 0 ? (int)n : 0;
}

static int put_maps(struct from *r, struct ns_run *s, struct fault *f)
{
	int err = s->map_auto ? add_subids(s, f) : 0;

	if (err < 0)
		return err;
	put_map(r, "uidMappings", &s->users);
	put_map(r, "gidMappings", &s->groups);
	r->groups = &s->groups;
	r->has_tty = idmap_has_in(&s->groups, TTY_GROUP);
	r->no_groups |= s->become_root;
	r->nobody = !s->become_root && !idmap_has_out(&s->users, s->euid);
	return 0;
}

/* What is the runtime's to know, and not the container's. */
static void lose_life(struct from *r, const struct ns_run *s)
{
	static const char why[] = "it is an option of who runs the bundle";

	if (s->detach)
		from_lose(r, why, "--detach");
	if (s->pid_file)
		from_lose(r, why, "--pid-file %s", s->pid_file);
	if (s->ready_fd.given)
		from_lose(r, why, "--ready-fd %ld", s->ready_fd.n);
	if (s->init)
		from_lose(r, "the program is pid 1 itself there; an init can be the program", "--init");
	if (s->no_loopback && s->kinds & CLONE_NEWNET)
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
	bool user = (s->kinds & CLONE_NEWUSER) && !(r->kinds & CLONE_NEWUSER);

	for (const struct ns_kind *k = ns_kinds; k->name; k++)
		if (s->kinds & k->flag)
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
	return user ? put_maps(r, s, f) : 0;
}

/* The user namespace's ids are of another's making: we are 0 in there, without groups. */
static void enter_user(struct from *r, const struct ns_enter *s)
{
	bool root = s->has_root && !s->keep_ids;

	r->ch->ctx.euid = r->ch->ctx.egid = root ? 0 : 65534;
	r->no_groups = true;
	r->has_tty = s->t.procfd >= 0 && self_map_has(s->t.procfd, "gid_map", TTY_GROUP);
	r->nobody = !root;
}

/* check() finds which of the target's namespaces are not ours. */
int from_ns_enter(struct from *r, void *spec, struct fault *f)
{
	struct ns_enter *s = spec;
	int err = ns_enter_link.check(s, &r->ch->ctx, f);

	if (err < 0)
		return err;
	for (const struct ns_kind *k = ns_kinds; k->name; k++) {
		_cleanup_free_ char *path = s->t.path ? realpath(s->t.path, NULL) : xprintf("/proc/%d/ns/%s", s->t.pid, k->file);

		if (!(s->join & k->flag))
			continue;
		if (k->flag == CLONE_NEWNS)
			from_lose(r, "a root is entered in a mount namespace of its own, never in another's", "--%s of %s", k->name,
				  s->target);
		else
			put_namespace(r, k, path ? path : s->target);
	}
	if (s->join & CLONE_NEWUSER)
		enter_user(r, s);
	if (s->users.n && s->groups.n) {
		put_map(r, "uidMappings", &s->users);
		put_map(r, "gidMappings", &s->groups);
	}
	return 0;
}
