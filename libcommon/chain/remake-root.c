/* SPDX-License-Identifier: MIT */
/* remake-root.c - the root of a process as fs-root: which directory of ours it is. */
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain/remake.h"

typedef const struct facts_mount mnt;

/* -- mounts side by side ------------------------------------------------------------------------ */

bool remake_same_fs(mnt *a, mnt *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* Is path at or below dir? Returns what is left of it ("" or "/..."), or NULL. */
const char *remake_below(const char *path, const char *dir)
{
	size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return strcmp(path + n, "/") == 0 ? "" : path + n;
}

/* What lies at a path: of the mounts above it the deepest, of several there the last. */
mnt *remake_top(const struct facts *p, const char *path)
{
	mnt *best = NULL;

	for (size_t i = 0; i < p->n_mounts; i++) {
		mnt *one = &p->mounts[i];

		if (remake_below(path, one->dir) && (!best || strlen(one->dir) >= strlen(best->dir)))
			best = one;
	}
	return best;
}

/* The place of it in one mount of ours, or NULL: another filesystem, another part of it, or covered. */
static char *place_in(const struct facts *own, mnt *one, mnt *m)
{
	const char *rest = remake_same_fs(one, m) ? remake_below(m->root, one->root) : NULL;
	char *path;

	if (!rest)
		return NULL;
	path = xprintf("%s%s", strcmp(one->dir, "/") == 0 && *rest ? "" : one->dir, rest);
	if (remake_top(own, path) == one && access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Where we see what is mounted there, or NULL: of several places the shortest, which is the one that
 * people know. The caller frees it. *by: the mount of ours. */
char *remake_path(const struct facts *own, mnt *m, mnt **by)
{
	char *best = NULL;

	for (size_t i = own->n_mounts; i-- > 0;) {
		char *path = place_in(own, &own->mounts[i], m);

		if (path && (!best || strlen(path) < strlen(best))) {
			free(best);
			best = path;
			*by = &own->mounts[i];
		} else {
			free(path);
		}
	}
	return best;
}

bool remake_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',')
		if (strncmp(p, word, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

/* -- which root ------------------------------------------------------------------------------------ */

static mnt *root_mount_of(const struct facts *p)
{
	mnt *top = remake_top(p, "/");

	return top && strcmp(top->dir, "/") == 0 ? top : NULL;
}

/* The caller's own root: then what ns-run mounts, and what is gone, is all that can differ. */
static bool differs_from_ours(const struct remake *m)
{
	const struct facts *p = &m->p, *own = &m->own;

	for (size_t i = 0; i < p->n_mounts; i++) {
		mnt *one = &p->mounts[i], *ours = remake_top(own, one->dir);

		if (remake_top(p, one->dir) != one || (ours && strcmp(ours->dir, one->dir) == 0 && remake_same_fs(ours, one) &&
						   strcmp(ours->root, one->root) == 0 && strcmp(ours->options, one->options) == 0))
			continue;
		if (strcmp(one->dir, "/proc") != 0 || strcmp(one->type, "proc") != 0 || !(m->kinds & CLONE_NEWPID))
			return true;
	}
	for (size_t i = 0; i < own->n_mounts; i++)
		if (remake_top(own, own->mounts[i].dir) == &own->mounts[i] && strcmp(remake_top(p, own->mounts[i].dir)->dir, own->mounts[i].dir) != 0)
			return true;
	return false;
}

static bool lower_is_known(mnt *root)
{
	return strstr(root->super, "lowerdir=/") != NULL;
}

/* The directory, as we see it; when we do not, it is said what is missing. */
static const char *name_root(struct remake *m, mnt *root, struct fs_root *r)
{
	mnt *by;
	char *path = root ? remake_path(&m->own, root, &by) : NULL;

	if (path) {
		r->read_only = remake_has(root->options, "ro") && !remake_has(by->options, "ro");
		if (strcmp(root->type, "overlay") == 0)
			remake_note(m, "its root %s is an overlay that its engine made, and is gone with the container", path);
		return remake_keep(m, path);
	}
	if (!(m->kinds & CLONE_NEWNS)) /* a chroot */
		return m->p.root.path;
	if (root)
		r->read_only = remake_has(root->options, "ro");
	if (root && strcmp(root->type, "overlay") == 0 && lower_is_known(root))
		remake_note(m, "ROOT stands for its root, an overlay not to be seen from here: mount -t overlay overlay -o %s ROOT", root->super);
	else if (root && strcmp(root->type, "overlay") == 0)
		remake_note(m, "ROOT stands for its root, an overlay whose layers cannot be known (fs-root --scratch makes such): "
			       "cp -a /proc/%d/root/. ROOT copies it", m->p.pid);
	else
		remake_note(m, "ROOT stands for its root, which is not to be seen from here: cp -a /proc/%d/root/. ROOT copies it", m->p.pid);
	return "ROOT";
}

static void note_extra(struct remake *m, const struct fs_root *r)
{
	for (size_t i = 0; i < m->own.n_mounts; i++) {
		mnt *ours = &m->own.mounts[i], *its;
		const char *rest = remake_below(ours->dir, r->root);

		if (!rest || !*rest || remake_top(&m->own, ours->dir) != ours)
			continue;
		its = remake_top(&m->p, rest);
		if (!its || strcmp(its->dir, rest) != 0)
			remake_note(m, "it does not have the mount %s, which comes along with %s", ours->dir, r->root);
	}
}

bool remake_root(struct remake *m, struct fs_root *r)
{
	const struct facts *p = &m->p;
	mnt *root = root_mount_of(p), *ours = root_mount_of(&m->own);
	bool same = facts_has(p, FACT_ROOT) && facts_same(&p->root.id, &m->own.root.id);

	if (!facts_has(p, FACT_MOUNTS) || !facts_has(p, FACT_ROOT))
		return false;
	if (same && !(m->kinds & CLONE_NEWNS))
		return false;
	if (same && root && ours && remake_same_fs(root, ours) && !differs_from_ours(m))
		return false;
	r->root = name_root(m, root, r);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (strcmp(p->mounts[i].dir, "/") != 0 && remake_top(p, p->mounts[i].dir) == &p->mounts[i])
			remake_mount(m, r, &p->mounts[i]);
	remake_nodes(m, r);
	note_extra(m, r);
	m->new_root = true;
	return true;
}
