/* SPDX-License-Identifier: MIT */
/* sc/: which programs are taken, what they answer, and profiles as filters. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "base/json.h"
#include "sc/bpf.h"
#include "sc/compile.h"
#include "sc/profile.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define LD(k) {BPF_LD | BPF_W | BPF_ABS, 0, 0, k}
#define RET(k) {BPF_RET | BPF_K, 0, 0, k}
#define RET_A {BPF_RET | BPF_A, 0, 0, 0}
#define IMM(k) {BPF_LD | BPF_IMM, 0, 0, k}
#define LDX(k) {BPF_LDX | BPF_IMM, 0, 0, k}

/* -- which programs ----------------------------------------------------------------- */

static const struct {
	unsigned n;
	struct sock_filter insns[6];
	const char *why; /* NULL: it is taken */
} programs[] = {
	{1, {RET(SECCOMP_RET_ALLOW)}, NULL},
	{2, {LD(0), RET_A}, NULL},
	{2, {LD(60), RET_A}, NULL},
	{3, {LDX(1), {BPF_STX, 0, 0, 15}, RET(0)}, NULL},
	{4, {{BPF_ST, 0, 0, 3}, {BPF_LD | BPF_MEM, 0, 0, 3}, {BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0}, RET_A}, NULL},
	{1, {LD(0)}, "instruction 0: the last one does not return"},
	{2, {LD(2), RET(0)}, "instruction 0: loads from 2, not one of 0, 4, ... 60"},
	{2, {LD(64), RET(0)}, "instruction 0: loads from 64, not one of 0, 4, ... 60"},
	{2, {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 0}, RET(0)}, "instruction 0: operation 0x28 is none that seccomp allows"},
	{2, {{BPF_LD | BPF_W | BPF_IND, 0, 0, 0}, RET(0)}, "instruction 0: operation 0x40 is none that seccomp allows"},
	{2, {{BPF_ALU | BPF_MOD | BPF_K, 0, 0, 1}, RET(0)}, "instruction 0: operation 0x94 is none that seccomp allows"},
	{2, {{0x457f, 0, 0, 0}, RET(0)}, "instruction 0: operation 0x457f is none that seccomp allows"},
	{2, {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, RET(0)}, "instruction 0: divides by 0"},
	{2, {{BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32}, RET(0)}, "instruction 0: shifts by 32 bits"},
	{2, {{BPF_ST, 0, 0, 16}, RET(0)}, "instruction 0: uses scratch cell 16 of 16"},
	{2, {{BPF_LD | BPF_MEM, 0, 0, 0}, RET(0)}, "instruction 0: reads scratch cell 0 before it is written"},
	{2, {{BPF_JMP | BPF_JA, 0, 0, 1}, RET(0)}, "instruction 0: jumps 1 instructions, beyond the end"},
	{2, {{BPF_JMP | BPF_JA, 0, 0, UINT32_MAX}, RET(0)}, "instruction 0: jumps 4294967295 instructions, beyond the end"},
	{2, {{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0}, RET(0)}, "instruction 0: jumps 1 instructions, beyond the end"},
	/* the cell is written on one way only */
	{5, {LD(0), {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}, {BPF_ST, 0, 0, 1}, {BPF_LD | BPF_MEM, 0, 0, 1}, RET_A},
	 "instruction 3: reads scratch cell 1 before it is written"},
};

static void test_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(programs); i++) {
		struct fault f = {0};
		char why[160] = "";
		int r = sc_verify(programs[i].insns, programs[i].n * sizeof(struct sock_filter), "x", &f);

		if (programs[i].why)
			snprintf(why, sizeof(why), "not a BPF program (%s)", programs[i].why);
		assert_string_equal(f.why, why);
		assert_int_equal(r < 0, programs[i].why != NULL);
	}
}

static void test_verify_size(void **state)
{
	static const struct {
		size_t size;
		const char *why;
	} rows[] = {
		{0, "not a BPF program (it is empty)"},
		{13, "not a BPF program (size 13 is not a multiple of 8)"},
		{4097 * 8, "not a BPF program (4097 instructions; the kernel takes 4096)"},
	};
	static const char zeroes[4097 * 8];
	static struct sock_filter most[SC_INSNS_MAX];
	struct fault f;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		assert_true(sc_verify(zeroes, rows[i].size, "x", &f) < 0);
		assert_string_equal(f.why, rows[i].why);
		assert_int_equal(f.op, OP_PROFILE);
	}
	for (size_t i = 0; i < N(most); i++)
		most[i] = (struct sock_filter)RET(0);
	assert_int_equal(sc_verify(most, sizeof(most), "x", &f), 0);
}

