/* SPDX-License-Identifier: MIT */
/* Device rules: their words; the program of cgroup2 and the writes of version 1, each held
 * against the rule that the last one which fits decides; and the kernel's own verdict. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cg/devices.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE, RULES = 9, ROUNDS = 20000 };

/* -- words --------------------------------------------------------------------------- */

static const struct {
	const char *text;
	bool good;
	struct cg_device d;
} words_[] = {
	{"allow:a", true, {true, 'a', -1, -1, R | W | M}},
	{"deny:a", true, {false, 'a', -1, -1, R | W | M}},
	{"allow:c", true, {true, 'c', -1, -1, R | W | M}},
	{"deny:a:*:*:m", true, {false, 'a', -1, -1, M}},
	{"allow:c:1:3", true, {true, 'c', 1, 3, R | W | M}},
	{"allow:b:8:*:wr", true, {true, 'b', 8, -1, R | W}},
	{"deny:c:*:4294967295:r", true, {false, 'c', -1, 4294967295, R}},
	{"", false, {0}},
	{"allow", false, {0}},
	{"allow:", false, {0}},
	{"allowed:c", false, {0}},
	{"all:c", false, {0}},
	{"deny:d", false, {0}},
	{"deny:cc", false, {0}},
	{"allow:c:1", false, {0}},
	{"allow:c:1:", false, {0}},
	{"allow:c::3", false, {0}},
	{"allow:c:1:3:", false, {0}},
	{"allow:c:1:3:rx", false, {0}},
	{"allow:c:1:3:r:", false, {0}},
	{"allow:c:-1:3:r", false, {0}},
	{"allow:c:1x:3:r", false, {0}},
	{"allow:c:4294967296:3:r", false, {0}},
	{"allow:c:11111111111111111111111:3:r", false, {0}},
	{"allow:a:1:3:r", false, {0}},
	{"allow:a:*:3:r", false, {0}},
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(words_); i++) {
		struct cg_device d;
		struct fault f = {0};
		int r = cg_device_read(&d, words_[i].text, &f);

		print_message("# '%s'\n", words_[i].text);
		assert_int_equal(r, words_[i].good ? 0 : -EINVAL);
		if (r < 0) {
			assert_int_equal(f.op, OP_CG_DEVICE);
			continue;
		}
		assert_int_equal(d.allow, words_[i].d.allow);
		assert_int_equal(d.type, words_[i].d.type);
		assert_int_equal(d.major, words_[i].d.major);
		assert_int_equal(d.minor, words_[i].d.minor);
		assert_int_equal(d.access, words_[i].d.access);
	}
}

/* -- what rules mean ------------------------------------------------------------------- */

static bool fits(const struct cg_device *d, char type, uint32_t major, uint32_t minor)
{
	return (d->type == 'a' || d->type == type) && (d->major < 0 || d->major == major) &&
	       (d->minor < 0 || d->minor == minor);
}

static bool allowed(const struct cg_device *d, size_t n, char type, uint32_t major, uint32_t minor, unsigned access)
{
	bool yes = true;

	for (unsigned bit = 1; bit < 8; bit <<= 1)
		for (size_t i = n; (access & bit) && i-- > 0;)
			if ((d[i].access & bit) && fits(&d[i], type, major, minor)) {
				yes &= d[i].allow;
				break;
			}
	return yes;
}

static uint32_t seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Few numbers, so that rules meet; the largest is negative as an int. */
static const uint32_t numbers[] = {0, 1, 3, 0x80000000, UINT32_MAX};

static size_t random_rules(struct cg_device *d)
{
	size_t n = rnd(RULES);

	for (size_t i = 0; i < n; i++) {
		d[i] = (struct cg_device){rnd(2), "abc"[rnd(3)], -1, -1, rnd(3) ? R | W | M : 1 + rnd(7)};
		if (d[i].type != 'a' && rnd(3))
			d[i].major = numbers[rnd(N(numbers))];
		if (d[i].type != 'a' && rnd(3))
			d[i].minor = numbers[rnd(N(numbers))];
	}
	return n;
}

/* -- the program, in an interpreter of what is in it --------------------------------------- */

static int run(const struct bpf_insn *p, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t reg[11] = {0};
	size_t at = 0;

	for (size_t steps = 0; steps <= n; steps++) {
		const struct bpf_insn *i = &p[at++];
		uint64_t *to = &reg[i->dst_reg];

		assert_true(at <= n);
		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			*to = *(const uint32_t *)((const char *)ctx + i->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X:
			*to = reg[i->src_reg];
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			*to = (uint64_t)i->imm;
			break;
		case BPF_ALU64 | BPF_AND | BPF_K:
			*to &= (uint64_t)i->imm;
			break;
		case BPF_ALU64 | BPF_RSH | BPF_K:
			*to >>= i->imm;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			at += (uint32_t)*to != (uint32_t)i->imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP32 | BPF_JEQ | BPF_K:
			at += (uint32_t)*to == (uint32_t)i->imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)reg[0];
		default:
			fail_msg("instruction %zu: code %#x", at - 1, i->code);
		}
	}
	fail_msg("no end");
	return -1;
}

