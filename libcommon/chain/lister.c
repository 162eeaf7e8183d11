/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "chain/common.h"
#include "chain/complete.h"
#include "chain/lister.h"

static const struct opt common_opts[] = TOOL_OPTIONS("say what is read, and why", "accepted: nothing is changed in any case");

static const struct opt *find(const struct lister *l, const char *word)
{
	const struct opt *o = opt_find(l->cmd.opts, word);

	return o ? o : opt_find(common_opts, word);
}

/* INDEX WORD...: word 0 is the tool. */
static int complete(const struct lister *l, char **argv)
{
	const char *prefix = "", *before = NULL, *eq;
	const struct opt *o = NULL;
	uint64_t index;

	if (!*argv || num_u64(*argv, 100000, &index) < 0 || index == 0)
		return 2;
	argv++;
	for (uint64_t i = 0; i <= index && argv[i]; i++) {
		before = i > 1 && i == index ? argv[i - 1] : NULL;
		prefix = i == index ? argv[i] : "";
	}
	if (before && before[0] == '-')
		o = find(l, before);
	eq = strchr(prefix, '=');
	if (o && o->kind->takes_arg && !o->kind->optional && !strchr(before, '=')) {
		complete_list(o->complete, prefix);
	} else if (prefix[0] == '-' && eq && (o = find(l, prefix))) {
		complete_list(o->complete, eq + 1);
	} else if (prefix[0] == '-') {
		complete_options(l->cmd.opts, prefix);
		complete_options(common_opts, prefix);
	} else if (l->cmd.operand_complete) {
		puts(l->cmd.operand_complete);
	}
	return 0;
}

static int parse(const struct lister *l, void *spec, struct tool_common *common, struct words *operands, char **argv,
		 struct fault *f)
{
	int r;

	while ((r = opt_parse(&l->cmd, spec, common_opts, common, &argv, f)) == 0 && *argv) {
		bool rest = strcmp(*argv, "--") == 0;

		argv += rest;
		do
			if (*argv && words_add(operands, *argv++) < 0)
				return fault_set(f, OP_MEMORY, ENOMEM, "%s", argv[-1]);
		while (rest && *argv);
	}
	return r;
}

static int run(const struct lister *l, void *spec, char **argv, struct fault *f)
{
	struct tool_common common = {0};
	struct words operands = {0};
	int r = parse(l, spec, &common, &operands, argv, f);

	if (r == 0 && common.help) {
		opt_help(&l->cmd, common_opts);
		r = 1;
	} else if (r == 0 && common.version) {
		tool_version(l->cmd.name);
		r = 1;
	} else if (r == 0) {
		struct sys sys = {.explain = common.explain, .out = STDERR_FILENO, .tty = -1, .pid = getpid()};

		r = l->run(spec, &operands, &sys, f);
	}
	words_free(&operands);
	return r;
}

int lister_main(const struct lister *l, char **argv)
{
	void *spec = xcalloc(1, l->spec_size);
	struct fault f = {0};
	int r;

	if (argv[0] && argv[1] && strcmp(argv[1], "--complete") == 0)
		r = 1 - complete(l, argv + 2) / 2 * 3; /* 1, or -2 */
	else
		r = run(l, spec, argv[0] ? argv + 1 : argv, &f);
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = fault_set(&f, OP_WRITE, errno, "standard output");
	if (l->drop)
		l->drop(spec);
	free(spec);
	if (r < 0 && f.op != OP_NONE)
		fault_print(l->cmd.name, &f);
	return r < 0 ? 2 : r == 0;
}