/* -- what they answer --------------------------------------------------------------- */

#define OP_K(op, a, k) {3, {IMM(a), {BPF_ALU | (op) | BPF_K, 0, 0, k}, RET_A}}
#define OP_X(op, a, x) {4, {IMM(a), LDX(x), {BPF_ALU | (op) | BPF_X, 0, 0, 0}, RET_A}}
#define IF_K(op, a, k) {4, {IMM(a), {BPF_JMP | (op) | BPF_K, 1, 0, k}, RET(0), RET(1)}}

static const struct {
	struct {
		unsigned n;
		struct sock_filter insns[6];
	} p;
	uint32_t answer;
} runs[] = {
	{{1, {RET(7)}}, 7},
	{{2, {LD(0), RET_A}}, 39},
	{{2, {LD(4), RET_A}}, 0xc000003e},
	{{2, {LD(8), RET_A}}, 0x55667788},          /* the lower half of the address */
	{{2, {LD(16), RET_A}}, 0xdeadbeef},
	{{2, {LD(20), RET_A}}, 0x01020304},
	{{2, {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, RET_A}}, 64},
	{OP_K(BPF_ADD, UINT32_MAX, 2), 1},
	{OP_K(BPF_SUB, 1, 2), UINT32_MAX},
	{OP_K(BPF_MUL, 0x10000, 0x10001), 0x10000},
	{OP_K(BPF_DIV, 7, 2), 3},
	{OP_X(BPF_DIV, 7, 0), 0},
	{OP_K(BPF_AND, 6, 3), 2},
	{OP_K(BPF_OR, 6, 3), 7},
	{OP_K(BPF_XOR, 6, 3), 5},
	{OP_K(BPF_LSH, 1, 31), 0x80000000},
	{OP_X(BPF_RSH, 0x80000000, 31), 1},
	{{3, {IMM(1), {BPF_ALU | BPF_NEG, 0, 0, 0}, RET_A}}, UINT32_MAX},
	{{4, {IMM(5), {BPF_MISC | BPF_TAX, 0, 0, 0}, {BPF_MISC | BPF_TXA, 0, 0, 0}, RET_A}}, 5},
	{{5, {IMM(5), {BPF_ST, 0, 0, 2}, IMM(0), {BPF_LD | BPF_MEM, 0, 0, 2}, RET_A}}, 5},
	{{3, {{BPF_JMP | BPF_JA, 0, 0, 1}, RET(1), RET(2)}}, 2},
	{IF_K(BPF_JEQ, 3, 3), 1},
	{IF_K(BPF_JEQ, 3, 4), 0},
	{IF_K(BPF_JGT, 3, 3), 0},
	{IF_K(BPF_JGT, 0x80000000, 1), 1},
	{IF_K(BPF_JGE, 3, 3), 1},
	{IF_K(BPF_JSET, 6, 9), 0},
	{IF_K(BPF_JSET, 6, 2), 1},
};

static void test_run(void **state)
{
	static const struct seccomp_data data = {
		.nr = 39, .arch = 0xc000003e, .instruction_pointer = 0x1122334455667788,
		.args = {0x01020304deadbeef},
	};

	(void)state;
	for (size_t i = 0; i < N(runs); i++) {
		struct fault f = {0};

		assert_int_equal(sc_verify(runs[i].p.insns, runs[i].p.n * 8, "x", &f), 0);
		if (sc_run(runs[i].p.insns, runs[i].p.n, &data, NULL) != runs[i].answer)
			fail_msg("row %zu: %x", i, sc_run(runs[i].p.insns, runs[i].p.n, &data, NULL));
	}
}

static void test_looking(void **state)
{
	static const struct sock_filter p[] = {LD(0), {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1}, LD(16), RET_A};
	struct seccomp_data data = {.nr = 1};
	uint16_t looked;

	(void)state;
	sc_run(p, 4, &data, &looked);
	assert_int_equal(looked, 1 << 0 | 1 << 4);
	data.nr = 2;
	sc_run(p, 4, &data, &looked);
	assert_int_equal(looked, 1 << 0);
}