static void show(const struct cg_device *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		print_message("#   %s %c %lld:%lld %u\n", d[i].allow ? "allow" : "deny", d[i].type, (long long)d[i].major,
			      (long long)d[i].minor, d[i].access);
}

static void test_program(void **state)
{
	struct bpf_insn prog[RULES * CG_DEVICE_INSNS + CG_DEVICE_EXTRA];
	struct cg_device d[RULES];
	size_t refused = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = random_rules(d), len = cg_devices_compile(d, n, prog);

		assert_true(len <= n * CG_DEVICE_INSNS + CG_DEVICE_EXTRA);
		for (int i = 0; i < 20; i++) {
			char type = "bc"[rnd(2)];
			unsigned access = 1 + rnd(7);
			struct bpf_cgroup_dev_ctx ctx = {
				access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
				numbers[rnd(N(numbers))], numbers[rnd(N(numbers))]};
			bool want = allowed(d, n, type, ctx.major, ctx.minor, access);

			refused += !want;
			if (run(prog, len, &ctx) == want)
				continue;
			show(d, n);
			fail_msg("%c %u:%u %u: expected %d", type, ctx.major, ctx.minor, access, want);
		}
	}
	assert_true(refused > ROUNDS); /* both answers were seen, often */
	assert_true(refused < 19 * ROUNDS);
}

/* -- version 1, in a model of security/device_cgroup.c ---------------------------------------- */

struct group {
	bool open;
	struct cg_device x[256];
	size_t n;
};

static bool equal(const struct cg_device *a, const struct cg_device *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

static void kernel_write(struct group *g, const struct cg_device *d)
{
	struct cg_device *x = NULL;

	if (d->type == 'a') {
		assert_int_equal(d->access, R | W | M); /* else it would say more than is meant */
		*g = (struct group){.open = d->allow};
		return;
	}
	for (size_t i = 0; i < g->n; i++)
		if (equal(&g->x[i], d))
			x = &g->x[i];
	if (d->allow == g->open) {
		if (x)
			x->access &= ~d->access;
	} else if (x) {
		x->access |= d->access;
	} else {
		assert_true(g->n < N(g->x));
		g->x[g->n++] = *d;
	}
}

static bool kernel_asked(const struct group *g, char type, uint32_t major, uint32_t minor, unsigned bit)
{
	for (size_t i = 0; i < g->n; i++)
		if ((g->x[i].access & bit) && fits(&g->x[i], type, major, minor))
			return !g->open;
	return g->open;
}

static void test_v1(void **state)
{
	struct cg_device d[RULES], *out;
	size_t said = 0, n_out, bad;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct group g = {.open = true};
		size_t n = random_rules(d);

		if (cg_devices_v1(d, n, 0, &out, &n_out, &bad) < 0) {
			assert_true(bad < n);
			continue;
		}
		said++;
		for (size_t i = 0; i < n_out; i++)
			kernel_write(&g, &out[i]);
		for (int i = 0; i < 20; i++) {
			char type = "bc"[rnd(2)];
			unsigned bit = 1U << rnd(3);
			uint32_t major = numbers[rnd(N(numbers))], minor = numbers[rnd(N(numbers))];

			if (kernel_asked(&g, type, major, minor, bit) == allowed(d, n, type, major, minor, bit))
				continue;
			show(d, n);
			print_message("# written:\n");
			show(out, n_out);
			fail_msg("%c %u:%u %u", type, major, minor, bit);
		}
		free(out);
	}
	assert_true(said > ROUNDS / 2);
}

/* The rule that cannot be said, counted from 0; -1: all can. The first is known where it is
 * put into brackets. */
static const struct {
	const char *rules[4];
	int known, bad, written;
} v1_rows[] = {
	{{"deny:a", "allow:c:1:3:rw"}, 0, -1, 2},
	{{"deny:a", "allow:c:1:*:rw", "deny:c:1:3:r"}, 0, 2, 0},
	{{"deny:a", "allow:c:*:3:rw", "deny:c:1:*:r"}, 0, 2, 0},
	{{"deny:a", "allow:c:1:*:rw", "deny:c:1:3:m"}, 0, -1, 3},
	{{"deny:a", "allow:c:1:*:rw", "deny:b:1:3:r"}, 0, -1, 3},
	{{"deny:a", "allow:c:1:*:rw", "deny:c:1:*:r", "deny:c:1:3:w"}, 0, 3, 0},
	{{"deny:a", "allow:c:1:*:rw", "deny:c:1:*:rw", "deny:c:1:3:w"}, 0, -1, 4},
	{{"deny:a", "allow:c:1:3", "deny:c:*:*:w"}, 0, -1, 4},
	{{"deny:a", "allow:c:1:3", "deny:a:*:*:w"}, 0, -1, 5},
	{{"deny:c:1:*", "allow:c:1:3"}, 0, 1, 0},
	{{"deny:c:1:*", "allow:a", "deny:c:1:*", "allow:c:1:*:m"}, 0, -1, 4},
	{{"deny:a", "allow:c:1:*:rw", "deny:c:1:3:r"}, 2, 2, 0},
	{{"deny:a", "allow:c:1:3:rw", "deny:c:1:3:r"}, 2, -1, 1},
	{{"deny:a", "allow:c:1:3:rw", "deny:c:1:*:r"}, 2, -1, 2},
};

