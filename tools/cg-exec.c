/* SPDX-License-Identifier: MIT */
/* cg-exec - run a program in a cgroup, a new one or one that exists. */
#include "chain/chain.h"
#include "cg/exec.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&cg_exec_link, argv);
}
