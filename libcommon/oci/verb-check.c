/* SPDX-License-Identifier: MIT */
/* verb-check.c - oci-bundle check: all problems, as lines or as JSON. */
#include <json-c/json.h>
#include <stdio.h>

#include "oci/check.h"
#include "oci/verb.h"

struct check_spec {
	bool json;
};

static const struct opt opts[] = {
	{0, "json", NULL, &opt_flag, offsetof(struct check_spec, json), 0, "print the problems as JSON", NULL},
	{0},
};

static void print_json(const struct problems *p)
{
	struct json_object *top = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < p->n; i++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "path", json_object_new_string(p->v[i].path));
		json_object_object_add(o, "line", p->v[i].line ? json_object_new_int64(p->v[i].line) : NULL);
		json_object_object_add(o, "problem", json_object_new_string(p->v[i].why));
		json_object_array_add(list, o);
	}
	json_object_object_add(top, "problems", list);
	json_object_object_add(top, "complete", json_object_new_boolean(!p->overflow));
	puts(json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}

static void print_lines(const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *one = &p->v[i];

		printf("%s%s%s", one->path, *one->path ? ": " : "", one->why);
		if (one->line)
			printf(" (line %u)", one->line);
		putchar('\n');
	}
	if (p->overflow)
		puts("... and more");
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	const struct check_spec *s = spec;
	struct problems p = {0};
	int r = check_bundle(c->operands.v[0], &p, f);

	if (r == 0 && s->json)
		print_json(&p);
	else if (r == 0)
		print_lines(&p);
	if (r == 0)
		r = p.n > 0;
	problems_free(&p);
	return r;
}

const struct verb oci_check_verb = {
	.cmd = {
		.name = "check",
		.operands = {"DIR"},
		.summary = "Print all that is wrong with the bundle; exit 1 when there is something.",
		.opts = opts,
		.operand_complete = ":dir",
	},
	.spec_size = sizeof(struct check_spec),
	.run = run,
};
