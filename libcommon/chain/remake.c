/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/row.h"
#include "chain/remake.h"
#include "sc/filter.h"
#include "target/self.h"

/* -- what the files share -------------------------------------------------------------------- */

void remake_note(struct remake *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	words_take(&m->notes, xvprintf(fmt, ap));
	va_end(ap);
}

const char *remake_keep(struct remake *m, char *text)
{
	words_take(&m->keep, text);
	return text;
}

bool remake_take(struct remake *m, const struct link *link, void *spec, struct words *w)
{
	char **argv = w->v;
	bool any = w->n;
	struct fault f;
	char text[256];

	if (any && opt_parse(&link->cmd, spec, NULL, NULL, &argv, &f) < 0)
		remake_note(m, "%s", fault_text(&f, text, sizeof(text)));
	for (size_t i = 0; i < w->n; i++)
		words_take(&m->keep, w->v[i]);
	words_free(w);
	return any;
}

static int read_self(struct facts *own, struct fault *f)
{
	struct target t;
	int r = target_open(&t, "self", f);

	if (r < 0)
		return r;
	r = facts_read(own, &t, FACTS_ALL, f);
	target_close(&t);
	return r;
}

int remake_open(struct remake *m, const char *word, struct fault *f)
{
	int r;

	*m = (struct remake){0};
	r = target_open(&m->target, word, f);
	if (r < 0)
		return r;
	if (m->target.procfd < 0) {
		fault_set(f, OP_NS_TARGET, 0, "%s", word);
		fault_why(f, "a file is no process, which has more than a namespace");
		return -EINVAL;
	}
	r = facts_read(&m->p, &m->target, FACTS_ALL, f);
	if (r == 0)
		r = read_self(&m->own, f);
	for (unsigned i = 0; r == 0 && i < FACTS_KINDS; i++)
		if (!m->p.ns[i].why && !m->own.ns[i].why && !facts_same(&m->p.ns[i].id, &m->own.ns[i].id))
			m->kinds |= facts_kind_flag(i);
	return r;
}

void remake_close(struct remake *m)
{
	target_close(&m->target);
	facts_free(&m->p);
	facts_free(&m->own);
	words_free_all(&m->keep);
	words_free_all(&m->notes);
}

/* -- the chain --------------------------------------------------------------------------------- */

static void *add(struct chain *ch, const struct link *link)
{
	void *spec = xcalloc(1, link->spec_size);

	ch->nodes[ch->n++] = (struct node){.link = link, .spec = spec};
	return spec;
}

/* The spec was not needed after all. */
static void keep_if(struct chain *ch, bool wanted)
{
	struct node *last = &ch->nodes[ch->n - 1];

	if (wanted)
		return;
	if (last->link->drop)
		last->link->drop(last->spec);
	free(last->spec);
	ch->n--;
}

/* The program as its arguments say it; a login shell ("-sh") has no file of that name. */
static void add_program(struct remake *m, struct chain *ch)
{
	const struct words *args = &m->p.args;
	size_t first = 0;

	if (!args->n)
		remake_note(m, facts_has(&m->p, FACT_ARGS) ? "the process has no command line: it is one of the kernel's, or a zombie"
							   : "its command line cannot be read");
	if (args->n && (args->v[0][0] == '-' || !args->v[0][0]) && facts_has(&m->p, FACT_EXE)) {
		words_add(&ch->prog, m->p.exe.path);
		first = 1;
	}
	for (size_t i = first; i < args->n; i++)
		words_add(&ch->prog, args->v[i]);
	if (!ch->prog.n)
		words_add(&ch->prog, remake_keep(m, xprintf("sh")));
}

static void note_unread(struct remake *m)
{
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (m->p.why[id] && m->p.why[id] != ENOENT && id != FACT_SECUREBITS && id != FACT_EXE)
			remake_note(m, "%s cannot be read: %s", facts_word(id), strerror(m->p.why[id]));
}

/* The kernel gives filters away to root without one, as long as the process lives. */
static void add_filters(struct remake *m, struct chain *ch)
{
	int n = m->p.filters > 0 ? m->p.filters : 1;

	if (!facts_has(&m->p, FACT_STATUS) || m->own.seccomp != 0)
		return;
	if (m->p.seccomp == 1)
		remake_note(m, "it runs in seccomp's strict mode, which it entered itself");
	if (m->p.seccomp != 2)
		return;
	if (!self_has_cap(CAP_SYS_ADMIN) || self_in_userns() || n > CHAIN_MAX / 2) {
		remake_note(m, "its %s cannot be read: put sc-filter PROFILE before --", n > 1 ? "seccomp filters" : "seccomp filter");
		return;
	}
	remake_note(m, "a seccomp filter is read from the process while it lives: sc-filter --output FILE process:%d:0 keeps it", m->p.pid);
	for (int i = 0; i < n; i++) {
		struct sc_filter_spec *s = add(ch, &sc_filter_link);

		s->profile = remake_keep(m, xprintf("process:%d:%d", m->p.pid, i));
	}
}

static void build(struct remake *m, struct chain *ch)
{
	keep_if(ch, remake_cgroup(m, add(ch, &cg_exec_link)));
	keep_if(ch, remake_namespaces(m, add(ch, &ns_run_link)));
	keep_if(ch, remake_root(m, add(ch, &fs_root_link)));
	keep_if(ch, remake_process(m, add(ch, &proc_set_link)));
	keep_if(ch, remake_rights(m, add(ch, &cap_set_link)));
	add_filters(m, ch);
	note_unread(m);
	add_program(m, ch);
	if (ch->n == 0) {
		remake_note(m, "nothing isolates it from who asks");
		add(ch, &proc_set_link);
	}
	ch->first = ch->nodes[0].link;
	ch->ctx.tool = ch->first->cmd.name;
}

/* What the links say about it themselves; they complete their specs, so it is printed before. */
static void verify(struct remake *m, struct chain *ch)
{
	struct fault f;
	char text[512];

	if (chain_order(ch, &f) < 0 || chain_plan(ch, &f) < 0)
		remake_note(m, "it cannot be run so: %s", fault_text(&f, text, sizeof(text)));
}

/* A note is one line of a shell's comment. */
static void print_notes(const struct remake *m, FILE *out)
{
	for (size_t i = 0; i < m->notes.n; i++) {
		char *plain = row_escape(m->notes.v[i], false, true);

		fprintf(out, "# %s\n", plain);
		free(plain);
	}
}

int remake_print(const char *tool, const char *word, FILE *out, struct fault *f)
{
	struct remake m;
	struct chain ch = {.up = -1};
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *line;
	int r = remake_open(&m, word, f);

	if (r == 0) {
		remake_note(&m, "%s --as-command %s: process %d (%s)", tool, word, m.p.pid, m.p.comm);
		build(&m, &ch);
		line = open_memstream(&text, &size);
		if (line) {
			chain_print(&ch, line);
			fclose(line);
			verify(&m, &ch);
			print_notes(&m, out);
			fputs(text, out);
		} else {
			r = fault_set(f, OP_MEMORY, errno, "the chain");
		}
	}
	chain_free(&ch);
	remake_close(&m);
	return r;
}
