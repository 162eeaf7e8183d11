/* SPDX-License-Identifier: MIT */
/* lacks.h - what could not be read, and what helps: a list that a lister says on its last lines and in
 * JSON. NULL is an empty list. */
#ifndef COMMON_BASE_LACKS_H
#define COMMON_BASE_LACKS_H

struct lack {
	struct lack *next;
	char *what, *fix;
};

/* Append: what could not be read, in words without a dot, and what to try. */
void lacks_add(struct lack **list, const char *fix, const char *what, ...)
	__attribute__((format(printf, 3, 4), nonnull(1, 2, 3)));

/* One line each on stderr, as `tool`, behind what stands on stdout. */
void lacks_say(const struct lack *list, const char *tool);

struct json_object;

/* Add "complete" and "reasons" to an object of JSON. */
void lacks_put(const struct lack *list, struct json_object *o);

void lacks_free(struct lack **list);

#endif
