/* SPDX-License-Identifier: MIT */
/* enter-opts.c - the arguments of ns-enter's options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/near.h"
#include "base/num.h"
#include "ns/enter-do.h"

static const struct {
	const char *name, *what;
} parts[] = {
#define PART(id, name, what) {name, what},
#include "ns/enter-parts.def"
#undef PART
};

const char enter_part_words[] = ""
#define PART(id, name, what) name " -" name " "
#include "ns/enter-parts.def"
#undef PART
	;

const char enter_kind_words[] = ""
#define KIND(flag, kind, letter, file, sysctl, own) kind " "
#include "base/kinds.def"
#undef KIND
	;

const char *ns_enter_part(enum enter_part part)
{
	return parts[part].name;
}

/* -- [DIR] -------------------------------------------------------------------------------- */

static int parse_dir(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct enter_dir *d = field;

	if (text && !*text) {
		fault_rule(f, OP_OPTION, o->name, "the directory behind = has no name");
		fault_fix(f, "--%s=DIR, or --%s alone", o->name, o->name);
		return -EINVAL;
	}
	*d = (struct enter_dir){true, text};
	return 0;
}

static void print_dir(const void *field, const struct opt *o, struct words *out)
{
	const struct enter_dir *d = field;

	if (d->given)
		opt_emit(o, d->path, out);
}

const struct opt_kind opt_enter_dir = {true, true, parse_dir, print_dir};

/* -- ids ------------------------------------------------------------------------------------ */

static int parse_ids(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct enter_ids *ids = field;
	const char *colon = strchr(text, ':');
	char uid[16];
	uint64_t u, g;

	if (strcmp(text, "follow") == 0 || strcmp(text, "keep") == 0) {
		*ids = (struct enter_ids){.how = text[0] == 'f' ? IDS_FOLLOW : IDS_KEEP};
		return 0;
	}
	snprintf(uid, sizeof(uid), "%.*s", (int)strcspn(text, ":"), text);
	if (num_u64(uid, UINT32_MAX - 1, &u) < 0 || num_u64(colon ? colon + 1 : uid, UINT32_MAX - 1, &g) < 0) {
		fault_rule(f, OP_OPTION, text, "it is neither follow, nor keep, nor two numbers");
		fault_fix(f, "--%s follow, --%s keep, or --%s 1000:1000 as they count in there", o->name, o->name, o->name);
		return -EINVAL;
	}
	*ids = (struct enter_ids){IDS_GIVEN, (uint32_t)u, (uint32_t)g};
	return 0;
}

static void print_ids(const void *field, const struct opt *o, struct words *out)
{
	const struct enter_ids *ids = field;
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", ids->uid, ids->gid);
	if (ids->how != IDS_ROOT)
		opt_emit(o, ids->how == IDS_FOLLOW ? "follow" : ids->how == IDS_KEEP ? "keep" : text, out);
}

const struct opt_kind opt_enter_ids = {true, false, parse_ids, print_ids};

/* -- lists ------------------------------------------------------------------------------------- */

/* The row of `count` (each `stride` bytes, begun by its name) that the n characters of word name, or -1. */
static int find(const char *word, size_t n, const char *const *first, size_t count, size_t stride)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = *(const char *const *)((const char *)first + i * stride);

		if (strlen(name) == n && memcmp(name, word, n) == 0)
			return (int)i;
	}
	return -1;
}

static int unknown(const struct opt *o, const char *word, size_t n, const char *near, const char *all, struct fault *f)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)n, word);
	fault_rule(f, OP_OPTION, text, "--%s knows no such word", o->name);
	if (near)
		fault_fix(f, "--%s %s", o->name, near);
	else
		fault_fix(f, "one of: %s", all);
	return -EINVAL;
}

static int parse_kinds(void *field, const struct opt *o, const char *text, struct fault *f)
{
	const char *const *names = &ns_kinds[0].name;

	for (const char *w = text;; w++) {
		size_t n = strcspn(w, ",");
		int i = find(w, n, names, NS_KINDS, sizeof(*ns_kinds));

		if (i < 0)
			return unknown(o, w, n, near_word(w, n, names, NS_KINDS, sizeof(*ns_kinds)), enter_kind_words, f);
		*(unsigned *)field |= ns_kinds[i].flag;
		w += n;
		if (!*w)
			return 0;
	}
}

static void print_kinds(const void *field, const struct opt *o, struct words *out)
{
	char text[96] = "";

	for (const struct ns_kind *k = ns_kinds; k->name; k++)
		if (*(const unsigned *)field & k->flag)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] ? "," : "", k->name);
	if (text[0])
		opt_emit(o, text, out);
}

const struct opt_kind opt_enter_kinds = {true, false, parse_kinds, print_kinds};

/* A list without minus is all there is; one with minus is all but those. */
static int parse_like(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct enter_like *like = field;
	const char *const *names = &parts[0].name;
	bool minus = !text || text[0] == '-';

	*like = (struct enter_like){true, !minus, minus ? (1U << ENTER_PARTS) - 1 : 0};
	for (const char *w = text; w && *w; w += *w == ',') {
		size_t n = strcspn(w, ","), dash = *w == '-';
		int i = find(w + dash, n - dash, names, COUNT(parts), sizeof(*parts));

		if (i < 0)
			return unknown(o, w, n, near_word(w + dash, n - dash, names, COUNT(parts), sizeof(*parts)),
				       enter_part_words, f);
		if (dash != minus) {
			fault_rule(f, OP_OPTION, text, "some of the words have a minus, and some have none");
			fault_fix(f, "--%s=-env,-cwd for all but those, or --%s=env,cwd for those alone", o->name, o->name);
			return -EINVAL;
		}
		like->parts = minus ? like->parts & ~(1U << i) : like->parts | 1U << i;
		w += n;
	}
	return 0;
}

static void print_like(const void *field, const struct opt *o, struct words *out)
{
	const struct enter_like *like = field;
	char text[160] = "";

	for (unsigned i = 0; i < ENTER_PARTS; i++)
		if (like->listed == (like->parts >> i & 1))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s", text[0] ? "," : "", like->listed ? "" : "-",
				 parts[i].name);
	if (like->given)
		opt_emit(o, text[0] ? text : NULL, out);
}

const struct opt_kind opt_enter_like = {true, true, parse_like, print_like};
