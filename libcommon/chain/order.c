/* SPDX-License-Identifier: MIT */
/* order.c - the legal order is the rank column of the links; a refusal quotes the rest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chain/chain.h"

/* The names of the chain's links, sorted by rank, stable. */
static void sorted_names(const struct chain *ch, char *buf, size_t n)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int rank = RANK_CGROUP; rank <= RANK_FILTER; rank++)
		for (unsigned i = 0; i < ch->n && len < n; i++)
			if ((int)ch->nodes[i].link->rank == rank)
				len += (size_t)snprintf(buf + len, n - len, "%s ... ", ch->nodes[i].link->cmd.name);
}

int chain_order(const struct chain *ch, struct fault *f)
{
	for (unsigned i = 1; i < ch->n; i++) {
		const struct link *before = ch->nodes[i - 1].link, *here = ch->nodes[i].link;
		char names[400];

		if (here->rank >= before->rank)
			continue;
		fault_rule(f, OP_ORDER, here->cmd.name, "it needs %s, and %s before it takes away %s", here->needs,
			   before->cmd.name, before->takes);
		sorted_names(ch, names, sizeof(names));
		fault_fix(f, "this order: %sPROGRAM; or -- before %s, if it is the program", names, here->cmd.name);
		return -EINVAL;
	}
	return 0;
}
