/* SPDX-License-Identifier: MIT */
/* config-linux.c - the tables of config.json's "linux". */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "oci/config.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define ROW(shape, name, kind, member, must) {name, &json_kind_##kind, offsetof(struct shape, member), must, NULL, 0}
#define SUB(shape, name, kind, member, must, of) {name, &json_kind_##kind, offsetof(struct shape, member), must, of, 0}
#define UINT(shape, name, member, must, max) {name, &json_kind_uint, offsetof(struct shape, member), must, NULL, max}
#define LATER(name, why) {name, &json_kind_later, 0, false, why, 0}
#define NOT_YET "not applied yet"

/* -- namespaces and id maps ---------------------------------------------------------- */

static const struct json_name kind_rows[] = {
	{"user", CLONE_NEWUSER}, {"mount", CLONE_NEWNS},   {"pid", CLONE_NEWPID},       {"network", CLONE_NEWNET},
	{"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC},    {"cgroup", CLONE_NEWCGROUP}, {"time", CLONE_NEWTIME},
	{NULL, 0},
};
static const struct json_names kinds = {"namespace type", kind_rows};

static int check_namespace(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_namespace *ns = object;

	if (!ns->path || !*ns->path)
		return 0;
	if (ns->path[0] != '/')
		return json_fail(at, "path", f, "expected an absolute path, got '%.60s'", ns->path);
	if (ns->type->value == CLONE_NEWNS)
		return json_fail(at, "path", f, "a root is entered in a mount namespace of its own, never in another's");
	return 0;
}

static const struct json_field namespace_fields[] = {
	SUB(oci_namespace, "type", name, type, true, &kinds),
	ROW(oci_namespace, "path", string, path, false),
	{0},
};
static const struct json_shape namespace_shape = {namespace_fields, sizeof(struct oci_namespace), check_namespace, false};

static const struct json_field range_fields[] = {
	UINT(oci_range, "containerID", container, true, UINT32_MAX - 1),
	UINT(oci_range, "hostID", host, true, UINT32_MAX - 1),
	UINT(oci_range, "size", size, true, UINT32_MAX),
	{0},
};
const struct json_shape oci_range_shape = {range_fields, sizeof(struct oci_range), NULL, false};

const struct oci_namespace *oci_namespace_of(const struct oci_linux *l, uint64_t kind)
{
	const struct oci_namespace *ns = l->namespaces.v;

	for (size_t i = 0; ns && i < l->namespaces.n; i++)
		if (ns[i].type && ns[i].type->value == kind)
			return &ns[i];
	return NULL;
}

/* -- devices -------------------------------------------------------------------------------- */

static int check_device(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_device *d = object;

	if (strlen(d->type) != 1 || !strchr("cubp", d->type[0]))
		return json_fail(at, "type", f, "expected c, b, u or p, got '%.16s'", d->type);
	if (d->path[0] != '/')
		return json_fail(at, "path", f, "expected an absolute path, got '%.60s'", d->path);
	if (d->type[0] != 'p' && (!d->major.given || !d->minor.given))
		return json_fail(at, d->major.given ? "minor" : "major", f, "required, but missing");
	if (d->major.n < 0 || d->major.n > 4095)
		return json_fail(at, "major", f, "expected integer from 0 to 4095, got %ld", (long)d->major.n);
	if (d->minor.n < 0 || d->minor.n > 1048575)
		return json_fail(at, "minor", f, "expected integer from 0 to 1048575, got %ld", (long)d->minor.n);
	return 0;
}

static const struct json_field device_fields[] = {
	ROW(oci_device, "type", string, type, true),
	ROW(oci_device, "path", string, path, true),
	ROW(oci_device, "major", int, major, false),
	ROW(oci_device, "minor", int, minor, false),
	UINT(oci_device, "fileMode", mode, false, 0177777),
	UINT(oci_device, "uid", uid, false, UINT32_MAX - 1),
	UINT(oci_device, "gid", gid, false, UINT32_MAX - 1),
	{0},
};
static const struct json_shape device_shape = {device_fields, sizeof(struct oci_device), check_device, false};

/* -- linux ---------------------------------------------------------------------------------------- */

static int check_twice(const struct json_at *at, const struct oci_linux *l, struct fault *f)
{
	const struct oci_namespace *ns = l->namespaces.v;
	char member[40];
	int bad = 0;

	for (size_t i = 0; ns && i < l->namespaces.n; i++) {
		if (!ns[i].type || oci_namespace_of(l, ns[i].type->value) == &ns[i])
			continue;
		snprintf(member, sizeof(member), "namespaces[%zu]", i);
		bad = json_fail(at, member, f, "the type '%s' was there before", ns[i].type->name);
	}
	return bad;
}

static int check_maps(const struct json_at *at, const struct oci_linux *l, struct fault *f)
{
	const struct oci_namespace *user = oci_namespace_of(l, CLONE_NEWUSER);

	if (l->uid_maps.n + l->gid_maps.n > 0 && !user)
		return json_fail(at, l->uid_maps.n ? "uidMappings" : "gidMappings", f, "there is no user namespace to map");
	if (!l->uid_maps.n != !l->gid_maps.n)
		return json_fail(at, l->uid_maps.n ? "gidMappings" : "uidMappings", f, "required as well");
	return 0;
}

static int check_paths(const struct json_at *at, const char *name, const struct json_strings *paths, struct fault *f)
{
	char member[40];
	int bad = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (!paths->v[i] || paths->v[i][0] == '/')
			continue;
		snprintf(member, sizeof(member), "%s[%zu]", name, i);
		bad = json_fail(at, member, f, "expected an absolute path, got '%.60s'", paths->v[i]);
	}
	return bad;
}

