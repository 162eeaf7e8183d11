/* SPDX-License-Identifier: MIT */
/* rows.c - mount rows from words and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/mount.h"

/* A copy of the field at *p up to a colon that no backslash hides (the last field: to the
 * end), with "\:" and "\\" undone; *p moves behind it, or becomes NULL at the end. */
static char *field(const char **p, bool last)
{
	const char *from = *p;
	char *copy, *to;

	if (!from)
		return NULL;
	to = copy = xcalloc(strlen(from) + 1, 1);
	for (; *from && (last || *from != ':'); from++) {
		if (from[0] == '\\' && (from[1] == ':' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*p = *from ? from + 1 : NULL;
	return copy;
}

/* The other way round. */
static char *escape(const char *text)
{
	char *copy = xcalloc(2 * strlen(text) + 1, 1), *to = copy;

	for (; *text; text++) {
		if (*text == ':' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	return copy;
}

/* "/a/b" of "a//./b/": what is relative is taken from the root. ".." stays, for
 * mount_list_plan to refuse. */
static char *absolute(const char *path)
{
	char *copy = xcalloc(strlen(path) + 2, 1), *to = copy;

	while (*(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");

		if (n != 1 || *path != '.') {
			*to++ = '/';
			memcpy(to, path, n);
			to += n;
		}
		path += n;
	}
	if (to == copy)
		*to = '/';
	return copy;
}

static char *copy_of(const char *text)
{
	return text ? xprintf("%s", text) : NULL;
}

struct mount_row *mount_list_add(struct mount_list *l, enum mount_kind kind, const char *type, const char *src,
				 const char *dir, const char *options)
{
	struct mount_row *v = xcalloc(l->n + 1, sizeof(*v));

	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	free(l->v);
	l->v = v;
	v[l->n] = (struct mount_row){
		.kind = kind,
		.type = copy_of(type),
		.src = copy_of(src),
		.dir = absolute(dir),
		.options = copy_of(options),
	};
	return &v[l->n++];
}

static int missing(const struct opt *o, const char *text, const char *what, struct fault *f)
{
	fault_set(f, OP_MOUNT_RULE, 0, "--%s%c%s", o->name, o->kind->optional ? '=' : ' ', text);
	fault_why(f, "%s is missing", what);
	fault_fix(f, "--%s%c%s", o->name, o->kind->optional ? '=' : ' ', o->arg);
	return -EINVAL;
}

static int parse_fields(void *list, const struct opt *o, const char *text, struct fault *f)
{
	const struct mount_form *form = &mount_forms[o->val];
	char *part[FIELD_COUNT] = {NULL};
	const char *rest = text;
	int r = 0;

	for (const char *id = form->fields; *id; id++)
		part[strchr(FIELD_IDS, *id) - FIELD_IDS] = field(&rest, !id[1]);
	if (strchr(form->fields, 't') && (!part[FIELD_TYPE] || !*part[FIELD_TYPE]))
		r = missing(o, text, "the type", f);
	else if (form->bind && (!part[FIELD_SRC] || !*part[FIELD_SRC]))
		r = missing(o, text, "the source", f);
	else if (form->bind && (!part[FIELD_DIR] || !*part[FIELD_DIR]))
		mount_list_add(list, (enum mount_kind)o->val, NULL, part[FIELD_SRC], part[FIELD_SRC],
			       part[FIELD_OPTIONS]);
	else if (!part[FIELD_DIR] || !*part[FIELD_DIR])
		r = missing(o, text, "the directory in the root", f);
	else
		mount_list_add(list, (enum mount_kind)o->val, part[FIELD_TYPE], part[FIELD_SRC], part[FIELD_DIR],
			       part[FIELD_OPTIONS]);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		free(part[i]);
	return r;
}

static int parse_at(void *list, const struct opt *o, const char *text, struct fault *f)
{
	if (text && mount_forms[o->val].fields)
		return parse_fields(list, o, text, f);
	if (text && !*text)
		return missing(o, text, "the directory in the root", f);
	mount_list_add(list, (enum mount_kind)o->val, NULL, NULL, text ? text : mount_forms[o->val].dir, NULL);
	return 0;
}

static void print_nothing(const void *list, const struct opt *o, struct words *out)
{
	(void)list, (void)o, (void)out;
}

const struct opt_kind opt_mount = {true, false, parse_fields, print_nothing};
const struct opt_kind opt_mount_at = {true, true, parse_at, print_nothing};

/* The fields of the row, joined by colons; absent ones at the end are left out. */
static char *joined(const struct mount_row *row, const char *fields)
{
	const char *part[FIELD_COUNT] = {row->type, row->src, row->dir, row->options};
	char *text = copy_of("");

	for (const char *id = fields; *id; id++) {
		const char *value = part[strchr(FIELD_IDS, *id) - FIELD_IDS];
		char *quoted, *longer;

		if (!value && *id == 'o')
			break;
		quoted = escape(value ? value : "");
		longer = xprintf("%s%s%s", text, id == fields ? "" : ":", quoted);
		free(quoted);
		free(text);
		text = longer;
	}
	return text;
}

static void print_row(const struct mount_row *row, const struct opt *o, struct words *out)
{
	const struct mount_form *form = &mount_forms[row->kind];
	char *text;

	if (o->kind->optional && !row->options) {
		opt_emit(o, strcmp(row->dir, form->dir) == 0 ? NULL : row->dir, out);
		return;
	}
	text = joined(row, form->fields);
	opt_emit(o, text, out);
	free(text);
}

void mount_list_print(const struct mount_list *l, const struct opt *table, struct words *out)
{
	for (size_t i = 0; i < l->n; i++)
		for (const struct opt *o = table; o->name; o++)
			if (o->kind->print == print_nothing && o->val == (long)l->v[i].kind)
				print_row(&l->v[i], o, out);
}

void mount_list_free(struct mount_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct mount_row *row = &l->v[i];

		free(row->type);
		free(row->src);
		free(row->dir);
		free(row->options);
		free(row->text);
		words_free(&row->data);
		if (row->held > 0)
			fd_close(&row->held);
		if (row->userns > 0)
			fd_close(&row->userns);
	}
	free(l->v);
	*l = (struct mount_list){0};
}
