/* SPDX-License-Identifier: MIT */
/* write-root.c - root, mounts, devices, masked and read-only paths as fs-root. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/write.h"

/* A field of a mount option: colons and backslashes hidden. Freed by the caller. */
static char *field(const char *text)
{
	char *copy = xcalloc(2 * strlen(text) + 1, 1), *to = copy;

	for (; *text; text++) {
		if (*text == ':' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	return copy;
}

static bool has(const struct oci_mount *m, const char *option)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (strcmp(m->options.v[i], option) == 0)
			return true;
	return false;
}

static bool is_bind(const struct oci_mount *m)
{
	return has(m, "bind") || has(m, "rbind");
}

static bool is_idmap(const char *option)
{
	return strcmp(option, "idmap") == 0 || strcmp(option, "ridmap") == 0;
}

/* text, which is given up, and more behind it. */
static char *append(char *text, const char *sep, const char *more)
{
	char *longer = xprintf("%s%s%s", text, *text ? sep : "", more);

	free(text);
	return longer;
}

/* The options but idmap, which needs a value. */
static char *join(const struct json_strings *options)
{
	char *text = xprintf("%s", "");

	for (size_t i = 0; i < options->n; i++)
		if (!is_idmap(options->v[i]))
			text = append(text, ",", options->v[i]);
	return text;
}

static char *ranges(const struct json_list *maps)
{
	const struct oci_range *r = maps->v;
	char *text = xprintf("%s", "");

	for (size_t i = 0; i < maps->n; i++) {
		char *one = xprintf("%lu-%lu-%lu", (unsigned long)r[i].container.n, (unsigned long)r[i].host.n,
				    (unsigned long)r[i].size.n);

		text = append(text, "#", one);
		free(one);
	}
	return text;
}

/* The option's value: the mount's own map, else that of the container's user namespace. */
static char *idmap(const struct oci_mount *m, const struct oci_linux *l)
{
	const struct oci_namespace *user = oci_namespace_of(l, CLONE_NEWUSER);
	bool own = m->uid_maps.n;
	char *uids, *gids, *text;

	if (!own && user->path && *user->path)
		return xprintf("%s", user->path);
	uids = ranges(own ? &m->uid_maps : &l->uid_maps);
	gids = ranges(own ? &m->gid_maps : &l->gid_maps);
	text = xprintf("uids=%s;gids=%s", uids, gids);
	free(uids);
	free(gids);
	return text;
}

/* All files of these get the label, as they have none of their own; the kernel labels proc,
 * sysfs, mqueue and cgroups itself. */
static char *append_label(char *text, const struct oci_mount *m, const char *label)
{
	static const char *const types[] = {"tmpfs", "devpts", "ramfs", "hugetlbfs"};
	bool wanted = false;
	char *option;
	size_t n = 0;

	for (size_t i = 0; m->type && i < sizeof(types) / sizeof(*types); i++)
		wanted |= strcmp(m->type, types[i]) == 0;
	if (!wanted || !label || !*label || is_bind(m) || has(m, "remount"))
		return text;
	option = xcalloc(strlen("context=") + 2 * strlen(label) + 1, 1);
	n = strlen(strcpy(option, "context="));
	for (; *label; label++) {
		if (*label == ',')
			option[n++] = '\\';
		option[n++] = *label;
	}
	text = append(text, ",", option);
	free(option);
	return text;
}

static char *join_all(const struct oci_mount *m, const struct oci_linux *l)
{
	char *text = append_label(join(&m->options), m, l->mount_label), *map, *option;
	bool recursive = false, wanted = m->uid_maps.n;

	for (size_t i = 0; i < m->options.n; i++) {
		wanted |= is_idmap(m->options.v[i]);
		recursive |= strcmp(m->options.v[i], "ridmap") == 0;
	}
	if (!wanted)
		return text;
	map = idmap(m, l);
	option = xprintf("%sidmap=%s", recursive ? "r" : "", map);
	text = append(text, ",", option);
	free(map);
	free(option);
	return text;
}

/* Does a cgroup mount say no more than what fs-root does by itself? */
static bool is_plain(const struct oci_mount *m)
{
	static const char *const known[] = {"nosuid", "noexec", "nodev", "relatime", "ro", "private", "rprivate"};
	bool plain = has(m, "ro");

	for (size_t o = 0; o < m->options.n; o++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found |= strcmp(known[k], m->options.v[o]) == 0;
		plain &= found;
	}
	return plain;
}

/* Paths of the bundle begin at its directory, wherever the printed line is run. */
static char *in_bundle(const struct bundle *b, const char *path)
{
	return path[0] == '/' ? xprintf("%s", path) : xprintf("%s/%s", strcmp(b->dir, "/") == 0 ? "" : b->dir, path);
}

/* May whoever is in the new user namespace mount a filesystem of this kind of namespace? */
static bool may_mount(const struct oci_linux *l, uint64_t kind)
{
	return !oci_namespace_of(l, CLONE_NEWUSER) || oci_namespace_of(l, kind);
}

/* The hierarchies of this machine, whatever it has: as the runtimes do it. With a user
 * namespace and no cgroup namespace they can only be bound. */
static void write_cgroups(struct line *l, const struct bundle *b, const char *at, const struct oci_mount *m)
{
	char *options = join(&m->options), *quoted = field(options), *dir = field(m->destination);
	const char *top = m->destination[0] == '/' ? "" : "/", *sep = *options ? "," : "";

	if (!may_mount(b->config.linux_, CLONE_NEWCGROUP)) {
		line_add(l, at, "--bind");
		line_add(l, "", "/sys/fs/cgroup:%s:rbind%s%s%s", dir, sep, quoted, has(m, "ro") ? ",rro" : "");
	} else if (!is_plain(m)) {
		line_add(l, at, "--cgroup=%s%s:%s%s%s", top, dir, has(m, "ro") ? "" : "rw", has(m, "ro") ? "" : sep, quoted);
	} else {
		line_add(l, at, "--cgroup=%s%s", top, dir);
	}
	free(options);
	free(quoted);
	free(dir);
}

static void write_mount(struct line *l, const struct bundle *b, size_t i, const struct oci_mount *m)
{
	bool bind = is_bind(m);
	char *at = xprintf("mounts[%zu]", i);
	char *type, *src, *dir, *options, *joined;

	if (!bind && m->type && strcmp(m->type, "cgroup") == 0) {
		write_cgroups(l, b, at, m);
		free(at);
		return;
	}
	joined = bind && m->source ? in_bundle(b, m->source) : xprintf("%s", m->source ? m->source : m->type ? m->type : "");
	src = field(joined);
	free(joined);
	dir = field(m->destination);
	type = field(bind || !m->type ? "" : m->type);
	joined = join_all(m, b->config.linux_);
	options = field(joined);
	line_add(l, at, bind ? "--bind" : "--mount");
	if (bind)
		line_add(l, "", "%s:%s%s%s", src, dir, *options ? ":" : "", options);
	else
		line_add(l, "", "%s:%s:%s%s%s", type, src, dir, *options ? ":" : "", options);
	free(joined);
	free(type);
	free(src);
	free(dir);
	free(options);
	free(at);
}

static void write_device(struct line *l, size_t i, const struct oci_device *d)
{
	char *at = xprintf("linux.devices[%zu]", i), *path = field(d->path);
	char owner[64] = "", *numbers;

	numbers = d->type[0] == 'p' ? xprintf("%s", "") : xprintf("%ld,%ld", (long)d->major.n, (long)d->minor.n);
	if (d->uid.given)
		snprintf(owner, sizeof(owner), ",uid=%lu", (unsigned long)d->uid.n);
	if (d->gid.given)
		snprintf(owner + strlen(owner), sizeof(owner) - strlen(owner), ",gid=%lu", (unsigned long)d->gid.n);
	line_add(l, at, "--device");
	line_add(l, "", "%s:%s:%s:mode=%lo%s", d->type, numbers, path,
		 d->mode.given ? (unsigned long)d->mode.n & 07777 : 0666UL, owner);
	free(numbers);
	free(path);
	free(at);
}

/* A /dev of the host is to stay as it is; in any other the devices that the specification
 * wants are made. */
static bool dev_is_bound(const struct oci_config *c)
{
	const struct oci_mount *m = c->mounts.v;
	bool bound = false;

	for (size_t i = 0; i < c->mounts.n; i++)
		if (strcmp(m[i].destination, "/dev") == 0 || strcmp(m[i].destination, "/dev/") == 0)
			bound = is_bind(&m[i]);
	return bound;
}

static void write_devices(struct line *l, const struct oci_config *c)
{
	const struct oci_device *d = c->linux_->devices.v;

	/* those of the file first: they may have a default device with other rights */
	for (size_t i = 0; i < c->linux_->devices.n; i++)
		write_device(l, i, &d[i]);
	if (!dev_is_bound(c))
		line_add(l, "linux.devices", "--dev-nodes");
}

void write_root(struct line *l, const struct bundle *b)
{
	const struct oci_config *c = &b->config;
	const struct oci_mount *m = c->mounts.v;
	char *root = in_bundle(b, c->root->path);

	line_add(l, "root", "fs-root");
	for (size_t i = 0; i < c->mounts.n; i++)
		write_mount(l, b, i, &m[i]);
	write_devices(l, c);
	for (size_t i = 0; i < c->linux_->masked.n; i++)
		line_element(l, "linux.maskedPaths", i, "mask", c->linux_->masked.v[i]);
	for (size_t i = 0; i < c->linux_->read_only.n; i++)
		line_element(l, "linux.readonlyPaths", i, "read-only-path", c->linux_->read_only.v[i]);
	/* value 0: nothing, or what fs-root does anyhow */
	if (c->linux_->propagation && c->linux_->propagation->value)
		line_option(l, "linux.rootfsPropagation", "propagation", c->linux_->propagation->name);
	if (c->root->readonly)
		line_option(l, "root.readonly", "read-only", NULL);
	line_add(l, "root.path", "%s", root);
	free(root);
}
