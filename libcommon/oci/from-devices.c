/* SPDX-License-Identifier: MIT */
/* from-devices.c - the device rules of cg-exec as linux.resources.devices. */
#include <errno.h>
#include <json-c/json.h>

#include "base/count.h"
#include "base/fd.h"
#include "cg/devices.h"
#include "oci/from.h"

#define MAKE BPF_DEVCG_ACC_MKNOD
#define ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* What every runtime allows behind all rules; see write-cgroup.c. */
static const struct cg_device always[] = {
	{true, 'c', -1, -1, MAKE}, {true, 'b', -1, -1, MAKE}, {true, 'c', 1, 3, ALL}, {true, 'c', 1, 5, ALL},
	{true, 'c', 1, 7, ALL},    {true, 'c', 1, 8, ALL},    {true, 'c', 1, 9, ALL}, {true, 'c', 5, 0, ALL},
	{true, 'c', 5, 1, ALL},    {true, 'c', 5, 2, ALL},    {true, 'c', 136, -1, ALL},
};

static const struct cg_device everything = {true, 'a', -1, -1, ALL};

static bool meets(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a == b;
}

static bool covers(int64_t a, int64_t b)
{
	return a < 0 || a == b;
}

/* Does a rule deny something of d that no later rule allows? */
static bool denied(const struct cg_device *rules, size_t n, const struct cg_device *d, size_t *by)
{
	unsigned open = d->access;

	for (size_t i = n; open && i-- > 0;) {
		const struct cg_device *rule = &rules[i];

		if ((rule->type != 'a' && rule->type != d->type) || !meets(rule->major, d->major) ||
		    !meets(rule->minor, d->minor) || !(rule->access & open))
			continue;
		*by = i;
		if (!rule->allow)
			return true;
		if (covers(rule->major, d->major) && covers(rule->minor, d->minor))
			open &= ~rule->access;
	}
	return false;
}

static void put_rule(struct json_object *list, const struct cg_device *d)
{
	struct json_object *o = json_object_new_object();
	_cleanup_free_ char *access = xprintf("%s%s%s", d->access & BPF_DEVCG_ACC_READ ? "r" : "",
					      d->access & BPF_DEVCG_ACC_WRITE ? "w" : "", d->access & MAKE ? "m" : "");
	_cleanup_free_ char *type = xprintf("%c", d->type);

	put(o, "allow", json_object_new_boolean(d->allow));
	put_string(o, "type", type);
	if (d->major >= 0)
		put_int(o, "major", d->major);
	if (d->minor >= 0)
		put_int(o, "minor", d->minor);
	put_string(o, "access", access);
	json_object_array_add(list, o);
}

static bool same(const struct cg_device *a, const struct cg_device *b)
{
	return a->allow == b->allow && a->type == b->type && a->major == b->major && a->minor == b->minor &&
	       a->access == b->access;
}

/* How many rules there are before the ones that a printed bundle ends with. */
static size_t own_rules(const struct cg_device *rules, size_t n)
{
	if (n < COUNT(always))
		return n;
	for (size_t i = 0; i < COUNT(always); i++)
		if (!same(&rules[n - COUNT(always) + i], &always[i]))
			return n;
	return n - COUNT(always);
}

int from_devices(struct from *r, const struct words *words, struct fault *f)
{
	_cleanup_free_ struct cg_device *rules = xcalloc(words->n, sizeof(*rules));
	struct json_object *list;
	size_t by = 0;
	bool lost = false;

	if (!words->n)
		return 0;
	for (size_t i = 0; i < words->n; i++)
		if (cg_device_read(&rules[i], words->v[i], f) < 0)
			return -EINVAL;
	list = put_array(put_object(r->lin, "resources"), "devices");
	/* a bundle begins with nothing allowed, a cgroup with what is above it */
	if (!cg_device_is_all(rules))
		put_rule(list, &everything);
	for (size_t i = 0; i < own_rules(rules, words->n); i++)
		put_rule(list, &rules[i]);
	for (size_t i = 0; !lost && i < COUNT(always); i++)
		lost = denied(rules, words->n, &always[i], &by);
	if (lost)
		from_lose(r, "in every container null, zero, tty and their like may be opened, and nodes of all devices made",
			  "--device %s", words->v[by]);
	return 0;
}
