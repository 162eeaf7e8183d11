/* SPDX-License-Identifier: MIT */
/* check.c - the decoder and the chain's links say what is wrong; here it is collected. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "chain/chain.h"
#include "oci/check.h"
#include "oci/write.h"
#include "sc/profile.h"

enum { PROBLEMS_MAX = 1000 };

static void add(void *arg, const char *path, unsigned line, const char *why)
{
	struct problems *p = arg;
	struct problem *bigger;

	if (p->n == PROBLEMS_MAX || !(bigger = realloc(p->v, (p->n + 1) * sizeof(*bigger)))) {
		p->overflow = true;
		return;
	}
	p->v = bigger;
	bigger[p->n] = (struct problem){.line = line};
	snprintf(bigger[p->n].path, sizeof(bigger->path), "%s", path);
	snprintf(bigger[p->n].why, sizeof(bigger->why), "%s", why);
	p->n++;
}

/* -- the host ------------------------------------------------------------------------- */

struct host {
	struct bundle *b;
	const struct line *l;
	const struct problems *found; /* a place is named once */
};

/* The place in config.json that a link complains about: that of its word which names the
 * object, else the link's own. */
static const char *place(const struct line *l, const struct link *link, const struct fault *f)
{
	const char *from = "", *last = "";
	bool inside = false;

	for (size_t i = 0; i < l->words.n; i++) {
		const char *word = l->words.v[i];

		last = *l->from.v[i] ? l->from.v[i] : last;
		if (chain_link(word)) {
			inside = link && strcmp(word, link->cmd.name) == 0;
			from = inside && !*from ? last : from;
		} else if (inside && word[0] != '-' && strlen(f->obj) > 1 && strstr(word, f->obj)) {
			return last;
		}
	}
	return from;
}

static void report(void *arg, const struct link *link, const struct fault *f)
{
	const struct host *h = arg;
	const char *path = place(h->l, link, f);
	struct fault ignored;

	for (size_t i = 0; i < h->found->n; i++)
		if (strcmp(h->found->v[i].path, path) == 0)
			return;
	json_fail_path(h->b->doc, path, &ignored, "%s: %s", f->obj,
		       *f->why ? f->why : strerror(f->err));
}

/* A terminal is somebody's who runs the bundle, and nobody runs it here. */
static int check_host(struct bundle *b, const struct problems *found, struct fault *f)
{
	const struct write_wish wish = {0};
	struct line l = {0};
	struct chain ch = {.up = -1};
	struct host h = {b, &l, found};
	int r;

	b->config.process->terminal = false;
	r = write_chain(&l, b, &wish, f);
	if (r == 0) {
		ch.first = chain_link(l.words.v[0]);
		r = chain_parse(&ch, l.words.v + 1, f);
		if (r < 0)
			report(&h, ch.first, f);
		else
			chain_check_each(&ch, report, &h);
		path_made_free(ch.ctx.made);
		chain_free(&ch);
	}
	line_free(&l);
	return r;
}

/* Is there such a file of the host? Looked for here, as a link stops at the first that is
 * missing, and where the form is wrong there is no chain. */
static void check_path(struct bundle *b, const char *at, const char *path)
{
	char *whole = path[0] == '/' ? xprintf("%s", path) : xprintf("%s/%s", b->dir, path);
	struct fault ignored;
	struct stat st;

	if (stat(whole, &st) < 0)
		json_fail_path(b->doc, at, &ignored, "%s: %s", whole, strerror(errno));
	free(whole);
}

static bool is_bind(const struct oci_mount *m)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (m->options.v[i] && (strcmp(m->options.v[i], "bind") == 0 || strcmp(m->options.v[i], "rbind") == 0))
			return true;
	return false;
}

static void check_files(struct bundle *b)
{
	const struct oci_root *root = b->config.root;
	const struct oci_mount *m = b->config.mounts.v;
	char at[40];

	if (root && root->path && *root->path)
		check_path(b, "root.path", root->path);
	for (size_t i = 0; m && i < b->config.mounts.n; i++) {
		if (!m[i].source || !*m[i].source || !m[i].destination || !is_bind(&m[i]))
			continue;
		snprintf(at, sizeof(at), "mounts[%zu]", i);
		check_path(b, at, m[i].source);
	}
}

/* -- all of it -------------------------------------------------------------------------- */

int check_bundle(const char *dir, struct problems *ret, struct fault *f)
{
	struct sc_profile profile;
	struct bundle b;
	int r = bundle_open(&b, dir, NULL, f);
	bool read = b.doc != NULL;

	if (r < 0 && b.text) /* there is one, and it is no JSON */
		add(ret, "", 0, f->why);
	if (read) {
		json_collect(b.doc, add, ret);
		r = bundle_decode(&b, f);
		if (json_has(b.doc, "linux.seccomp"))
			(void)sc_profile_decode(b.doc, b.file, &profile, f);
		check_files(&b);
		if (r == 0)
			(void)check_host(&b, ret, f);
	}
	r = b.text ? 0 : r;
	bundle_free(&b);
	return r;
}

void problems_free(struct problems *p)
{
	free(p->v);
	*p = (struct problems){0};
}
