/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "cap/names.h"
#include "oci/put.h"

typedef struct json_object *json;

json put(json o, const char *key, json value)
{
	json_object_object_add(o, key, value);
	return value;
}

void put_string(json o, const char *key, const char *value)
{
	put(o, key, json_object_new_string(value));
}

void put_uint(json o, const char *key, uint64_t value)
{
	put(o, key, json_object_new_uint64(value));
}

void put_int(json o, const char *key, int64_t value)
{
	put(o, key, json_object_new_int64(value));
}

void put_true(json o, const char *key)
{
	put(o, key, json_object_new_boolean(true));
}

json put_object(json o, const char *key)
{
	json there = json_object_object_get(o, key);

	return there ? there : put(o, key, json_object_new_object());
}

json put_array(json o, const char *key)
{
	json there = json_object_object_get(o, key);

	return there ? there : put(o, key, json_object_new_array());
}

void put_word(json array, const char *word)
{
	json_object_array_add(array, json_object_new_string(word));
}

void put_range(json array, uint32_t inside, uint32_t host, uint32_t count)
{
	json range = json_object_new_object();

	put_uint(range, "containerID", inside);
	put_uint(range, "hostID", host);
	put_uint(range, "size", count);
	json_object_array_add(array, range);
}

/* A comma behind a backslash is none of ours: it stays with its backslash, as the kernel
 * reads it there. */
static json split(const char *text)
{
	json a = json_object_new_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		while (text[n] && n > 0 && text[n - 1] == '\\')
			n += 1 + strcspn(text + n + 1, ",");
		if (n)
			json_object_array_add(a, json_object_new_string_len(text, (int)n));
		text += n + (text[n] == ',');
	}
	return a;
}

void put_mount(json mounts, const char *type, const char *source, const char *dir, const char *options)
{
	json m = json_object_new_object();

	put_string(m, "destination", dir);
	put_string(m, "type", type);
	put_string(m, "source", source);
	put(m, "options", split(options));
	json_object_array_add(mounts, m);
}

void put_row(json mounts, const struct mount_row *row)
{
	const char *type, *source;
	_cleanup_free_ char *options = mount_row_said(row, &type, &source);
	_cleanup_free_ char *real = row->flags.bind ? realpath(source, NULL) : NULL;

	put_mount(mounts, type, real ? real : source, row->dir, options);
}

void put_caps(json o, const char *key, uint64_t mask)
{
	json list = put(o, key, json_object_new_array());

	for (unsigned n = 0; n < 64; n++) {
		const char *name = mask & (1ULL << n) ? cap_name(n) : NULL;
		_cleanup_free_ char *full = name ? xprintf("CAP_%s", name) : NULL;

		for (char *c = full; c && *c; c++)
			*c = (char)toupper((unsigned char)*c);
		if (full)
			put_word(list, full);
	}
}
