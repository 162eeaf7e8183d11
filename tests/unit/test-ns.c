/* SPDX-License-Identifier: MIT */
/* Namespaces: files of theirs and files that look like it, and pictures of many. */
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ns/list-view.h"
#include "ns/nsfs.h"

/* -- nsfs -------------------------------------------------------------------------------------- */

static void files(void **state)
{
	int own = open("/proc/self/ns/uts", O_PATH | O_CLOEXEC), fd;
	unsigned long ino = nsfs_inode(own);

	(void)state;
	assert_true(own >= 0 && ino);
	fd = nsfs_open(own, ino);
	assert_true(fd >= 0);
	assert_int_equal(nsfs_inode(fd), ino);
	close(fd);
	assert_int_equal(nsfs_open(own, ino + 1), -ESTALE);
	close(own);
}

/* With the right number, but elsewhere: a pipe, whose reader would wait for a writer. */
static void strangers(void **state)
{
	char dir[] = "/tmp/test-ns.XXXXXX", pipe[64];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(pipe, sizeof(pipe), "%s/pipe", dir);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	fd = open(pipe, O_PATH | O_CLOEXEC);
	unlink(pipe);
	rmdir(dir);
	assert_true(fd >= 0);
	alarm(10);
	assert_int_equal(nsfs_open(fd, nsfs_inode(fd)), -ESTALE);
	alarm(0);
	close(fd);
}

/* -- numbers ----------------------------------------------------------------------------------- */

/* A namespace may get the number of one of another kind that has gone while we read. */
static void number_of_another_kind(void **state)
{
	struct scan s = {.proc = -1, .netlink = -1};
	uint32_t gone = scan_find(&s, 4026532176, 4, true), is = scan_find(&s, 4026532176, 6, true);

	(void)state;
	assert_int_not_equal(gone, is);
	assert_int_equal(s.ns[is].kind, 6);
	s.ns[is].nprocs = 1;
	s.ns[is].first = 0;
	assert_int_equal(scan_find(&s, 4026532176, SCAN_ANY, false), is);
	for (uint32_t i = 0; i < 1000; i++)
		scan_find(&s, 4026540000 + i, 0, true);
	assert_int_equal(scan_find(&s, 4026532176, 4, false), gone);
	assert_int_equal(scan_find(&s, 4026532176, 6, false), is);
	assert_int_equal(scan_find(&s, 4026532176, 2, false), SCAN_NONE);
	scan_close(&s);
}

/* -- the graph --------------------------------------------------------------------------------- */

/* Seconds of our time for a picture of n processes, each in a namespace of its own. */
static double seconds_for(uint32_t n)
{
	struct ns_list o = {.dot = true};
	struct view v = {.o = &o, .s = {.kinds = ns_kinds[0].flag, .proc = -1, .netlink = -1, .nprocs = n}};
	FILE *out = fopen("/dev/null", "w");
	struct fault f;
	clock_t begun;

	assert_int_equal(rows_new(&v.t, "namespaces", list_columns, BY_NAMESPACE, "NS", &o.rows, &f), 0);
	v.s.procs = calloc(n, sizeof(*v.s.procs));
	v.s.who = calloc(n, sizeof(*v.s.who));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = scan_find(&v.s, 4026531840 + i, 0, true);

		v.s.ns[at].nprocs = 1;
		v.s.ns[at].first = i;
		v.s.procs[i] = (struct scan_proc){.pid = (pid_t)i + 1};
		memset(v.s.procs[i].ns, 0xff, sizeof(v.s.procs[i].ns));
		v.s.procs[i].ns[0] = at;
	}
	begun = clock();
	assert_int_equal(list_dot(&v, out), n);
	begun = clock() - begun;
	scan_close(&v.s);
	rows_free(v.t);
	fclose(out);
	return (double)begun / CLOCKS_PER_SEC;
}

static void many(void **state)
{
	double few = seconds_for(5000);

	(void)state;
	/* 16 times as many, and a bit for sorting; not 256 times */
	assert_true(seconds_for(80000) < 60 * few + 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(files), cmocka_unit_test(strangers), cmocka_unit_test(number_of_another_kind), cmocka_unit_test(many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
