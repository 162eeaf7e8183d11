/* SPDX-License-Identifier: MIT */
/* json-doc.h - what the three files of json.h share; nobody else includes it. */
#ifndef COMMON_BASE_JSON_DOC_H
#define COMMON_BASE_JSON_DOC_H

#include "json.h"

struct json_block { /* memory that lives as long as the document */
	struct json_block *next;
	max_align_t data[];
};

struct json_doc {
	struct json_object *root;
	const char *text, *name;
	enum op op;
	struct json_block *blocks;
	json_report *report; /* NULL: the first fault ends it */
	void *report_arg;
};

struct json_at { /* a chain on the stack, from the value up to the document */
	struct json_doc *doc;
	const struct json_at *up; /* NULL: the document itself */
	const char *key;          /* NULL: an element          */
	size_t index;
};

/* Read text[0..len), with a NUL behind it, letter by letter. NULL when all are JSON's, else
 * what is wrong at *where. */
const char *json_scan(const char *text, size_t len, const char **where);

/* The line of p in the text, and its column in characters, both from 1. */
unsigned json_line(const char *text, const char *p);
unsigned json_column(const char *text, const char *p);

/* The first character at or behind p that is no blank of JSON. */
const char *json_skip_blanks(const char *p);

#endif
