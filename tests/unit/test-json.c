/* SPDX-License-Identifier: MIT */
/* The decoder of base/json.h: what it reads, and the words of each refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

struct inner {
	struct json_int a;
	const char *s;
};

struct outer {
	const char *name;
	bool on;
	struct json_int i;
	struct json_uint u, small;
	struct json_strings list;
	struct inner *in;
	struct json_list all;
	const struct json_name *colour;
	struct json_name_list colours;
};

static const struct json_name colour_rows[] = {{"red", 1}, {"blue", 2}, {NULL, 0}};
static const struct json_names colours = {"colour", colour_rows};

static const struct json_field inner_fields[] = {
	{"a", &json_kind_int, offsetof(struct inner, a), true, NULL, 0},
	{"s", &json_kind_string, offsetof(struct inner, s), false, NULL, 0},
	{0},
};

static int check_inner(const struct json_at *at, void *object, struct fault *f)
{
	struct inner *in = object;

	return in->a.n == 13 ? json_fail(at, "a", f, "an unlucky number") : 0;
}

static const struct json_shape inner_shape = {inner_fields, sizeof(struct inner), check_inner, false};

#define M(m) offsetof(struct outer, m)
static const struct json_field outer_fields[] = {
	{"name", &json_kind_string, M(name), false, NULL, 0},
	{"on", &json_kind_bool, M(on), false, NULL, 0},
	{"i", &json_kind_int, M(i), false, NULL, 0},
	{"u", &json_kind_uint, M(u), false, NULL, 0},
	{"small", &json_kind_uint, M(small), false, NULL, 5},
	{"list", &json_kind_strings, M(list), false, NULL, 0},
	{"in", &json_kind_object, M(in), false, &inner_shape, 0},
	{"all", &json_kind_objects, M(all), false, &inner_shape, 0},
	{"colour", &json_kind_name, M(colour), false, &colours, 0},
	{"colours", &json_kind_names, M(colours), false, &colours, 0},
	{0},
};
static const struct json_shape outer_shape = {outer_fields, sizeof(struct outer), NULL, false};

static int decode(const char *text, size_t len, const char *path, struct json_doc **d,
		  struct outer *o, struct fault *f)
{
	int r = json_parse(text, len, "x.json", OP_CONFIG, d, f);

	memset(o, 0, sizeof(*o));
	return r < 0 ? r : json_decode(*d, path, &outer_shape, o, f);
}

static void test_all_kinds(void **state)
{
	static const char text[] =
		"{\"name\": \"n\\u00e9\", \"on\": true, \"i\": -9223372036854775808,\n"
		"\"u\": 18446744073709551615, \"small\": 5, \"list\": [\"a\", \"b\"],\n"
		"\"in\": {\"a\": 7, \"s\": null}, \"all\": [{\"a\": 1}, {\"a\": 2, \"s\": \"x\"}],\n"
		"\"colour\": \"blue\", \"colours\": [\"red\", \"blue\"], \"unknown\": [1.5, {}]}\n";
	struct json_doc *d = NULL;
	const struct inner *all;
	struct outer o;
	struct fault f;

	(void)state;
	assert_int_equal(decode(text, sizeof(text) - 1, NULL, &d, &o, &f), 0);
	assert_string_equal(o.name, "n\xc3\xa9");
	assert_true(o.on);
	assert_true(o.i.given && o.i.n == INT64_MIN);
	assert_true(o.u.given && o.u.n == UINT64_MAX);
	assert_int_equal(o.small.n, 5);
	assert_int_equal(o.list.n, 2);
	assert_string_equal(o.list.v[1], "b");
	assert_int_equal(o.in->a.n, 7);
	assert_null(o.in->s);
	all = o.all.v;
	assert_int_equal(o.all.n, 2);
	assert_int_equal(all[1].a.n, 2);
	assert_string_equal(all[1].s, "x");
	assert_int_equal(o.colour->value, 2);
	assert_int_equal(o.colours.v[0]->value, 1);
	json_free(d);
}

static void test_absent(void **state)
{
	static const char text[] = "{\"a\": {\"b\": {\"list\": [], \"u\": null, \"i\": 0, \"i\": -0, \"i\": 3}}}";
	struct json_doc *d = NULL;
	struct outer o;
	struct fault f;

	(void)state;
	assert_int_equal(decode(text, sizeof(text) - 1, "a.b", &d, &o, &f), 0);
	assert_non_null(o.list.v); /* an empty list is there... */
	assert_int_equal(o.list.n, 0);
	assert_false(o.u.given);   /* ...and null is not */
	assert_null(o.in);
	assert_null(o.all.v);
	assert_int_equal(o.i.n, 3); /* the last one counts */
	assert_true(json_has(d, "a"));
	assert_true(json_has(d, "a.b.list"));
	assert_false(json_has(d, "a.b.u"));
	assert_false(json_has(d, "a.b.list.x"));
	assert_false(json_has(d, "b"));
	json_free(d);
}

