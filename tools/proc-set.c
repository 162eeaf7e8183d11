/* SPDX-License-Identifier: MIT */
/* proc-set - set limits, priorities, environment, directory, terminal of a program. */
#include "chain/chain.h"
#include "proc/set.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&proc_set_link, argv);
}
