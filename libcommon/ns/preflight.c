/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ns/preflight.h"

struct preflight {
	struct json_object *list; /* NULL: text is printed at once */
	bool refused;
};

struct preflight *preflight_new(bool json)
{
	struct preflight *p = xcalloc(1, sizeof(*p));

	p->list = json ? json_object_new_array() : NULL;
	return p;
}

void preflight_see(void *arg, const struct ns_line *l)
{
	struct preflight *p = arg;
	struct json_object *o;

	p->refused |= l->refused;
	if (!p->list) {
		printf("%-8s %s: %s\n", l->refused ? "refused" : "ok", l->what, l->says);
		if (l->refused)
			printf("%-8s try: %s\n", "", l->fix);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "what", json_object_new_string(l->what));
	json_object_object_add(o, "ok", json_object_new_boolean(!l->refused));
	json_object_object_add(o, "says", json_object_new_string(l->says));
	if (l->refused)
		json_object_object_add(o, "try", json_object_new_string(l->fix));
	json_object_array_add(p->list, o);
}

void preflight_fault(struct preflight *p, const char *what, const struct fault *f, const char *fine)
{
	struct ns_line l = {.what = what, .refused = f != NULL};

	if (!f)
		snprintf(l.says, sizeof(l.says), "%s", fine);
	else
		snprintf(l.says, sizeof(l.says), "%.80s: %.110s", f->obj, f->why[0] ? f->why : strerror(f->err));
	if (f)
		snprintf(l.fix, sizeof(l.fix), "%s", fault_remedy(f));
	preflight_see(p, &l);
}

int preflight_end(struct preflight *p)
{
	bool refused = p->refused;
	struct json_object *o;

	if (p->list) {
		o = json_object_new_object();
		json_object_object_add(o, "ok", json_object_new_boolean(!refused));
		json_object_object_add(o, "checks", p->list);
		puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
	}
	free(p);
	return refused;
}
