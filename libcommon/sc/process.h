/* SPDX-License-Identifier: MIT */
/* process.h - a filter that a process is under, as a profile: "process:PID" or "process:PID:N". */
#ifndef COMMON_SC_PROCESS_H
#define COMMON_SC_PROCESS_H

#include <stdbool.h>

#include "sc/bpf.h"

/* Does the word name one? A file of that name is ./process:... */
bool sc_is_process(const char *word);

/* Read it: the process is held and stopped for a moment (ptrace(2)). The kernel gives a filter away to
 * a holder of CAP_SYS_ADMIN that has none itself. In a dry run there is none to read: n is 0. Returns 0
 * or a fault with OP_PROFILE. */
int sc_of_process(struct sys *s, const char *word, struct sc_program *ret, struct fault *f);

#endif
