/* SPDX-License-Identifier: MIT */
/* diff-why.c - how one process is isolated from another, in a few lines. */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cap/names.h"
#include "chain/diff.h"
#include "target/self.h"

/* The facts of a part with this outcome, separated by blanks; NULL: none. */
static char *names_of(const struct diff *d, const char *part, enum diff_how how)
{
	char *text = NULL, *longer;

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].how != how || strcmp(d->v[i].part, part) != 0)
			continue;
		longer = xprintf("%s%s%s", text ? text : "", text ? " " : "", d->v[i].fact);
		free(text);
		text = longer;
	}
	return text;
}

static void line(const char *what, const char *text)
{
	char *plain = row_escape(text, false, true);

	printf("  %s: %s\n", what, plain);
	free(plain);
}

static void say_namespaces(const struct diff *d)
{
	static const char *const words[] = {
		[DIFF_OTHER] = "namespaces of its own", [DIFF_SAME] = "shared namespaces", [DIFF_UNKNOWN] = "unknown namespaces"};
	static const enum diff_how order[] = {DIFF_OTHER, DIFF_SAME, DIFF_UNKNOWN};
	char *unknown = names_of(d, "namespace", DIFF_UNKNOWN);

	for (unsigned i = 0; i < 3; i++) {
		char *text = names_of(d, "namespace", order[i]);

		/* of some that are unknown nobody can say that there are none */
		if (text || (order[i] != DIFF_UNKNOWN && !unknown))
			line(words[order[i]], text ? text : "none");
		free(text);
	}
	free(unknown);
}

/* "1 of 41 effective (chown)" */
static void say_caps(const struct diff *d)
{
	const struct facts *p = &d->side[1].p;
	uint64_t all;
	char *names, *text;

	self_cap_bounding(&all);
	names = cap_mask_text(p->effective);
	text = xprintf("%d of %d effective%s%s%s, %d at most", __builtin_popcountll(p->effective), __builtin_popcountll(all),
		       p->effective && p->effective != all ? " (" : "", p->effective && p->effective != all ? names : "",
		       p->effective && p->effective != all ? ")" : "", __builtin_popcountll(p->bounding));
	line("capabilities", text);
	free(names);
	free(text);
}

/* Each fact of the part that differs, with what it is on the second side. */
static void say_others(const struct diff *d, const char *part, const char *what)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diff_row *r = &d->v[i];
		char *text;

		if (r->how != DIFF_OTHER || strcmp(r->part, part) != 0)
			continue;
		text = xprintf("%s %s, not %s", r->fact, r->b ? r->b : "unlimited", r->a ? r->a : "unlimited");
		line(what, text);
		free(text);
	}
}

int diff_why(const struct diff_wish *w, const char *from, const char *pid, struct fault *f)
{
	struct lack *lacks = NULL;
	struct diff d;
	char *sudo;
	int r = diff_read(&d, from, pid, f);

	if (r == 0) {
		const struct facts *a = &d.side[0].p, *b = &d.side[1].p;
		char *to = row_escape(b->comm, false, true), *of = row_escape(a->comm, false, true);

		printf("process %d (%s), against process %d (%s):\n", b->pid, to, a->pid, of);
		free(to);
		free(of);
		say_namespaces(&d);
		say_others(&d, "place", "place");
		say_others(&d, "mounts", "mounts");
		say_others(&d, "id map", "id map");
		say_others(&d, "ids", "ids");
		say_caps(&d);
		say_others(&d, "rights", "rights");
		say_others(&d, "limit", "cgroup limit");
		say_others(&d, "rlimit", "limit");
		say_others(&d, "process", "process");
		sudo = xprintf("sudo %s --why %s %s", w->tool, pid, from);
		diff_lacks(&d, &lacks, sudo);
		free(sudo);
		if (d.others == 0 && !lacks)
			puts("  nothing isolates it");
		lacks_say(lacks, w->tool);
		lacks_free(&lacks);
	}
	diff_free(&d);
	return r;
}
