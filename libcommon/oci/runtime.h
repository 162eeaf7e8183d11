/* SPDX-License-Identifier: MIT */
/* runtime.h - what the verbs of oci-run share. */
#ifndef COMMON_OCI_RUNTIME_H
#define COMMON_OCI_RUNTIME_H

#include "oci/container.h"
#include "oci/verb.h"

/* The options before the verb. */
struct runtime {
	const char *root, *log, *format, *level, *rootless, *manager;
	bool debug, systemd, version;
	char *root_path; /* absolute; owned     */
	int log_fd;      /* or -1               */
	int failure;     /* exit status of ours */
};

extern const struct opt runtime_opts[];

/* Of a verb without options. */
extern const struct opt runtime_no_opts[];

/* Read them: open the log, find the root. 0, 1 for the version, or a fault. */
int runtime_begin(struct verb_call *c, struct fault *f);

/* Free what they own. */
void runtime_end(void *globals);

/* Print the version in the lines that engines read. */
void runtime_version(void);

/* Say a fault as engines expect it: one line in the log, and on stderr. Returns the exit
 * status. */
int runtime_report(struct verb_call *c, const struct fault *f);

/* Say something that is no failure, to a person. */
void runtime_warn(struct verb_call *c, const char *where, const char *what);

/* A program of which only the wait status is known: its exit status, or 128 + its signal. */
int runtime_status(int status);

/* Lock and open the container of operand 0. */
int runtime_open(struct verb_call *c, struct container *box, bool lock, struct fault *f);

/* End everything of a container that is stopped, or that is to be (kill): processes, cgroups,
 * directory; then its poststop hooks. 0 or a fault, with as much done as could be. */
int runtime_delete(struct verb_call *c, struct container *box, bool kill, struct fault *f);

/* A signal as a number or a name with or without SIG, in any case; 0 or a fault. */
int runtime_signal(const char *text, int *ret, struct fault *f);

extern const struct verb run_create_verb, run_start_verb, run_state_verb, run_kill_verb, run_delete_verb, run_run_verb,
	run_exec_verb, run_ps_verb, run_list_verb, run_pause_verb, run_resume_verb, run_features_verb, run_spec_verb, run_update_verb;

#endif
