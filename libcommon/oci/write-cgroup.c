/* SPDX-License-Identifier: MIT */
/* write-cgroup.c - linux.cgroupsPath and linux.resources as cg-exec. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oci/write.h"
#include "target/self.h"

#define AT "linux.resources."

static void left_out(const struct write_wish *w, const char *path, const char *why)
{
	if (w->warn)
		w->warn(w->arg, path, why);
}

/* config.json's swap is memory and swap together; cgroup2's is swap alone. */
static void write_memory(struct line *l, const struct oci_memory *m, const struct write_wish *w)
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
	if (m->kernel_tcp.n)
		line_set(l, AT "memory.kernelTCP", "memory.kmem.tcp.limit_in_bytes", m->kernel_tcp.n);
	/* the kernel counts its own memory with the rest, and what is below with what is above */
	if (m->kernel.n)
		left_out(w, AT "memory.kernel", "Linux has no such limit any more: left out");
	if (m->hierarchy.given && !m->hierarchy.n)
		left_out(w, AT "memory.useHierarchy", "Linux always counts the cgroups below: left out");
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

/* Is it of every device, in every way? */
static bool is_of_all(const struct oci_device_rule *d)
{
	bool any = (!d->major.given || d->major.n < 0) && (!d->minor.given || d->minor.n < 0);

	return any && (!d->type || !*d->type || *d->type == 'a') &&
	       (!d->access || (strchr(d->access, 'r') && strchr(d->access, 'w') && strchr(d->access, 'm')));
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
		left_out(w, AT "devices", "only root of the host can limit devices: left out");
		return;
	}
	/* the rules are a list of what is allowed: what none of them names is denied */
	if (!is_of_all(d)) {
		line_add(l, AT "devices", "--device");
		line_add(l, "", "deny:a");
	}
	for (size_t i = 0; i < rules->n; i++)
		write_rule(l, i, &d[i]);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
		line_add(l, AT "devices", "--device");
		line_add(l, "", "allow:%s", defaults[i]);
	}
}

/* -- block devices, network, rdma ------------------------------------------------------------ */

static void write_weight_device(struct line *l, size_t i, const struct oci_weight_device *d)
{
	char *at = xprintf(AT "blockIO.weightDevice[%zu]", i);

	if (d->weight.n) {
		line_add(l, at, "--set");
		line_add(l, "", "blkio.weight_device=%lu:%lu %lu", (unsigned long)d->major.n, (unsigned long)d->minor.n,
			 (unsigned long)d->weight.n);
	}
	if (d->leaf.n) {
		line_add(l, at, "--set");
		line_add(l, "", "blkio.leaf_weight_device=%lu:%lu %lu", (unsigned long)d->major.n, (unsigned long)d->minor.n,
			 (unsigned long)d->leaf.n);
	}
	free(at);
}

/* Weights are said in v1's words, which have config.json's range. */
static void write_block_io(struct line *l, const struct oci_block_io *b)
{
	static const struct {
		const char *member, *name;
	} rows[OCI_THROTTLES] = {
		[OCI_READ_BPS] = {"throttleReadBpsDevice", "rbps"},
		[OCI_WRITE_BPS] = {"throttleWriteBpsDevice", "wbps"},
		[OCI_READ_IOPS] = {"throttleReadIOPSDevice", "riops"},
		[OCI_WRITE_IOPS] = {"throttleWriteIOPSDevice", "wiops"},
	};
	const struct oci_weight_device *weights = b->weights.v;

	if (b->weight.n)
		line_set(l, AT "blockIO.weight", "blkio.weight", (int64_t)b->weight.n);
	if (b->leaf.n)
		line_set(l, AT "blockIO.leafWeight", "blkio.leaf_weight", (int64_t)b->leaf.n);
	for (size_t i = 0; i < b->weights.n; i++)
		write_weight_device(l, i, &weights[i]);
	for (size_t kind = 0; kind < OCI_THROTTLES; kind++) {
		const struct oci_throttle *t = b->throttle[kind].v;

		for (size_t i = 0; i < b->throttle[kind].n; i++) {
			char *at = xprintf(AT "blockIO.%s[%zu]", rows[kind].member, i);

			line_add(l, at, "--set");
			if (t[i].rate.n)
				line_add(l, "", "io.max=%lu:%lu %s=%llu", (unsigned long)t[i].major.n, (unsigned long)t[i].minor.n,
					 rows[kind].name, (unsigned long long)t[i].rate.n);
			else
				line_add(l, "", "io.max=%lu:%lu %s=max", (unsigned long)t[i].major.n, (unsigned long)t[i].minor.n,
					 rows[kind].name);
			free(at);
		}
	}
}