static void test_v1_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(v1_rows); i++) {
		struct cg_device d[4], *out = NULL;
		size_t n = 0, n_out = 0, bad;
		struct fault f;
		int r;

		for (; n < 4 && v1_rows[i].rules[n]; n++)
			assert_int_equal(cg_device_read(&d[n], v1_rows[i].rules[n], &f), 0);
		print_message("# row %zu\n", i);
		r = cg_devices_v1(d, n, (size_t)v1_rows[i].known, &out, &n_out, &bad);
		assert_int_equal(r, v1_rows[i].bad < 0 ? 0 : -ENOTSUP);
		if (r < 0)
			assert_int_equal(bad, v1_rows[i].bad);
		else
			assert_int_equal(n_out, v1_rows[i].written);
		free(out);
	}
}

/* -- the kernel ---------------------------------------------------------------------------------- */

static void needs(const char *what)
{
	print_message("# needs %s\n", what);
	skip();
}

static void test_verifier(void **state)
{
	struct bpf_insn prog[RULES * CG_DEVICE_INSNS + CG_DEVICE_EXTRA];
	struct cg_device d[RULES];
	struct sys s = {.tty = -1};

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = random_rules(d);
		int fd = sys_bpf_load(&s, BPF_PROG_TYPE_CGROUP_DEVICE, prog, cg_devices_compile(d, n, prog));

		if (fd == -EPERM || fd == -ENOSYS)
			needs("a kernel that takes device programs from us: bpf(2)");
		if (fd < 0)
			show(d, n);
		assert_true(fd >= 0);
		close(fd);
	}
}

static int open_as(int group, const char *path, int flags)
{
	pid_t pid = fork();
	int status, procs;

	assert_true(pid >= 0);
	if (pid == 0) {
		procs = openat(group, "cgroup.procs", O_WRONLY);
		if (procs < 0 || write(procs, "0", 1) != 1)
			_exit(255);
		_exit(open(path, flags) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The mount of cgroup2, or NULL. */
static const char *cgroup2(void)
{
	static const char *const at[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	char file[64];

	for (size_t i = 0; i < N(at); i++) {
		snprintf(file, sizeof(file), "%s/cgroup.subtree_control", at[i]);
		if (access(file, W_OK) == 0)
			return at[i];
	}
	return NULL;
}

static void test_attached(void **state)
{
	static const char *const rules[] = {"deny:a", "allow:c:1:3:rw", "allow:c:1:5:r", "deny:c:1:3:w"};
	struct bpf_insn prog[N(rules) * CG_DEVICE_INSNS + CG_DEVICE_EXTRA];
	struct cg_device d[N(rules)];
	struct sys s = {.tty = -1};
	struct fault f;
	char dir[96];
	int group, fd, got[4];

	(void)state;
	for (size_t i = 0; i < N(rules); i++)
		assert_int_equal(cg_device_read(&d[i], rules[i], &f), 0);
	fd = sys_bpf_load(&s, BPF_PROG_TYPE_CGROUP_DEVICE, prog, cg_devices_compile(d, N(d), prog));
	if (fd == -EPERM || fd == -ENOSYS)
		needs("a kernel that takes device programs from us: bpf(2)");
	assert_true(fd >= 0);
	if (!cgroup2())
		needs("a cgroup2 that we may write");
	snprintf(dir, sizeof(dir), "%s/boxtest-devices-%d", cgroup2(), getpid());
	assert_int_equal(mkdir(dir, 0755), 0);
	group = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	got[3] = sys_bpf_attach(&s, group, fd, BPF_CGROUP_DEVICE, dir);
	got[0] = open_as(group, "/dev/null", O_RDONLY);
	got[1] = open_as(group, "/dev/null", O_RDWR);
	got[2] = open_as(group, "/dev/full", O_RDONLY);
	close(group);
	close(fd);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(got[3], 0);
	assert_int_equal(got[0], 0);
	assert_int_equal(got[1], EPERM);
	assert_int_equal(got[2], EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),    cmocka_unit_test(test_program),  cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v1_rows),  cmocka_unit_test(test_verifier), cmocka_unit_test(test_attached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
