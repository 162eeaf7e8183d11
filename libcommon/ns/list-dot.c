/* SPDX-License-Identifier: MIT */
/* list-dot.c - owners, namespaces, processes and containers as a graph for dot(1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ns/list-view.h"

/* Processes that are in the same namespaces and the same container are one node. */
struct crowd {
	const struct box *box;
	uint32_t first, n;
	uint32_t next; /* the next one of this container, or SCAN_NONE */
	bool later;    /* it is not the first one of it                */
};

struct crowds {
	struct crowd *v;
	size_t n;
};

/* By kind, in the order of kinds.def: none too dark for black letters. */
static const char *const colours[SCAN_KINDS] = {
	"#f4cccc", "#d9ead3", "#cfe2f3", "#fff2cc", "#ead1dc", "#d0e0e3", "#fce5cd", "#e2e2e2",
};

/* Text inside of quotes: those of dot, and no control characters. */
static void put_label(FILE *out, const char *text, size_t most)
{
	char *clean = row_escape(text, false, true);

	for (const char *p = clean; *p && (size_t)(p - clean) < most; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
		/* whole characters */
		while (((unsigned char)p[1] & 0xc0) == 0x80)
			fputc(*++p, out);
	}
	if (strlen(clean) > most)
		fputs("...", out);
	free(clean);
}

static void put_held(struct view *v, FILE *out, const struct scan_ns *ns)
{
	const struct scan_hold *h = ns->holds == SCAN_NONE ? NULL : &v->s.holds[ns->holds];

	if (ns->nprocs || !h)
		return;
	fputs("\\n", out);
	if (h->type == HOLD_MOUNT)
		put_label(out, h->path, 60);
	else if (h->type == HOLD_FD)
		fprintf(out, "fd %d of pid %d", h->fd, h->pid);
	else if (h->type == HOLD_CHILDREN)
		fprintf(out, "for children of pid %d", h->pid);
	else
		fputs("without a process", out);
}

static void put_namespace(struct view *v, FILE *out, uint32_t i)
{
	const struct scan_ns *ns = &v->s.ns[i];
	unsigned long long ino = ns->ino;

	fprintf(out, "\tns%llu [shape=%s, fillcolor=\"%s\", style=\"filled%s\", label=\"%s\\n%llu", ino,
		ns->kind == 0 ? "ellipse" : "box", colours[ns->kind], ns->nprocs ? "" : ",dashed", ns_kinds[ns->kind].file, ino);
	put_held(v, out, ns);
	fputs("\"];\n", out);
	if (ns->owner != SCAN_NONE && list_has(v, ns->owner))
		fprintf(out, "\tns%llu -> ns%llu [style=%s];\n", (unsigned long long)v->s.ns[ns->owner].ino, ino,
			ns->kind == 0 ? "bold" : "dashed");
	if (ns->kind != 0 && ns->parent != SCAN_NONE && list_has(v, ns->parent))
		fprintf(out, "\tns%llu -> ns%llu [style=bold];\n", (unsigned long long)v->s.ns[ns->parent].ino, ino);
}

static int by_box(const struct crowd *a, const struct crowd *b)
{
	return a->box == b->box ? 0 : (uintptr_t)a->box < (uintptr_t)b->box ? -1 : 1;
}

static int by_first(const void *a, const void *b)
{
	uint32_t x = ((const struct crowd *)a)->first, y = ((const struct crowd *)b)->first;

	return x < y ? -1 : x > y;
}

static int by_place(const struct crowd *a, const struct crowd *b, const struct view *v)
{
	int r = by_box(a, b);

	return r ? r : memcmp(v->s.procs[a->first].ns, v->s.procs[b->first].ns, sizeof(v->s.procs[0].ns));
}

static int compare_places(const void *a, const void *b, void *v)
{
	int r = by_place(a, b, v);

	return r ? r : by_first(a, b);
}

/* Numbers in an array of crowds. */
static int compare_boxes(const void *a, const void *b, void *crowds)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct crowd *v = crowds;
	int r = by_box(&v[x], &v[y]);

	return r ? r : x < y ? -1 : x > y;
}

static bool is_drawn(const struct view *v, uint32_t proc)
{
	for (unsigned k = 0; k < SCAN_KINDS; k++)
		if (v->s.procs[proc].ns[k] != SCAN_NONE && list_has(v, v->s.procs[proc].ns[k]))
			return !v->only_proc || v->only_proc[proc];
	return false;
}

