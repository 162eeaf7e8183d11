/* SPDX-License-Identifier: MIT */
/* row-json.c - rows as JSON: one object a line, so that diff and grep are of use. */
#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/row-table.h"

static void key_of(char *buf, size_t n, const char *id)
{
	size_t i = 0;

	for (; id[i] && i + 1 < n; i++)
		buf[i] = (char)(id[i] == '-' ? '_' : tolower((unsigned char)id[i]));
	buf[i] = '\0';
}

struct json_object *row_json_string(const char *text)
{
	char *clean = NULL;
	struct json_object *o;

	for (const char *p = text; *p && !clean; p++)
		if ((unsigned char)*p >= 0x80)
			clean = row_escape(text, false, true);
	o = json_object_new_string(clean ? clean : text);
	free(clean);
	return o;
}

static struct json_object *value_of(const struct row_cell *cell, enum row_kind kind)
{
	struct json_object *list;
	const char *p = cell->text;
	int64_t n;

	if (kind == ROW_LIST) {
		list = json_object_new_array();
		for (uint32_t i = 0; i < cell->n; i++, p += strlen(p) + 1)
			json_object_array_add(list, row_json_string(p));
		return list;
	}
	if (!p)
		return NULL;
	if ((kind == ROW_NUM || kind == ROW_AGE) && num_i64(p, INT64_MIN, INT64_MAX, &n) == 0)
		return json_object_new_int64(n);
	return row_json_string(p);
}

/* The object of a line, without its last brace. */
static void print_open(const struct rows *t, FILE *out, size_t line)
{
	struct json_object *o = json_object_new_object();
	const char *text;
	char key[64];

	for (unsigned s = 0; s < t->nshown; s++) {
		const struct row_col *col = &t->cols[t->col_of[s]];

		key_of(key, sizeof(key), col->id);
		json_object_object_add(o, key, value_of(row_cell_at(t, line, s), col->kind));
	}
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	fwrite(text, 1, strlen(text) - 1, out);
	json_object_put(o);
}

/* Children stand in an array of their parent. */
static void print_rows(const struct rows *t, FILE *out, size_t at)
{
	const char *separator = "\n";

	while (at != ROW_TOP) {
		fputs(separator, out);
		print_open(t, out, at);
		separator = ",\n";
		if (t->lines[at].first != ROW_TOP) {
			fputs(", \"children\": [", out);
			at = t->lines[at].first;
			separator = "\n";
			continue;
		}
		fputc('}', out);
		while (t->lines[at].next == ROW_TOP) {
			at = t->tree ? row_above(t, at) : ROW_TOP;
			if (at == ROW_TOP)
				return;
			fputs("]}", out);
		}
		at = t->lines[at].next;
	}
}

static void print_lacks(const struct rows *t, FILE *out)
{
	struct json_object *o = json_object_new_object();

	lacks_put(t->lacks, o);
	fprintf(out, ",\n\"complete\": %s, \"reasons\": %s}\n", t->lacks ? "false" : "true",
		json_object_to_json_string_ext(json_object_object_get(o, "reasons"), JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void row_print_json(struct rows *t, size_t first, FILE *out)
{
	fprintf(out, "{\"%s\": [", t->name);
	print_rows(t, out, first);
	fputs("\n]", out);
	print_lacks(t, out);
}
