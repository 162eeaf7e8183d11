/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lacks.h"
#include "base/printable.h"
#include "base/row.h"
#include "base/words.h"

void lacks_add(struct lack **list, const char *fix, const char *what, ...)
{
	struct lack *l = xcalloc(1, sizeof(*l));
	va_list ap;

	va_start(ap, what);
	l->what = xvprintf(what, ap);
	va_end(ap);
	l->fix = xprintf("%s", fix);
	while (*list)
		list = &(*list)->next;
	*list = l;
}

void lacks_say(const struct lack *list, const char *tool)
{
	fflush(stdout); /* both may go to one pipe */
	for (; list; list = list->next)
		printable_say("%s: not all is shown: %s; try: %s", tool, list->what, list->fix);
}

void lacks_put(const struct lack *list, struct json_object *o)
{
	struct json_object *reasons = json_object_new_array();

	json_object_object_add(o, "complete", json_object_new_boolean(!list));
	json_object_object_add(o, "reasons", reasons);
	for (; list; list = list->next) {
		struct json_object *reason = json_object_new_object();

		json_object_object_add(reason, "what", row_json_string(list->what));
		json_object_object_add(reason, "try", row_json_string(list->fix));
		json_object_array_add(reasons, reason);
	}
}

void lacks_free(struct lack **list)
{
	for (struct lack *l = *list, *next; l; l = next) {
		next = l->next;
		free(l->what);
		free(l->fix);
		free(l);
	}
	*list = NULL;
}
