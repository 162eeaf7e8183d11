/* SPDX-License-Identifier: MIT */
/* json-kind.c - how values become members of structs. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-doc.h"

static int type_fail(const struct json_at *at, const char *expected, struct json_object *v,
		     struct fault *f)
{
	static const char *const got[] = {
		[json_type_null] = "null",
		[json_type_boolean] = "boolean",
		[json_type_double] = "a number with a fraction or an exponent",
		[json_type_int] = "integer",
		[json_type_object] = "object",
		[json_type_array] = "array",
		[json_type_string] = "string",
	};

	return json_fail(at, NULL, f, "expected %s, got %s", expected, got[json_object_get_type(v)]);
}

void *json_alloc(const struct json_at *at, size_t n, size_t size, struct fault *f)
{
	struct json_block *b = NULL;
	size_t bytes;

	if (!__builtin_mul_overflow(n, size, &bytes) && bytes < SIZE_MAX / 2)
		b = calloc(1, sizeof(*b) + (bytes ? bytes : 1));
	if (!b) {
		fault_set(f, OP_MEMORY, ENOMEM, "%s", at->doc->name);
		return NULL;
	}
	b->next = at->doc->blocks;
	at->doc->blocks = b;
	return b->data;
}

#define DECODE(name)                                                                               \
	static int name(const struct json_at *at, struct json_object *v,                           \
			const struct json_field *row, void *field, struct fault *f)

DECODE(decode_string)
{
	(void)row;
	if (!json_object_is_type(v, json_type_string))
		return type_fail(at, "string", v, f);
	*(const char **)field = json_object_get_string(v);
	return 0;
}

DECODE(decode_bool)
{
	(void)row;
	if (!json_object_is_type(v, json_type_boolean))
		return type_fail(at, "boolean", v, f);
	*(bool *)field = json_object_get_boolean(v);
	return 0;
}

DECODE(decode_int)
{
	struct json_int *i = field;

	(void)row;
	if (!json_object_is_type(v, json_type_int))
		return type_fail(at, "integer", v, f);
	i->n = json_object_get_int64(v);
	if (i->n == INT64_MAX && json_object_get_uint64(v) != INT64_MAX)
		return json_fail(at, NULL, f, "expected integer below 2^63, got %lu",
				 (unsigned long)json_object_get_uint64(v));
	i->given = true;
	return 0;
}

DECODE(decode_uint)
{
	struct json_uint *u = field;
	uint64_t max = row->max ? row->max : UINT64_MAX;
	int64_t i;

	if (!json_object_is_type(v, json_type_int))
		return type_fail(at, "integer", v, f);
	i = json_object_get_int64(v);
	u->n = i < 0 ? 0 : json_object_get_uint64(v);
	if (i < 0)
		return json_fail(at, NULL, f, "expected integer from 0 to %lu, got %ld",
				 (unsigned long)max, (long)i);
	if (u->n > max)
		return json_fail(at, NULL, f, "expected integer from 0 to %lu, got %lu",
				 (unsigned long)max, (unsigned long)u->n);
	u->given = true;
	return 0;
}

/* After a result of a part: what is wrong and was reported is noted in *bad, and the rest
 * gets its turn. */
static int go_on(const struct json_at *at, int r, int *bad)
{
	if (r == 0 || r == -ENOMEM || !at->doc->report)
		return r;
	*bad = r;
	return 0;
}

/* Decodes each element of the array v as `kind` into *ret, n members of `size`. */
static int decode_array(const struct json_at *at, struct json_object *v,
			const struct json_field *row, const struct json_kind *kind, size_t size,
			void **ret, size_t *n, struct fault *f)
{
	struct json_at element = {at->doc, at, NULL, 0};
	int r = 0, bad = 0;

	if (!json_object_is_type(v, json_type_array))
		return type_fail(at, "array", v, f);
	*n = json_object_array_length(v);
	*ret = json_alloc(at, *n, size, f);
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < *n; i++) {
		struct json_object *e = json_object_array_get_idx(v, i);

		element.index = i;
		r = e ? kind->decode(&element, e, row, (char *)*ret + i * size, f)
		      : json_fail(&element, NULL, f, "null is not allowed in this array");
		r = go_on(at, r, &bad);
	}
	return r < 0 ? r : bad;
}

