/* SPDX-License-Identifier: MIT */
/* process.c - oci-run exec: the process object of a file, and options that change it. */
#include "oci/run-exec.c"

#include "common.h"

static const char config[] =
	"{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}, \"linux\": {\"namespaces\": [{\"type\": \"mount\"}]},"
	" \"process\": {\"cwd\": \"/\", \"args\": [\"sh\"], \"user\": {\"uid\": 0, \"gid\": 0}}}";

static int options(struct live *v, struct exec_spec *s, char **words, struct fault *f)
{
	struct cmd cmd = run_exec_verb.cmd;
	int r;

	cmd.one_dash = true;
	words_add(&v->call->operands, "fuzz");
	r = opt_parse(&cmd, s, NULL, NULL, &words, f);
	for (; r == 0 && *words; words++)
		words_add(&v->call->operands, *words);
	return r;
}

static int chain(struct live *v, const struct exec_spec *s, struct fault *f)
{
	const struct write_wish wish = {.console = "/console", .id = "fuzz", .cpus = "0-1",
					.keep_fds = s->keep_fds.given ? (unsigned)s->keep_fds.n : 0};
	_cleanup_free_ char *cgroup = NULL;
	int r = cgroup_for(v, s, &cgroup, f);

	if (r == 0)
		r = write_exec(&v->line, &v->bundle, &wish, 1, cgroup, f);
	if (r == 0)
		r = fuzz_chain(v->line.words.v, f);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	char **piece = fuzz_pieces(data, size, 64, &n);
	struct verb_call call = {.tool = "fuzz"};
	struct live v = {.call = &call, .box = {.id = "fuzz"}};
	struct exec_spec s = {0};
	struct fault f = {0};
	int r;

	v.bundle = (struct bundle){.dir = xprintf("/b"), .file = xprintf("/b/config.json"), .text = xprintf("%s", config),
				   .len = sizeof(config) - 1, .filter = -1};
	v.box.state = json_tokener_parse("{\"cgroup\": \"/fuzz\"}");
	FUZZ_HOLDS(json_parse(v.bundle.text, v.bundle.len, "c", OP_CONFIG, &v.bundle.doc, &f) == 0, "%s", f.why);
	(void)fuzz_file(piece[0], strlen(piece[0]));
	s.process = fuzz_file_path();
	r = *piece[0] ? from_file(&v, &s, &f) : 0;
	if (r == 0)
		r = bundle_decode(&v.bundle, &f);
	if (r == 0 && n > 1)
		r = options(&v, &s, piece + 1, &f);
	if (r == 0 && n > 1)
		r = from_options(&v, &s, &f);
	if (r == 0)
		r = bundle_decode(&v.bundle, &f);
	if (r == 0)
		r = chain(&v, &s, &f);
	fuzz_check_fault(r, &f);
	drop(&s);
	line_free(&v.line);
	bundle_free(&v.bundle);
	words_free(&call.operands);
	json_object_put(v.box.state);
	fuzz_free_pieces(piece);
	return 0;
}
