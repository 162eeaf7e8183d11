/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cap/names.h"
#include "chain/diff.h"
#include "target/self.h"

/* -- rows ----------------------------------------------------------------------------------------- */

void diff_put_as(struct diff *d, const char *part, char *fact, char *a, char *b, enum diff_how how)
{
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 128;
		d->v = xgrow(d->v, d->cap, sizeof(*d->v));
	}
	d->v[d->n++] = (struct diff_row){part, fact, a, b, how};
	d->others += how == DIFF_OTHER;
}

void diff_put(struct diff *d, const char *part, char *fact, char *a, char *b)
{
	diff_put_as(d, part, fact, a, b, a && b && strcmp(a, b) == 0 ? DIFF_SAME : DIFF_OTHER);
}

void diff_put_known(struct diff *d, const char *part, char *fact, char *a, char *b)
{
	if (a && b)
		diff_put(d, part, fact, a, b);
	else
		diff_put_as(d, part, fact, a, b, DIFF_UNKNOWN);
}

static char *say_command(const struct facts *p)
{
	char *text = xprintf("%s", p->args.n ? "" : p->comm), *longer;

	for (size_t i = 0; i < p->args.n; i++, text = longer) {
		longer = xprintf("%s%s%s", text, i ? " " : "", p->args.v[i]);
		free(text);
	}
	return text;
}

static void put_labels(struct diff *d)
{
	const struct facts *a = &d->side[0].p, *b = &d->side[1].p;

	diff_put_as(d, "process", xprintf("pid"), xprintf("%d", a->pid), xprintf("%d", b->pid), DIFF_LABEL);
	diff_put_as(d, "process", xprintf("command"), say_command(a), say_command(b), DIFF_LABEL);
}

/* -- reading --------------------------------------------------------------------------------------- */

static int read_side(struct diff_side *s, const char *word, struct fault *f)
{
	struct target t;
	int r = target_open(&t, word, f);

	s->word = word;
	if (r < 0)
		return r;
	if (t.procfd < 0) {
		fault_set(f, OP_NS_TARGET, 0, "%s", word);
		fault_why(f, "a file is no process, of which there is more to compare");
	} else {
		r = facts_read(&s->p, &t, FACTS_ALL & ~(FACT_BIT(ENV) | FACT_BIT(EXE)), f);
	}
	r = t.procfd < 0 ? -EINVAL : r;
	target_close(&t);
	return r;
}

/* Without a mounted cgroup filesystem the limits are not to be had, and that is said. */
static void read_limits(struct diff *d, struct cg_world *w)
{
	struct fault f;

	if (cg_world_read(w, &f) < 0)
		return;
	for (unsigned i = 0; i < 2; i++)
		if (facts_has(&d->side[i].p, FACT_CGROUPS)) {
			cg_limits_read(&d->side[i].limits, w, &d->side[i].p);
			d->side[i].has_limits = true;
		}
}

int diff_read(struct diff *d, const char *a, const char *b, struct fault *f)
{
	struct cg_world w = {0};
	int r;

	*d = (struct diff){0};
	r = read_side(&d->side[0], a, f);
	if (r == 0)
		r = read_side(&d->side[1], b, f);
	if (r < 0)
		return r;
	read_limits(d, &w);
	put_labels(d);
	diff_places(d);
	diff_mounts(d);
	diff_cgroups(d);
	diff_rights(d);
	diff_limits(d);
	cg_world_free(&w);
	return 0;
}

void diff_free(struct diff *d)
{
	for (unsigned i = 0; i < 2; i++) {
		facts_free(&d->side[i].p);
		cg_limits_free(&d->side[i].limits);
	}
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].fact);
		free(d->v[i].a);
		free(d->v[i].b);
	}
	free(d->v);
	*d = (struct diff){0};
}

static bool denied(const struct facts *p, unsigned id)
{
	return p->why[id] == EACCES || p->why[id] == EPERM;
}

/* Of a side what was denied, in one line. */
static void note_denied(struct lack **list, const struct diff_side *s, const char *sudo)
{
	char *text = NULL, *longer;

	for (unsigned id = 0; id < FACT_COUNT; id++) {
		if (!denied(&s->p, id))
			continue;
		longer = xprintf("%s%s%s", text ? text : "", text ? ", " : "", facts_word(id));
		free(text);
		text = longer;
	}
	if (text)
		lacks_add(list, self_sight(sudo), "of process %d: %s", s->p.pid, text);
	free(text);
}

