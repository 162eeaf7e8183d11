/* SPDX-License-Identifier: MIT */
/* devices.c - device rules: read, and laid down for a group of either kind. */
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "cg/devices.h"
#include "target/self.h"

/* -- reading ------------------------------------------------------------------------------ */

static int bad(const char *text, const char *why, struct fault *f)
{
	fault_rule(f, OP_CG_DEVICE, text, "%s", why);
	fault_fix(f, "--device allow:c:1:3:rw, or --device deny:a for all of them");
	return -EINVAL;
}

static int number(const char *text, size_t n, int64_t *ret)
{
	char buf[16];
	uint64_t v;

	if (n == 1 && *text == '*') {
		*ret = -1;
		return 0;
	}
	snprintf(buf, sizeof(buf), "%.*s", (int)(n < 15 ? n : 15), text);
	if (num_u64(buf, UINT32_MAX, &v) < 0)
		return -EINVAL;
	*ret = (int64_t)v;
	return 0;
}

static int read_access(const char *text, unsigned *ret)
{
	*ret = 0;
	for (const char *p = text; *p; p++) {
		unsigned bit = *p == 'r' ? BPF_DEVCG_ACC_READ : *p == 'w' ? BPF_DEVCG_ACC_WRITE : *p == 'm' ? BPF_DEVCG_ACC_MKNOD : 0;

		if (!bit)
			return -EINVAL;
		*ret |= bit;
	}
	return *ret ? 0 : -EINVAL;
}

int cg_device_read(struct cg_device *d, const char *text, struct fault *f)
{
	const char *field[5] = {0};
	size_t len[5] = {0}, n = 0;

	for (const char *p = text; n < 5; p += len[n - 1] + 1) {
		field[n] = p;
		len[n] = strcspn(p, ":");
		if (!p[len[n++]])
			break;
	}
	*d = (struct cg_device){.major = -1, .minor = -1, .access = CG_DEVICE_ALL};
	if (field[n - 1][len[n - 1]] || n < 2 || n == 3)
		return bad(text, "expected allow or deny, a type, and perhaps numbers and access", f);
	d->allow = len[0] == 5 && strncmp(field[0], "allow", 5) == 0;
	if (!d->allow && (len[0] != 4 || strncmp(field[0], "deny", 4) != 0))
		return bad(text, "it begins with allow or deny", f);
	if (len[1] != 1 || !strchr("abc", field[1][0]))
		return bad(text, "the type is a, b or c", f);
	d->type = field[1][0];
	if (n > 2 && (number(field[2], len[2], &d->major) < 0 || number(field[3], len[3], &d->minor) < 0))
		return bad(text, "major and minor are numbers, or *", f);
	if (n > 4 && read_access(field[4], &d->access) < 0)
		return bad(text, "access is some of r, w and m", f);
	if (d->type == 'a' && (d->major >= 0 || d->minor >= 0))
		return bad(text, "numbers belong to b or to c", f);
	return 0;
}

/* -- cgroup2: a program ------------------------------------------------------------------- */

static int set_v2(struct sys *s, int dir, const char *path, const struct cg_device *rules, size_t n)
{
	struct bpf_insn *prog = xcalloc(n * CG_DEVICE_INSNS + CG_DEVICE_EXTRA, sizeof(*prog));
	_cleanup_fd_ int fd = sys_bpf_load(s, BPF_PROG_TYPE_CGROUP_DEVICE, prog, cg_devices_compile(rules, n, prog));

	free(prog);
	return fd < 0 ? fd : sys_bpf_attach(s, dir, fd, BPF_CGROUP_DEVICE, path);
}

/* -- version 1: two files ------------------------------------------------------------------- */

bool cg_device_is_all(const struct cg_device *d)
{
	return d->type == 'a' && d->access == CG_DEVICE_ALL;
}

static bool meet(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a == b;
}

static bool same_numbers(const struct cg_device *a, const struct cg_device *b)
{
	return a->major == b->major && a->minor == b->minor;
}

