/* SPDX-License-Identifier: MIT */
/* remake-ns.c - the cgroup and the namespaces of a process as cg-exec and ns-run. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "chain/remake.h"
#include "ns/kinds.h"
#include "ns/uts.h"

/* -- cg-exec --------------------------------------------------------------------------------- */

/* Does the same cgroup limit the caller in the same way? */
static bool holds_here(const struct cg_limits *own, const struct cg_limit *l)
{
	for (size_t i = 0; i < own->n; i++)
		if (own->v[i].key == l->key)
			return strcmp(own->v[i].where, l->where) == 0;
	return false;
}

/* In how many hierarchies it is in another cgroup than the caller; *all: in every one that
 * has controllers. */
static unsigned elsewhere(const struct remake *m, const struct cg_world *w, bool *all)
{
	unsigned n = 0;

	*all = true;
	for (size_t i = 0; i < w->n; i++) {
		const char *a = cg_path_of(&w->h[i], &m->p), *b = cg_path_of(&w->h[i], &m->own);

		if (a && (!b || strcmp(a, b) != 0))
			n++;
		else if (w->h[i].v2 || !strstr(w->h[i].options, "name="))
			*all = false;
	}
	return n;
}

/* "c 1:3 rwm" as allow:c:1:3:rwm; the first "a *:* rwm" alone says that nothing is limited. */
static void add_devices(struct remake *m, struct cg_exec *e, const struct cg_world *w)
{
	const struct cg_hier *h = cg_world_v1(w, "devices", strlen("devices"));
	const char *path = h ? cg_path_of(h, &m->p) : NULL;
	_cleanup_free_ char *file = path ? xprintf("%s/%s/devices.list", h->mount, path) : NULL;
	_cleanup_free_ char *text = NULL;
	char *rest, *line;

	if (!file || !*path || path_read(AT_FDCWD, file, 1 << 16, &text) <= 0 || *text == 'a')
		return;
	words_add(&e->devices, remake_keep(m, xprintf("deny:a")));
	for (rest = text; (line = strsep(&rest, "\n")) && *line;) {
		char *blank = strchr(line, ' '), *last = strrchr(line, ' ');

		if (!blank || blank == last)
			continue;
		*blank = *last = ':';
		words_add(&e->devices, remake_keep(m, xprintf("allow:%s", line)));
	}
}

bool remake_cgroup(struct remake *m, struct cg_exec *e)
{
	struct cg_world w = {0};
	struct cg_limits its = {0}, own = {0};
	struct fault f;
	bool all;
	unsigned n;

	if (!facts_has(&m->p, FACT_CGROUPS) || cg_world_read(&w, &f) < 0) {
		remake_note(m, "the limits of its cgroup cannot be read");
		cg_world_free(&w);
		return false;
	}
	cg_limits_read(&its, &w, &m->p);
	cg_limits_read(&own, &w, &m->own);
	for (size_t i = 0; i < its.n; i++)
		if (!holds_here(&own, &its.v[i])) {
			if (strchr(its.v[i].value, ';'))
				remake_note(m, "%s of its cgroup has several lines: %s", its.v[i].key->file[CG_V2].name, its.v[i].value);
			else
				words_add(&e->sets, remake_keep(m, xprintf("%s=%s", its.v[i].key->file[CG_V2].name, its.v[i].value)));
		}
	n = elsewhere(m, &w, &all);
	if (n)
		add_devices(m, e, &w);
	e->everywhere = n > 1 && all;
	e->make.given = e->sets.n || e->devices.n || e->everywhere || (n && m->kinds & CLONE_NEWCGROUP);
	cg_limits_free(&its);
	cg_limits_free(&own);
	cg_world_free(&w);
	return e->make.given;
}

/* -- ns-run ------------------------------------------------------------------------------------ */

static bool read_map(struct remake *m, const struct facts_map *from, struct idmap *to, const char *what)
{
	struct fault f;

	for (size_t i = 0; i < from->n; i++)
		if (idmap_add(to, from->v[i].in, from->v[i].out, from->v[i].count, &f) < 0) {
			remake_note(m, "its map of %s ids has %zu ranges: only the first are said", what, from->n);
			return false;
		}
	return true;
}

static bool maps_only(const struct idmap *map, uint32_t in, uint32_t out)
{
	return map->n == 1 && map->e[0].count == 1 && map->e[0].in == in && map->e[0].out == out;
}

static bool same_map(const struct idmap *a, const struct idmap *b)
{
	return a->n == b->n && memcmp(a->e, b->e, a->n * sizeof(*a->e)) == 0;
}

static void add_option(struct words *w, const char *name, char *value)
{
	words_take(w, xprintf("--%s", name));
	words_take(w, value);
}

