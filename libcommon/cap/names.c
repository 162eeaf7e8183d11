/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/near.h"
#include "cap/names.h"

const char cap_words[] = "all none"
#define CAP(name, number, permits) " " name
#include "base/caps.def"
#undef CAP
	;

static const struct {
	const char *name, *permits;
} caps[] = {
#define CAP(name, n, permits) [n] = {name, permits},
#include "base/caps.def"
#undef CAP
};

const char *cap_name(unsigned n)
{
	return n < COUNT(caps) ? caps[n].name : NULL;
}

const char *cap_permits(unsigned n)
{
	return n < COUNT(caps) ? caps[n].permits : NULL;
}

/* A number could mean a capability or, from another tool, a mask: say the name. */
static int no_number(const char *name, size_t len, struct fault *f)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	fault_set(f, OP_CAP_NAME, 0, "%.*s", (int)len, name);
	fault_why(f, "a number; capabilities are written by name");
	if (end == name + len && n < COUNT(caps))
		fault_fix(f, "%s, which has this number in capabilities(7)", caps[n].name);
	return -EINVAL;
}

static int no_such(const char *name, size_t len, const char *word, size_t n, struct fault *f)
{
	const char *near = near_word(word, n, &caps[0].name, COUNT(caps), sizeof(*caps));

	fault_set(f, OP_CAP_NAME, 0, "%.*s", (int)len, name);
	if (len == 0)
		fault_why(f, "a name is missing here: an empty list is written none");
	else
		fault_why(f, "no such capability");
	if (near)
		fault_fix(f, "%s; did you mean that? capabilities(7) lists them all", near);
	return -EINVAL;
}

int cap_find(const char *name, size_t len, struct fault *f)
{
	bool prefix = len > 4 && strncasecmp(name, "cap_", 4) == 0;
	const char *bare = prefix ? name + 4 : name;
	size_t n = prefix ? len - 4 : len;
	char lower[64] = "";

	if (n && bare[0] >= '0' && bare[0] <= '9')
		return no_number(name, len, f);
	for (size_t i = 0; i < COUNT(caps); i++)
		if (strncasecmp(caps[i].name, bare, n) == 0 && caps[i].name[n] == '\0')
			return (int)i;
	for (size_t i = 0; i < n && i < sizeof(lower) - 1; i++)
		lower[i] = (char)(bare[i] >= 'A' && bare[i] <= 'Z' ? bare[i] - 'A' + 'a' : bare[i]);
	return no_such(name, len, lower, strlen(lower), f);
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

int cap_mask_parse(const char *text, uint64_t *ret, struct fault *f)
{
	uint64_t mask = 0;

	if (is_word(text, strlen(text), "all") || is_word(text, strlen(text), "none")) {
		*ret = is_word(text, strlen(text), "all") ? CAP_MASK_ALL : 0;
		return 0;
	}
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");
		int n;

		if (is_word(p, len, "all") || is_word(p, len, "none")) {
			fault_rule(f, OP_CAP_NAME, text, "%.*s stands alone, not in a list", (int)len, p);
			fault_fix(f, "--drop with names, beside --only all; or names alone: chown,setuid");
			return -EINVAL;
		}
		n = cap_find(p, len, f);
		if (n < 0)
			return n;
		mask |= 1ULL << n;
		p += len;
		if (!*p)
			break;
	}
	*ret = mask;
	return 0;
}

char *cap_mask_text(uint64_t mask)
{
	char *text;
	size_t n = 0;

	if (mask == CAP_MASK_ALL || mask == 0)
		return xprintf("%s", mask ? "all" : "none");
	text = xcalloc(COUNT(caps), 24); /* the longest name has 18 characters */
	for (size_t i = 0; i < COUNT(caps); i++) {
		size_t len = strlen(caps[i].name);

		if (!(mask >> i & 1))
			continue;
		if (n)
			text[n++] = ',';
		memcpy(text + n, caps[i].name, len);
		n += len;
	}
	return text;
}

static int parse_caps(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct cap_list *list = field;
	uint64_t mask;
	int r = cap_mask_parse(text, &mask, f);

	if (r < 0)
		return r;
	if (list->given && !o->val) {
		fault_rule(f, OP_OPTION, o->name, "given twice");
		fault_fix(f, "one list, its names separated by commas: --%s chown,setuid", o->name);
		return -EINVAL;
	}
	list->mask |= mask;
	list->given = true;
	return 0;
}

static void print_caps(const void *field, const struct opt *o, struct words *out)
{
	const struct cap_list *list = field;
	char *text;

	if (!list->given)
		return;
	text = cap_mask_text(list->mask);
	opt_emit(o, text, out);
	free(text);
}

const struct opt_kind opt_caps = {true, false, parse_caps, print_caps};
