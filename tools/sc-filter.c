/* SPDX-License-Identifier: MIT */
/* sc-filter - run a program behind a seccomp filter. */
#include "chain/chain.h"
#include "sc/filter.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&sc_filter_link, argv);
}
