/* SPDX-License-Identifier: MIT */
/* json.c - any text as JSON; a path of steps; what is written again reads as the same. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "common.h"

static char *written(struct json_doc *d)
{
	return xprintf("%s", json_object_to_json_string_ext(json_root(d), JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void walk(struct json_doc *d, const char *path)
{
	char key[128];
	const char *at = path, *member;
	struct fault f = {0};
	size_t index;

	while (json_step(&at, key, sizeof(key), &member, &index) > 0)
		FUZZ_HOLDS(at > path && at <= path + strlen(path), "%s", path);
	(void)json_has(d, path);
	fuzz_check_fault(json_fail_path(d, path, &f, "%s", "why"), &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_json_ struct json_doc *d = NULL, *second = NULL;
	_cleanup_free_ char *text = NULL, *path = fuzz_text(data, size), *once = NULL, *twice = NULL;
	struct fault f = {0};
	size_t len;
	int r = json_slurp(fuzz_file(data, size), "input", OP_CONFIG, &text, &len, &f);

	FUZZ_HOLDS(r < 0 || len == size, "%zu of %zu bytes", len, size);
	if (r == 0)
		r = json_parse(text, len, "input", OP_CONFIG, &d, &f);
	fuzz_check_fault(r, &f);
	if (r < 0)
		return 0;
	walk(d, path);
	once = written(d);
	FUZZ_HOLDS(json_parse(once, strlen(once), "again", OP_CONFIG, &second, &f) == 0, "%s\n%s", f.why, once);
	twice = written(second);
	FUZZ_HOLDS(strcmp(once, twice) == 0, "\n%s\n%s", once, twice);
	return 0;
}
