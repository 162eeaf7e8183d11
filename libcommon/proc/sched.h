/* SPDX-License-Identifier: MIT */
/* sched.h - scheduling, I/O priority and personality of a program: sched(7), ioprio_set(2),
 * personality(2). */
#ifndef COMMON_PROC_SCHED_H
#define COMMON_PROC_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/sys.h"

struct proc_sched {
	bool given;
	unsigned policy; /* SCHED_*                                        */
	uint64_t flags;  /* SCHED_FLAG_*                                   */
	long nice, priority;
	uint64_t runtime, deadline, period; /* nanoseconds                 */
};

struct proc_ioprio {
	bool given;
	unsigned class, level;
};

struct proc_persona {
	bool given;
	unsigned long value;
};

/* Rows of config.json's words and ours: "SCHED_FIFO" is "fifo". */
struct sched_word {
	const char *name, *config;
	uint64_t value;
};

extern const struct sched_word sched_policies[], sched_flags[], io_classes[], personalities[]; /* end with NULL */
extern const char sched_words[], io_words[], persona_words[];

extern const struct opt_kind opt_sched;   /* struct proc_sched: POLICY[:KEY=VALUE,...] */
extern const struct opt_kind opt_ioprio;  /* struct proc_ioprio: CLASS[:LEVEL]         */
extern const struct opt_kind opt_persona; /* struct proc_persona                       */

/* May we? With --rlimit rtprio of the same command that counts. rtprio: its soft value, or
 * NULL. 0 or a fault. */
int sched_check(const struct proc_sched *s, const uint64_t *rtprio, struct fault *f);
int ioprio_check(const struct proc_ioprio *p, struct fault *f);

/* Of process pid, 0 for this one; what was not given stays. 0 or a fault. */
int sched_set(struct sys *sys, pid_t pid, const struct proc_sched *s, struct fault *f);
int ioprio_set_of(struct sys *sys, pid_t pid, const struct proc_ioprio *p, struct fault *f);
int persona_set(struct sys *sys, const struct proc_persona *p, struct fault *f);

#endif
