/* SPDX-License-Identifier: MIT */
/* signals.h - signals by the names that kill -l has. */
#ifndef COMMON_BASE_SIGNALS_H
#define COMMON_BASE_SIGNALS_H

#include "opt.h"

/* The number of "TERM", "SIGTERM", "15", "RTMIN+1"; 0 when there is no such signal. */
int signal_number(const char *text);

/* A signal that was given, or not; alone the option means SIGKILL. */
struct opt_sig {
	bool given;
	int sig;
};

extern const struct opt_kind opt_signal; /* struct opt_sig: [=SIGNAL] */

#endif