static void test_action_name(void **state)
{
	(void)state;
	assert_string_equal(sc_action_name(SECCOMP_RET_ERRNO | 38), "SCMP_ACT_ERRNO");
	assert_string_equal(sc_action_name(SECCOMP_RET_KILL_THREAD), "SCMP_ACT_KILL_THREAD");
	assert_string_equal(sc_action_name(0x12340000), "SCMP_ACT_KILL_PROCESS");
}

/* -- profiles ----------------------------------------------------------------------- */

#define ALLOW SECCOMP_RET_ALLOW
#define ERR(n) (SECCOMP_RET_ERRNO | (n))
#define DENY "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
#define CHOWN "{\"names\": [\"chown\"], \"action\": \"SCMP_ACT_ERRNO\""
#define CMP(i, o, v) "{\"index\": " #i ", \"op\": \"SCMP_CMP_" #o "\", \"value\": " v "}"
#define MAX64 "18446744073709551615"

/* The answer to chown with the first two arguments, under the profile; the bounding set
 * is {0, 21} and the kernel 5.10. */
static const struct {
	const char *text;
	uint64_t a, b;
	uint32_t answer;
} verdicts[] = {
	/* the answer itself */
	{DENY CHOWN "}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"errnoRet\": 0}]}", 0, 0, ERR(0)},
	{DENY CHOWN ", \"errnoRet\": 38}]}", 0, 0, ERR(38)},
	{DENY CHOWN ", \"errno\": \"ENOSYS\", \"errnoRet\": 1}]}", 0, 0, ERR(ENOSYS)},
	{DENY CHOWN ", \"errno\": \"22\"}]}", 0, 0, ERR(22)},
	{DENY CHOWN ", \"errno\": \"EWOULDBLOCK\"}]}", 0, 0, ERR(EAGAIN)},
	{DENY "{\"names\": [\"chown\"], \"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 65535}]}", 0, 0, SECCOMP_RET_TRACE | 65535},
	{DENY "{\"name\": \"chown\", \"action\": \"SCMP_ACT_KILL_PROCESS\", \"args\": null}]}", 0, 0, SECCOMP_RET_KILL_PROCESS},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38}", 0, 0, ERR(38)},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"EBUSY\"}", 0, 0, ERR(EBUSY)},
	/* what is the default already is left out */
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" CHOWN "}]}", 0, 0, ERR(EPERM)},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" CHOWN ", \"errnoRet\": 5}]}", 0, 0, ERR(5)},
	/* in a config.json */
	{"{\"linux\": {\"seccomp\": " DENY CHOWN "}]}}}", 0, 0, ERR(EPERM)},
	/* comparisons, at the edges of 64 bits */
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, MAX64) "]}]}", UINT64_MAX, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, MAX64) "]}]}", UINT64_MAX - 1, 0, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "9007199254740993") "]}]}", 9007199254740992, 0, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "9007199254740993") "]}]}", 9007199254740993, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, GT, "4294967295") "]}]}", 4294967296, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, GT, "4294967295") "]}]}", 4294967295, 0, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, GE, "9223372036854775808") "]}]}", (uint64_t)1 << 63, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, GE, "9223372036854775808") "]}]}", INT64_MAX, 0, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, LT, "4294967296") "]}]}", 4294967295, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, LE, "4294967296") "]}]}", 4294967297, 0, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, NE, "0") "]}]}", (uint64_t)1 << 32, 0, ERR(EPERM)},
	/* value is the mask, valueTwo what must be left */
	{DENY CHOWN ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\", \"value\": 12, \"valueTwo\": 8}]}]}", 8 + 3, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\", \"value\": 12, \"valueTwo\": 8}]}]}", 12, 0, ALLOW},
	/* different arguments: all must hold; the same one: any of them */
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "1") "," CMP(1, EQ, "2") "]}]}", 1, 2, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "1") "," CMP(1, EQ, "2") "]}]}", 1, 3, ALLOW},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "1") "," CMP(0, EQ, "2") "]}]}", 2, 0, ERR(EPERM)},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "1") "," CMP(0, EQ, "2") "]}]}", 3, 0, ALLOW},
	/* includes and excludes */
	{DENY CHOWN ", \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_SYSLOG\"]}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"includes\": {\"caps\": [\"CAP_OF_TOMORROW\"]}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"includes\": {\"caps\": []}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"excludes\": {\"caps\": [\"CAP_SYSLOG\", \"CAP_SYS_ADMIN\"]}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"excludes\": {\"caps\": [\"CAP_SYSLOG\"]}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"excludes\": {\"caps\": [\"CAP_OF_TOMORROW\"]}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"includes\": {\"minKernel\": \"4.8\"}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"includes\": {\"minKernel\": \"5.10\"}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"includes\": {\"minKernel\": \"5.11\"}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"excludes\": {\"minKernel\": \"4.8\"}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"includes\": {\"arches\": [\"s390\"]}}]}", 0, 0, ALLOW},
	{DENY CHOWN ", \"excludes\": {\"arches\": [\"s390\"]}}]}", 0, 0, ERR(EPERM)},
