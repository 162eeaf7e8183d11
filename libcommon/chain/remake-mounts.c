/* SPDX-License-Identifier: MIT */
/* remake-mounts.c - which option of fs-root makes a mount of a process. */
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/fd.h"
#include "chain/remake.h"

typedef const struct facts_mount mnt;

static bool has_below(const struct facts *p, const char *path)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const char *rest = remake_below(p->mounts[i].dir, path);

		if (rest && *rest && remake_top(p, p->mounts[i].dir) == &p->mounts[i])
			return true;
	}
	return false;
}

/* -- options ------------------------------------------------------------------------------------- */

static void append(char **text, const char *word)
{
	char *longer = xprintf("%s%s%s", *text, **text ? "," : "", word);

	free(*text);
	*text = longer;
}

/* What a mount with the options `is` says beyond one with `base`. The caller frees it. */
static char *flags_beyond(const char *is, const char *base)
{
	static const char *const rows[][2] = {
		{"ro", "rw"}, {"nosuid", "suid"}, {"nodev", "dev"}, {"noexec", "exec"}, {"nosymfollow", "symfollow"},
		{"nodiratime", "diratime"}, {"noatime", NULL}, {"relatime", NULL},
	};
	char *text = xprintf("%s", "");

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool now = remake_has(is, rows[i][0]), before = remake_has(base, rows[i][0]);

		if (now && !before)
			append(&text, rows[i][0]);
		else if (before && !now && rows[i][1])
			append(&text, rows[i][1]);
	}
	/* neither of the two */
	if (!remake_has(is, "noatime") && !remake_has(is, "relatime") && (remake_has(base, "noatime") || remake_has(base, "relatime")))
		append(&text, "strictatime");
	return text;
}

/* Words that the kernel adds by itself. A filesystem that is read-only is so by its mount. */
static bool is_default(const char *word)
{
	static const char *const words[] = {"", "rw", "ro", "inode64", "seclabel"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* "uid=100000" as who mounts it says it; NULL: it is root in there, whom the kernel takes
 * without a word. The caller frees it. */
static char *id_inside(const struct idmap *map, const char *word)
{
	uint32_t id = idmap_inside(map, (uint32_t)strtoul(word + strlen("uid="), NULL, 10), 0);

	return id ? xprintf("%.4s%u", word, id) : NULL;
}

/* The filesystem's own options, as they are given again. A cgroup's belong to all of it. */
static char *data_of(const struct remake *m, mnt *one)
{
	_cleanup_free_ char *copy = xprintf("%s", strncmp(one->type, "cgroup", 6) == 0 ? "" : one->super);
	char *rest = copy, *word, *text = xprintf("%s", "");

	while ((word = strsep(&rest, ","))) {
		bool uid = strncmp(word, "uid=", 4) == 0, gid = strncmp(word, "gid=", 4) == 0;
		const struct idmap *map = gid ? &m->groups : &m->users;
		char *mapped = NULL;

		if (is_default(word))
			continue;
		if ((uid || gid) && map->n)
			mapped = id_inside(map, word);
		if (mapped || !(uid || gid) || !map->n)
			append(&text, mapped ? mapped : word);
		free(mapped);
	}
	return text;
}

/* -- rows ---------------------------------------------------------------------------------------- */

/* Filesystems with an option of their own, when they are mounted as it does it. */
static const struct plain {
	const char *type, *options, *data;
	enum mount_kind kind;
} plain[] = {
	{"proc", "rw,nosuid,nodev,noexec,relatime", "", MOUNT_PROC},
	{"sysfs", "ro,nosuid,nodev,noexec,relatime", "", MOUNT_SYS},
	{"mqueue", "rw,nosuid,nodev,noexec,relatime", "", MOUNT_MQUEUE},
	{"tmpfs", "rw,nosuid,noexec,relatime", "mode=755", MOUNT_DEV},
};

static bool is_plain(const struct remake *m, mnt *one, const struct plain *row)
{
	_cleanup_free_ char *data = data_of(m, one);

	return strcmp(one->type, row->type) == 0 && strcmp(one->root, "/") == 0 && strcmp(one->options, row->options) == 0 &&
	       strcmp(data, row->data) == 0;
}

static bool add_plain(const struct remake *m, struct fs_root *r, mnt *one)
{
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (!is_plain(m, one, &plain[i]) || (plain[i].kind == MOUNT_DEV && strcmp(one->dir, "/dev") != 0))
			continue;
		mount_list_add(&r->mounts, plain[i].kind, NULL, NULL, one->dir, NULL);
		return true;
	}
	return false;
}

/* --tmpfs has a mode of its own for each directory. */
static bool add_tmpfs(const struct remake *m, struct fs_root *r, mnt *one)
{
	static const char *const open_to_all[] = {"/tmp", "/var/tmp", "/dev/shm"};
	_cleanup_free_ char *data = data_of(m, one);
	char *mode = strstr(data, "mode=755");
	bool open = false;

	for (size_t i = 0; i < COUNT(open_to_all); i++)
		open |= strcmp(one->dir, open_to_all[i]) == 0;
	if (strcmp(one->type, "tmpfs") != 0 || strcmp(one->source, "tmpfs") != 0 || strcmp(one->root, "/") != 0 ||
	    strcmp(one->options, "rw,nosuid,nodev,relatime") != 0 || (open ? strstr(data, "mode=") != NULL : !mode))
		return false;
	if (!open) { /* taken out, with one comma */
		char *end = mode + strlen("mode=755");

		if (*end)
			memmove(mode, end + 1, strlen(end));
		else
			mode[mode > data ? -1 : 0] = '\0';
	}
	mount_list_add(&r->mounts, MOUNT_TMPFS, NULL, NULL, one->dir, *data ? data : NULL);
	return true;
}

/* Behind --dev its parts need no word. */
static bool made_by_dev(const struct fs_root *r, mnt *one)
{
	static const char *const parts[] = {"/null", "/zero", "/full", "/random", "/urandom", "/tty", "/pts", "/shm"};
	const char *name = remake_below(one->dir, "/dev");
	bool dev = false;

	for (size_t i = 0; i < r->mounts.n; i++)
		dev |= r->mounts.v[i].kind == MOUNT_DEV;
	if (!name || !dev)
		return false;
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i]) == 0)
			return i < 6 ? strcmp(one->root, name) == 0
				     : strcmp(one->options, i == 6 ? "rw,nosuid,noexec,relatime" : "rw,nosuid,nodev,noexec,relatime") == 0;
	return false;
}