/* Sorted, for every process may be in namespaces of its own. The order in the end is that of the pids. */
static void gather(struct view *v, struct crowds *c)
{
	size_t n = 0;

	c->v = xcalloc(v->s.nprocs + 1, sizeof(*c->v));
	for (uint32_t i = 0; i < v->s.nprocs; i++)
		if (is_drawn(v, i)) {
			c->v[n] = (struct crowd){.box = list_box(v, i), .first = i, .n = 1, .next = SCAN_NONE};
			n++;
		}
	qsort_r(c->v, n, sizeof(*c->v), compare_places, v);
	for (size_t i = 0; i < n; i++)
		if (c->n && by_place(&c->v[c->n - 1], &c->v[i], v) == 0)
			c->v[c->n - 1].n++;
		else
			c->v[c->n++] = c->v[i];
	qsort(c->v, c->n, sizeof(*c->v), by_first);
}

/* Those of one container become a list. */
static void link_boxes(struct crowds *c)
{
	uint32_t *order = xcalloc(c->n + 1, sizeof(*order));

	for (uint32_t i = 0; i < c->n; i++)
		order[i] = i;
	qsort_r(order, c->n, sizeof(*order), compare_boxes, c->v);
	for (size_t i = 1; i < c->n; i++)
		if (by_box(&c->v[order[i - 1]], &c->v[order[i]]) == 0) {
			c->v[order[i - 1]].next = order[i];
			c->v[order[i]].later = true;
		}
	free(order);
}

static void put_crowd(struct view *v, FILE *out, const struct crowd *c)
{
	const struct scan_proc *p = &v->s.procs[c->first];

	fprintf(out, "\tpid%d [shape=note, label=\"pid %d", p->pid, p->pid);
	if (c->n > 1)
		fprintf(out, " and %u more", c->n - 1);
	fputs("\\n", out);
	put_label(out, v->s.who[c->first].command ? v->s.who[c->first].command : "?", 32);
	fputs("\"];\n", out);
	for (unsigned k = 0; k < SCAN_KINDS; k++)
		if (p->ns[k] != SCAN_NONE && list_has(v, p->ns[k]))
			fprintf(out, "\tns%llu -> pid%d [arrowhead=none, color=gray40];\n", (unsigned long long)v->s.ns[p->ns[k]].ino,
				p->pid);
}

static void put_box(FILE *out, const struct view *v, const struct crowds *c, size_t first)
{
	const struct box *box = c->v[first].box;

	fprintf(out, "\tsubgraph cluster%zu {\n\t\tlabel=\"", first);
	put_label(out, box_shown(box), 60);
	fputs("\\n", out);
	put_label(out, box->engine ? box->engine : "", 30);
	fputs("\"; style=rounded; color=gray40;\n", out);
	for (size_t i = first; i != SCAN_NONE; i = c->v[i].next)
		fprintf(out, "\t\tpid%d;\n", v->s.procs[c->v[i].first].pid);
	fputs("\t}\n", out);
}

/* In the picture, too: whoever looks at it has not seen what stood on stderr. */
static void put_lacks(const struct lack *l, FILE *out)
{
	if (!l)
		return;
	fputs("\tlabeljust=l; label=\"", out);
	for (; l; l = l->next) {
		fputs("not all is shown: ", out);
		put_label(out, l->what, 200);
		fputs("\\l", out);
	}
	fputs("\";\n", out);
}

int list_dot(struct view *v, FILE *out)
{
	struct crowds c = {0};
	int n = 0;

	gather(v, &c);
	link_boxes(&c);
	fputs("digraph namespaces {\n"
	      "\trankdir=LR; node [fontname=\"sans-serif\", fontsize=10]; edge [arrowsize=0.6]; graph [fontname=\"sans-serif\", fontsize=10];\n"
	      "\t// bold: parent to child; dashed: a user namespace to what it owns; gray: who is in it\n",
	      out);
	for (uint32_t i = 0; i < v->s.n; i++)
		if (list_has(v, i)) {
			put_namespace(v, out, i);
			n++;
		}
	for (size_t i = 0; i < c.n; i++)
		put_crowd(v, out, &c.v[i]);
	for (size_t i = 0; i < c.n; i++)
		if (c.v[i].box && !c.v[i].later)
			put_box(out, v, &c, i);
	list_note_lacks(v);
	put_lacks(*rows_lacks(v->t), out);
	fputs("}\n", out);
	free(c.v);
	if (fflush(out) != 0 || ferror(out))
		return -(errno ? errno : EIO);
	lacks_say(*rows_lacks(v->t), "ns-list");
	return n;
}
