/* SPDX-License-Identifier: MIT */
/* stat.h - when a process began: with its number that names it, also after it has ended. */
#ifndef COMMON_TARGET_STAT_H
#define COMMON_TARGET_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	char state;
	int parent, threads;
	uint64_t started; /* clock ticks since boot */
};

/* The text of PID/stat: fields 3, 4, 20 and 22. The name before them may hold anything. False: it is no
 * such text. */
bool stat_parse(const char *text, struct process_stat *ret);

/* Field 22 of PID/stat (proc(5)) below the directory `proc` (AT_FDCWD: /proc); *parent (may be NULL) gets field 4.
 * 0 when there is no such process, also when all its threads have ended and it was not waited for. */
uint64_t process_started(int proc, pid_t pid, pid_t *parent);

#endif
