/* SPDX-License-Identifier: MIT */
/* config-resources.c - the tables of config.json's "linux.resources". */
#include <stdio.h>
#include <string.h>

#include "oci/config.h"

#define ROW(shape, name, kind, member, must) {name, &json_kind_##kind, offsetof(struct shape, member), must, NULL, 0}
#define SUB(shape, name, kind, member, must, of) {name, &json_kind_##kind, offsetof(struct shape, member), must, of, 0}
#define UINT(shape, name, member, must, max) {name, &json_kind_uint, offsetof(struct shape, member), must, NULL, max}

/* -- memory, processors, processes, huge pages --------------------------------------------------- */

/* config.json's swap is memory and swap together, so it cannot be less than the memory. */
static int check_memory(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_memory *m = object;

	if (m->limit.n < -1)
		return json_fail(at, "limit", f, "expected bytes, or -1 for no limit, got %ld", (long)m->limit.n);
	if (m->reservation.n < -1)
		return json_fail(at, "reservation", f, "expected bytes, or -1 for no limit, got %ld", (long)m->reservation.n);
	if (m->swap.n < -1)
		return json_fail(at, "swap", f, "expected bytes, or -1 for no limit, got %ld", (long)m->swap.n);
	if (m->kernel_tcp.n < -1)
		return json_fail(at, "kernelTCP", f, "expected bytes, or -1 for no limit, got %ld", (long)m->kernel_tcp.n);
	if (m->swap.n > 0 && m->limit.n <= 0)
		return json_fail(at, "swap", f, "it counts memory and swap together, so memory.limit is needed");
	if (m->swap.n > 0 && m->swap.n < m->limit.n)
		return json_fail(at, "swap", f, "%ld is less than limit (%ld), which it includes", (long)m->swap.n,
				 (long)m->limit.n);
	return 0;
}

/* A truth value that may be absent: 0 or 1 of a struct json_uint. */
static int decode_answer(const struct json_at *at, struct json_object *v, const struct json_field *row, void *field,
			 struct fault *f)
{
	bool yes = false;
	int r = json_kind_bool.decode(at, v, row, &yes, f);

	if (r == 0)
		*(struct json_uint *)field = (struct json_uint){true, yes};
	return r;
}

static const struct json_kind kind_answer = {decode_answer};

static const struct json_field memory_fields[] = {
	ROW(oci_memory, "limit", int, limit, false),
	ROW(oci_memory, "reservation", int, reservation, false),
	ROW(oci_memory, "swap", int, swap, false),
	UINT(oci_memory, "swappiness", swappiness, false, 200),
	ROW(oci_memory, "disableOOMKiller", bool, no_oom_killer, false),
	{"useHierarchy", &kind_answer, offsetof(struct oci_memory, hierarchy), false, NULL, 0},
	ROW(oci_memory, "kernel", int, kernel, false),
	ROW(oci_memory, "kernelTCP", int, kernel_tcp, false),
	{0},
};
static const struct json_shape memory_shape = {memory_fields, sizeof(struct oci_memory), check_memory, false};

static int check_cpu(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_cpu *c = object;

	if (c->quota.n < -1)
		return json_fail(at, "quota", f, "expected microseconds, or -1 for no limit, got %ld", (long)c->quota.n);
	if (c->idle.given && (c->idle.n < 0 || c->idle.n > 1))
		return json_fail(at, "idle", f, "expected 0 or 1, got %ld", (long)c->idle.n);
	if (c->burst.n && (c->quota.n <= 0 || c->burst.n > (uint64_t)c->quota.n))
		return json_fail(at, "burst", f, "at most quota, which is %ld", (long)c->quota.n);
	return 0;
}

static const struct json_field cpu_fields[] = {
	UINT(oci_cpu, "shares", shares, false, 0),
	ROW(oci_cpu, "quota", int, quota, false),
	UINT(oci_cpu, "period", period, false, 0),
	UINT(oci_cpu, "burst", burst, false, 0),
	ROW(oci_cpu, "realtimeRuntime", int, rt_runtime, false),
	UINT(oci_cpu, "realtimePeriod", rt_period, false, 0),
	ROW(oci_cpu, "idle", int, idle, false),
	ROW(oci_cpu, "cpus", string, cpus, false),
	ROW(oci_cpu, "mems", string, mems, false),
	{0},
};
static const struct json_shape cpu_shape = {cpu_fields, sizeof(struct oci_cpu), check_cpu, false};

