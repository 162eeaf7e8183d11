/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sc/bpf.h"

enum { CODES = 256, WORDS = sizeof(struct seccomp_data) / 4 };

enum opcode_kind { /* 0: seccomp does not take it */
	PLAIN = 1,
	LOAD,        /* k is an offset in seccomp_data       */
	MEM_READ,    /* k is a cell of the scratch memory    */
	MEM_WRITE,
	DIVIDE,      /* k is a divisor                       */
	SHIFT,       /* k is a number of bits                */
	JUMP,        /* k is a distance                      */
	BRANCH,      /* jt and jf are                        */
	RETURN,
};

#define ALU(op) [BPF_ALU | (op) | BPF_K] = PLAIN, [BPF_ALU | (op) | BPF_X] = PLAIN
#define BRANCHES(op) [BPF_JMP | (op) | BPF_K] = BRANCH, [BPF_JMP | (op) | BPF_X] = BRANCH

/* The opcodes of seccomp_check_filter(). */
static const unsigned char opcodes[CODES] = {
	[BPF_LD | BPF_W | BPF_ABS] = LOAD,
	[BPF_LD | BPF_W | BPF_LEN] = PLAIN,
	[BPF_LDX | BPF_W | BPF_LEN] = PLAIN,
	[BPF_LD | BPF_IMM] = PLAIN,
	[BPF_LDX | BPF_IMM] = PLAIN,
	[BPF_LD | BPF_MEM] = MEM_READ,
	[BPF_LDX | BPF_MEM] = MEM_READ,
	[BPF_ST] = MEM_WRITE,
	[BPF_STX] = MEM_WRITE,
	[BPF_MISC | BPF_TAX] = PLAIN,
	[BPF_MISC | BPF_TXA] = PLAIN,
	[BPF_ALU | BPF_NEG] = PLAIN,
	ALU(BPF_ADD),
	ALU(BPF_SUB),
	ALU(BPF_MUL),
	ALU(BPF_AND),
	ALU(BPF_OR),
	ALU(BPF_XOR),
	[BPF_ALU | BPF_DIV | BPF_K] = DIVIDE,
	[BPF_ALU | BPF_DIV | BPF_X] = PLAIN,
	[BPF_ALU | BPF_LSH | BPF_K] = SHIFT,
	[BPF_ALU | BPF_LSH | BPF_X] = PLAIN,
	[BPF_ALU | BPF_RSH | BPF_K] = SHIFT,
	[BPF_ALU | BPF_RSH | BPF_X] = PLAIN,
	[BPF_JMP | BPF_JA] = JUMP,
	BRANCHES(BPF_JEQ),
	BRANCHES(BPF_JGE),
	BRANCHES(BPF_JGT),
	BRANCHES(BPF_JSET),
	[BPF_RET | BPF_K] = RETURN,
	[BPF_RET | BPF_A] = RETURN,
};

/* pc < 0: the program as a whole. */
__attribute__((format(printf, 4, 5)))
static int refuse(struct fault *f, const char *name, int pc, const char *why, ...)
{
	char text[120], at[32] = "";
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	if (pc >= 0)
		snprintf(at, sizeof(at), "instruction %d: ", pc);
	fault_rule(f, OP_PROFILE, name, "not a BPF program (%s%s)", at, text);
	fault_fix(f, "a profile in JSON, or a filter made by sc-filter --output FILE PROFILE");
	return -EINVAL;
}

struct checking {
	const struct sock_filter *insns;
	unsigned n;
	uint16_t cells[SC_INSNS_MAX]; /* scratch cells surely written when it is reached */
	uint16_t now;                 /* the same, for the instruction at hand           */
	const char *name;
	struct fault *f;
};

/* The instruction `distance` behind the one after pc must exist; there, only what is
 * written on every way to it is written. */
static int check_jump(struct checking *c, unsigned pc, uint32_t distance)
{
	if (distance >= c->n - pc - 1)
		return refuse(c->f, c->name, (int)pc, "jumps %u instructions, beyond the end", distance);
	c->cells[pc + 1 + distance] &= c->now;
	return 0;
}