/* The same behind --dev-nodes, where the host's nodes are bound. */
static bool is_node(mnt *one)
{
	static const char *const nodes[] = {"/null", "/zero", "/full", "/random", "/urandom", "/tty"};
	const char *name = remake_below(one->dir, "/dev");

	for (size_t i = 0; name && i < COUNT(nodes); i++)
		if (strcmp(name, nodes[i]) == 0)
			return strcmp(one->root, name) == 0;
	return false;
}

/* A null device over a file, or a read-only and empty directory over one. */
static bool is_mask(mnt *one)
{
	const char *name = strrchr(one->dir, '/');

	if (strcmp(one->root, "/null") == 0 && name && strcmp(name, "/null") != 0)
		return true;
	return strcmp(one->type, "tmpfs") == 0 && strcmp(one->root, "/") == 0 && remake_has(one->options, "ro") &&
	       (remake_has(one->super, "nr_inodes=1") || remake_has(one->super, "size=0k") || remake_below(one->dir, "/proc") ||
		remake_below(one->dir, "/sys"));
}

static mnt *parent_of(const struct facts *p, mnt *one)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].id == one->parent && &p->mounts[i] != one)
			return &p->mounts[i];
	return NULL;
}

/* A path that is bound on itself: 2 read-only, 1 as it was, 0 it is something else. */
static int on_itself(const struct facts *p, mnt *one)
{
	mnt *up = parent_of(p, one);
	const char *in_fs = up && remake_same_fs(up, one) ? remake_below(one->root, up->root) : NULL;
	const char *in_dir = up ? remake_below(one->dir, up->dir) : NULL;

	if (!in_fs || !in_dir || strcmp(in_fs, in_dir) != 0)
		return 0;
	return remake_has(one->options, "ro") ? 2 : 1;
}

static bool under_cgroup(const struct fs_root *r, mnt *one)
{
	for (size_t i = 0; i < r->mounts.n; i++)
		if (r->mounts.v[i].kind == MOUNT_CGROUP && remake_below(one->dir, r->mounts.v[i].dir))
			return true;
	return false;
}

/* A cgroup mount that shows the process's own cgroup and what is below, as --cgroup makes it
 * with a cgroup namespace or without. */
static bool shows_own(const struct remake *m, mnt *one)
{
	if (strncmp(one->type, "cgroup", 6) != 0)
		return false;
	for (size_t i = 0; i < m->p.n_cgroups; i++)
		if (strcmp(m->p.cgroups[i].path, one->root) == 0)
			return true;
	return m->kinds & CLONE_NEWCGROUP;
}