static const struct json_field pids_fields[] = {
	ROW(oci_pids, "limit", int, limit, true),
	{0},
};
static const struct json_shape pids_shape = {pids_fields, sizeof(struct oci_pids), NULL, false};

/* "64KB", "2MB", "1GB": digits and a unit, as the names of the kernel's files have them. */
static int check_hugepage(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_hugepage *h = object;
	size_t n = strspn(h->size, "0123456789");
	const char *unit = h->size + n;

	if (n > 0 && h->size[0] != '0' && (strcmp(unit, "KB") == 0 || strcmp(unit, "MB") == 0 || strcmp(unit, "GB") == 0))
		return 0;
	return json_fail(at, "pageSize", f, "expected a size such as 2MB, got '%.16s'", h->size);
}

static const struct json_field hugepage_fields[] = {
	ROW(oci_hugepage, "pageSize", string, size, true),
	UINT(oci_hugepage, "limit", limit, true, 0),
	{0},
};
static const struct json_shape hugepage_shape = {hugepage_fields, sizeof(struct oci_hugepage), check_hugepage, false};

/* -- block devices, network, rdma ------------------------------------------------------------ */

/* The same in both: a number of the device, and weights from 10 to 1000, where 0 says nothing. */
static int check_weight(const struct json_at *at, const char *member, const struct json_uint *n, struct fault *f)
{
	if (!n->n || (n->n >= 10 && n->n <= 1000))
		return 0;
	return json_fail(at, member, f, "expected integer from 10 to 1000, got %lu", (unsigned long)n->n);
}

static int check_weight_device(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_weight_device *d = object;
	int r = check_weight(at, "weight", &d->weight, f);

	if (r == 0)
		r = check_weight(at, "leafWeight", &d->leaf, f);
	if (r == 0 && !d->weight.n && !d->leaf.n)
		r = json_fail(at, "weight", f, "one of weight and leafWeight is required");
	return r;
}

static const struct json_field weight_device_fields[] = {
	UINT(oci_weight_device, "major", major, true, UINT32_MAX),
	UINT(oci_weight_device, "minor", minor, true, UINT32_MAX),
	UINT(oci_weight_device, "weight", weight, false, UINT16_MAX),
	UINT(oci_weight_device, "leafWeight", leaf, false, UINT16_MAX),
	{0},
};
static const struct json_shape weight_device_shape = {weight_device_fields, sizeof(struct oci_weight_device),
						      check_weight_device, false};

static const struct json_field throttle_fields[] = {
	UINT(oci_throttle, "major", major, true, UINT32_MAX),
	UINT(oci_throttle, "minor", minor, true, UINT32_MAX),
	UINT(oci_throttle, "rate", rate, true, 0),
	{0},
};
static const struct json_shape throttle_shape = {throttle_fields, sizeof(struct oci_throttle), NULL, false};

static int check_block_io(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_block_io *b = object;
	int r = check_weight(at, "weight", &b->weight, f);

	return r < 0 ? r : check_weight(at, "leafWeight", &b->leaf, f);
}

static const struct json_field block_io_fields[] = {
	UINT(oci_block_io, "weight", weight, false, UINT16_MAX),
	UINT(oci_block_io, "leafWeight", leaf, false, UINT16_MAX),
	SUB(oci_block_io, "weightDevice", objects, weights, false, &weight_device_shape),
	SUB(oci_block_io, "throttleReadBpsDevice", objects, throttle[OCI_READ_BPS], false, &throttle_shape),
	SUB(oci_block_io, "throttleWriteBpsDevice", objects, throttle[OCI_WRITE_BPS], false, &throttle_shape),
	SUB(oci_block_io, "throttleReadIOPSDevice", objects, throttle[OCI_READ_IOPS], false, &throttle_shape),
	SUB(oci_block_io, "throttleWriteIOPSDevice", objects, throttle[OCI_WRITE_IOPS], false, &throttle_shape),
	{0},
};
static const struct json_shape block_io_shape = {block_io_fields, sizeof(struct oci_block_io), check_block_io, false};

