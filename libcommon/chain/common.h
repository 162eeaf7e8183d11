/* SPDX-License-Identifier: MIT */
/* common.h - what every tool that is no link has: four options, and what --version says. */
#ifndef COMMON_CHAIN_COMMON_H
#define COMMON_CHAIN_COMMON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"

#ifndef VERSION
#define VERSION "0"
#endif

struct tool_common {
	bool help, version, explain, dry;
};

/* Their table, with what the first two mean to the tool. */
#define TOOL_OPTIONS(explains, dries) \
	{ \
		{0, "explain", NULL, &opt_flag, offsetof(struct tool_common, explain), 0, explains, NULL}, \
		{0, "dry-run", NULL, &opt_flag, offsetof(struct tool_common, dry), 0, dries, NULL}, \
		{'h', "help", NULL, &opt_flag, offsetof(struct tool_common, help), 0, "print this and exit", NULL}, \
		{'V', "version", NULL, &opt_flag, offsetof(struct tool_common, version), 0, "print the version and exit", NULL}, \
		{0}, \
	}

/* Print the version of this tool. */
void tool_version(const char *name);

#endif
