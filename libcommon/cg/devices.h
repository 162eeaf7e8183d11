/* SPDX-License-Identifier: MIT */
/* devices.h - which device nodes the processes of a cgroup may open and make.
 *
 * A rule is "allow:TYPE[:MAJOR:MINOR[:ACCESS]]" or the same with deny: TYPE is a (all), b or c,
 * a number or * each, ACCESS some of r, w, m (mknod). Of the rules that fit the last one
 * decides; where none fits, the cgroup above. Version 1 has files for them; in cgroup2 they
 * become a program that the kernel asks (BPF_PROG_TYPE_CGROUP_DEVICE, bpf(2)). */
#ifndef COMMON_CG_DEVICES_H
#define COMMON_CG_DEVICES_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/words.h"

struct cg_device {
	bool allow;
	char type;            /* a, b, c                       */
	int64_t major, minor; /* -1: any                       */
	unsigned access;      /* BPF_DEVCG_ACC_*               */
};

/* Read a rule. 0 or a fault. */
int cg_device_read(struct cg_device *d, const char *text, struct fault *f);

/* The program for rules in their order: at most 12 instructions a rule and 8 more. Returns the
 * number written to prog, which has room for that. */
size_t cg_devices_compile(const struct cg_device *rules, size_t n, struct bpf_insn *prog);

enum { CG_DEVICE_INSNS = 12, CG_DEVICE_EXTRA = 8 };

/* Lay down the rules (words) for the group of the directory dir: v2, or a v1 group with the
 * devices controller. 0 or a fault with `path` as its object. */
int cg_devices_set(struct sys *s, int dir, bool v2, const char *path, const struct words *rules, struct fault *f);

#endif
