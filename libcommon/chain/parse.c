/* SPDX-License-Identifier: MIT */
/* parse.c - a command line becomes a chain, and a chain a command line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain/chain.h"
#include "target/names.h"

#define FIELD(x) offsetof(struct common, x)

const struct opt chain_common[] = {
	{0, "explain", NULL, &opt_flag, FIELD(explain), 0, "say each call that changes the system, and its result", NULL},
	{0, "dry-run", NULL, &opt_flag, FIELD(dry), 0, "say the calls and make none", NULL},
	{0, "step", NULL, &opt_flag, FIELD(step), 0, "ask before each call", NULL},
	{0, "print", NULL, &opt_flag, FIELD(print), 0, "print the whole chain, for a shell, and run nothing", NULL},
	{'h', "help", NULL, &opt_flag, FIELD(help), 0, "print this and exit", NULL},
	{'V', "version", NULL, &opt_flag, FIELD(version), 0, "print the version and exit", NULL},
	{0},
};

static int parse_operands(struct node *node, const struct common *common, char ***argv, struct fault *f)
{
	const struct cmd *cmd = &node->link->cmd;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < 3 && cmd->operands[i]; i++) {
		if (!**argv || strcmp(**argv, "--") == 0) {
			if (common->help || common->version)
				return 0;
			fault_rule(f, OP_USAGE, cmd->name, "%s is missing", cmd->operands[i]);
			fault_fix(f, "%s [OPTION...] %s %s; or %s --help", cmd->name, cmd->operands[i],
				  cmd->rest ? cmd->rest : "", cmd->name);
			return -EINVAL;
		}
		r = node->link->operand(node->spec, i, *(*argv)++, f);
	}
	return r;
}

static int parse_link(struct chain *ch, const struct link *link, char ***argv, struct fault *f)
{
	struct node *node = &ch->nodes[ch->n];
	int r;

	if (ch->n == CHAIN_MAX) {
		fault_rule(f, OP_USAGE, link->cmd.name, "a chain has at most %d links", CHAIN_MAX);
		fault_fix(f, "-- before %s: it begins a chain of its own", link->cmd.name);
		return -EINVAL;
	}
	node->link = link;
	node->spec = xcalloc(1, link->spec_size);
	ch->n++;
	r = opt_parse(&link->cmd, node->spec, chain_common, &ch->common, argv, f);
	return r < 0 ? r : parse_operands(node, &ch->common, argv, f);
}

/* No program named: a shell, in a new root the one that every root has. */
static const char *default_program(struct chain *ch)
{
	const char *shell = getenv("SHELL");

	for (unsigned i = 0; i < ch->n; i++)
		if (ch->nodes[i].link->rank == RANK_ROOT)
			return "/bin/sh";
	if (!shell || !*shell)
		shell = names_shell(ch->shell, sizeof(ch->shell), "/etc/passwd", getuid());
	return *shell ? shell : "/bin/sh";
}

int chain_parse(struct chain *ch, char **argv, struct fault *f)
{
	const struct link *link = ch->first;
	int r = 0;

	while (link && r == 0) {
		r = parse_link(ch, link, &argv, f);
		/* a bare link name goes on in this process; what has a slash is a program */
		link = r == 0 && *argv ? chain_link(*argv) : NULL;
		argv += link != NULL;
	}
	if (r < 0)
		return r;
	if (*argv && strcmp(*argv, "--") == 0) {
		argv++;
		if (!*argv && !ch->common.help)
			return fault_rule(f, OP_USAGE, "--", "the program is missing behind it");
	}
	ch->program_given = *argv != NULL;
	for (; *argv; argv++)
		if (words_add(&ch->prog, *argv) < 0)
			return fault_set(f, OP_MEMORY, ENOMEM, "%s", *argv);
	if (!ch->prog.n && words_add(&ch->prog, default_program(ch)) < 0)
		return fault_set(f, OP_MEMORY, ENOMEM, "the program");
	return 0;
}

static void print_words(const struct words *w, FILE *out)
{
	for (size_t i = 0; i < w->n; i++) {
		fputc(' ', out);
		word_quote(out, w->v[i]);
	}
}

void chain_print(const struct chain *ch, FILE *out)
{
	for (unsigned i = 0; i < ch->n; i++) {
		const struct node *node = &ch->nodes[i];
		struct words w = {0};

		if (node->link->print)
			node->link->print(node->spec, &w);
		else
			opt_print(node->link->cmd.opts, node->spec, &w);
		fprintf(out, "%s%s", i ? "  " : "", node->link->cmd.name);
		print_words(&w, out);
		fputs(" \\\n", out);
		words_free_all(&w);
	}
	fputs("  --", out);
	print_words(&ch->prog, out);
	fputc('\n', out);
}

void chain_free(struct chain *ch)
{
	for (unsigned i = 0; i < ch->n; i++) {
		if (ch->nodes[i].link->drop)
			ch->nodes[i].link->drop(ch->nodes[i].spec);
		free(ch->nodes[i].spec);
	}
	ch->n = 0;
	if (ch->sys.explain && ch->sys.out > 2) {
		close(ch->sys.out);
		ch->sys.explain = false;
	}
	words_free_all(&ch->taken);
	words_free(&ch->prog);
	words_free(&ch->ctx.env);
	words_free(&ch->ctx.keep_fds);
}
