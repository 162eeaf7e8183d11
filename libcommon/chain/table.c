/* SPDX-License-Identifier: MIT */
/* table.c - the links there are, in legal order. Order check, help and completion read it. */
#include <string.h>

#include "cap/set.h"
#include "cg/exec.h"
#include "chain/chain.h"
#include "fs/root.h"
#include "ns/enter.h"
#include "ns/run.h"
#include "proc/set.h"
#include "sc/filter.h"

static const struct link *const links[] = {
	&cg_exec_link, &ns_run_link,  &ns_enter_link,  &fs_root_link,
	&proc_set_link, &cap_set_link, &sc_filter_link,
};

const struct link *chain_link_at(unsigned n)
{
	return n < sizeof(links) / sizeof(*links) ? links[n] : NULL;
}

const struct link *chain_link(const char *name)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (strcmp(links[i]->cmd.name, name) == 0)
			return links[i];
	return NULL;
}