static int check_insn(struct checking *c, unsigned pc)
{
	const struct sock_filter *i = &c->insns[pc];
	unsigned char kind = i->code < CODES ? opcodes[i->code] : 0;
	int r;

	c->now &= c->cells[pc];
	switch (kind) {
	case 0:
		return refuse(c->f, c->name, (int)pc, "operation 0x%x is none that seccomp allows", i->code);
	case LOAD:
		if (i->k % 4 || i->k >= sizeof(struct seccomp_data))
			return refuse(c->f, c->name, (int)pc, "loads from %u, not one of 0, 4, ... 60", i->k);
		break;
	case DIVIDE:
		if (i->k == 0)
			return refuse(c->f, c->name, (int)pc, "divides by 0");
		break;
	case SHIFT:
		if (i->k >= 32)
			return refuse(c->f, c->name, (int)pc, "shifts by %u bits", i->k);
		break;
	case MEM_READ:
	case MEM_WRITE:
		if (i->k >= BPF_MEMWORDS)
			return refuse(c->f, c->name, (int)pc, "uses scratch cell %u of %d", i->k,
				      BPF_MEMWORDS);
		if (kind == MEM_WRITE)
			c->now |= (uint16_t)(1U << i->k);
		else if (!(c->now & (1U << i->k)))
			return refuse(c->f, c->name, (int)pc, "reads scratch cell %u before it is written", i->k);
		break;
	case JUMP:
		r = check_jump(c, pc, i->k);
		c->now = UINT16_MAX; /* the next one is reached by jumps only */
		return r;
	case BRANCH:
		r = check_jump(c, pc, i->jt);
		if (r == 0)
			r = check_jump(c, pc, i->jf);
		c->now = UINT16_MAX;
		return r;
	}
	return 0;
}

int sc_verify(const void *data, size_t size, const char *name, struct fault *f)
{
	struct sock_filter insns[SC_INSNS_MAX];
	struct checking c = {.insns = insns, .name = name, .f = f};
	int r = 0;

	if (size == 0)
		return refuse(f, name, -1, "it is empty");
	if (size % sizeof(*insns))
		return refuse(f, name, -1, "size %zu is not a multiple of 8", size);
	if (size > sizeof(insns))
		return refuse(f, name, -1, "%zu instructions; the kernel takes %d", size / sizeof(*insns),
			      SC_INSNS_MAX);
	memcpy(insns, data, size);
	c.n = (unsigned)(size / sizeof(*insns));
	memset(c.cells, 0xff, sizeof(*c.cells) * c.n);
	for (unsigned pc = 0; r == 0 && pc < c.n; pc++)
		r = check_insn(&c, pc);
	if (r == 0 && opcodes[insns[c.n - 1].code] != RETURN)
		r = refuse(f, name, (int)c.n - 1, "the last one does not return");
	return r;
}

static uint32_t alu(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	default:
		return -a; /* BPF_NEG */
	}
}

static bool holds(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return a & b; /* BPF_JSET */
	}
}

/* The new value of the register that a BPF_LD or BPF_LDX fills. */
static uint32_t load(const struct sock_filter *i, const uint32_t *words, const uint32_t *cells,
		     uint16_t *looked)
{
	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		return i->k;
	case BPF_MEM:
		return cells[i->k];
	case BPF_LEN:
		return sizeof(struct seccomp_data);
	default: /* BPF_ABS */
		*looked |= (uint16_t)(1U << i->k / 4);
		return words[i->k / 4];
	}
}

uint32_t sc_run(const struct sock_filter *insns, unsigned n, const struct seccomp_data *data,
		uint16_t *looked)
{
	uint16_t unasked;
	uint32_t a = 0, x = 0, cells[BPF_MEMWORDS] = {0}, words[WORDS];

	memcpy(words, data, sizeof(words));
	if (!looked)
		looked = &unasked;
	*looked = 0;
	for (unsigned pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &insns[pc];
		uint32_t operand = BPF_SRC(i->code) == BPF_X ? x : i->k;

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			a = load(i, words, cells, looked);
			break;
		case BPF_LDX:
			x = load(i, words, cells, looked);
			break;
		case BPF_ST:
			cells[i->k] = a;
			break;
		case BPF_STX:
			cells[i->k] = x;
			break;
		case BPF_ALU:
			if (BPF_OP(i->code) == BPF_DIV && operand == 0)
				return 0; /* as the kernel's converted program: returns 0 */
			a = alu(BPF_OP(i->code), a, operand);
			break;
		case BPF_JMP:
			pc += BPF_OP(i->code) == BPF_JA			? i->k
			      : holds(BPF_OP(i->code), a, operand) ? i->jt
								   : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		default: /* BPF_MISC */
			if (BPF_MISCOP(i->code) == BPF_TAX)
				x = a;
			else
				a = x;
		}
	}
	return SECCOMP_RET_KILL_PROCESS; /* not reached in what sc_verify took */
}

const char *sc_action_name(uint32_t answer)
{
	static const struct {
		uint32_t value;
		const char *name;
	} rows[] = {
#define ACTION(name, value, data, meaning) {value, name},
#include "actions.def"
#undef ACTION
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].value == (answer & SECCOMP_RET_ACTION_FULL))
			return rows[i].name;
	return rows[0].name;
}