/* It becomes KEY=VALUE. */
static int check_sysctl(const struct json_at *at, const struct oci_linux *l, struct fault *f)
{
	for (size_t i = 0; i < l->sysctl.n; i++)
		if (strchr(l->sysctl.v[i].key, '='))
			return json_fail(at, "sysctl", f, "'%.60s' is no name of a parameter", l->sysctl.v[i].key);
	return 0;
}

static const struct json_field offset_fields[] = {
	ROW(oci_offset, "secs", int, secs, false),
	UINT(oci_offset, "nanosecs", nanosecs, false, 999999999),
	{0},
};
static const struct json_shape offset_shape = {offset_fields, sizeof(struct oci_offset), NULL, false};

static const struct json_field offsets_fields[] = {
	SUB(oci_offsets, "monotonic", object, monotonic, false, &offset_shape),
	SUB(oci_offsets, "boottime", object, boottime, false, &offset_shape),
	{0},
};
static const struct json_shape offsets_shape = {offsets_fields, sizeof(struct oci_offsets), NULL, false};

static int check_offsets(const struct json_at *at, const struct oci_linux *l, struct fault *f)
{
	const struct oci_namespace *ns = oci_namespace_of(l, CLONE_NEWTIME);

	if (!l->offsets || (!l->offsets->monotonic && !l->offsets->boottime) || (ns && (!ns->path || !*ns->path)))
		return 0;
	return json_fail(at, "timeOffsets", f, ns ? "the time namespace is joined, and its clocks are set"
						  : "there is no time namespace whose clocks they could be");
}

static const struct json_name domain_rows[] = {{"LINUX", 0}, {"LINUX32", 1}, {NULL, 0}};
static const struct json_names domains = {"personality", domain_rows};

static int check_personality(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_personality *p = object;

	return p->flags.n ? json_fail(at, "flags", f, "no flags are defined, and this one is '%.40s'", p->flags.v[0]) : 0;
}

static const struct json_field personality_fields[] = {
	SUB(oci_personality, "domain", name, domain, true, &domains),
	ROW(oci_personality, "flags", strings, flags, false),
	{0},
};
static const struct json_shape personality_shape = {personality_fields, sizeof(struct oci_personality), check_personality,
						    false};

static int check_linux(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_linux *l = object;
	int r[6] = {check_twice(at, l, f), check_maps(at, l, f), check_paths(at, "maskedPaths", &l->masked, f),
		    check_paths(at, "readonlyPaths", &l->read_only, f), check_sysctl(at, l, f)};

	if (l->cgroups_path && strchr(l->cgroups_path, ':'))
		r[5] = json_fail(at, "cgroupsPath", f, "systemd's slice:prefix:name is not made here: a path");
	if (check_offsets(at, l, f) < 0)
		r[5] = -EINVAL;
	if (!oci_namespace_of(l, CLONE_NEWNS))
		r[5] = json_fail(at, "namespaces", f, "a root is entered in a mount namespace: {\"type\": \"mount\"}");
	for (size_t i = 0; i < 6; i++)
		if (r[i] < 0)
			return r[i];
	return 0;
}

static const struct json_name propagation_rows[] = {
	{"", 0}, {"rprivate", 0}, /* as if it were not there */
#define ATTR(word, bit, clears)
#define PROPAGATION(word, flag) {word, 1}, {"r" word, 1},
#define BIND(word, recursive)
#define NOTHING(word)
#define HOW(word, bit)
#define SUPER(word)
#include "fs/mount-options.def"
#undef ATTR
#undef PROPAGATION
#undef BIND
#undef NOTHING
#undef HOW
#undef SUPER
	{NULL, 0},
};
static const struct json_names propagations = {"propagation", propagation_rows};

/* Is it there at all? sc-filter reads what is in it. */
static int decode_presence(const struct json_at *at, struct json_object *v, const struct json_field *row, void *field,
			   struct fault *f)
{
	(void)at, (void)v, (void)row, (void)f;
	*(bool *)field = true;
	return 0;
}

static const struct json_kind kind_presence = {decode_presence};

static const struct json_field linux_fields[] = {
	SUB(oci_linux, "namespaces", objects, namespaces, false, &namespace_shape),
	SUB(oci_linux, "uidMappings", objects, uid_maps, false, &oci_range_shape),
	SUB(oci_linux, "gidMappings", objects, gid_maps, false, &oci_range_shape),
	SUB(oci_linux, "devices", objects, devices, false, &device_shape),
	ROW(oci_linux, "sysctl", map, sysctl, false),
	ROW(oci_linux, "maskedPaths", strings, masked, false),
	ROW(oci_linux, "readonlyPaths", strings, read_only, false),
	ROW(oci_linux, "cgroupsPath", string, cgroups_path, false),
	SUB(oci_linux, "rootfsPropagation", name, propagation, false, &propagations),
	SUB(oci_linux, "resources", object, resources, false, &oci_resources_shape),
	{"seccomp", &kind_presence, offsetof(struct oci_linux, seccomp), false, NULL, 0},
	SUB(oci_linux, "timeOffsets", object, offsets, false, &offsets_shape),
	LATER("netDevices", "network devices are not moved yet"),
	LATER("intelRdt", NOT_YET),
	LATER("memoryPolicy", NOT_YET),
	ROW(oci_linux, "mountLabel", string, mount_label, false),
	SUB(oci_linux, "personality", object, personality, false, &personality_shape),
	{0},
};
const struct json_shape oci_linux_shape = {linux_fields, sizeof(struct oci_linux), check_linux, true};