#ifdef __x86_64__
	{DENY CHOWN ", \"includes\": {\"arches\": [\"s390\", \"amd64\"]}}]}", 0, 0, ERR(EPERM)},
	{DENY CHOWN ", \"excludes\": {\"arches\": [\"amd64\"]}}]}", 0, 0, ALLOW},
#endif
};

/* Parses and compiles; *d is to be freed in any case. */
static int compile(const char *text, struct json_doc **d, struct sc_profile *p, struct sc_program *prog,
		   struct sc_unknown *u, struct fault *f)
{
	static const struct sc_facts facts = {1 | 1 << 21, 5, 10};
	int r = json_parse(text, strlen(text), "p", OP_PROFILE, d, f);

	*prog = (struct sc_program){0};
	if (r == 0)
		r = sc_profile_decode(*d, "p", p, f);
	return r < 0 ? r : sc_compile(p, &facts, "p", prog, u, f);
}

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(verdicts); i++) {
		struct seccomp_data data = {
			.nr = seccomp_syscall_resolve_name("chown"), .arch = seccomp_arch_native(),
			.args = {verdicts[i].a, verdicts[i].b},
		};
		struct json_doc *d = NULL;
		struct sc_program prog;
		struct sc_profile p;
		struct sc_unknown u;
		struct fault f = {0};

		if (compile(verdicts[i].text, &d, &p, &prog, &u, &f) < 0)
			fail_msg("%s: %s", verdicts[i].text, f.why);
		assert_int_equal(sc_verify(prog.insns, prog.n * 8, "p", &f), 0);
		if (sc_run(prog.insns, prog.n, &data, NULL) != verdicts[i].answer)
			fail_msg("%s: %x", verdicts[i].text, sc_run(prog.insns, prog.n, &data, NULL));
		free(prog.insns);
		json_free(d);
	}
}

