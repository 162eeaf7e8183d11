/* SPDX-License-Identifier: MIT */
/* devices-program.c - device rules as a program for cgroup2: the kernel runs it whenever a
 * process of the group opens or makes a device, with struct bpf_cgroup_dev_ctx in register 1,
 * and 0 for an answer means EPERM. Programs of the groups above are asked as well. */
#include <stddef.h>

#include "cg/devices.h"

/* Registers, loaded once from struct bpf_cgroup_dev_ctx. ACCESS has what is still to be decided. */
enum { TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5, WORK = BPF_REG_6 };

static struct bpf_insn load(int reg, size_t off)
{
	return (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = reg & 15, .src_reg = BPF_REG_1, .off = (int16_t)off};
}

static struct bpf_insn alu(int op, int reg, int32_t v)
{
	return (struct bpf_insn){.code = (uint8_t)(BPF_ALU64 | op | BPF_K), .dst_reg = reg & 15, .imm = v};
}

static struct bpf_insn move(int to, int from)
{
	return (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to & 15, .src_reg = from & 15};
}

/* Jump to the next rule when it is not (BPF_JNE) or is (BPF_JEQ) v; how far is filled in later.
 * Compared as 32 bits: a constant is widened with its sign. */
static struct bpf_insn next_if(int op, int reg, int64_t v)
{
	return (struct bpf_insn){.code = (uint8_t)(BPF_JMP32 | op | BPF_K), .dst_reg = reg & 15, .imm = (int32_t)v};
}

static size_t put_answer(struct bpf_insn *p, bool allow)
{
	p[0] = alu(BPF_MOV, BPF_REG_0, allow);
	p[1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	return 2;
}

/* One that allows settles its part of the access, and the rules before it are asked about the
 * rest; one that denies any part denies the whole. */
static size_t put_access(struct bpf_insn *p, const struct cg_device *d)
{
	if (d->access == CG_DEVICE_ALL)
		return 0;
	if (d->allow) {
		p[0] = alu(BPF_AND, ACCESS, (int32_t)(~d->access & CG_DEVICE_ALL));
		p[1] = next_if(BPF_JNE, ACCESS, 0);
		return 2;
	}
	p[0] = move(WORK, ACCESS);
	p[1] = alu(BPF_AND, WORK, (int32_t)d->access);
	p[2] = next_if(BPF_JEQ, WORK, 0);
	return 3;
}

static size_t put_rule(struct bpf_insn *p, const struct cg_device *d)
{
	size_t n = 0, end;

	if (d->type != 'a')
		p[n++] = next_if(BPF_JNE, TYPE, d->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (d->major >= 0)
		p[n++] = next_if(BPF_JNE, MAJOR, d->major);
	if (d->minor >= 0)
		p[n++] = next_if(BPF_JNE, MINOR, d->minor);
	n += put_access(p + n, d);
	end = n + put_answer(p + n, d->allow);
	for (size_t i = 0; i < n; i++)
		if (BPF_CLASS(p[i].code) == BPF_JMP32)
			p[i].off = (int16_t)(end - i - 1);
	return end;
}

size_t cg_devices_compile(const struct cg_device *rules, size_t n, struct bpf_insn *prog)
{
	size_t at = 0;

	prog[at++] = load(TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	prog[at++] = move(ACCESS, TYPE);
	prog[at++] = alu(BPF_AND, TYPE, 0xffff);
	prog[at++] = alu(BPF_RSH, ACCESS, 16);
	prog[at++] = load(MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	prog[at++] = load(MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = n; i-- > 0;) { /* the last one that fits decides */
		at += put_rule(prog + at, &rules[i]);
		if (rules[i].type == 'a' && rules[i].access == CG_DEVICE_ALL)
			return at; /* it always fits, and the kernel takes no code that is never run */
	}
	return at + put_answer(prog + at, true);
}