static bool one_word(const char *s)
{
	return *s && !s[strcspn(s, " \t\n/")];
}

static int check_priority(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_priority *p = object;

	return one_word(p->name) ? 0 : json_fail(at, "name", f, "'%.40s' is no name of an interface", p->name);
}

static const struct json_field priority_fields[] = {
	ROW(oci_priority, "name", string, name, true),
	UINT(oci_priority, "priority", priority, true, UINT32_MAX),
	{0},
};
static const struct json_shape priority_shape = {priority_fields, sizeof(struct oci_priority), check_priority, false};

static const struct json_field network_fields[] = {
	UINT(oci_network, "classID", class_id, false, UINT32_MAX),
	SUB(oci_network, "priorities", objects, priorities, false, &priority_shape),
	{0},
};
static const struct json_shape network_shape = {network_fields, sizeof(struct oci_network), NULL, false};

static int check_rdma(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_rdma *d = object;

	if (!one_word(d->device))
		return json_fail(at, NULL, f, "'%.40s' is no name of a device", d->device);
	if (!d->handles.given && !d->objects.given)
		return json_fail(at, NULL, f, "one of hcaHandles and hcaObjects is required");
	return 0;
}

static const struct json_field rdma_fields[] = {
	UINT(oci_rdma, "hcaHandles", handles, false, UINT32_MAX),
	UINT(oci_rdma, "hcaObjects", objects, false, UINT32_MAX),
	{0},
};
static const struct json_shape rdma_shape = {rdma_fields, sizeof(struct oci_rdma), check_rdma, false};

/* -- all of them ------------------------------------------------------------------------------- */

static int check_resources(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_resources *r = object;

	for (size_t i = 0; i < r->unified.n; i++)
		if (strpbrk(r->unified.v[i].key, "/=") || !strchr(r->unified.v[i].key, '.'))
			return json_fail(at, "unified", f, "'%.60s' is no file of a cgroup", r->unified.v[i].key);
	return 0;
}

static int check_rule(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_device_rule *d = object;

	if (d->type && *d->type && (strlen(d->type) != 1 || !strchr("abc", d->type[0])))
		return json_fail(at, "type", f, "expected a, b or c, got '%.16s'", d->type);
	if (d->access && (!*d->access || d->access[strspn(d->access, "rwm")]))
		return json_fail(at, "access", f, "expected some of r, w and m, got '%.16s'", d->access);
	if (d->major.n < -1 || d->major.n > UINT32_MAX)
		return json_fail(at, "major", f, "expected a number, or -1 for any, got %ld", (long)d->major.n);
	if (d->minor.n < -1 || d->minor.n > UINT32_MAX)
		return json_fail(at, "minor", f, "expected a number, or -1 for any, got %ld", (long)d->minor.n);
	return 0;
}

static const struct json_field rule_fields[] = {
	ROW(oci_device_rule, "allow", bool, allow, true),
	ROW(oci_device_rule, "type", string, type, false),
	ROW(oci_device_rule, "major", int, major, false),
	ROW(oci_device_rule, "minor", int, minor, false),
	ROW(oci_device_rule, "access", string, access, false),
	{0},
};
static const struct json_shape rule_shape = {rule_fields, sizeof(struct oci_device_rule), check_rule, false};

static const struct json_field resources_fields[] = {
	SUB(oci_resources, "memory", object, memory, false, &memory_shape),
	SUB(oci_resources, "cpu", object, cpu, false, &cpu_shape),
	SUB(oci_resources, "pids", object, pids, false, &pids_shape),
	SUB(oci_resources, "hugepageLimits", objects, hugepages, false, &hugepage_shape),
	ROW(oci_resources, "unified", map, unified, false),
	SUB(oci_resources, "devices", objects, devices, false, &rule_shape),
	SUB(oci_resources, "blockIO", object, block_io, false, &block_io_shape),
	SUB(oci_resources, "network", object, network, false, &network_shape),
	SUB(oci_resources, "rdma", named, rdma, false, &rdma_shape),
	{0},
};
const struct json_shape oci_resources_shape = {resources_fields, sizeof(struct oci_resources), check_resources, true};
