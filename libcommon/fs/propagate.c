/* SPDX-License-Identifier: MIT */
/* propagate.c - a root is built of private mounts, so that nothing of it reaches the host.
 * What is to go on hearing of the host's mounts is copied before all become private. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "fs/forms.h"
#include "fs/propagate.h"
#include "fs/root.h"
#include "target/mounts.h"

/* -- the option ----------------------------------------------------------------------- */

const char propagation_words[] = "private rprivate slave rslave shared rshared unbindable runbindable";

static const struct {
	const char *word;
	uint64_t flag;
} rows[] = {
#define ATTR(word, bit, clears)
#define PROPAGATION(word, flag) {word, flag},
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
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static int parse(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct propagation *p = field;

	for (size_t i = 0; i < ROWS; i++) {
		bool recursive = text[0] == 'r' && strcmp(text + 1, rows[i].word) == 0;

		if (!recursive && strcmp(text, rows[i].word) != 0)
			continue;
		*p = (struct propagation){rows[i].flag, recursive};
		return 0;
	}
	fault_set(f, OP_OPTION, 0, "--%s %s", o->name, text);
	fault_why(f, "no such propagation");
	fault_fix(f, "private, slave, shared or unbindable, or with an r before it: read mount_namespaces(7)");
	return -EINVAL;
}

void propagation_word(const struct propagation *p, char buf[static 16])
{
	buf[0] = '\0';
	for (size_t i = 0; i < ROWS; i++)
		if (p->flag && p->flag == rows[i].flag)
			snprintf(buf, 16, "%s%s", p->recursive ? "r" : "", rows[i].word);
}

static void print(const void *field, const struct opt *o, struct words *out)
{
	char word[16];

	propagation_word(field, word);
	if (*word)
		opt_emit(o, word, out);
}

const struct opt_kind opt_propagation = {true, false, parse, print};

/* -- before the build ----------------------------------------------------------------- */

static bool is_peer(const struct mount_row *row, const struct propagation *p)
{
	return p->flag == MS_SHARED && row->flags.propagation == MS_SHARED;
}

static bool is_slave(const struct mount_row *row, const struct propagation *p)
{
	uint64_t own = row->flags.propagation;

	return own == MS_SLAVE || ((p->flag == MS_SLAVE || p->flag == MS_SHARED) && (!own || own == MS_SHARED));
}

static bool is_off(const struct propagation *p)
{
	return !p->flag || (p->flag == MS_PRIVATE && p->recursive);
}

int propagation_of_held(struct mount_walk *w, struct mount_row *row, const struct propagation *p, struct fault *f)
{
	uint64_t flag = !is_off(p) && is_slave(row, p) ? MS_SLAVE : MS_PRIVATE;
	int r;

	if (is_peer(row, p)) {
		w->peers = true;
		return 0;
	}
	r = sys_mount_setattr(w->c->sys, row->held, AT_EMPTY_PATH | AT_RECURSIVE, 0, 0, flag);
	return r < 0 ? fault_set(f, OP_PROPAGATION, -r, "%s", row->src) : 0;
}

static int hold(struct mount_walk *w, struct mount_row *row, const struct propagation *p, struct fault *f)
{
	bool peer = is_peer(row, p);

	if (!row->flags.bind || (!peer && !is_slave(row, p)))
		return 0;
	if (row->held > 0) { /* by an id map */
		w->peers |= peer;
		return 0;
	}
	row->held = mount_copy(w, row, f);
	return row->held < 0 ? row->held : propagation_of_held(w, row, p, f);
}

int propagation_hold(struct mount_walk *w, struct mount_list *l, const struct propagation *p, struct fault *f)
{
	int r = 0;

	if (is_off(p))
		return 0;
	for (size_t i = 0; i < l->n && r >= 0; i++)
		r = hold(w, &l->v[i], p, f);
	return r;
}

/* -- while it is built ---------------------------------------------------------------- */

int propagation_guard(const struct mount_walk *w, enum op op, const char *path, int fd, struct fault *f)
{
	bool shared = false;
	int r;

	/* the table is read again each time, as mounts come with each row; this is paid for only
	 * where a bind is a peer */
	if (!w->peers || w->c->sys->dry)
		return 0;
	r = mounts_shared(fd, &shared, NULL, 0);
	if (r < 0)
		return fault_set(f, op, -r, "%s", path);
	if (!shared)
		return 0;
	fault_rule(f, op, path, "it is in a bind that is shared with the host, where the mount would be seen too");
	fault_fix(f, "the bind with slave in place of shared, or another place");
	return -EINVAL;
}

/* -- at the end ----------------------------------------------------------------------- */

/* The root's own mounts are private by now, and binds what their options say; a slave needs
 * a master, which a private mount has not. */
int propagation_finish(struct sys *s, const struct propagation *p, struct fault *f)
{
	int r;

	if (p->flag != MS_SHARED && p->flag != MS_UNBINDABLE)
		return 0;
	r = sys_mount_setattr(s, AT_FDCWD, p->recursive ? AT_RECURSIVE : 0, 0, 0, p->flag);
	return r < 0 ? fault_set(f, OP_PROPAGATION, -r, "/") : 0;
}
