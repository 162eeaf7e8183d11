/* SPDX-License-Identifier: MIT */
/* write-cgroup.c - linux.cgroupsPath and linux.resources as cg-exec. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oci/write.h"

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

static void write_rule(struct line *l, size_t i, const struct oci_device_rule *d)
{
	char type = !d->type ? 'a' : d->type[0] == 'u' ? 'c' : d->type[0], major[24] = "*", minor[24] = "*";
	const char *access = d->access ? d->access : "rwm", *verb = d->allow ? "allow" : "deny";
	char *at = xprintf(AT "devices[%zu]", i);

	if (d->major.given && d->major.n >= 0)
		snprintf(major, sizeof(major), "%lld", (long long)d->major.n);
	if (d->minor.given && d->minor.n >= 0)
		snprintf(minor, sizeof(minor), "%lld", (long long)d->minor.n);
	line_add(l, at, "--device");
	if (type == 'a')
		line_add(l, "", "%s:a:*:*:%s", verb, access);
	else
		line_add(l, "", "%s:%c:%s:%s:%s", verb, type, major, minor, access);
	free(at);
}

/* Every runtime lets a container have these behind all rules: nodes may be made (not opened),
 * and the devices that the specification wants in each. */
static void write_rules(struct line *l, const struct json_list *rules)
{
	static const char *const defaults[] = {
		"c:*:*:m", "b:*:*:m", "c:1:3:rwm", "c:1:5:rwm", "c:1:7:rwm", "c:1:8:rwm",
		"c:1:9:rwm", "c:5:0:rwm", "c:5:1:rwm", "c:5:2:rwm", "c:136:*:rwm",
	};
	const struct oci_device_rule *d = rules->v;

	for (size_t i = 0; i < rules->n; i++)
		write_rule(l, i, &d[i]);
	for (size_t i = 0; rules->n && i < sizeof(defaults) / sizeof(*defaults); i++) {
		line_add(l, AT "devices", "--device");
		line_add(l, "", "allow:%s", defaults[i]);
	}
}

static void write_resources(struct line *l, const struct oci_resources *r)
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
	if (geteuid() == 0) /* nobody else may limit them, and nobody else can make them */
		write_rules(l, &r->devices);
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

	line_add(l, named ? "linux.cgroupsPath" : "linux.resources", "cg-exec");
	if (w->id) {
		path = write_cgroup_path(lin, w->id);
		line_add(l, "linux.cgroupsPath", "--new=%s", path);
		free(path);
	} else if (named) {
		line_add(l, "linux.cgroupsPath", "--new=%s", lin->cgroups_path);
	} else {
		line_add(l, "linux.resources", "--new");
	}
	if (named || w->id)
		line_option(l, "linux.cgroupsPath", "everywhere", NULL);
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
		write_resources(&sets, lin->resources);
	if (w->id || sets.words.n || (lin->cgroups_path && *lin->cgroups_path))
		write_place(l, lin, w);
	for (size_t i = 0; i < sets.words.n; i++)
		line_add(l, sets.from.v[i], "%s", sets.words.v[i]);
	line_free(&sets);
}
