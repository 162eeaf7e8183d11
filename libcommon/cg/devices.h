/* SPDX-License-Identifier: MIT */
/* devices.h - which device nodes the processes of a cgroup may open and make.
 *
 * A rule is "allow:TYPE[:MAJOR:MINOR[:ACCESS]]" or the same with deny: TYPE is a (all), b or c,
 * a number or * each, ACCESS some of r, w, m (mknod). Of the rules that fit the last one
 * decides, about each of r, w and m by itself; where none fits, the cgroup above does. Version
 * 1 has files for them (cgroup-v1/devices.rst); in cgroup2 they become a program that the
 * kernel asks (BPF_PROG_TYPE_CGROUP_DEVICE, bpf(2)). */
#ifndef COMMON_CG_DEVICES_H
#define COMMON_CG_DEVICES_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/words.h"
#include "cg/group.h"

struct cg_device {
	bool allow;
	char type;            /* a, b, c                       */
	int64_t major, minor; /* -1: any                       */
	unsigned access;      /* BPF_DEVCG_ACC_*               */
};

enum { CG_DEVICE_ALL = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE };

/* Is it of every device, in every way? Such a rule is the end of all before it. */
bool cg_device_is_all(const struct cg_device *d);

/* Read a rule. 0 or a fault. */
int cg_device_read(struct cg_device *d, const char *text, struct fault *f);

/* The program for rules in their order: at most CG_DEVICE_INSNS instructions a rule and
 * CG_DEVICE_EXTRA more. Returns the number written to prog, which has room for that. */
size_t cg_devices_compile(const struct cg_device *rules, size_t n, struct bpf_insn *prog);

enum { CG_DEVICE_INSNS = 8, CG_DEVICE_EXTRA = 8 };

/* The rules as version 1 has to be told them. A group there is either open with exceptions or
 * closed with exceptions, and an exception goes only when the very same numbers are said again:
 * so a rule that takes back several of them becomes several, and one that would take back a
 * part of one cannot be said. The first `known` rules are what the group has already; of those
 * nothing is written. *out gets a list, owned by the caller, and *n_out its length. Returns 0,
 * or -ENOTSUP, and *bad is the index of the rule that cannot be said. */
int cg_devices_v1(const struct cg_device *rules, size_t n, size_t known, struct cg_device **out, size_t *n_out,
		  size_t *bad);

/* Can rules (words) be laid down for a new group of this hierarchy (NULL: there is none) below
 * `up`, its parent (-1: not there yet)? Changes nothing. 0 or a fault. */
int cg_devices_check(const struct cg_hier *h, int up, const struct words *rules, struct fault *f);

/* Lay down the rules for a group that was made. 0 or a fault with its path as the object. */
int cg_devices_set(struct sys *s, const struct cg_group *g, const struct words *rules, struct fault *f);

#endif