static const struct {
	const char *text, *why;
} refused[] = {
	{"{\"defaultAction\": \"SCMP_ACT_DENY\"}", "defaultAction: unknown action 'SCMP_ACT_DENY' (line 1)"},
	{"{}", "defaultAction: required, but missing (line 1)"},
	{"{\"ociVersion\": \"1.0.0\"}", "this config.json has no linux.seccomp"},
	{"{\"linux\": {\"seccomp\": {}}}", "linux.seccomp.defaultAction: required, but missing (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "defaultAction: SCMP_ACT_NOTIFY needs a listener, and none is started here (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\"}", "listenerPath: no listener is told of system calls here (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}",
	 "defaultErrnoRet: SCMP_ACT_ALLOW returns no errno; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"FAST\"]}", "flags[0]: unknown flag 'FAST' (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_Z80\"]}", "architectures[0]: unknown architecture 'SCMP_ARCH_Z80' (line 1)"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86\"], \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86\"}]}",
	 "archMap: given together with architectures (line 1)"},
	{DENY "{\"names\": [], \"action\": \"SCMP_ACT_KILL\"}]}", "syscalls[0].names: at least one is required (line 1)"},
	{DENY "{\"name\": \"a\", \"names\": [\"b\"], \"action\": \"SCMP_ACT_KILL\"}]}", "syscalls[0].name: given together with names (line 1)"},
	{DENY CHOWN ", \"errnoRet\": 4096}]}", "syscalls[0].errnoRet: expected integer from 0 to 4095, got 4096 (line 1)"},
	{DENY CHOWN ", \"errno\": \"ENONE\"}]}", "syscalls[0].errno: unknown errno 'ENONE' (line 1)"},
	{DENY CHOWN ", \"args\": [" CMP(6, EQ, "1") "]}]}", "syscalls[0].args[0].index: expected integer from 0 to 5, got 6 (line 1)"},
	{DENY CHOWN ", \"args\": [" CMP(0, EQ, "-1") "]}]}", "syscalls[0].args[0].value: expected integer from 0 to 18446744073709551615, got -1 (line 1)"},
	{DENY CHOWN ", \"args\": [" CMP(0, IN, "1") "]}]}", "syscalls[0].args[0].op: unknown operator 'SCMP_CMP_IN' (line 1)"},
	{DENY CHOWN ", \"includes\": {\"arches\": [\"amd46\"]}}]}", "syscalls[0].includes.arches: unknown architecture 'amd46' (line 1)"},
	{DENY CHOWN ", \"includes\": {\"minKernel\": \"4.x\"}}]}", "syscalls[0].includes.minKernel: expected a version such as 4.8, got '4.x' (line 1)"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(refused); i++) {
		struct json_doc *d = NULL;
		struct sc_program prog;
		struct sc_profile p;
		struct sc_unknown u;
		struct fault f = {0};

		if (compile(refused[i].text, &d, &p, &prog, &u, &f) == 0)
			fail_msg("taken: %s", refused[i].text);
		assert_string_equal(f.why, refused[i].why);
		free(prog.insns);
		json_free(d);
	}
}

static const struct {
	const char *flags;
	unsigned want;
} flag_rows[] = {
	{"", SECCOMP_FILTER_FLAG_SPEC_ALLOW}, /* absent */
	{", \"flags\": null", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{", \"flags\": []", 0},
	{", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]", SECCOMP_FILTER_FLAG_LOG},
	{", \"flags\": [\"SECCOMP_FILTER_FLAG_TSYNC\", \"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]", 0},
};

static void test_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(flag_rows); i++) {
		char text[256];
		struct json_doc *d = NULL;
		struct sc_program prog;
		struct sc_profile p;
		struct sc_unknown u;
		struct fault f = {0};

		snprintf(text, sizeof(text), "{\"defaultAction\": \"SCMP_ACT_ALLOW\"%s}", flag_rows[i].flags);
		assert_int_equal(compile(text, &d, &p, &prog, &u, &f), 0);
		assert_int_equal(prog.flags, flag_rows[i].want);
		free(prog.insns);
		json_free(d);
	}
}

static void test_unknown_names(void **state)
{
	struct json_doc *d = NULL;
	struct sc_program prog;
	struct sc_profile p;
	struct sc_unknown u;
	struct fault f = {0};

	(void)state;
	assert_int_equal(compile(DENY CHOWN "}, {\"names\": [\"frob\", \"mkdir\", \"grob\"], "
				 "\"action\": \"SCMP_ACT_ERRNO\"}]}", &d, &p, &prog, &u, &f), 0);
	assert_int_equal(u.n, 2);
	assert_int_equal(u.rule, 1);
	assert_string_equal(u.first, "frob");
	free(prog.insns);
	json_free(d);
}

#ifdef __x86_64__
static void test_archs(void **state)
{
	static const char text[] =
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\","
		"\"subArchitectures\": [\"SCMP_ARCH_X86\"]}, {\"architecture\": \"SCMP_ARCH_S390X\","
		"\"subArchitectures\": [\"SCMP_ARCH_S390\"]}], \"syscalls\": [" CHOWN "}]}";
	struct seccomp_data data = {.nr = 182, .arch = SCMP_ARCH_X86}; /* i386's chown */
	struct json_doc *d = NULL;
	struct sc_program prog;
	struct sc_profile p;
	struct sc_unknown u;
	struct fault f = {0};

	(void)state;
	assert_int_equal(compile(text, &d, &p, &prog, &u, &f), 0);
	assert_int_equal(sc_run(prog.insns, prog.n, &data, NULL), ERR(EPERM));
	data.arch = SCMP_ARCH_S390X;
	assert_int_equal(sc_run(prog.insns, prog.n, &data, NULL), SECCOMP_RET_KILL_THREAD);
	data = (struct seccomp_data){.nr = 0x40000000 | 92, .arch = SCMP_ARCH_X86_64}; /* x32's */
	assert_int_equal(sc_run(prog.insns, prog.n, &data, NULL), SECCOMP_RET_KILL_THREAD);
	free(prog.insns);
	json_free(d);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_verify_size),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_looking),
		cmocka_unit_test(test_action_name),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_unknown_names),
#ifdef __x86_64__
		cmocka_unit_test(test_archs),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