/* Each text is refused, in these words. */
static const struct {
	const char *text, *why;
} refused[] = {
	/* syntax */
	{"", "the text ends in the middle (line 1, column 1)"},
	{"{\"name\":\n\"x", "the text ends in the middle of a string (line 2, column 3)"},
	{"{\"name\": [", "the text ends in the middle (line 1, column 11)"},
	{"{} {}", "more text behind the end (line 1, column 4)"},
	{"{\n} x", "unexpected character outside of a string (line 2, column 3)"},
	{"{\"i\": 1,}", "unexpected character (line 1, column 9)"},
	{"{'i': 1}", "unexpected character outside of a string (line 1, column 2)"},
	{"{/* */}", "unexpected character outside of a string (line 1, column 2)"},
	{"{\"i\": 01}", "not a number of JSON (line 1, column 7)"},
	{"{\"i\": -}", "not a number of JSON (line 1, column 7)"},
	{"{\"x\": 1.}", "not a number of JSON (line 1, column 7)"},
	{"{\"x\": 1e+}", "not a number of JSON (line 1, column 7)"},
	{"{\"x\": 1-2}", "not a number of JSON (line 1, column 7)"},
	{"{\"x\": NaN}", "unexpected character outside of a string (line 1, column 7)"},
	{"{\"x\": -Infinity}", "not a number of JSON (line 1, column 7)"},
	{"{\"x\": 18446744073709551616}", "a number beyond 64 bits (line 1, column 7)"},
	{"{\"x\": -9223372036854775809}", "a number beyond 64 bits (line 1, column 7)"},
	{"{\"x\": \"a\tb\"}", "a control character in a string (line 1, column 9)"},
	{"{\"x\": \"a\\u0000\"}", "a NUL character in a string (line 1, column 9)"},
	{"{\"\xc3\xa9\": \"\xff\"}", "invalid UTF-8 (line 1, column 8)"},
	{"{\"x\": \"\xc0\x80\"}", "invalid UTF-8 (line 1, column 8)"},
	{"{\"x\": \"\xed\xa0\x80\"}", "invalid UTF-8 (line 1, column 8)"},
	{"{\"x\": \"\xf4\x90\x80\x80\"}", "invalid UTF-8 (line 1, column 8)"},
	{"{\"x\": \"\xe2\x82\"}", "invalid UTF-8 (line 1, column 8)"},
	{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply (line 1, column 33)"},
	/* types, with the place */
	{"[]", "expected object, got array (line 1)"},
	{"null", "expected object, got null (line 1)"},
	{"{\n\"name\": 5}", "name: expected string, got integer (line 2)"},
	{"{\"on\":\n\n1}", "on: expected boolean, got integer (line 3)"},
	{"{\"i\": \"5\"}", "i: expected integer, got string (line 1)"},
	{"{\"i\": 1.0}", "i: expected integer, got a number with a fraction or an exponent (line 1)"},
	{"{\"i\": 1e3}", "i: expected integer, got a number with a fraction or an exponent (line 1)"},
	{"{\"i\": 9223372036854775808}", "i: expected integer below 2^63, got 9223372036854775808 (line 1)"},
	{"{\"u\": -1}", "u: expected integer from 0 to 18446744073709551615, got -1 (line 1)"},
	{"{\"small\": 6}", "small: expected integer from 0 to 5, got 6 (line 1)"},
	{"{\"list\": \"a\"}", "list: expected array, got string (line 1)"},
	{"{\"list\": [\"a\",\n\"b\",\n3]}", "list[2]: expected string, got integer (line 3)"},
	{"{\"list\": [null]}", "list[0]: null is not allowed in this array (line 1)"},
	{"{\"in\": []}", "in: expected object, got array (line 1)"},
	{"{\n\"in\":\n{}}", "in.a: required, but missing (line 3)"},
	{"{\"in\": {\"a\": 13}}", "in.a: an unlucky number (line 1)"},
	{"{\"all\": [{\"a\": 1},\n{\"s\": \"]}\\\"\", \"a\":\n\"\"}]}", "all[1].a: expected integer, got string (line 3)"},
	{"{\"i\": 1,\n\"i\": 2,\n\"i\": \"x\"}", "i: expected integer, got string (line 3)"},
	{"{\"colour\": \"\\u001b[31mpink\"}", "colour: unknown colour '?[31mpink' (line 1)"},
	{"{\"colours\": [\"red\", \"pink\"]}", "colours[1]: unknown colour 'pink' (line 1)"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(refused); i++) {
		struct json_doc *d = NULL;
		struct outer o;
		struct fault f = {0};

		if (decode(refused[i].text, strlen(refused[i].text), NULL, &d, &o, &f) == 0)
			fail_msg("taken: %s", refused[i].text);
		assert_string_equal(f.why, refused[i].why);
		assert_string_equal(f.obj, "x.json");
		assert_int_equal(f.op, OP_CONFIG);
		json_free(d);
	}
}

static void test_remedy_names_the_words(void **state)
{
	static const char text[] = "{\"colour\": \"pink\"}";
	struct json_doc *d = NULL;
	struct outer o;
	struct fault f;

	(void)state;
	assert_true(decode(text, sizeof(text) - 1, NULL, &d, &o, &f) < 0);
	assert_string_equal(f.fix, "one of red, blue");
	json_free(d);
}

static void test_nul_byte(void **state)
{
	static const char text[] = "{\"name\": \"x\"}\0{}";
	struct json_doc *d = NULL;
	struct fault f;

	(void)state;
	assert_true(json_parse(text, sizeof(text) - 1, "x", OP_CONFIG, &d, &f) < 0);
	assert_string_equal(f.why, "a NUL character (line 1, column 14)");
	assert_null(d);
}

static void test_missing_path(void **state)
{
	static const char text[] = "{\"a\":\n{}}";
	struct json_doc *d = NULL;
	struct outer o;
	struct fault f;

	(void)state;
	assert_true(decode(text, sizeof(text) - 1, "a.b", &d, &o, &f) < 0);
	assert_string_equal(f.why, "a.b: required, but missing (line 2)");
	json_free(d);
}

static void test_slurp_pipe(void **state)
{
	int p[2];
	char *text = NULL;
	size_t len = 0;
	struct fault f;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(write(p[1], "{}", 2), 2);
	close(p[1]);
	assert_int_equal(json_slurp(p[0], "p", OP_CONFIG, &text, &len, &f), 0);
	assert_int_equal(len, 2);
	assert_string_equal(text, "{}");
	free(text);
	close(p[0]);
}

static void test_slurp_too_big(void **state)
{
	char name[] = "/tmp/test-json-XXXXXX";
	int fd = mkstemp(name);
	off_t size[] = {JSON_MAX, JSON_MAX + 1, (off_t)100 << 20};

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	for (size_t i = 0; i < N(size); i++) {
		char *text = NULL;
		size_t len;
		struct fault f = {0};
		int r;

		assert_int_equal(ftruncate(fd, size[i]), 0);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		r = json_slurp(fd, "big", OP_CONFIG, &text, &len, &f);
		assert_int_equal(r < 0, size[i] > JSON_MAX);
		if (r < 0) {
			assert_string_equal(f.why, "more than 4194304 bytes");
			assert_int_equal(lseek(fd, 0, SEEK_CUR), 0); /* unread */
		}
		free(text);
	}
	close(fd);
}

static void count(void *arg, const char *path, unsigned line, const char *why)
{
	char *said = arg;

	snprintf(said + strlen(said), 400 - strlen(said), "%s@%u %s;", path, line, why);
}

static void test_collect(void **state)
{
	static const struct json_field fields[] = {
		{"a", &json_kind_uint, 0, true, NULL, 9},
		{"b", &json_kind_map, 16, false, NULL, 0},
		{"c", &json_kind_uints, 32, false, NULL, 5},
		{"d", &json_kind_later, 0, false, "later", 0},
		{0},
	};
	static const struct json_shape shape = {fields, 64, NULL, false};
	static const char text[] = "{\"a\": 10,\n\"b\": {\"x.y\": 1, \"z\": \"s\"},\n\"c\": [1, 6, -1],\n\"d\": [0]}";
	struct json_doc *d = NULL;
	struct fault f = {0};
	char said[400] = "";
	uint64_t out[8] = {0};

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), "t", OP_CONFIG, &d, &f), 0);
	json_collect(d, count, said);
	assert_true(json_decode(d, NULL, &shape, out, &f) < 0);
	assert_string_equal(said, "a@1 expected integer from 0 to 9, got 10;b[\"x.y\"]@2 expected string, got integer;"
				  "c[1]@3 expected integer from 0 to 5, got 6;c[2]@3 expected integer from 0 to 5, got -1;"
				  "d@4 later;");
	json_free(d);
}

static void test_steps(void **state)
{
	static const struct {
		const char *path, *said;
	} rows[] = {
		{"a.b[2].c", "a b #2 c "}, {"a[\"b.c\"].d", "a b.c d "}, {"", ""}, {"[0]", "#0 "},
		{"a..b", "a !"}, {"a[x]", "a !"}, {"a[1", "a !"}, {"a[\"b", "a !"}, {"a[]", "a !"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *path = rows[i].path, *key;
		char said[100] = "", buf[16];
		size_t index;
		int r;

		while ((r = json_step(&path, buf, sizeof(buf), &key, &index)) > 0)
			if (key)
				snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s ", key);
			else
				snprintf(said + strlen(said), sizeof(said) - strlen(said), "#%zu ", index);
		if (r < 0)
			strcat(said, "!");
		assert_string_equal(said, rows[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_remedy_names_the_words),
		cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_missing_path),
		cmocka_unit_test(test_slurp_pipe),
		cmocka_unit_test(test_slurp_too_big),
		cmocka_unit_test(test_collect),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
