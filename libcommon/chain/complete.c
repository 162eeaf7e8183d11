/* SPDX-License-Identifier: MIT */
/* complete.c - what may come next on a command line, from the same rows that parse it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "chain/chain.h"
#include "chain/complete.h"

/* Where in the chain a word stands. */
struct spot {
	const struct link *link;
	unsigned operand;        /* how many operands were given                      */
	const struct opt *value; /* the option whose argument the word is, or NULL    */
	size_t program;          /* index of the program's word, or 0 while in a link */
};

static const struct opt *find_option(const struct link *link, const char *word)
{
	const struct opt *o = opt_find(link->cmd.opts, word);

	return o ? o : opt_find(chain_common, word);
}

/* Does this option word need the next word as its argument? */
static const struct opt *wants_next(const struct link *link, const char *word)
{
	const struct opt *o = find_option(link, word);

	if (!o || !o->kind->takes_arg || o->kind->optional || strchr(word, '='))
		return NULL;
	return word[1] != '-' && word[2] ? NULL : o; /* -tVALUE has it */
}

static unsigned operands_of(const struct link *link)
{
	unsigned n = 0;

	while (n < 3 && link->cmd.operands[n])
		n++;
	return n;
}

/* Move the spot over one word that stands before the one to complete. */
static void step(struct spot *s, const char *word, size_t index)
{
	const struct link *next;

	if (s->value) {
		s->value = NULL;
	} else if (strcmp(word, "--") == 0) {
		s->program = index + 1;
	} else if (word[0] == '-' && word[1] && s->operand == 0) {
		s->value = wants_next(s->link, word);
	} else if (s->operand < operands_of(s->link)) {
		s->operand++;
	} else if ((next = chain_link(word))) {
		s->link = next;
		s->operand = 0;
	} else {
		s->program = index;
	}
}

void complete_offer(const char *word, const char *prefix, const char *help)
{
	if (strncmp(word, prefix, strlen(prefix)) == 0)
		printf("%s\t%s\n", word, help ? help : "");
}

/* The words or the directive of a row's `complete` column. A list takes words joined by
 * commas: then the last of them is completed. */
static void offer_values(const char *complete, const char *prefix, const char *head)
{
	char word[1280];

	if (!complete)
		return;
	if (strcmp(complete, ":target") == 0) {
		complete_targets(prefix);
		return;
	}
	if (complete[0] == ':') {
		puts(complete);
		return;
	}
	for (const char *w = complete; *w;) {
		size_t n = strcspn(w, " ");

		snprintf(word, sizeof(word), "%s%.*s", head, (int)n, w);
		if (n)
			complete_offer(word, prefix, NULL);
		w += n;
		w += strspn(w, " ");
	}
}

void complete_list(const char *complete, const char *prefix)
{
	const char *comma = strrchr(prefix, ',');
	char head[1024] = "";

	if (comma && (size_t)(comma - prefix) < sizeof(head) - 2)
		memcpy(head, prefix, (size_t)(comma - prefix) + 1);
	offer_values(complete, prefix, head);
}

void complete_options(const struct opt *table, const char *prefix)
{
	char word[80];

	for (const struct opt *o = table; o->name; o++) {
		snprintf(word, sizeof(word), "--%s", o->name);
		complete_offer(word, prefix, o->help);
	}
}

static void answer(const struct spot *s, const char *prefix, size_t index)
{
	const char *eq = strchr(prefix, '=');
	const struct link *next;

	if (s->program) {
		printf(":program %zu\n", s->program);
	} else if (s->value) {
		complete_list(s->value->complete, prefix);
	} else if (prefix[0] == '-' && prefix[1] == '-' && eq) {
		const struct opt *o = find_option(s->link, prefix);

		if (o)
			complete_list(o->complete, eq + 1);
	} else if (prefix[0] == '-' && s->operand == 0) {
		complete_options(s->link->cmd.opts, prefix);
		complete_options(chain_common, prefix);
	} else if (s->operand < operands_of(s->link)) {
		offer_values(s->link->cmd.operand_complete, prefix, "");
	} else {
		for (unsigned i = 0; (next = chain_link_at(i)); i++)
			if (next->rank >= s->link->rank)
				complete_offer(next->cmd.name, prefix, next->cmd.summary);
		printf(":program %zu\n", index);
	}
}

int chain_complete(const struct link *first, char **argv)
{
	struct spot s = {.link = first};
	uint64_t index;
	size_t i;

	if (!*argv || num_u64(*argv, 100000, &index) < 0 || index == 0)
		return 2;
	argv++;
	for (i = 1; argv[0] && i < index && argv[i] && !s.program; i++)
		step(&s, argv[i], i);
	answer(&s, i == index && argv[0] && argv[i] ? argv[i] : "", index);
	return 0;
}