struct v1 {
	struct cg_device *live; /* the exceptions, with what is left of their access      */
	size_t n_live;
	bool open;              /* exceptions deny                                          */
	struct cg_device *out;  /* what is to be written                                    */
	size_t n_out, room;
};

static void emit(struct v1 *v, const struct cg_device *d, bool known)
{
	if (known)
		return;
	if (v->n_out == v->room) {
		struct cg_device *longer = xcalloc(v->room = 2 * v->room + 16, sizeof(*longer));

		for (size_t i = 0; i < v->n_out; i++)
			longer[i] = v->out[i];
		free(v->out);
		v->out = longer;
	}
	v->out[v->n_out++] = *d;
}

/* Take back what the rule says of the exceptions that there are. */
static int take_back(struct v1 *v, const struct cg_device *d, bool known)
{
	for (size_t i = 0; i < v->n_live; i++) {
		struct cg_device *x = &v->live[i], part = *x;

		part.allow = d->allow;
		part.access &= d->access;
		if (!part.access || x->type != d->type || !meet(x->major, d->major) || !meet(x->minor, d->minor))
			continue;
		if ((d->major >= 0 && x->major < 0) || (d->minor >= 0 && x->minor < 0))
			return -ENOTSUP;
		x->access &= ~d->access;
		if (!same_numbers(x, d)) /* else the rule itself does it */
			emit(v, &part, known);
	}
	return 0;
}

static int tell(struct v1 *v, const struct cg_device *d, bool known)
{
	int r = 0;

	if (cg_device_is_all(d)) {
		v->open = d->allow;
		v->n_live = 0;
	} else if (d->allow == v->open) {
		r = take_back(v, d, known);
	} else {
		v->live[v->n_live++] = *d;
	}
	if (r == 0)
		emit(v, d, known);
	return r;
}

int cg_devices_v1(const struct cg_device *rules, size_t n, size_t known, struct cg_device **out, size_t *n_out, size_t *bad)
{
	struct v1 v = {.live = xcalloc(2 * n + 1, sizeof(*v.live)), .open = true};
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct cg_device d = rules[i];
		/* "a" there means all devices with all access, whatever follows it */
		bool both = d.type == 'a' && !cg_device_is_all(&d);

		*bad = i;
		if (both)
			d.type = 'b';
		r = tell(&v, &d, i < known);
		if (r == 0 && both) {
			d.type = 'c';
			r = tell(&v, &d, i < known);
		}
	}
	free(v.live);
	if (r < 0) {
		free(v.out);
		return r;
	}
	*out = v.out;
	*n_out = v.n_out;
	return 0;
}

