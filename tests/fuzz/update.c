/* SPDX-License-Identifier: MIT */
/* update.c - oci-run update: linux.resources as JSON, or as options; what they come to as files
 * of both versions of cgroups. */
#include "cgroups.h"

#include "cg/sets.h"
#include "oci/run-update.c"

static void limits_of(const char *text, size_t len)
{
	_cleanup_json_ struct json_doc *d = NULL;
	struct oci_resources resources = {0};
	const struct write_wish wish = {.id = "fuzz"};
	struct words words = {0};
	struct cg_world world[2];
	struct line l = {0};
	struct fault f = {0};
	int r = json_parse(text, len, "resources", OP_CONFIG, &d, &f);

	if (r == 0)
		r = json_decode(d, NULL, &oci_resources_shape, &resources, &f);
	fuzz_check_fault(r, &f);
	if (r < 0)
		return;
	write_limits(&l, &resources, &wish);
	for (size_t i = 1; i < l.words.n; i += 2) {
		FUZZ_HOLDS(strcmp(l.words.v[i - 1], "--set") == 0, "%s", l.words.v[i - 1]);
		words_add(&words, l.words.v[i]);
	}
	make_worlds(world);
	for (size_t i = 0; i < 2; i++) {
		struct cg_sets sets = {0};

		fuzz_check_fault(cg_sets_resolve(&sets, &words, &world[i], &f), &f);
		cg_sets_free(&sets);
	}
	words_free(&words);
	line_free(&l);
}

static void from_words(char **words)
{
	struct json_object *all = json_object_new_object();
	struct update_spec s = {0};
	struct fault f = {0};
	int r = opt_parse(&run_update_verb.cmd, &s, NULL, NULL, &words, &f);
	const char *text;

	if (r == 0)
		r = from_options(&s, all, &f);
	fuzz_check_fault(r, &f);
	text = json_object_to_json_string(all);
	if (r == 0)
		limits_of(text, strlen(text));
	json_object_put(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	char **piece = fuzz_pieces(data, size, 32, &n);

	if (piece[0][0] == '-')
		from_words(piece);
	else
		limits_of(piece[0], strlen(piece[0]));
	fuzz_free_pieces(piece);
	return 0;
}
