/* SPDX-License-Identifier: MIT */
/* boxes-tree.h - a root directory of the test's own, with states, cgroups and processes. */
#ifndef TESTS_UNIT_BOXES_TREE_H
#define TESTS_UNIT_BOXES_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "target/boxes.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define STORE "/var/lib/containers/storage/overlay-containers"

static char root[512];

/* -- the tree ------------------------------------------------------------------------------- */

static const char *in(const char *path)
{
	static char buf[1536];

	snprintf(buf, sizeof(buf), "%s%s", root, path);
	return buf;
}

static void make_above(const char *path)
{
	char copy[1536];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
	}
}

static void put(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(const char *path, const char *fmt, ...)
{
	va_list ap;
	FILE *out;

	make_above(in(path));
	out = fopen(in(path), "w");
	assert_non_null(out);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	assert_int_equal(fclose(out), 0);
}

/* A process that began at `started`, in a cgroup, below another process. */
static void put_process(int pid, int parent, unsigned started, const char *cgroup)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	put(path, "%d (a) b) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %u 1 1\n", pid, parent, started);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	put(path, "1:pids:/elsewhere\n0::%s\n", cgroup);
}

static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "%s/test-boxes.XXXXXX", getenv("TMPDIR") ?: "/tmp");
	if (!mkdtemp(root))
		return -1;
	put("/sys/fs/cgroup/cgroup.procs", "%s", "");
	return 0;
}

static int remove_root(void **state)
{
	char command[600];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* -- looking ------------------------------------------------------------------------------------ */

static const struct box *find(struct boxes *b, const char *word)
{
	const struct box *box = NULL;
	struct fault f = {0};

	if (boxes_find(b, word, &box, &f) < 0)
		fail_msg("%s: %s", word, f.why);
	return box;
}

#endif
