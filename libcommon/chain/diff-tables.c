/* SPDX-License-Identifier: MIT */
/* diff-tables.c - the mounts and the cgroups of two processes, side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/words.h"
#include "chain/diff.h"

/* -- mounts ------------------------------------------------------------------------------------ */

/* Of several on one place the last is on top. */
static int by_place(const void *x, const void *y)
{
	const struct facts_mount *const *a = x, *const *b = y;
	int r = strcmp((*a)->dir, (*b)->dir);

	return r ? r : (*a < *b) - (*a > *b);
}

/* The topmost of each place, in order of places; *n of them. The caller frees it. */
static const struct facts_mount **tops(const struct facts *p, size_t *n)
{
	const struct facts_mount **v = xcalloc(p->n_mounts + 1, sizeof(*v));
	size_t left = 0;

	for (size_t i = 0; i < p->n_mounts; i++)
		v[i] = &p->mounts[i];
	qsort(v, p->n_mounts, sizeof(*v), by_place);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (!left || strcmp(v[left - 1]->dir, v[i]->dir) != 0)
			v[left++] = v[i];
	*n = left;
	return v;
}

/* "tmpfs tmpfs rw,nosuid,mode=755", "ext4 /dev/vda [/sub] ro,rw"; device: with its number. */
static char *say_mount(const struct facts_mount *m, bool device)
{
	bool part = strcmp(m->root, "/") != 0;
	char number[32] = "";

	if (device)
		snprintf(number, sizeof(number), " (device %u:%u)", m->major, m->minor);
	return xprintf("%s %s%s%s%s %s; %s%s", m->type, m->source, part ? "[" : "", part ? m->root : "", part ? "]" : "",
		       m->options, m->super, number);
}

static void put_both(struct diff *d, const struct facts_mount *a, const struct facts_mount *b)
{
	bool device = a->major != b->major || a->minor != b->minor;
	char *x = say_mount(a, false), *y = say_mount(b, false);

	if (device && strcmp(x, y) == 0) { /* two filesystems that look alike */
		free(x);
		free(y);
		x = say_mount(a, true);
		y = say_mount(b, true);
	}
	diff_put(d, "mount", xprintf("%s", a->dir), x, y);
}

/* The summary comes first, so its row is made before and filled behind. */
static void put_merged(struct diff *d, const struct facts_mount **a, size_t na, const struct facts_mount **b, size_t nb)
{
	size_t only[2] = {0}, at = d->n;

	diff_put_as(d, "mounts", xprintf("number"), NULL, NULL, DIFF_SAME);
	for (size_t i = 0, k = 0; i < na || k < nb;) {
		int r = i == na ? 1 : k == nb ? -1 : strcmp(a[i]->dir, b[k]->dir);

		if (r == 0)
			put_both(d, a[i++], b[k++]);
		else if (r < 0 && ++only[0])
			diff_put(d, "mount", xprintf("%s", a[i]->dir), say_mount(a[i], false), NULL), i++;
		else if (++only[1])
			diff_put(d, "mount", xprintf("%s", b[k]->dir), NULL, say_mount(b[k], false)), k++;
	}
	d->v[at].a = xprintf("%zu, of which %zu only here", na, only[0]);
	d->v[at].b = xprintf("%zu, of which %zu only here", nb, only[1]);
	if (only[0] || only[1]) {
		d->v[at].how = DIFF_OTHER;
		d->others++;
	}
}

void diff_mounts(struct diff *d)
{
	size_t na, nb;
	_cleanup_free_ const struct facts_mount **a = tops(&d->side[0].p, &na);
	_cleanup_free_ const struct facts_mount **b = tops(&d->side[1].p, &nb);

	if (facts_has(&d->side[0].p, FACT_MOUNTS) && facts_has(&d->side[1].p, FACT_MOUNTS))
		put_merged(d, a, na, b, nb);
	else
		diff_put_known(d, "mounts", xprintf("number"), NULL, NULL);
}

/* -- cgroups ------------------------------------------------------------------------------------ */

static const struct facts_cgroup *find(const struct facts *p, const char *controllers)
{
	for (size_t i = 0; i < p->n_cgroups; i++)
		if (strcmp(p->cgroups[i].controllers, controllers) == 0)
			return &p->cgroups[i];
	return NULL;
}

static void put_paths(struct diff *d, const struct facts *a, const struct facts *b)
{
	for (size_t i = 0; i < a->n_cgroups; i++) {
		const struct facts_cgroup *g = &a->cgroups[i], *other = find(b, g->controllers);

		diff_put(d, "cgroup", xprintf("%s", *g->controllers ? g->controllers : "cgroup2"), xprintf("%s", g->path),
			 other ? xprintf("%s", other->path) : NULL);
	}
}

static const struct cg_limit *limit_of(const struct cg_limits *l, const struct cg_key *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].key == key)
			return &l->v[i];
	return NULL;
}

static char *say_limit(const struct cg_limit *l)
{
	return l ? xprintf("%s (%s)", l->value, l->where) : NULL;
}

static void put_limits(struct diff *d)
{
	for (size_t i = 0; i < cg_keys_count; i++) {
		const struct cg_limit *a = limit_of(&d->side[0].limits, &cg_keys[i]);
		const struct cg_limit *b = limit_of(&d->side[1].limits, &cg_keys[i]);

		if (a || b)
			diff_put(d, "limit", xprintf("%s", cg_keys[i].file[CG_V2].name), say_limit(a), say_limit(b));
	}
}

void diff_cgroups(struct diff *d)
{
	if (!facts_has(&d->side[0].p, FACT_CGROUPS) || !facts_has(&d->side[1].p, FACT_CGROUPS)) {
		diff_put_known(d, "cgroup", xprintf("paths"), NULL, NULL);
		return;
	}
	put_paths(d, &d->side[0].p, &d->side[1].p);
	if (d->side[0].has_limits && d->side[1].has_limits)
		put_limits(d);
	else
		diff_put_known(d, "limit", xprintf("all"), NULL, NULL);
}
