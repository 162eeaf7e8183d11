/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "chain/common.h"

void tool_version(const char *name)
{
	printf("%s (boxutils) %s\n", name, VERSION);
}
