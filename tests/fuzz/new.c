/* SPDX-License-Identifier: MIT */
/* new.c - oci-bundle new: options, each word ended by a NUL; what they make is a bundle. */
#include <json-c/json.h>
#include <string.h>

#include "common.h"
#include "oci/new.h"
#include "oci/verb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct new_wish w = {0};
	struct words args = {0};
	struct json_object *config = NULL;
	struct fault f = {0};
	size_t n;
	char **line = fuzz_pieces(data, size, 64, &n), **at = line;
	int r = opt_parse(&oci_new_verb.cmd, &w, NULL, NULL, &at, &f);

	for (; r == 0 && *at; at++)
		words_add(&args, *at);
	w.args = &args;
	w.seccomp = NULL; /* a file of the host: the target profile has them */
	if (r == 0)
		r = mount_list_plan(&w.mounts, &f);
	if (r == 0)
		r = new_config(&w, &config, &f);
	fuzz_check_fault(r, &f);
	if (r == 0)
		fuzz_check_config(config, true);
	json_object_put(config);
	oci_new_verb.drop(&w);
	words_free(&args);
	fuzz_free_pieces(line);
	return 0;
}