void diff_lacks(const struct diff *d, struct lack **list, const char *sudo)
{
	for (unsigned i = 0; i < 2; i++)
		note_denied(list, &d->side[i], sudo);
	if (!d->side[0].has_limits || !d->side[1].has_limits)
		lacks_add(list, "mount -t cgroup2 cgroup2 /sys/fs/cgroup", "the limits of cgroups");
}

/* -- printing --------------------------------------------------------------------------------------- */

enum { PART, FACT, SAME, A, B };

static const struct row_col columns[] = {
	[PART] = {"PART", "what sort of fact it is", ROW_TEXT, false, 0},
	[FACT] = {"FACT", "which one", ROW_TEXT, false, 0},
	[SAME] = {"SAME", "yes, no, or unknown", ROW_TEXT, false, 0},
	[A] = {"A", "of the first process; of capabilities that differ: those that only it has", ROW_TEXT, true, 0},
	[B] = {"B", "of the second process", ROW_TEXT, true, 0},
	{0},
};

/* A long list of capabilities, for people: all but those that are not in it. */
static char *shorter(const struct diff_row *row, const char *text, bool json)
{
	uint64_t mask, all;
	struct fault f;
	char *names, *said;

	if (json || strcmp(row->part, "capabilities") != 0 || cap_mask_parse(text, &mask, &f) < 0)
		return xprintf("%s", text);
	self_cap_bounding(&all);
	if (2 * __builtin_popcountll(mask & all) <= __builtin_popcountll(all))
		return xprintf("%s", text);
	if (!(all & ~mask))
		return xprintf("all");
	names = cap_mask_text(all & ~mask);
	said = xprintf("all but %s", names);
	free(names);
	return said;
}

static void put_text(struct rows *t, unsigned col, const struct diff_row *row, const char *text, bool json)
{
	char *said = shorter(row, text, json);

	rows_text(t, col, said);
	free(said);
}

static void print_row(struct rows *t, const struct diff_row *row, bool json)
{
	static const char *const same[] = {[DIFF_SAME] = "yes", [DIFF_OTHER] = "no", [DIFF_UNKNOWN] = "unknown"};

	rows_add(t, ROW_TOP);
	rows_text(t, PART, row->part);
	rows_text(t, FACT, row->fact);
	if (row->how != DIFF_LABEL)
		rows_text(t, SAME, same[row->how]);
	if (row->a)
		put_text(t, A, row, row->a, json);
	if (row->b)
		put_text(t, B, row, row->b, json);
	if (row->how != DIFF_OTHER)
		rows_pale(t);
}

static void note_lacks(struct rows *t, const struct diff *d)
{
	char *sudo = xprintf("sudo ns-list --diff %s %s", d->side[0].word, d->side[1].word);

	diff_lacks(d, rows_lacks(t), sudo);
	free(sudo);
}

int diff_main(const struct diff_wish *w, const char *a, const char *b, struct fault *f)
{
	struct diff d;
	struct rows *t = NULL;
	const char *shown = w->all || w->rows->json ? "PART,FACT,SAME,A,B" : "PART,FACT,A,B";
	int r;

	if (w->rows->list_columns) {
		rows_help(columns, 0, shown);
		return 0;
	}
	r = rows_new(&t, "facts", columns, 0, shown, w->rows, f);
	if (r < 0)
		return r;
	r = diff_read(&d, a, b, f);
	for (size_t i = 0; r == 0 && i < d.n; i++)
		if (w->all || w->rows->json || d.v[i].how == DIFF_OTHER || d.v[i].how == DIFF_LABEL)
			print_row(t, &d.v[i], w->rows->json);
	if (r == 0) {
		note_lacks(t, &d);
		r = rows_print(t, stdout, w->tool);
		r = r < 0 ? fault_set(f, OP_WRITE, -r, "standard output") : r;
	}
	if (r >= 0)
		r = d.others ? 1 : *rows_lacks(t) ? 2 : 0;
	rows_free(t);
	diff_free(&d);
	return r;
}
