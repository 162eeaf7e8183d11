/* SPDX-License-Identifier: MIT */
/* boxes-cgroup.c - boxes by the names of their cgroups: what each engine calls them. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "target/boxes-state.h"

enum { HEX, DIGITS, ANY, UNIT };

/* What the name of a cgroup looks like, and whose it is. `above`: the beginning of the name of the
 * one above. */
static const struct form {
	const char *above, *begin, *end;
	int id; /* hexadecimal; decimal; anything; the same with systemd's \xNN */
	const char *engine;
} forms[] = {
	{"", "docker-", ".scope", HEX, "docker"},
	{"docker", "", "", HEX, "docker"},
	{"", "libpod-", ".scope", HEX, "podman"},
	{"", "libpod-", "", HEX, "podman"},
	{"", "crio-", ".scope", HEX, "cri-o"},
	{"", "crio-", "", HEX, "cri-o"},
	{"", "cri-containerd-", ".scope", HEX, "containerd"},
	{"", "nerdctl-", ".scope", HEX, "containerd"},
	{"default", "", "", HEX, "containerd"},
	{"k8s.io", "", "", HEX, "containerd"},
	{"moby", "", "", HEX, "docker"},
	{"pod", "", "", HEX, "kubernetes"},
	{"kubepods", "", "", HEX, "kubernetes"},
	{"", "lxc.payload.", "", ANY, "lxc"},
	{"lxc", "", "", ANY, "lxc"},
	{"", "machine-lxc", ".scope", UNIT, "libvirt-lxc"},
	{"machine.slice", "machine-", ".scope", UNIT, "systemd-nspawn"},
	{"", "systemd-nspawn@", ".service", UNIT, "systemd-nspawn"},
	{"", "runc-", ".scope", ANY, "runc"},
	{"", "crun-", ".scope", ANY, "crun"},
	{"", "boxutils-", "", DIGITS, "boxutils"},
};

/* -- one name -------------------------------------------------------------------------------------- */

static bool id_fits(int kind, const char *id, size_t n)
{
	if (kind == HEX)
		return box_id_whole(id, n);
	for (size_t i = 0; kind == DIGITS && i < n; i++)
		if (!isdigit((unsigned char)id[i]))
			return false;
	return n > 0 && n < NAME_BYTES;
}

/* "a\x2db" is "a-b" in the name of a unit. */
static void unescape(char *s)
{
	char *to = s;
	unsigned c;

	for (; *s; s++, to++) {
		*to = *s;
		if (s[0] == '\\' && s[1] == 'x' && isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3]) &&
		    sscanf(s + 2, "%2x", &c) == 1 && c) {
			*to = (char)c;
			s += 3;
		}
	}
	*to = '\0';
}

/* The form of the component p[0..n) below up[0..m), and the id in it. */
static const struct form *form_of(const char *up, size_t m, const char *p, size_t n, char id[NAME_BYTES])
{
	for (const struct form *f = forms; f < forms + sizeof(forms) / sizeof(*forms); f++) {
		size_t begin = strlen(f->begin), end = strlen(f->end), above = strlen(f->above);

		if (m < above || strncmp(up, f->above, above) != 0 || n < begin + end || strncmp(p, f->begin, begin) != 0 ||
		    strncmp(p + n - end, f->end, end) != 0 || !id_fits(f->id, p + begin, n - begin - end))
			continue;
		/* "docker", and not "dockerd"; of pods only the beginning is known */
		if (above && f->id == HEX && strcmp(f->engine, "kubernetes") != 0 && m != above)
			continue;
		if (f->id != HEX && above && m != above)
			continue;
		snprintf(id, NAME_BYTES, "%.*s", (int)(n - begin - end), p + begin);
		if (f->id == UNIT)
			unescape(id);
		if (f->id == DIGITS)
			snprintf(id, NAME_BYTES, "%.*s", (int)n, p);
		/* a virtual machine of libvirt is none of ours */
		return f->id == UNIT && strncmp(id, "qemu-", 5) == 0 ? NULL : f;
	}
	return NULL;
}

