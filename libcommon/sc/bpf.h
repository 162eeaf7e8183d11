/* SPDX-License-Identifier: MIT */
/* bpf.h - seccomp's BPF: is it a program the kernel takes, and what does it answer.
 *
 * A program is an array of struct sock_filter in this machine's byte order; a file of it
 * (what bwrap --seccomp, setpriv --seccomp-filter and seccomp_export_bpf(3) use) is that
 * array and nothing else. */
#ifndef COMMON_SC_BPF_H
#define COMMON_SC_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/sys.h"

enum {
	SC_INSNS_MAX = BPF_MAXINSNS, /* 4096 */
};

/* A filter as it is loaded. */
struct sc_program {
	struct sock_filter *insns; /* owned: free()                                       */
	unsigned n;
	unsigned flags;            /* SECCOMP_FILTER_FLAG_* of seccomp(2)                 */
};

/* Is data[0..size) a program that the kernel would take? The rules are those of
 * bpf_check_classic() in net/core/filter.c and seccomp_check_filter() in
 * kernel/seccomp.c: whole instructions, 1 to 4096 of them, opcodes that seccomp knows,
 * aligned loads within struct seccomp_data, scratch memory written before it is read,
 * jumps in range, a return at the end. `name` is for the fault (OP_PROFILE, "not a BPF
 * program (...)"). data need not be aligned. Returns 0 or a fault. */
int sc_verify(const void *data, size_t size, const char *name, struct fault *f);

/* What the n instructions, which sc_verify took, answer to one system call:
 * SECCOMP_RET_* with its data. Bit i of *looked (which may be NULL) is set when the run
 * loaded the i-th 32-bit word of the data: so a caller who does not know an argument
 * learns whether it mattered. */
uint32_t sc_run(const struct sock_filter *insns, unsigned n, const struct seccomp_data *data,
		uint16_t *looked);

/* The name of an answer's action as profiles spell it, "SCMP_ACT_ERRNO"; of one that
 * nobody knows "SCMP_ACT_KILL_PROCESS", which is how the kernel takes it. */
const char *sc_action_name(uint32_t answer);

#endif