static void write_network(struct line *l, const struct oci_network *n)
{
	const struct oci_priority *p = n->priorities.v;

	if (n->class_id.n)
		line_set(l, AT "network.classID", "net_cls.classid", (int64_t)n->class_id.n);
	for (size_t i = 0; i < n->priorities.n; i++) {
		char *at = xprintf(AT "network.priorities[%zu]", i);

		line_add(l, at, "--set");
		line_add(l, "", "net_prio.ifpriomap=%s %lu", p[i].name, (unsigned long)p[i].priority.n);
		free(at);
	}
}

static void write_rdma(struct line *l, const struct oci_rdma *d)
{
	line_add(l, AT "rdma", "--set");
	if (d->handles.given && d->objects.given)
		line_add(l, "", "rdma.max=%s hca_handle=%lu hca_object=%lu", d->device, (unsigned long)d->handles.n,
			 (unsigned long)d->objects.n);
	else if (d->handles.given)
		line_add(l, "", "rdma.max=%s hca_handle=%lu", d->device, (unsigned long)d->handles.n);
	else
		line_add(l, "", "rdma.max=%s hca_object=%lu", d->device, (unsigned long)d->objects.n);
}

/* -- all of it ---------------------------------------------------------------------------------- */

void write_limits(struct line *l, const struct oci_resources *r, const struct write_wish *w)
{
	const struct oci_hugepage *h = r->hugepages.v;
	const struct oci_rdma *rdma = r->rdma.v;

	if (r->memory)
		write_memory(l, r->memory, w);
	if (r->cpu)
		write_cpu(l, r->cpu);
	/* a limit of 0 leaves the program, which is there already, and no other */
	if (r->pids && r->pids->limit.given)
		line_set(l, AT "pids.limit", "pids.max", r->pids->limit.n ? r->pids->limit.n : 1);
	/* what is reserved counts, so that a program learns of the limit from mmap(2) and not by SIGBUS */
	for (size_t i = 0; i < r->hugepages.n; i++) {
		char *at = xprintf(AT "hugepageLimits[%zu]", i);

		line_add(l, at, "--set");
		line_add(l, "", "hugetlb.%s.rsvd.max=%lu", h[i].size, (unsigned long)h[i].limit.n);
		free(at);
	}
	if (r->block_io)
		write_block_io(l, r->block_io);
	if (r->network)
		write_network(l, r->network);
	for (size_t i = 0; i < r->rdma.n; i++)
		write_rdma(l, rdma + i);
	for (size_t i = 0; i < r->unified.n; i++) {
		line_add(l, AT "unified", "--set");
		line_add(l, "", "%s=%s", r->unified.v[i].key, r->unified.v[i].value);
	}
}

static void write_all(struct line *l, const struct oci_resources *r, const struct write_wish *w)
{
	write_limits(l, r, w);
	write_rules(l, &r->devices, w);
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
		write_all(&sets, lin->resources, w);
	if (w->id || sets.words.n || (lin->cgroups_path && *lin->cgroups_path))
		write_place(l, lin, w);
	for (size_t i = 0; i < sets.words.n; i++)
		line_add(l, sets.from.v[i], "%s", sets.words.v[i]);
	line_free(&sets);
}
