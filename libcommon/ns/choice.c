/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "ns/choice.h"

static int parse_choice(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct ns_choice *c = field;

	if (text && !*text) {
		fault_rule(f, OP_OPTION, o->name, "the file behind = has no name");
		fault_fix(f, "--%s=FILE, or --%s alone", o->name, o->name);
		return -EINVAL;
	}
	c->kinds |= (unsigned)o->val;
	if (text)
		c->file[ns_kind_index((unsigned)o->val)] = text;
	return 0;
}

static void print_choice(const void *field, const struct opt *o, struct words *out)
{
	const struct ns_choice *c = field;

	if (c->kinds & (unsigned)o->val)
		opt_emit(o, c->file[ns_kind_index((unsigned)o->val)], out);
}

const struct opt_kind opt_ns_choice = {true, true, parse_choice, print_choice};

unsigned ns_choice_files(const struct ns_choice *c)
{
	unsigned found = 0;

	for (unsigned i = 0; i < NS_KINDS; i++)
		if (c->file[i])
			found |= ns_kinds[i].flag;
	return found;
}