static void add_ranges(struct words *w, const char *option, const struct idmap *map)
{
	for (unsigned i = 0; i < map->n; i++)
		add_option(w, option, xprintf("%u:%u:%u", map->e[i].in, map->e[i].out, map->e[i].count));
}

static void add_maps(struct remake *m, struct words *w)
{
	uint32_t uid = m->own.uid.effective, gid = m->own.gid.effective;
	const struct idmap *users = &m->users, *groups = &m->groups;

	if (!facts_has(&m->p, FACT_UID_MAP) || !facts_has(&m->p, FACT_GID_MAP))
		return;
	read_map(m, &m->p.users, &m->users, "user");
	read_map(m, &m->p.groups_map, &m->groups, "group");
	if (!users->n || !groups->n)
		remake_note(m, "its user namespace has no id map; the chain maps the caller to root");
	if (maps_only(users, 0, uid) && maps_only(groups, 0, gid)) {
		words_take(w, xprintf("--map-root"));
	} else if (maps_only(users, uid, uid) && maps_only(groups, gid, gid)) {
		words_take(w, xprintf("--map-current"));
	} else if (same_map(users, groups)) {
		add_ranges(w, "map", users);
	} else {
		add_ranges(w, "map-users", users);
		add_ranges(w, "map-groups", groups);
	}
	/* for who lacks the capability the kernel denies it in any case */
	if (facts_has(&m->p, FACT_SETGROUPS) && !m->p.setgroups && m->own.effective >> CAP_SETGID & 1)
		add_option(w, "setgroups", xprintf("deny"));
}

static void add_names(struct remake *m, struct words *w)
{
	struct utsname its, own;
	int r = uts_read(m->target.pidfd, &its);

	if (r < 0 || uname(&own) < 0) {
		remake_note(m, "its host name cannot be read: %s", strerror(-r));
		return;
	}
	if (strcmp(its.nodename, own.nodename) != 0)
		add_option(w, "hostname", xprintf("%s", its.nodename));
	if (strcmp(its.domainname, own.domainname) != 0)
		add_option(w, "domainname", xprintf("%s", its.domainname));
}

static void add_offset(struct words *w, const char *name, const struct facts_offset *its, const struct facts_offset *own)
{
	if (its->sec != own->sec || its->nsec != own->nsec)
		add_option(w, name, xprintf("%lld:%ld", (long long)its->sec, its->nsec));
}

static void add_offsets(const struct remake *m, struct words *w)
{
	if (!facts_has(&m->p, FACT_OFFSETS))
		return;
	add_offset(w, "monotonic", &m->p.monotonic, &m->own.monotonic);
	add_offset(w, "boottime", &m->p.boottime, &m->own.boottime);
}

/* A chain makes lo alone. In /proc/PID/net every process shows its own network. */
static void look_at_net(struct remake *m, struct words *w)
{
	_cleanup_free_ char *devices = NULL, *addresses = NULL;
	char *rest, *line;

	if (path_read(m->target.procfd, "net/fib_trie", 64 << 20, &addresses) >= 0 && !strstr(addresses, "127.0.0.1"))
		words_take(w, xprintf("--no-loopback"));
	if (path_read(m->target.procfd, "net/dev", 1 << 20, &devices) <= 0)
		return;
	for (rest = devices; (line = strsep(&rest, "\n"));) {
		char *colon = strchr(line, ':');

		line += strspn(line, " ");
		if (!colon || strncmp(line, "lo:", 3) == 0)
			continue;
		*colon = '\0';
		remake_note(m, "its network interface %s is to be made by hand: ip link", line);
	}
}

static void add_kinds(const struct remake *m, struct words *w)
{
	if (m->kinds == ns_supported())
		words_take(w, xprintf("--all"));
	for (unsigned i = 0; m->kinds != ns_supported() && i < FACTS_KINDS; i++)
		if (m->kinds & facts_kind_flag(i))
			words_take(w, xprintf("--%s", facts_kind(i)));
}

bool remake_namespaces(struct remake *m, struct ns_run *s)
{
	struct words w = {0};

	if (!facts_has(&m->p, FACT_NS) || !m->kinds)
		return false;
	add_kinds(m, &w);
	if (m->kinds & CLONE_NEWUSER)
		add_maps(m, &w);
	if (m->kinds & CLONE_NEWUTS)
		add_names(m, &w);
	if (m->kinds & CLONE_NEWTIME)
		add_offsets(m, &w);
	if (m->kinds & CLONE_NEWNET)
		look_at_net(m, &w);
	if (m->kinds & CLONE_NEWPID && m->p.inside > 1)
		remake_note(m, "it is process %d of its pid namespace, and the program of the chain will be 1: "
			       "ns-run --init has an init before it", m->p.inside);
	if (m->kinds & CLONE_NEWPID && !(m->kinds & CLONE_NEWNS))
		words_take(&w, xprintf("--no-proc"));
	return remake_take(m, &ns_run_link, s, &w);
}
