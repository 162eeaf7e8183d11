/* SPDX-License-Identifier: MIT */
/* write-root.c - root, mounts, devices, masked and read-only paths as fs-root. */
#include <errno.h>
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

static char *join(const struct json_strings *options)
{
	char *text = xprintf("%s", "");

	for (size_t i = 0; i < options->n; i++) {
		char *longer = xprintf("%s%s%s", text, *text ? "," : "", options->v[i]);

		free(text);
		text = longer;
	}
	return text;
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

/* Paths of the bundle begin at its directory, wherever the printed line is run. */
static char *in_bundle(const struct bundle *b, const char *path)
{
	return path[0] == '/' ? xprintf("%s", path) : xprintf("%s/%s", strcmp(b->dir, "/") == 0 ? "" : b->dir, path);
}

/* The hierarchies of this machine, whatever it has: as the runtimes do it. */
static int write_cgroups(struct line *l, struct bundle *b, size_t i, const struct oci_mount *m, struct fault *f)
{
	static const char *const known[] = {"nosuid", "noexec", "nodev", "relatime", "ro", "private", "rprivate"};
	char *at = xprintf("mounts[%zu]", i);
	bool ok = has(m, "ro");

	for (size_t o = 0; o < m->options.n; o++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found |= strcmp(known[k], m->options.v[o]) == 0;
		ok &= found;
	}
	line_add(l, at, "--cgroup=%s%s", m->destination[0] == '/' ? "" : "/", m->destination);
	if (!ok)
		json_fail_path(b->doc, at, f, "cgroups are mounted ro,nosuid,noexec,nodev here: ro and nothing else");
	free(at);
	return ok ? 0 : -EINVAL;
}

static int write_mount(struct line *l, struct bundle *b, size_t i, const struct oci_mount *m, struct fault *f)
{
	bool bind = is_bind(m);
	char *type, *src, *dir, *options, *joined, *at;

	if (!bind && strcmp(m->type, "cgroup") == 0)
		return write_cgroups(l, b, i, m, f);
	joined = bind ? in_bundle(b, m->source) : xprintf("%s", m->source ? m->source : m->type);
	src = field(joined);
	free(joined);
	dir = field(m->destination);
	type = field(bind ? "" : m->type);
	joined = join(&m->options);
	options = field(joined);
	at = xprintf("mounts[%zu]", i);
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
	return 0;
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

int write_root(struct line *l, struct bundle *b, struct fault *f)
{
	const struct oci_config *c = &b->config;
	const struct oci_mount *m = c->mounts.v;
	char *root = in_bundle(b, c->root->path);
	int r = 0;

	line_add(l, "root", "fs-root");
	for (size_t i = 0; r == 0 && i < c->mounts.n; i++)
		r = write_mount(l, b, i, &m[i], f);
	write_devices(l, c);
	for (size_t i = 0; i < c->linux_->masked.n; i++)
		line_element(l, "linux.maskedPaths", i, "mask", c->linux_->masked.v[i]);
	for (size_t i = 0; i < c->linux_->read_only.n; i++)
		line_element(l, "linux.readonlyPaths", i, "read-only-path", c->linux_->read_only.v[i]);
	if (c->linux_->propagation && c->linux_->propagation->value)
		line_option(l, "linux.rootfsPropagation", "propagation", c->linux_->propagation->name);
	if (c->root->readonly)
		line_option(l, "root.readonly", "read-only", NULL);
	line_add(l, "root.path", "%s", root);
	free(root);
	return r;
}
