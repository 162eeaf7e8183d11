/* SPDX-License-Identifier: MIT */
/* from-root.c - fs-root as root, mounts, devices, masked and read-only paths. */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "fs/root.h"
#include "ns/kinds.h"
#include "oci/from.h"

typedef struct json_object *json;

/* -- the root ------------------------------------------------------------------------------- */

/* Inside the bundle it is written from there on, so that the whole can be moved. */
static int put_root(struct from *r, const struct fs_root *s, struct fault *f)
{
	_cleanup_free_ char *root = realpath(s->root, NULL), *dir = realpath(r->wish->dir, NULL);
	json o = put_object(r->config, "root");
	size_t n = dir ? strlen(dir) : 0;

	if (!root)
		return fault_set(f, OP_ROOT, errno, "%s", s->root);
	if (n > 1 && strncmp(root, dir, n) == 0 && root[n] == '/')
		put_string(o, "path", root + n + 1);
	else
		put_string(o, "path", root);
	put(o, "readonly", json_object_new_boolean(s->read_only));
	return 0;
}

/* -- devices --------------------------------------------------------------------------------- */

/* "mode=OCTAL", "uid=N", "gid=N"; plan() has read them all. */
static void put_owner(json device, const struct mount_row *row)
{
	uint64_t mode = 0666;

	for (size_t i = 0; i < row->data.n; i++) {
		const char *word = row->data.v[i];

		if (strncmp(word, "mode=", 5) == 0)
			mode = strtoul(word + 5, NULL, 8);
		else
			put_uint(device, word[0] == 'u' ? "uid" : "gid", strtoull(word + 4, NULL, 10));
	}
	put_uint(device, "fileMode", mode);
}

static void put_device(struct from *r, const struct mount_row *row)
{
	json o = json_object_new_object();
	const char *comma = row->src ? strchr(row->src, ',') : NULL;

	put_string(o, "type", row->type);
	put_string(o, "path", row->dir);
	if (comma) {
		put_uint(o, "major", strtoull(row->src, NULL, 10));
		put_uint(o, "minor", strtoull(comma + 1, NULL, 10));
	}
	put_owner(o, row);
	json_object_array_add(put_array(r->lin, "devices"), o);
}

static bool is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* There devices are made when everything is mounted. */
static void lose_covered(struct from *r, const struct mount_list *l, size_t i)
{
	for (size_t later = i + 1; later < l->n; later++)
		if (l->v[later].kind != MOUNT_DEVICE && l->v[later].kind != MOUNT_NODES && is_inside(l->v[i].dir, l->v[later].dir))
			from_lose(r, "devices are made behind all mounts, and none can be covered", "--device %s", l->v[i].dir);
}

/* A private /dev is three mounts, and what every container has. */
static void put_dev(struct from *r, const char *dir, json mounts)
{
	_cleanup_free_ char *pts = xprintf("%s/pts", dir), *shm = xprintf("%s/shm", dir);

	put_mount(mounts, "tmpfs", "tmpfs", dir, "nosuid,noexec,mode=755");
	put_mount(mounts, "devpts", "devpts", pts,
		  r->has_tty ? "nosuid,noexec,ptmxmode=0666,mode=0620,gid=5" : "nosuid,noexec,ptmxmode=0666,mode=0620");
	put_mount(mounts, "tmpfs", "tmpfs", shm, "nosuid,nodev,noexec,mode=1777");
}

/* Those in /dev are there in any case, and elsewhere in none. */
static void put_nodes(struct from *r, const struct mount_row *row)
{
	if (strcmp(row->dir, "/dev") != 0)
		from_lose(r, "the nodes and links that every container has are in /dev", "--%s=%s",
			  row->kind == MOUNT_DEV ? "dev" : "dev-nodes", row->dir);
}

static void lose_no_nodes(struct from *r, const struct mount_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct mount_row *row = &l->v[i];

		if (strcmp(row->dir, "/dev") == 0 && (row->flags.bind || row->kind == MOUNT_DEV || row->kind == MOUNT_NODES))
			return;
	}
	from_lose(r, "every container has null, zero, tty and their like in /dev: --dev or --dev-nodes says so", "without --dev");
}

/* -- mounts ------------------------------------------------------------------------------------- */

static void put_cgroup(const struct mount_row *row, json mounts)
{
	_cleanup_free_ char *options = xprintf("nosuid,nodev,noexec,relatime,ro%s%s", row->options ? "," : "",
					       row->options ? row->options : "");

	put_mount(mounts, "cgroup", "cgroup", row->dir, options);
}

static void put_mount_row(struct from *r, const struct mount_list *l, size_t i, json mounts)
{
	const struct mount_row *row = &l->v[i];
	bool v1 = row->kind == MOUNT_ANY && !row->flags.bind && strcmp(row->type, "cgroup") == 0;

	switch (row->kind) {
	case MOUNT_DEV:
		put_dev(r, row->dir, mounts);
		put_nodes(r, row);
		break;
	case MOUNT_NODES:
		put_nodes(r, row);
		break;
	case MOUNT_DEVICE:
		put_device(r, row);
		lose_covered(r, l, i);
		break;
	case MOUNT_CGROUP:
		put_cgroup(row, mounts);
		break;
	default:
		if (v1)
			from_lose(r, "a cgroup mount is all hierarchies there, and not one of version 1", "--mount cgroup on %s",
				  row->dir);
		else
			put_row(mounts, row);
	}
}

static void put_paths(struct from *r, const char *key, const struct words *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *path = paths->v[i];
		_cleanup_free_ char *whole = xprintf("%s%s", path[0] == '/' ? "" : "/", path);

		put_word(put_array(r->lin, key), whole);
	}
}

int from_root(struct from *r, void *spec, struct fault *f)
{
	const struct fs_root *s = spec;
	json mounts = put_array(r->config, "mounts");
	char word[16];
	int err = put_root(r, s, f);

	for (size_t i = 0; i < s->mounts.n; i++)
		put_mount_row(r, &s->mounts, i, mounts);
	lose_no_nodes(r, &s->mounts);
	put_paths(r, "maskedPaths", &s->masks);
	put_paths(r, "readonlyPaths", &s->read_only_paths);
	if (s->scratch)
		from_lose(r, "changes go to the root's own files; an overlay can be made before, and be the root", "--scratch");
	/* fs-root makes a mount namespace of its own when the chain makes none, and in it nothing
	 * spreads */
	if (!(r->kinds & CLONE_NEWNS)) {
		json o = json_object_new_object();

		put_string(o, "type", "mount");
		json_object_array_add(put_array(r->lin, "namespaces"), o);
		r->kinds |= CLONE_NEWNS;
	}
	propagation_word(&s->propagation, word);
	put_string(r->lin, "rootfsPropagation", *word ? word : "rprivate");
	return err;
}
