/* SPDX-License-Identifier: MIT */
/* cap-set - set the capabilities and ids of a program. */
#include "chain/chain.h"
#include "cap/set.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&cap_set_link, argv);
}