/* -- a path ------------------------------------------------------------------------------------------ */

/* Below user@UID.service the user makes cgroups: said by the name also where the directory is not seen. */
static void owner_of(const char *p, size_t n, uid_t *uid)
{
	unsigned long id;
	char *end;

	if (*uid || n < 6 || strncmp(p, "user@", 5) != 0 || !isdigit((unsigned char)p[5]))
		return;
	id = strtoul(p + 5, &end, 10);
	if (strncmp(end, ".service", 8) == 0 && end + 8 == p + n && id < UINT_MAX)
		*uid = (uid_t)id;
}

/* Root's, or that of the user whose place it is. Others may write into their state what they like:
 * the id of somebody else's box, or a cgroup that is everybody's. */
static struct box *by_name(struct boxes *b, const struct form *f, const char *id, const char *path, uid_t uid)
{
	size_t n = strlen(id);
	struct box_node *node;
	struct box *box = NULL;

	for (node = box_seek(b, 'i', id, n); node && !box; node = box_seek_on(node->next, 'i', id, n))
		if (node->box->uid == uid && (f->id == HEX || strcmp(node->box->engine, f->engine) == 0))
			box = node->box;
	if (!box) {
		box = box_add(b, f->engine, id, uid, path);
		if (box && f->id != HEX && f->id != DIGITS)
			box_set_name(box, id, path);
	}
	if (box)
		box_set_cgroup(b, box, path);
	return box;
}

/* The box of the cgroup path[0..n), whose name has this form (or NULL: none) and this id. `above` characters
 * are the cgroup in which somebody made it, and `named` the user whose place that is by its name. What is in a
 * cgroup that was given to a user as it is may be a box of that user as well. */
static struct box *box_at(struct boxes *b, const char *path, size_t n, size_t above, const struct form *f, const char *id, uid_t named)
{
	uid_t uid = cgroup_maker(b, path, above) ?: named;
	struct box *box = box_with(b, 'c', path, n, uid);

	if (!box && box_seek(b, 'c', path, n))
		box = box_with(b, 'c', path, n, cgroup_maker(b, path, n));
	if (!box && f) {
		_cleanup_free_ char *own = xprintf("%.*s", (int)n, path);

		box = by_name(b, f, id, own, uid);
	}
	return box;
}

/* The outermost cgroup of the path that is a box's: those below were named by whoever is in it. */
static struct box *box_of_path(struct boxes *b, const char *path, size_t len)
{
	const char *up = path;
	size_t m = 0;
	uid_t named = 0;

	for (size_t at = 0; at < len && path[at] == '/';) {
		const char *p = path + at + 1;
		size_t n = strcspn(p, "/\n"), above = at;
		char id[NAME_BYTES];
		const struct form *f;
		struct box *box = NULL;

		at += 1 + n;
		owner_of(p, n, &named);
		f = form_of(up, m, p, n, id);
		if (f || box_seek(b, 'c', path, at)) /* or else nobody's owner is asked for */
			box = box_at(b, path, at, above, f, id, named);
		if (box)
			return box;
		up = p;
		m = n;
	}
	return NULL;
}

struct box *box_of_cgroup(struct boxes *b, const char *cgroup)
{
	struct box *box = NULL;

	for (const char *line = cgroup; *line && !box;) {
		const char *end = line + strcspn(line, "\n");
		const char *path = *line == '/' ? line : memchr(line, ':', (size_t)(end - line));

		if (path && path != line) /* N:CONTROLLERS:PATH */
			path = memchr(path + 1, ':', (size_t)(end - path - 1));
		if (path)
			path += *path == ':';
		if (path && path < end && end - path < PATH_MAX)
			box = box_of_path(b, path, (size_t)(end - path));
		line = end + (*end == '\n');
	}
	return box;
}

const struct box *boxes_of_cgroup(struct boxes *b, const char *cgroup)
{
	struct box *box = box_of_cgroup(b, cgroup);

	if (box && !box->name)
		box_ask_monitor(b, box);
	return box;
}