/* A directory of hierarchies that is not ours, or cgroup2 itself. */
static bool add_cgroups(const struct remake *m, struct fs_root *r, mnt *one)
{
	bool found = strcmp(one->type, "cgroup2") == 0 && shows_own(m, one), ro = remake_has(one->options, "ro");
	mnt *by;
	_cleanup_free_ char *ours = remake_path(&m->own, one, &by);

	for (size_t i = 0; !found && !ours && strcmp(one->type, "tmpfs") == 0 && i < m->p.n_mounts; i++) {
		const char *rest = remake_below(m->p.mounts[i].dir, one->dir);

		found = rest && *rest && remake_has(m->p.mounts[i].options, "ro") == ro && shows_own(m, &m->p.mounts[i]);
	}
	if (found)
		mount_list_add(&r->mounts, MOUNT_CGROUP, NULL, NULL, one->dir, ro ? NULL : "rw");
	return found;
}

static void add_bind(struct remake *m, struct fs_root *r, mnt *one, const char *path, mnt *by)
{
	char *options = flags_beyond(one->options, by->options);
	bool all_ro = strcmp(options, "ro") == 0 && !has_below(&m->own, path);

	if (has_below(&m->own, path)) {
		char *longer = xprintf("bind%s%s", *options ? "," : "", options);

		free(options);
		options = longer;
	}
	mount_list_add(&r->mounts, all_ro ? MOUNT_RO_BIND : MOUNT_BIND, NULL, path, one->dir, all_ro || !*options ? NULL : options);
	free(options);
}

static void add_new(struct remake *m, struct fs_root *r, mnt *one)
{
	char *options = flags_beyond(one->options, "rw,relatime"), *data = data_of(m, one);

	if (strncmp(one->type, "fuse", 4) == 0 || strcmp(one->root, "/") != 0) {
		remake_note(m, "its mount %s (%s, %s of it) has no equal here", one->dir, one->type, one->root);
	} else {
		if (strcmp(one->type, "tmpfs") == 0 && !strstr(data, "mode="))
			append(&data, "mode=1777");
		if (*data)
			append(&options, data);
		mount_list_add(&r->mounts, MOUNT_ANY, one->type, one->source, one->dir, *options ? options : NULL);
	}
	free(options);
	free(data);
}

/* The caller's mount at that place of the root that fs-root begins with, or NULL. */
static mnt *ours_at(const struct remake *m, const struct fs_root *r, const char *dir)
{
	_cleanup_free_ char *path = xprintf("%s%s", strcmp(r->root, "/") == 0 ? "" : r->root, dir);
	mnt *ours = remake_top(&m->own, path);

	return ours && strcmp(ours->dir, path) == 0 ? ours : NULL;
}

/* Mounts of ours below the directory come with it. */
static bool comes_along(const struct remake *m, const struct fs_root *r, mnt *one)
{
	mnt *ours = ours_at(m, r, one->dir);

	return ours && remake_same_fs(ours, one) && strcmp(ours->root, one->root) == 0 && strcmp(ours->options, one->options) == 0;
}

void remake_mount(struct remake *m, struct fs_root *r, mnt *one)
{
	mnt *by = NULL;
	int self = on_itself(&m->p, one);
	_cleanup_free_ char *path = NULL;

	if (self == 1 && remake_has(parent_of(&m->p, one)->options, "ro"))
		remake_note(m, "it may write to %s, below a path that is read-only; the chain's program may not", one->dir);
	if (made_by_dev(r, one) || under_cgroup(r, one) || self == 1 || comes_along(m, r, one))
		return;
	if (add_cgroups(m, r, one))
		return;
	if (is_mask(one)) {
		words_add(&r->masks, one->dir);
		return;
	}
	if (self == 2) {
		words_add(&r->read_only_paths, one->dir);
		return;
	}
	if (is_node(one) || add_plain(m, r, one) || add_tmpfs(m, r, one))
		return;
	path = remake_path(&m->own, one, &by);
	if (path)
		add_bind(m, r, one, path, by);
	else
		add_new(m, r, one);
}

/* A /dev that is no --dev has the nodes of every container, made in it. */
void remake_nodes(const struct remake *m, struct fs_root *r)
{
	mnt *dev = remake_top(&m->p, "/dev");

	if (!dev || strcmp(dev->dir, "/dev") != 0 || strcmp(dev->type, "tmpfs") != 0 || is_plain(m, dev, &plain[3]))
		return;
	mount_list_add(&r->mounts, MOUNT_NODES, NULL, NULL, "/dev", NULL);
}
