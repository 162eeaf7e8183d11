/* SPDX-License-Identifier: MIT */
/* fs-root - build a root from a directory and mounts, and enter it. */
#include "chain/chain.h"
#include "fs/root.h"

int main(int argc, char **argv)
{
	(void)argc;
	return chain_main(&fs_root_link, argv);
}
