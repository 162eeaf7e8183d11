/* SPDX-License-Identifier: MIT */
/* facts-tables.c - the smaller files of /proc/PID: mounts, maps, cgroups, limits and others. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "target/facts-read.h"

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n + 1;
}

static void read_tag(struct facts_mount *m, const char *tag)
{
	if (strncmp(tag, "shared:", 7) == 0)
		m->shared = atoi(tag + 7);
	else if (strncmp(tag, "master:", 7) == 0)
		m->master = atoi(tag + 7);
	else if (strcmp(tag, "unbindable") == 0)
		m->unbindable = true;
}

/* "ID PARENT MAJOR:MINOR ROOT DIR OPTIONS [TAG...] - TYPE SOURCE SUPER". The source may be
 * empty, and then there are two blanks. */
static int read_mount(struct facts_mount *m, char *line)
{
	char *p = line, *tag;

	if (sscanf(strsep(&p, " "), "%d", &m->id) != 1 || !p || sscanf(strsep(&p, " "), "%d", &m->parent) != 1 || !p ||
	    sscanf(strsep(&p, " "), "%u:%u", &m->major, &m->minor) != 2)
		return -EBADMSG;
	m->root = path_unescape(strsep(&p, " "));
	m->dir = path_unescape(strsep(&p, " "));
	m->options = strsep(&p, " ");
	while ((tag = strsep(&p, " ")) && strcmp(tag, "-") != 0)
		read_tag(m, tag);
	m->type = path_unescape(strsep(&p, " "));
	m->source = path_unescape(strsep(&p, " "));
	m->super = p; /* its options may be separated by blanks in a name: they stay escaped */
	return m->super ? 0 : -EBADMSG;
}

int facts_mounts(struct facts *p, char *text, size_t n)
{
	(void)n;
	p->mounts = xcalloc(count_lines(text), sizeof(*p->mounts));
	while (text && *text) {
		if (read_mount(&p->mounts[p->n_mounts], strsep(&text, "\n")) < 0)
			return -EBADMSG;
		p->n_mounts++;
	}
	return 0;
}

static int read_map(struct facts_map *m, char *text)
{
	m->v = xcalloc(count_lines(text), sizeof(*m->v));
	while (text && *text) {
		struct facts_extent *e = &m->v[m->n];

		if (sscanf(strsep(&text, "\n"), "%" SCNu32 "%" SCNu32 "%" SCNu32, &e->in, &e->out, &e->count) != 3)
			return -EBADMSG;
		m->n++;
	}
	return 0;
}

int facts_uid_map(struct facts *p, char *text, size_t n)
{
	(void)n;
	return read_map(&p->users, text);
}

int facts_gid_map(struct facts *p, char *text, size_t n)
{
	(void)n;
	return read_map(&p->groups_map, text);
}

int facts_setgroups(struct facts *p, char *text, size_t n)
{
	(void)n;
	p->setgroups = strncmp(text, "allow", 5) == 0;
	return 0;
}

/* "ID:CONTROLLERS:PATH"; a path may hold colons, and nothing is escaped but the newline. */
int facts_cgroups(struct facts *p, char *text, size_t n)
{
	(void)n;
	p->cgroups = xcalloc(count_lines(text), sizeof(*p->cgroups));
	while (text && *text) {
		struct facts_cgroup *g = &p->cgroups[p->n_cgroups];
		char *line = strsep(&text, "\n");

		strsep(&line, ":");
		g->controllers = line ? strsep(&line, ":") : NULL;
		g->path = line;
		if (!g->path)
			return -EBADMSG;
		p->n_cgroups++;
	}
	return 0;
}

/* AppArmor ends it with a newline, SELinux with a NUL. */
int facts_label(struct facts *p, char *text, size_t n)
{
	(void)n;
	text[strcspn(text, "\n")] = '\0';
	p->label = text;
	return 0;
}

/* Takes one value off *text; false when there is none. */
static bool limit(char **text, uint64_t *ret)
{
	char *p = *text + strspn(*text, " ");

	if (strncmp(p, "unlimited", 9) == 0) {
		*ret = UINT64_MAX;
		*text = p + 9;
		return true;
	}
	*ret = strtoull(p, text, 10);
	return *text > p;
}

/* A heading, then a line for each RLIMIT_ number in turn: the name in 25 columns, soft, hard. */
int facts_limits(struct facts *p, char *text, size_t n)
{
	(void)n;
	strsep(&text, "\n");
	while (text && *text && p->n_limits < FACTS_LIMITS) {
		char *line = strsep(&text, "\n");
		char *value = line + strnlen(line, 26);

		if (!limit(&value, &p->limits[p->n_limits].soft) || !limit(&value, &p->limits[p->n_limits].hard))
			return -EBADMSG;
		p->n_limits++;
	}
	return p->n_limits ? 0 : -EBADMSG;
}

int facts_oom(struct facts *p, char *text, size_t n)
{
	(void)n;
	return sscanf(text, "%d", &p->oom) == 1 ? 0 : -EBADMSG;
}

/* "monotonic SEC NSEC", "boottime SEC NSEC" */
int facts_offsets(struct facts *p, char *text, size_t n)
{
	char name[16];
	int64_t sec;
	long nsec;
	int used;

	(void)n;
	for (; sscanf(text, "%15s %" SCNd64 " %ld%n", name, &sec, &nsec, &used) == 3; text += used) {
		if (strcmp(name, "monotonic") == 0) {
			p->monotonic.sec = sec;
			p->monotonic.nsec = nsec;
		} else if (strcmp(name, "boottime") == 0) {
			p->boottime.sec = sec;
			p->boottime.nsec = nsec;
		}
	}
	return 0;
}

int facts_persona(struct facts *p, char *text, size_t n)
{
	(void)n;
	return sscanf(text, "%lx", &p->persona) == 1 ? 0 : -EBADMSG;
}

/* Words that each end in a NUL; the last one's may be missing. */
static int read_words(struct words *w, char *text, size_t n)
{
	for (size_t at = 0; at < n; at += strlen(text + at) + 1)
		if (words_add(w, text + at) < 0)
			return -ENOMEM;
	return 0;
}

int facts_env(struct facts *p, char *text, size_t n)
{
	return read_words(&p->env, text, n);
}

int facts_args(struct facts *p, char *text, size_t n)
{
	return read_words(&p->args, text, n);
}
