/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "cg/devices.h"

enum { ALL = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE };

/* -- reading ------------------------------------------------------------------------------ */

static int bad(const char *text, const char *why, struct fault *f)
{
	fault_rule(f, OP_CG_DEVICE, text, "%s", why);
	fault_fix(f, "--device allow:c:1:3:rw, or --device deny:a for all of them");
	return -EINVAL;
}

static int number(const char *text, size_t n, int64_t *ret)
{
	char buf[16];
	uint64_t v;

	if (n == 1 && *text == '*') {
		*ret = -1;
		return 0;
	}
	snprintf(buf, sizeof(buf), "%.*s", (int)(n < 15 ? n : 15), text);
	if (num_u64(buf, UINT32_MAX, &v) < 0)
		return -EINVAL;
	*ret = (int64_t)v;
	return 0;
}

static int read_access(const char *text, unsigned *ret)
{
	*ret = 0;
	for (const char *p = text; *p; p++) {
		unsigned bit = *p == 'r' ? BPF_DEVCG_ACC_READ : *p == 'w' ? BPF_DEVCG_ACC_WRITE : *p == 'm' ? BPF_DEVCG_ACC_MKNOD : 0;

		if (!bit)
			return -EINVAL;
		*ret |= bit;
	}
	return *ret ? 0 : -EINVAL;
}

int cg_device_read(struct cg_device *d, const char *text, struct fault *f)
{
	const char *field[5] = {0};
	size_t len[5] = {0}, n = 0;

	for (const char *p = text; n < 5; p += len[n - 1] + 1) {
		field[n] = p;
		len[n] = strcspn(p, ":");
		if (!p[len[n++]])
			break;
	}
	*d = (struct cg_device){.major = -1, .minor = -1, .access = ALL};
	if (field[n - 1][len[n - 1]] || n < 2 || n == 3)
		return bad(text, "expected allow or deny, a type, and perhaps numbers and access", f);
	d->allow = len[0] == 5 && strncmp(field[0], "allow", 5) == 0;
	if (!d->allow && (len[0] != 4 || strncmp(field[0], "deny", 4) != 0))
		return bad(text, "it begins with allow or deny", f);
	if (len[1] != 1 || !strchr("abc", field[1][0]))
		return bad(text, "the type is a, b or c", f);
	d->type = field[1][0];
	if (n > 2 && (number(field[2], len[2], &d->major) < 0 || number(field[3], len[3], &d->minor) < 0))
		return bad(text, "major and minor are numbers, or *", f);
	if (n > 4 && read_access(field[4], &d->access) < 0)
		return bad(text, "access is some of r, w and m", f);
	if (d->type == 'a' && (d->major >= 0 || d->minor >= 0))
		return bad(text, "numbers belong to b or to c", f);
	return 0;
}

/* -- cgroup2: a program ------------------------------------------------------------------- */

/* Registers, loaded once from struct bpf_cgroup_dev_ctx. */
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

/* Jump when it is not (BPF_JNE) or is (BPF_JEQ) v; where to is filled in later. Compared as 32
 * bits: a constant is widened with its sign. */
static struct bpf_insn jump(int op, int reg, int64_t v)
{
	return (struct bpf_insn){.code = (uint8_t)(BPF_JMP32 | op | BPF_K), .dst_reg = reg & 15, .imm = (int32_t)v};
}

static size_t put_answer(struct bpf_insn *p, bool allow)
{
	p[0] = alu(BPF_MOV, BPF_REG_0, allow);
	p[1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	return 2;
}

/* A rule that allows fits when it covers all that is asked for; one that denies when it covers
 * any of it. */
static size_t put_access(struct bpf_insn *p, const struct cg_device *d)
{
	if (d->access == ALL)
		return 0;
	p[0] = move(WORK, ACCESS);
	p[1] = alu(BPF_AND, WORK, (int32_t)(d->allow ? ~d->access & ALL : d->access));
	p[2] = jump(d->allow ? BPF_JNE : BPF_JEQ, WORK, 0);
	return 3;
}

static size_t put_rule(struct bpf_insn *p, const struct cg_device *d)
{
	size_t n = 0, end;

	if (d->type != 'a')
		p[n++] = jump(BPF_JNE, TYPE, d->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	n += put_access(p + n, d);
	if (d->major >= 0)
		p[n++] = jump(BPF_JNE, MAJOR, d->major);
	if (d->minor >= 0)
		p[n++] = jump(BPF_JNE, MINOR, d->minor);
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
		if (rules[i].type == 'a' && rules[i].access == ALL)
			return at; /* it always fits, and the kernel takes no code that is never run */
	}
	return at + put_answer(prog + at, true);
}

static int set_v2(struct sys *s, int dir, const struct cg_device *rules, size_t n, const char *path, struct fault *f)
{
	struct bpf_insn *prog = xcalloc(n * CG_DEVICE_INSNS + CG_DEVICE_EXTRA, sizeof(*prog));
	_cleanup_fd_ int fd = sys_bpf_load(s, BPF_PROG_TYPE_CGROUP_DEVICE, prog, cg_devices_compile(rules, n, prog));
	int r = fd < 0 ? fd : sys_bpf_attach(s, dir, fd, BPF_CGROUP_DEVICE, path);

	free(prog);
	return r < 0 ? fault_set(f, OP_CG_DEVICE, -r, "%s", path) : 0;
}

/* -- version 1: two files ------------------------------------------------------------------- */

/* "a" there means all devices with all access, whatever follows it; less than that has to be
 * said of b and of c. */
static int write_v1(struct sys *s, int dir, const struct cg_device *d, char type, const char *path)
{
	const char *file = d->allow ? "devices.allow" : "devices.deny";
	char text[64] = "a", major[16] = "*", minor[16] = "*", object[600];

	if (d->major >= 0)
		snprintf(major, sizeof(major), "%u", (unsigned)d->major);
	if (d->minor >= 0)
		snprintf(minor, sizeof(minor), "%u", (unsigned)d->minor);
	if (type != 'a')
		snprintf(text, sizeof(text), "%c %s:%s %s%s%s", type, major, minor, d->access & BPF_DEVCG_ACC_READ ? "r" : "",
			 d->access & BPF_DEVCG_ACC_WRITE ? "w" : "", d->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
	snprintf(object, sizeof(object), "%.500s/%s", path, file);
	return sys_write_file(s, dir, file, object, text);
}

static int set_v1(struct sys *s, int dir, const struct cg_device *rules, size_t n, const char *path, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		bool both = rules[i].type == 'a' && rules[i].access != ALL;

		r = write_v1(s, dir, &rules[i], both ? 'b' : rules[i].type, path);
		if (r >= 0 && both)
			r = write_v1(s, dir, &rules[i], 'c', path);
	}
	return r < 0 ? fault_set(f, OP_CG_DEVICE, -r, "%s", path) : 0;
}

int cg_devices_set(struct sys *s, int dir, bool v2, const char *path, const struct words *rules, struct fault *f)
{
	struct cg_device *list = xcalloc(rules->n + 1, sizeof(*list));
	int r = 0;

	for (size_t i = 0; i < rules->n && r == 0; i++)
		r = cg_device_read(&list[i], rules->v[i], f);
	if (r == 0)
		r = v2 ? set_v2(s, dir, list, rules->n, path, f) : set_v1(s, dir, list, rules->n, path, f);
	free(list);
	return r;
}