DECODE(decode_strings)
{
	struct json_strings *s = field;

	return decode_array(at, v, row, &json_kind_string, sizeof(*s->v), (void **)&s->v, &s->n, f);
}

static int decode_shape(const struct json_at *at, struct json_object *v,
			const struct json_shape *shape, void *out, struct fault *f)
{
	struct json_at member = {at->doc, at, NULL, 0};
	int bad = 0;

	if (!json_object_is_type(v, json_type_object))
		return type_fail(at, "object", v, f);
	for (const struct json_field *row = shape->fields; row->name; row++) {
		struct json_object *m = NULL;
		int r = 0;

		member.key = row->name;
		if (json_object_object_get_ex(v, row->name, &m) && m)
			r = row->kind->decode(&member, m, row, (char *)out + row->off, f);
		else if (row->required)
			r = json_fail(&member, NULL, f, "required, but missing");
		r = go_on(at, r, &bad);
		if (r < 0)
			return r;
	}
	if (shape->check && (!bad || shape->tolerant)) {
		int r = shape->check(at, out, f);

		if (r < 0)
			return r;
	}
	return bad;
}

DECODE(decode_inline)
{
	return decode_shape(at, v, row->arg, field, f);
}

DECODE(decode_object)
{
	const struct json_shape *shape = row->arg;
	void *object = json_alloc(at, 1, shape->size, f);

	if (!object)
		return -ENOMEM;
	*(void **)field = object;
	return decode_shape(at, v, shape, object, f);
}

DECODE(decode_objects)
{
	static const struct json_kind element = {decode_inline};
	const struct json_shape *shape = row->arg;
	struct json_list *l = field;

	return decode_array(at, v, row, &element, shape->size, &l->v, &l->n, f);
}

/* Borrowed from the document, as strings are. */
DECODE(decode_named)
{
	const struct json_shape *shape = row->arg;
	struct json_list *l = field;
	int bad = 0;

	if (!json_object_is_type(v, json_type_object))
		return type_fail(at, "object", v, f);
	l->v = json_alloc(at, (size_t)json_object_object_length(v), shape->size, f);
	if (!l->v)
		return -ENOMEM;
	json_object_object_foreach(v, key, value) {
		struct json_at member = {at->doc, at, key, 0};
		void *one = (char *)l->v + l->n * shape->size;
		int r;

		*(const char **)one = key;
		r = go_on(at, decode_shape(&member, value, shape, one, f), &bad);
		if (r < 0)
			return r;
		l->n++;
	}
	return bad;
}

/* The remedy names the words that are known, as many as fit. */
static int name_fail(const struct json_at *at, const struct json_names *names, const char *got,
		     struct fault *f)
{
	size_t n = 0;
	char list[480] = "";

