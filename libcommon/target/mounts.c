/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/path.h"
#include "target/mounts.h"

enum { TABLE_MAX = 1 << 22 };

/* The table, each line a string of its own: to search or scan one must not cost all that follow. */
struct table {
	char *text;
	const char *end;
};

static void drop_table(struct table *t)
{
	free(t->text);
}

static ssize_t read_table(struct table *t)
{
	ssize_t n = path_read(AT_FDCWD, "/proc/self/mountinfo", TABLE_MAX, &t->text);

	if (n < 0)
		return n;
	t->end = t->text + n;
	for (char *p = t->text; (p = strchr(p, '\n'));)
		*p++ = '\0';
	return n;
}

static const char *next_line(const char *line)
{
	return line + strlen(line) + 1;
}

/* Of the line of this id: is there "shared:" before " - ", and where is it mounted? */
static bool is_shared(unsigned long long id, const struct table *t, char *point, size_t n)
{
	for (const char *line = t->text; line < t->end; line = next_line(line)) {
		const char *end, *shared;
		int at = 0;

		if (strtoull(line, NULL, 10) != id || sscanf(line, "%*u %*d %*s %*s %n", &at) < 0 || !at)
			continue;
		end = strstr(line, " - ");
		shared = strstr(line, " shared:");
		if (n)
			snprintf(point, n, "%.*s", (int)strcspn(line + at, " "), line + at);
		return shared && end && shared < end;
	}
	return false;
}

int mounts_shared(int fd, bool *shared, char *point, size_t n)
{
	__attribute__((cleanup(drop_table))) struct table t = {0};
	struct statx st;
	ssize_t len;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return -errno;
	len = read_table(&t);
	if (len < 0)
		return (int)len;
	*shared = is_shared(st.stx_mnt_id, &t, point, n);
	return 0;
}

/* One line of mountinfo, as far as it matters here. */
struct line {
	int id, parent;
	char root[256], point[256], options[64];
	bool proc;
};

static bool read_line(const char *text, struct line *l)
{
	const char *type = strstr(text, " - ");

	if (sscanf(text, "%d %d %*s %255s %255s %63s", &l->id, &l->parent, l->root, l->point, l->options) != 5)
		return false;
	l->proc = type && strncmp(type, " - proc ", 8) == 0;
	return true;
}

/* What is mounted on mount `id`, other than on the directories of proc that are made for it. */
static bool is_covered(const struct table *t, int id, char *cover, size_t n)
{
	static const char *const empty[] = {"/sys/fs/binfmt_misc", "/fs/nfsd"};
	struct line l;

	for (const char *p = t->text; p < t->end; p = next_line(p)) {
		bool counts = read_line(p, &l) && l.parent == id && l.id != id;

		for (size_t i = 0; counts && i < COUNT(empty); i++)
			counts = !strstr(l.point, empty[i]) || strlen(strstr(l.point, empty[i])) != strlen(empty[i]);
		if (!counts)
			continue;
		snprintf(cover, n, "%s", l.point);
		return true;
	}
	return false;
}

bool mounts_proc_whole(char *cover, size_t n, bool *read_only)
{
	__attribute__((cleanup(drop_table))) struct table t = {0};
	struct line l;

	*cover = '\0';
	*read_only = false;
	if (read_table(&t) < 0)
		return false;
	for (const char *p = t.text; p < t.end; p = next_line(p)) {
		if (!read_line(p, &l) || !l.proc || strcmp(l.root, "/") != 0 || is_covered(&t, l.id, cover, n))
			continue;
		*cover = '\0';
		*read_only = strncmp(l.options, "ro", 2) == 0;
		if (!*read_only)
			return true;
	}
	return false;
}
