/* SPDX-License-Identifier: MIT */
/* write.c - a key is written, and read back. */
#include <errno.h>
#include <stdio.h>

#include "cg/keys.h"
#include "cg/sets.h"

enum { VALUE = 4096 }; /* bytes of a value that is read back */

static int write_fault(const struct cg_write *w, const char *object, int err, struct fault *f)
{
	if (err == ENOENT && !w->key)
		return cg_key_unknown(w->said, f);
	fault_set(f, OP_CG_WRITE, err, "%s", object);
	if (w->key && (err == EINVAL || err == ERANGE || err == ENODEV))
		fault_fix(f, "--set %s=VALUE; the value is %s", w->file, cg_value_form(w->key, w->spelling));
	return -err;
}

/* Nothing claims a success that it has not seen: what was written is read back. */
int cg_write(struct sys *s, int dir, const char *path, struct cg_write *w, struct fault *f)
{
	char object[512], got[VALUE];
	ssize_t r;

	/* Safe: the file is one of the kernel's, in a cgroup that we hold. */
	snprintf(object, sizeof(object), "%.400s/%s", path, w->file);
	r = sys_write_file(s, dir, w->file, object, w->text);
	if (r == -ENOENT && w->or_file) {
		cg_write_other(w);
		snprintf(object, sizeof(object), "%.400s/%s", path, w->file);
		r = sys_write_file(s, dir, w->file, object, w->text);
	}
	if (r < 0)
		return write_fault(w, object, (int)-r, f);
	if (s->dry)
		return 0;
	r = cg_read(dir, w->file, got, sizeof(got));
	if (!w->key && (r == -EINVAL || r == -EACCES))
		return 0; /* a key that can only be written */
	if (r < 0)
		return fault_set(f, OP_READ, (int)-r, "%s", object);
	if (w->key ? cg_value_same(w->key, w->spelling, w->text, got) : cg_text_same(w->file, w->text, got))
		return 0;
	fault_set(f, OP_CG_WRITE, 0, "%s", object);
	fault_why(f, "%.100s was written, the kernel has %.100s", w->text, *got ? got : "nothing");
	fault_fix(f, "--set with a value that the kernel keeps: the cgroups above may allow less");
	return -EINVAL;
}
