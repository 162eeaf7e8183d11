/* SPDX-License-Identifier: MIT */
/* securebits.c - securebits by name; see capabilities(7), "The securebits flags". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/near.h"
#include "cap/names.h"

/* keep-caps itself is missing on purpose: execve(2) clears it. The four exec-* bits came
 * with Linux 6.14; an older kernel refuses them. */
static const struct {
	const char *name;
	unsigned bit;
} bits[] = {
	{"noroot", 1U << 0},
	{"noroot-locked", 1U << 1},
	{"no-setuid-fixup", 1U << 2},
	{"no-setuid-fixup-locked", 1U << 3},
	{"keep-caps-locked", 1U << 5},
	{"no-cap-ambient-raise", 1U << 6},
	{"no-cap-ambient-raise-locked", 1U << 7},
	{"exec-restrict-file", 1U << 8},
	{"exec-restrict-file-locked", 1U << 9},
	{"exec-deny-interactive", 1U << 10},
	{"exec-deny-interactive-locked", 1U << 11},
};

static int unknown(const char *word, size_t len, struct fault *f)
{
	const char *near = near_word(word, len, &bits[0].name, COUNT(bits), sizeof(*bits));

	fault_set(f, OP_SECUREBITS, 0, "%.*s", (int)len, word);
	fault_why(f, "no such securebit");
	if (len == 9 && strncmp(word, "keep-caps", len) == 0)
		fault_fix(f, "--only, --permitted or --ambient with --user: execve(2) clears keep-caps anyway");
	else
		fault_fix(f, near ? "%s; did you mean that? cap-set(1) lists them all" : "%s, for example; cap-set(1) lists them all",
			  near ?: bits[0].name);
	return -EINVAL;
}

static int find(const char *word, size_t len, unsigned *ret)
{
	for (size_t i = 0; i < COUNT(bits); i++)
		if (strlen(bits[i].name) == len && strncmp(word, bits[i].name, len) == 0) {
			*ret |= bits[i].bit;
			return 0;
		}
	return -EINVAL;
}

static int parse_securebits(void *field, const struct opt *o, const char *text, struct fault *f)
{
	unsigned set = 0;

	(void)o;
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");

		if (find(p, len, &set) < 0)
			return unknown(p, len, f);
		p += len;
		if (!*p)
			break;
	}
	*(unsigned *)field |= set;
	return 0;
}

char *cap_securebits_text(unsigned set)
{
	char *text = xcalloc(COUNT(bits), 32); /* the longest name has 28 characters */
	char *end = text;

	for (size_t i = 0; i < COUNT(bits); i++)
		if (set & bits[i].bit)
			end = stpcpy(stpcpy(end, end == text ? "" : ","), bits[i].name);
	return text;
}

static void print_securebits(const void *field, const struct opt *o, struct words *out)
{
	unsigned set = *(const unsigned *)field;
	char *text;

	if (!set)
		return;
	text = cap_securebits_text(set);
	opt_emit(o, text, out);
	free(text);
}

const struct opt_kind opt_securebits = {true, false, parse_securebits, print_securebits};
