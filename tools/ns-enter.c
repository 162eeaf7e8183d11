/* SPDX-License-Identifier: MIT */
/* ns-enter - run a program in the namespaces of another process. */
#include "chain/chain.h"
#include "ns/enter.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&ns_enter_link, argv);
}
