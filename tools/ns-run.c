/* SPDX-License-Identifier: MIT */
/* ns-run - run a program in new namespaces. */
#include "chain/chain.h"
#include "ns/run.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&ns_run_link, argv);
}
