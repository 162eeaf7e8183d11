/* SPDX-License-Identifier: MIT */
/* profile.c - seccomp profiles in JSON: decoded and compiled into what the kernel takes; written
 * into a config.json, it makes the same filter. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "common.h"
#include "oci/put.h"
#include "sc/compile.h"

enum { CAPS = 0x1ff };

static int compile(const char *text, size_t len, struct sc_program *out, struct fault *f)
{
	_cleanup_json_ struct json_doc *d = NULL;
	const struct sc_facts facts = sc_facts_here(CAPS);
	struct sc_unknown unknown = {0};
	struct sc_profile p = {0};
	int r = json_parse(text, len, "profile", OP_PROFILE, &d, f);

	if (r == 0)
		r = sc_profile_decode(d, "profile", &p, f);
	if (r == 0)
		r = sc_compile(&p, &facts, "profile", out, &unknown, f);
	fuzz_check_fault(r, f);
	return r;
}

/* Where what is compiled here is, the second time, what `new --seccomp` makes of it. */
static void again(const uint8_t *data, size_t size, const struct sc_program *first)
{
	struct json_object *o = NULL;
	struct sc_program second = {0};
	struct fault f = {0};
	const char *text;

	(void)fuzz_file(data, size);
	FUZZ_HOLDS(put_seccomp(fuzz_file_path(), CAPS, &o, &f) == 0 && o, "%s", f.why);
	text = json_object_to_json_string(o);
	FUZZ_HOLDS(compile(text, strlen(text), &second, &f) == 0, "%s\n%s", f.why, text);
	FUZZ_HOLDS(first->n == second.n && first->flags == second.flags &&
		   memcmp(first->insns, second.insns, first->n * sizeof(*first->insns)) == 0, "another filter\n%s", text);
	free(second.insns);
	json_object_put(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = xcalloc(size + 1, 1);
	const struct seccomp_data call = {.nr = 59};
	struct sc_program prog = {0};
	struct fault f = {0};

	if (size)
		memcpy(text, data, size);
	if (compile(text, size, &prog, &f) < 0)
		return 0;
	FUZZ_HOLDS(sc_verify(prog.insns, prog.n * sizeof(*prog.insns), "profile", &f) == 0, "%s", f.why);
	FUZZ_HOLDS(sc_action_name(sc_run(prog.insns, prog.n, &call, NULL)), "no action");
	again(data, size, &prog);
	free(prog.insns);
	return 0;
}
