/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "chain/common.h"
#include "chain/complete.h"
#include "oci/verb.h"

static const struct opt common_opts[] = TOOL_OPTIONS("say each call that changes the system, or why each word is there",
								"say the calls and make none");

static const struct verb *find(const struct verb_tool *t, const char *name)
{
	for (const struct verb *const *v = t->verbs; *v; v++)
		if (strcmp((*v)->cmd.name, name) == 0)
			return *v;
	return NULL;
}

static void help_all(const struct verb_tool *t)
{
	const struct cmd cmd = {.name = t->name, .operands = {"VERB"}, .rest = "[OPTION...] OPERAND...", .summary = t->summary,
				.opts = t->globals};

	if (t->globals)
		opt_help(&cmd, NULL);
	else
		printf("usage: %s VERB [OPTION...] OPERAND...\n%s\n", t->name, t->summary);
	putchar('\n');
	for (const struct verb *const *v = t->verbs; *v; v++)
		printf("  %-10s %s\n", (*v)->cmd.name, (*v)->cmd.summary);
	printf("\n%s VERB --help lists the options of a verb. man %s\n", t->name, t->name);
}

static void version(const struct verb_tool *t)
{
	if (t->version)
		t->version();
	else
		tool_version(t->name);
}

static void help_one(const char *tool, const struct verb *v)
{
	struct cmd cmd = v->cmd;
	char name[80];

	snprintf(name, sizeof(name), "%s %s", tool, v->cmd.name);
	cmd.name = name;
	opt_help(&cmd, common_opts);
}

static int parse(const struct verb *v, void *spec, struct tool_common *common, struct verb_call *c, char **argv,
		 struct fault *f)
{
	struct cmd cmd = v->cmd;
	size_t needed = 0;
	int r;

	cmd.one_dash = c->of->globals != NULL;
	while (needed < 3 && v->cmd.operands[needed])
		needed++;
	while ((r = opt_parse(&cmd, spec, common_opts, common, &argv, f)) == 0 && *argv && strcmp(*argv, "--") != 0)
		do
			if (words_add(&c->operands, *argv++) < 0)
				return fault_set(f, OP_MEMORY, ENOMEM, "%s", argv[-1]);
		while (v->verbatim && *argv);
	if (r < 0 || common->help || common->version)
		return r;
	for (argv += *argv != NULL; *argv; argv++)
		if (words_add(&c->rest, *argv) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "%s", *argv);
	if (c->operands.n < needed)
		return fault_rule(f, OP_USAGE, v->cmd.name, "%s is missing", v->cmd.operands[c->operands.n]);
	if (c->operands.n > needed && !v->more)
		return fault_rule(f, OP_USAGE, c->operands.v[needed], "one word too many");
	return c->rest.n && !v->program ? fault_rule(f, OP_USAGE, "--", "nothing may follow") : 0;
}

static int run(const struct verb *v, struct verb_call *c, char **argv, struct fault *f)
{
	void *spec = xcalloc(1, v->spec_size ? v->spec_size : 1);
	struct tool_common common = {0};
	int r = parse(v, spec, &common, c, argv, f);

	c->explain = common.explain;
	c->sys = (struct sys){.explain = common.explain || common.dry,
			      .dry = common.dry,
			      .out = common.dry ? STDOUT_FILENO : STDERR_FILENO,
			      .tty = -1,
			      .pid = getpid()};
	if (r == 0 && common.help)
		help_one(c->tool, v);
	else if (r == 0 && common.version)
		version(c->of);
	else if (r == 0)
		r = v->run(spec, c, f);
	if (v->drop)
		v->drop(spec);
	free(spec);
	return r;
}

/* INDEX WORD...: word 0 is the tool, word 1 the verb. */
static int complete(const struct verb_tool *t, char **argv)
{
	const char *prefix = "", *before = NULL;
	const struct verb *v = NULL;
	const struct opt *o = NULL;
	uint64_t index;

	if (!*argv || num_u64(*argv, 100000, &index) < 0 || index == 0)
		return 2;
	argv++;
	for (uint64_t i = 0; i <= index && argv[i]; i++) {
		before = i > 1 && i == index ? argv[i - 1] : before;
		prefix = i == index ? argv[i] : "";
		v = i == 1 && i < index ? find(t, argv[i]) : v;
		if (v && v->program && i < index && strcmp(argv[i], "--") == 0) {
			printf(":program %llu\n", (unsigned long long)i + 1);
			return 0;
		}
	}
	if (index == 1) {
		for (const struct verb *const *each = t->verbs; *each; each++)
			complete_offer((*each)->cmd.name, prefix, (*each)->cmd.summary);
		if (t->globals)
			complete_options(t->globals, *prefix == '-' ? prefix : "-\n");
		complete_options(common_opts, *prefix == '-' ? prefix : "-\n");
		return 0;
	}
	if (v && before && before[0] == '-')
		o = opt_find(v->cmd.opts, before);
	if (o && o->kind->takes_arg && !o->kind->optional && !strchr(before, '='))
		complete_list(o->complete, prefix);
	else if (v && prefix[0] == '-')
		complete_options(v->cmd.opts, prefix), complete_options(common_opts, prefix);
	else if (v && v->cmd.operand_complete)
		puts(v->cmd.operand_complete);
	return 0;
}

/* Options before the verb; leaves argv at it. */
static int parse_globals(struct verb_call *c, struct tool_common *common, char ***argv, struct fault *f)
{
	const struct verb_tool *t = c->of;
	const struct cmd cmd = {.name = t->name, .opts = t->globals ? t->globals : common_opts + 4,
				.one_dash = t->globals != NULL};
	int r = opt_parse(&cmd, c->globals, common_opts, common, argv, f);

	r = r == 0 && t->begin && !common->help && !common->version ? t->begin(c, f) : r;
	common->version |= r > 0;
	return r;
}

static int run_tool(struct verb_call *c, char **argv, struct fault *f)
{
	const struct verb_tool *t = c->of;
	struct tool_common common = {0};
	const struct verb *v;
	int r = parse_globals(c, &common, &argv, f);

	if (r < 0)
		return r;
	if (common.version) {
		version(t);
		return 0;
	}
	if (common.help || !*argv) {
		help_all(t);
		return 0;
	}
	v = find(t, *argv);
	if (v)
		return run(v, c, argv + 1, f);
	fault_rule(f, OP_USAGE, *argv, "%s has no such verb", t->name);
	fault_fix(f, "%s --help, which lists them", t->name);
	return -EINVAL;
}

int verb_main(const struct verb_tool *tool, char **argv)
{
	struct verb_call c = {.of = tool, .tool = tool->name, .argv = argv};
	struct fault f = {0};
	int r;

	if (argv[0] && argv[1] && strcmp(argv[1], "--complete") == 0)
		return complete(tool, argv + 2);
	c.globals = xcalloc(1, tool->globals_size + 1);
	r = run_tool(&c, argv[0] ? argv + 1 : argv, &f);
	words_free(&c.operands);
	words_free(&c.rest);
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = fault_set(&f, OP_WRITE, errno, "standard output");
	if (r < 0 && tool->report) {
		r = tool->report(&c, &f);
	} else if (r < 0) {
		fault_print(tool->name, &f);
		r = fault_exit_status(&f);
	}
	if (tool->end)
		tool->end(c.globals);
	free(c.globals);
	return r;
}
