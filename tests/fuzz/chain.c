/* SPDX-License-Identifier: MIT */
/* chain.c - command lines: words, each ended by a NUL, the first of them a link. Parsed, printed,
 * read again; completed; written as a config.json, which reads as a chain again. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "chain/chain.h"
#include "common.h"
#include "oci/from.h"
#include "oci/new.h"

static void lose(void *arg, const char *what, const char *why)
{
	(void)arg;
	FUZZ_HOLDS(what && why, "lost without a word");
}

static bool has(char **line, const char *word)
{
	for (; *line; line++)
		if (strcmp(*line, word) == 0)
			return true;
	return false;
}

/* Profiles are files of the host, and the target profile has them. */
static void as_config(char **line)
{
	const struct from_wish w = {.dir = "/bundle", .line = line, .report = lose};
	struct json_object *config = NULL;
	struct fault f = {0};
	unsigned lost = 0;
	bool inherits = false;
	int r;

	if (has(line, "sc-filter"))
		return;
	r = from_chain(&w, &config, &lost, &inherits, &f);
	fuzz_check_fault(r, &f);
	if (r == 0)
		fuzz_check_config(config, true);
	json_object_put(config);
}

static void complete(char **line, size_t n)
{
	_cleanup_free_ char *index = xprintf("%zu", n - 1);
	char **words = xcalloc(n + 2, sizeof(*words));

	words[0] = index;
	for (size_t i = 0; i < n; i++)
		words[i + 1] = line[i];
	(void)chain_complete(chain_link(line[0]), words);
	free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = {0};
	size_t n;
	char **line = fuzz_pieces(data, size, 80, &n);

	fuzz_quiet();
	if (chain_link(line[0])) {
		fuzz_chain(line, &f);
		complete(line, n);
		as_config(line);
	}
	fuzz_free_pieces(line);
	return 0;
}
