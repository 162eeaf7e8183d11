/* SPDX-License-Identifier: MIT */
/* edit.c - oci-bundle get, set, and what --without takes out: a document, then words. */
#include "oci/bundle.c"
#include "oci/verb-edit.c"

#include "common.h"

static int open_text(struct bundle *b, const char *text, struct fault *f)
{
	*b = (struct bundle){.dir = xprintf("/b"), .file = xprintf("/b/config.json"), .text = xprintf("%s", text),
			     .len = strlen(text), .filter = -1};
	return json_parse(b->text, b->len, b->file, OP_CONFIG, &b->doc, f);
}

static void get(struct bundle *b, const char *path)
{
	struct bundle_spot spot;
	struct fault f = {0};
	int r = bundle_find(b, path, false, &spot, &f);

	if (r == 0)
		r = print(path, spot.value, &f);
	fuzz_check_fault(r, &f);
}

/* A null of JSON, with blanks around it. */
static bool is_null(const char *value)
{
	static const char blanks[] = " \t\n\v\f\r";

	value += strspn(value, blanks);
	return strncmp(value, "null", 4) == 0 && value[4 + strspn(value + 4, blanks)] == '\0';
}

/* What was set is there. */
static void set(struct bundle *b, const char *word)
{
	size_t n = path_length(word);
	_cleanup_free_ char *path = xprintf("%.*s", (int)n, word);
	struct bundle_spot spot;
	struct fault f = {0};
	int r = set_one(b, word, &f);

	fuzz_check_fault(r, &f);
	if (r == 0 && word[n + 1])
		FUZZ_HOLDS(bundle_find(b, path, false, &spot, &f) == 0 && (spot.value || is_null(word + n + 1)), "%s", word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle b;
	struct fault f = {0};
	size_t n;
	char **piece = fuzz_pieces(data, size, 16, &n);
	int r = open_text(&b, piece[0], &f);

	fuzz_quiet();
	for (size_t i = 1; r == 0 && i < n; i++) {
		get(&b, piece[i]);
		if (strchr(piece[i], '='))
			set(&b, piece[i]);
		else
			fuzz_check_fault(leave_out(&b, piece[i], &f), &f);
	}
	if (r == 0)
		fuzz_check_config(json_root(b.doc), false);
	bundle_free(&b);
	fuzz_free_pieces(piece);
	return 0;
}
