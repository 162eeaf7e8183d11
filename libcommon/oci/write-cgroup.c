/* SPDX-License-Identifier: MIT */
/* write-cgroup.c - linux.cgroupsPath and linux.resources as cg-exec. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oci/write.h"
#include "target/self.h"

#define AT "linux.resources."

/* config.json's swap is memory and swap together; cgroup2's is swap alone. */
static void write_memory(struct line *l, const struct oci_memory *m)
{
	if (m->limit.n) /* 0: nothing is said */
		line_set(l, AT "memory.limit", "memory.max", m->limit.n);
	if (m->reservation.n)
		line_set(l, AT "memory.reservation", "memory.low", m->reservation.n);
	if (m->swap.n)
		line_set(l, AT "memory.swap", "memory.swap.max", m->swap.n < 0 ? -1 : m->swap.n - m->limit.n);
	if (m->swappiness.given)
		line_set(l, AT "memory.swappiness", "memory.swappiness", (int64_t)m->swappiness.n);
	if (m->no_oom_killer)
		line_set(l, AT "memory.disableOOMKiller", "memory.oom_control", 1);
}

static void write_quota(struct line *l, const struct oci_cpu *c)
{
	unsigned long period = c->period.n ? c->period.n : 100000; /* the kernel's default */

	if (!c->quota.n && !c->period.n)
		return;
	line_add(l, c->quota.n ? AT "cpu.quota" : AT "cpu.period", "--set");
	if (c->quota.n > 0)
		line_add(l, "", "cpu.max=%ld %lu", (long)c->quota.n, period);
	else
		line_add(l, "", "cpu.max=max %lu", period);
}

static void write_cpu(struct line *l, const struct oci_cpu *c)
{
	if (c->shares.n)
		line_set(l, AT "cpu.shares", "cpu.shares", (int64_t)(c->shares.n > INT64_MAX ? INT64_MAX : c->shares.n));
	write_quota(l, c);
	if (c->burst.given)
		line_set(l, AT "cpu.burst", "cpu.max.burst", (int64_t)c->burst.n);
	if (c->rt_period.n)
		line_set(l, AT "cpu.realtimePeriod", "cpu.rt_period_us", (int64_t)c->rt_period.n);
	if (c->rt_runtime.n)
		line_set(l, AT "cpu.realtimeRuntime", "cpu.rt_runtime_us", c->rt_runtime.n);
	if (c->idle.given)
		line_set(l, AT "cpu.idle", "cpu.idle", c->idle.n);
	if (c->cpus && *c->cpus) {
		line_add(l, AT "cpu.cpus", "--set");
		line_add(l, "", "cpuset.cpus=%s", c->cpus);
	}
	if (c->mems && *c->mems) {
		line_add(l, AT "cpu.mems", "--set");
		line_add(l, "", "cpuset.mems=%s", c->mems);
	}
}

static const char *device_number(const struct json_int *n, char *buf, size_t size)
{
	if (n->given && n->n >= 0)
		snprintf(buf, size, "%lld", (long long)n->n);
	else
		snprintf(buf, size, "*");
	return buf;
}

/* No type, or "a", is both of b and c; with a number it has to be said of each. */
static void write_rule(struct line *l, size_t i, const struct oci_device_rule *d)
{
	char major[24], minor[24], *at = xprintf(AT "devices[%zu]", i);
	const char *access = d->access ? d->access : "rwm", *verb = d->allow ? "allow" : "deny";
	const char *types = d->type && *d->type ? d->type : "a";

	device_number(&d->major, major, sizeof(major));
	device_number(&d->minor, minor, sizeof(minor));
	if (*types == 'a' && (*major != '*' || *minor != '*'))
		types = "bc";
	for (; *types; types++) {
		line_add(l, at, "--device");
		if (*types == 'a' && strchr(access, 'r') && strchr(access, 'w') && strchr(access, 'm'))
			line_add(l, "", "%s:a", verb);
		else
			line_add(l, "", "%s:%c:%s:%s:%s", verb, *types, major, minor, access);
	}
	free(at);
}

/* Every runtime lets a container have these behind all rules: nodes may be made (not opened),
 * and the devices that the specification wants in each. */