	for (const struct json_name *row = names->rows; row->name && n < sizeof(list); row++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", row->name);
	json_fail(at, NULL, f, "unknown %s '%.48s'", names->what, got);
	fault_fix(f, "one of %s", list);
	return -EINVAL;
}

DECODE(decode_name)
{
	const struct json_names *names = row->arg;
	const struct json_name *n = names->rows;
	const char *s = NULL;
	int r = decode_string(at, v, row, &s, f);

	if (r < 0 || !s)
		return r;
	while (n->name && strcmp(n->name, s) != 0)
		n++;
	if (!n->name)
		return name_fail(at, names, s, f);
	*(const struct json_name **)field = n;
	return 0;
}

DECODE(decode_names)
{
	struct json_name_list *l = field;

	return decode_array(at, v, row, &json_kind_name, sizeof(*l->v), (void **)&l->v, &l->n, f);
}

DECODE(decode_uints)
{
	struct json_uints *l = field;

	return decode_array(at, v, row, &json_kind_uint, sizeof(*l->v), (void **)&l->v, &l->n, f);
}

DECODE(decode_map)
{
	struct json_map *m = field;
	int bad = 0;

	if (!json_object_is_type(v, json_type_object))
		return type_fail(at, "object", v, f);
	m->v = json_alloc(at, (size_t)json_object_object_length(v), sizeof(*m->v), f);
	if (!m->v)
		return -ENOMEM;
	json_object_object_foreach(v, key, value) {
		struct json_at member = {at->doc, at, key, 0};
		const char *text = NULL;
		int r = decode_string(&member, value, row, &text, f);

		r = go_on(at, r, &bad);
		if (r < 0)
			return r;
		if (text)
			m->v[m->n++] = (struct json_pair){key, text};
	}
	return bad;
}

static bool says_nothing(struct json_object *v)
{
	switch (json_object_get_type(v)) {
	case json_type_boolean:
		return !json_object_get_boolean(v);
	case json_type_string:
		return json_object_get_string_len(v) == 0;
	case json_type_array:
		return json_object_array_length(v) == 0;
	case json_type_object:
		return json_object_object_length(v) == 0;
	default:
		return false;
	}
}

DECODE(decode_later)
{
	(void)field;
	return says_nothing(v) ? 0 : json_fail(at, NULL, f, "%s", (const char *)row->arg);
}

const struct json_kind json_kind_string = {decode_string};
const struct json_kind json_kind_bool = {decode_bool};
const struct json_kind json_kind_int = {decode_int};
const struct json_kind json_kind_uint = {decode_uint};
const struct json_kind json_kind_strings = {decode_strings};
const struct json_kind json_kind_object = {decode_object};
const struct json_kind json_kind_objects = {decode_objects};
const struct json_kind json_kind_name = {decode_name};
const struct json_kind json_kind_names = {decode_names};
const struct json_kind json_kind_uints = {decode_uints};
const struct json_kind json_kind_named = {decode_named};
const struct json_kind json_kind_map = {decode_map};
const struct json_kind json_kind_later = {decode_later};

void json_collect(struct json_doc *d, json_report *report, void *arg)
{
	d->report = report;
	d->report_arg = arg;
}

struct json_object *json_root(const struct json_doc *d)
{
	return d->root;
}

/* The value at a dotted path, which is walked from the document down: what is found
 * last is what the path ends in. */
static struct json_object *walk(const struct json_doc *d, const char *path)
{
	struct json_object *v = d->root;

	while (v && path && *path) {
		size_t n = strcspn(path, ".");
		char key[64];

		if (n >= sizeof(key) || !json_object_is_type(v, json_type_object))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		v = json_object_object_get(v, key);
		path += n + (path[n] == '.');
	}
	return v;
}

bool json_has(const struct json_doc *d, const char *path)
{
	return walk(d, path) != NULL;
}

/* One step of the path a call, so that the places form a chain on the stack. */
static int decode_below(const struct json_at *at, const char *path, struct json_object *v,
			const struct json_shape *shape, void *out, struct fault *f)
{
	struct json_at member = {at->doc, at, NULL, 0};
	char key[64];
	size_t n;

	if (!path || !*path)
		return decode_shape(at, v, shape, out, f);
	n = strcspn(path, ".");
	snprintf(key, sizeof(key), "%.*s", (int)n, path);
	member.key = key;
	if (!json_object_is_type(v, json_type_object))
		return type_fail(at, "object", v, f);
	v = json_object_object_get(v, key);
	if (!v)
		return json_fail(&member, NULL, f, "required, but missing");
	return decode_below(&member, path + n + (path[n] == '.'), v, shape, out, f);
}

int json_decode(struct json_doc *d, const char *path, const struct json_shape *shape, void *out,
		struct fault *f)
{
	struct json_at root = {d, NULL, NULL, 0};

	return decode_below(&root, path, d->root, shape, out, f);
}