static int write_v1(struct sys *s, int dir, const struct cg_device *d, const char *path)
{
	const char *file = d->allow ? "devices.allow" : "devices.deny";
	char text[64] = "a", major[16] = "*", minor[16] = "*", object[600];

	if (d->major >= 0)
		snprintf(major, sizeof(major), "%u", (unsigned)d->major);
	if (d->minor >= 0)
		snprintf(minor, sizeof(minor), "%u", (unsigned)d->minor);
	if (d->type != 'a')
		snprintf(text, sizeof(text), "%c %s:%s %s%s%s", d->type, major, minor, d->access & BPF_DEVCG_ACC_READ ? "r" : "",
			 d->access & BPF_DEVCG_ACC_WRITE ? "w" : "", d->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
	snprintf(object, sizeof(object), "%.500s/%s", path, file);
	return sys_write_file(s, dir, file, object, text);
}

/* -- lists of rules --------------------------------------------------------------------------- */

struct list {
	struct cg_device *d; /* owned                                           */
	size_t n, known;     /* the first `known` are what a new group begins with */
};

static void list_free(struct list *l)
{
	free(l->d);
}

static int list_add(struct list *l, const char *text, struct fault *f)
{
	struct cg_device *longer = reallocarray(l->d, l->n + 1, sizeof(*longer));

	if (!longer)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", text);
	l->d = longer;
	return cg_device_read(&l->d[l->n++], text, f);
}

/* A new group begins as its parent is: "a *:* rwm", or a line such as "c 1:3 rwm" for each
 * exception to all being denied. The exceptions of an open one are not shown by the kernel. */
static int list_inherit(struct list *l, int up, struct fault *f)
{
	char buf[8 * CG_SMALL], *rest = buf;
	int r = 0;

	if (up < 0 || cg_read(up, "devices.list", buf, sizeof(buf)) < 0 || *buf == 'a')
		return 0;
	r = list_add(l, "deny:a", f);
	for (char *line = strsep(&rest, "\n"); r == 0 && line && *line; line = strsep(&rest, "\n")) {
		char text[64], *p = text;

		snprintf(text, sizeof(text), "allow:%.50s", line);
		for (p = strchr(p, ' '); p; p = strchr(p, ' '))
			*p = ':';
		r = list_add(l, text, f);
	}
	l->known = l->n;
	return r;
}

static int list_read(struct list *l, const struct words *rules, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < rules->n && r == 0; i++)
		r = list_add(l, rules->v[i], f);
	return r;
}

/* The list as version 1 takes it. */
static int list_v1(struct list *l, int up, const struct words *rules, struct fault *f)
{
	struct cg_device *out;
	size_t n, bad;
	int r = list_inherit(l, up, f);

	if (r == 0)
		r = list_read(l, rules, f);
	if (r < 0)
		return r;
	if (cg_devices_v1(l->d, l->n, l->known, &out, &n, &bad) < 0) {
		fault_rule(f, OP_CG_DEVICE, rules->v[bad - l->known],
			   "it takes back a part of a rule before it, which cgroup v1 cannot: only the whole");
		fault_fix(f, "--device deny:a first and then what is allowed; see cg-exec(1)");
		return -EINVAL;
	}
	free(l->d);
	*l = (struct list){out, n, 0};
	return 0;
}

/* -- check, and do ------------------------------------------------------------------------------ */

/* The kernel asks for capabilities of the first user namespace, in both worlds. */
static bool may_limit(bool v2)
{
	if (self_in_userns())
		return false;
	return self_has_cap(CAP_SYS_ADMIN) || (v2 && self_has_cap(CAP_BPF) && self_has_cap(CAP_NET_ADMIN));
}

int cg_devices_check(const struct cg_hier *h, int up, const struct words *rules, struct fault *f)
{
	struct list l = {0};
	int r;

	if (!h) {
		fault_rule(f, OP_CG_DEVICE, rules->v[0], "neither cgroup2 nor the v1 controller devices is mounted here");
		fault_fix(f, "no --device; or mount -t cgroup2 cgroup2 /sys/fs/cgroup, as root");
		return -EINVAL;
	}
	if (!may_limit(h->v2))
		return fault_set(f, OP_CG_DEVICE, EPERM, "%s", rules->v[0]);
	r = h->v2 ? list_read(&l, rules, f) : list_v1(&l, up, rules, f);
	list_free(&l);
	return r;
}

int cg_devices_set(struct sys *s, const struct cg_group *g, const struct words *rules, struct fault *f)
{
	char path[PATH_MAX];
	struct list l = {0};
	int r = g->hier->v2 ? list_read(&l, rules, f) : list_v1(&l, g->up, rules, f), err = 0;

	cg_group_file(g, "", path, sizeof(path));
	if (r == 0 && g->hier->v2)
		err = set_v2(s, g->dir, path, l.d, l.n);
	for (size_t i = 0; r == 0 && !g->hier->v2 && i < l.n && err >= 0; i++)
		err = write_v1(s, g->dir, &l.d[i], path);
	list_free(&l);
	return err < 0 ? fault_set(f, OP_CG_DEVICE, -err, "%s", path) : r;
}
