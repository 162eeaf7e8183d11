/* SPDX-License-Identifier: MIT */
/* state.c - state.json, with what the kernel says of its process and its cgroups; what hooks are
 * told of it is JSON. */
#include "oci/container.c"

#include <sys/mman.h>

#include "base/json.h"
#include "common.h"

/* Paths are any bytes; of text that is JSON comes JSON. */
static bool is_json(const char *text)
{
	_cleanup_json_ struct json_doc *d = NULL;
	struct fault ignored;

	return json_parse(text, strlen(text), "state.json", OP_STATE, &d, &ignored) == 0;
}

static void tell(struct container *c, bool strict)
{
	_cleanup_free_ char *text = container_text(c, container_status(c), 1, false);
	_cleanup_json_ struct json_doc *d = NULL;
	struct cg_held h = {0};
	struct fault f = {0};

	FUZZ_HOLDS(!strict || json_parse(text, strlen(text), "state", OP_STATE, &d, &f) == 0, "%s\n%s", f.why, text);
	fuzz_check_fault(container_cgroups(c, &h, &f), &f);
	cg_held_close(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	char **piece = fuzz_pieces(data, size, 2, &n);
	struct container c = {.id = "fuzz", .root = xprintf("/run"), .dir = memfd_create("dir", MFD_CLOEXEC), .pidfd = -1};
	struct fault f = {0};
	int r;

	fuzz_feed(n > 1 ? piece[1] : "");
	fuzz_feed_second("state.json", piece[0]);
	r = read_state(&c, &f);
	fuzz_check_fault(r, &f);
	if (r == 0)
		tell(&c, is_json(piece[0]));
	fuzz_check_fault(container_check_id(piece[0], &f), &f);
	fuzz_feed(NULL);
	container_close(&c);
	fuzz_free_pieces(piece);
	return 0;
}
