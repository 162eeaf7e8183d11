/* SPDX-License-Identifier: MIT */
/* verb-chain.c - oci-bundle chain: a bundle as one line for a shell. */
#include <errno.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/printable.h"
#include "chain/chain.h"
#include "oci/verb.h"
#include "oci/write.h"

struct chain_spec {
	struct words without;
	const char *console;
};

#define AT(field) offsetof(struct chain_spec, field)

static const struct opt opts[] = {
	{0, "without", "PATH", &opt_strings, AT(without), 0, "leave out what stands at this path of config.json", NULL},
	{0, "console-socket", "PATH", &opt_string, AT(console), 0,
	 "for process.terminal: send the terminal's other side to this UNIX socket", ":file"},
	{0},
};

static void warn(void *arg, const char *where, const char *what)
{
	const struct verb_call *c = arg;

	printable_say("%s: warning: %s: %s", c->tool, where, what);
}

/* A comment in front: each word or pair of words, and the place that asks for it. */
static void explain(const struct line *l)
{
	for (size_t i = 0; i < l->words.n; i++) {
		const char *from = l->from.v[i];

		fputs("# ", stdout);
		word_quote(stdout, l->words.v[i]);
		for (; i + 1 < l->words.n && !*l->from.v[i + 1]; i++) {
			putchar(' ');
			word_quote(stdout, l->words.v[i + 1]);
		}
		printf("\t%s\n", from);
	}
}

/* The words as a command line would be read, and refused. Links complete their specs when
 * they plan, so the text is made before, and said when nothing is wrong. */
static int print(const struct line *l, bool explained, struct fault *f)
{
	const struct link *first = chain_link(l->words.v[0]);
	struct chain ch = {.first = first, .up = -1, .ctx = {.tool = first->cmd.name}};
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r = out ? chain_parse(&ch, l->words.v + 1, f) : fault_set(f, OP_MEMORY, errno, "the chain");

	if (r == 0)
		r = chain_order(&ch, f);
	if (r == 0)
		chain_print(&ch, out);
	file_close(&out);
	if (r == 0)
		r = chain_plan(&ch, f);
	if (r == 0 && explained)
		explain(l);
	if (r == 0)
		fputs(text, stdout);
	chain_free(&ch);
	return r;
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	const struct chain_spec *s = spec;
	const struct write_wish wish = {.console = s->console, .warn = warn, .arg = c};
	struct line l = {0};
	struct bundle b;
	int r = bundle_open(&b, c->operands.v[0], &s->without, f);

	if (r == 0)
		r = bundle_decode(&b, f);
	if (r == 0)
		r = write_chain(&l, &b, &wish, f);
	if (r == 0)
		r = print(&l, c->explain, f);
	line_free(&l);
	bundle_free(&b);
	return r;
}

static void drop(void *spec)
{
	words_free(&((struct chain_spec *)spec)->without);
}

const struct verb oci_chain_verb = {
	.cmd = {
		.name = "chain",
		.operands = {"DIR"},
		.summary = "Print the bundle as a chain, for a shell.",
		.opts = opts,
		.operand_complete = ":dir",
	},
	.spec_size = sizeof(struct chain_spec),
	.run = run,
	.drop = drop,
};