static void write_rules(struct line *l, const struct json_list *rules, const struct write_wish *w)
{
	static const char *const defaults[] = {
		"c:*:*:m", "b:*:*:m", "c:1:3:rwm", "c:1:5:rwm", "c:1:7:rwm", "c:1:8:rwm",
		"c:1:9:rwm", "c:5:0:rwm", "c:5:1:rwm", "c:5:2:rwm", "c:136:*:rwm",
	};
	const struct oci_device_rule *d = rules->v;

	if (!rules->n)
		return;
	/* Safe: the kernel limits devices for root of the first user namespace alone, and nobody
	 * else can make a node of one; what may be opened is then what file permissions say. */
	if (geteuid() != 0 || self_in_userns()) {
		if (w->warn)
			w->warn(w->arg, AT "devices", "only root of the host can limit devices: left out");
		return;
	}
	for (size_t i = 0; i < rules->n; i++)
		write_rule(l, i, &d[i]);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
		line_add(l, AT "devices", "--device");
		line_add(l, "", "allow:%s", defaults[i]);
	}
}

static void write_resources(struct line *l, const struct oci_resources *r, const struct write_wish *w)
{
	const struct oci_hugepage *h = r->hugepages.v;

	if (r->memory)
		write_memory(l, r->memory);
	if (r->cpu)
		write_cpu(l, r->cpu);
	/* a limit of 0 leaves the program, which is there already, and no other */
	if (r->pids && r->pids->limit.given)
		line_set(l, AT "pids.limit", "pids.max", r->pids->limit.n ? r->pids->limit.n : 1);
	for (size_t i = 0; i < r->hugepages.n; i++) {
		char *at = xprintf(AT "hugepageLimits[%zu]", i);

		line_add(l, at, "--set");
		line_add(l, "", "hugetlb.%s.max=%lu", h[i].size, (unsigned long)h[i].limit.n);
		free(at);
	}
	write_rules(l, &r->devices, w);
	for (size_t i = 0; i < r->unified.n; i++) {
		line_add(l, AT "unified", "--set");
		line_add(l, "", "%s=%s", r->unified.v[i].key, r->unified.v[i].value);
	}
}

char *write_cgroup_path(const struct oci_linux *lin, const char *id)
{
	const char *path = lin->cgroups_path;

	if (!path || !*path)
		return xprintf("/%s", id);
	/* one place whoever calls: a path from the top */
	return xprintf("%s%s", *path == '/' ? "" : "/", path);
}

static void write_place(struct line *l, const struct oci_linux *lin, const struct write_wish *w)
{
	bool named = lin->cgroups_path && *lin->cgroups_path;
	char *path;

	if (!w->id) {
		line_add(l, named ? "linux.cgroupsPath" : "linux.resources", "cg-exec");
		if (named)
			line_add(l, "linux.cgroupsPath", "--new=%s", lin->cgroups_path);
		else
			line_add(l, "linux.resources", "--new");
	} else {
		path = write_cgroup_path(lin, w->id);
		line_add(l, "linux.cgroupsPath", "cg-exec");
		line_add(l, "linux.cgroupsPath", "--new=%s", path);
		line_option(l, "linux.cgroupsPath", "everywhere", NULL);
		free(path);
	}
	if (named)
		line_option(l, "linux.cgroupsPath", "parents", NULL);
	if (w->keep)
		line_option(l, "linux.cgroupsPath", "keep", NULL);
}

/* Without limits and a path nothing asks for a cgroup, and a chain stays in its own; a
 * container is found, stopped and ended by its cgroup. */
void write_cgroup(struct line *l, const struct oci_linux *lin, const struct write_wish *w)
{
	struct line sets = {0};

	if (w->no_cgroup)
		return;
	if (lin->resources)
		write_resources(&sets, lin->resources, w);
	if (w->id || sets.words.n || (lin->cgroups_path && *lin->cgroups_path))
		write_place(l, lin, w);
	for (size_t i = 0; i < sets.words.n; i++)
		line_add(l, sets.from.v[i], "%s", sets.words.v[i]);
	line_free(&sets);
}
