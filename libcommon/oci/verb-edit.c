/* SPDX-License-Identifier: MIT */
/* verb-edit.c - oci-bundle get and set: fields of config.json by path. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/bundle.h"
#include "oci/new.h"
#include "oci/verb.h"

static int print(const char *path, struct json_object *v, struct fault *f)
{
	if (!v)
		return fault_rule(f, OP_CONFIG_PATH, path, "there is no such thing");
	if (json_object_is_type(v, json_type_string))
		puts(json_object_get_string(v));
	else
		puts(json_object_to_json_string_ext(v, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	return 0;
}

static int run_get(void *spec, struct verb_call *c, struct fault *f)
{
	struct bundle b;
	int r = bundle_open(&b, c->operands.v[0], NULL, f);

	(void)spec;
	if (r == 0 && c->operands.n == 1)
		r = print("", json_root(b.doc), f);
	for (size_t i = 1; r == 0 && i < c->operands.n; i++) {
		struct bundle_spot spot;

		r = bundle_find(&b, c->operands.v[i], false, &spot, f);
		if (r == 0)
			r = print(c->operands.v[i], spot.value, f);
	}
	bundle_free(&b);
	return r;
}

/* JSON when it reads as JSON, else the text as a string. What has the type string already
 * stays one: a hostname may be called 7; and so is what has a name in brackets, as members
 * of sysctl, unified and annotations have. */
static struct json_object *value_of(const char *text, struct json_object *old, bool named)
{
	struct json_doc *doc = NULL;
	struct json_object *v = NULL;
	struct fault ignored;

	if (!named && !json_object_is_type(old, json_type_string) &&
	    json_parse(text, strlen(text), "value", OP_CONFIG, &doc, &ignored) == 0)
		v = json_object_get(json_root(doc));
	else
		v = json_object_new_string(text);
	json_free(doc);
	return v;
}

/* PATH=VALUE; the path ends at the first = outside of brackets. */
static size_t path_length(const char *word)
{
	bool quoted = false;
	size_t n = 0;

	for (; word[n] && (quoted || word[n] != '='); n++)
		quoted ^= word[n] == '"';
	return n;
}

static int set_one(struct bundle *b, const char *word, struct fault *f)
{
	size_t n = path_length(word);
	bool named = n > 1 && word[n - 2] == '"';
	char *path = xprintf("%.*s", (int)n, word);
	struct bundle_spot spot;
	int r = word[n] == '=' ? bundle_find(b, path, word[n + 1], &spot, f)
			       : fault_rule(f, OP_CONFIG_PATH, word, "expected PATH=VALUE, or PATH= to take it out");

	if (r == 0 && !spot.parent)
		r = fault_rule(f, OP_CONFIG_PATH, word, "the path is empty");
	if (r == 0 && !spot.key && spot.index > json_object_array_length(spot.parent))
		r = fault_rule(f, OP_CONFIG_PATH, path, "the list has %zu elements",
			       json_object_array_length(spot.parent));
	free(path);
	if (r < 0)
		return r;
	if (!word[n + 1] && spot.key)
		json_object_object_del(spot.parent, spot.key);
	else if (!word[n + 1])
		json_object_array_del_idx(spot.parent, spot.index, spot.value != NULL);
	else if (spot.key)
		json_object_object_add(spot.parent, spot.key, value_of(word + n + 1, spot.value, named));
	else
		json_object_array_put_idx(spot.parent, spot.index, value_of(word + n + 1, spot.value, named));
	return 0;
}

static int run_set(void *spec, struct verb_call *c, struct fault *f)
{
	struct bundle b;
	int r = bundle_open(&b, c->operands.v[0], NULL, f);

	(void)spec;
	for (size_t i = 1; r == 0 && i < c->operands.n; i++)
		r = set_one(&b, c->operands.v[i], f);
	if (r == 0)
		r = save_config(&c->sys, b.dir, SAVE_REPLACE, json_root(b.doc), f);
	bundle_free(&b);
	return r;
}

const struct verb oci_get_verb = {
	.cmd = {
		.name = "get",
		.operands = {"DIR"},
		.rest = "[PATH...]",
		.summary = "Print fields of config.json by path, or all of it.",
		.opts = &(const struct opt){.name = NULL},
		.operand_complete = ":dir",
	},
	.more = true,
	.run = run_get,
};

const struct verb oci_set_verb = {
	.cmd = {
		.name = "set",
		.operands = {"DIR", "PATH=VALUE"},
		.rest = "[PATH=VALUE...]",
		.summary = "Set fields of config.json by path; an empty VALUE takes the field out.",
		.opts = &(const struct opt){.name = NULL},
		.operand_complete = ":dir",
	},
	.more = true,
	.run = run_set,
};
