/* SPDX-License-Identifier: MIT */
/* The keys of control groups: conversions both ways, forms that are refused, comparisons
 * of what is read back; and the paths people write. */
#include <errno.h>
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

#include "cg/keys.h"
#include "cg/sets.h"
#include "cg/where.h"

#define ROWS(t) (sizeof(t) / sizeof(*(t)))

static const struct cg_key *find(const char *name, enum cg_spelling *sp)
{
	const struct cg_key *k = cg_key_find(name, strlen(name), sp);

	assert_non_null(k);
	return k;
}

/* What is said for a key, in any spelling, and the text of each of its files. */
static const struct {
	const char *key, *said, *v2, *v1, *v1_second;
} conversions[] = {
	{"memory.max", "64M", "67108864", "67108864", NULL},
	{"memory.max", "64m", "67108864", "67108864", NULL},
	{"memory.max", "1000", "1000", "1000", NULL},
	{"memory.max", "0", "0", "0", NULL},
	{"memory.max", "max", "max", "-1", NULL},
	{"memory.limit_in_bytes", "1G", "1073741824", "1073741824", NULL},
	{"memory.limit_in_bytes", "-1", "max", "-1", NULL},
	{"memory.limit_in_bytes", "max", "max", "-1", NULL},
	{"memory.high", "2K", "2048", NULL, NULL},
	{"pids.max", "100", "100", "100", NULL},
	{"pids.max", "0", "0", "0", NULL},
	{"pids.max", "4194304", "4194304", "4194304", NULL},
	{"pids.max", "max", "max", "max", NULL},
	{"cpu.weight", "100", "100", "1024", NULL},
	{"cpu.weight", "1", "1", "10", NULL},
	{"cpu.weight", "50", "50", "512", NULL},
	{"cpu.weight", "10000", "10000", "102400", NULL},
	{"cpu.shares", "1024", "100", "1024", NULL},
	{"cpu.shares", "512", "50", "512", NULL},
	{"cpu.shares", "2", "1", "2", NULL},
	{"cpu.shares", "0", "1", "2", NULL},
	{"cpu.shares", "262144", "10000", "262144", NULL},
	{"cpu.shares", "2000000", "10000", "262144", NULL},
	{"cpu.max", "50000 100000", "50000 100000", "100000", "50000"},
	{"cpu.max", "50000", "50000", NULL, "50000"},
	{"cpu.max", "max", "max", NULL, "-1"},
	{"cpu.max", "max 50000", "max 50000", "50000", "-1"},
	{"cpu.cfs_quota_us", "-1", "max", NULL, "-1"},
	{"cpu.cfs_quota_us", "20000", "20000", NULL, "20000"},
	{"cpu.cfs_period_us", "100000", "max 100000", "100000", NULL},
	{"cpu.idle", "1", "1", "1", NULL},
	{"cpuset.cpus", "0-1", "0-1", "0-1", NULL},
	{"cpuset.mems", "0", "0", "0", NULL},
	{"io.max", "8:0 rbps=1M", "8:0 rbps=1M", NULL, NULL},
	{"cgroup.max.depth", "max", "max", NULL, NULL},
};

static void same_text(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_conversions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(conversions); i++) {
		enum cg_spelling sp;
		const struct cg_key *k = find(conversions[i].key, &sp);
		struct cg_value v = {0};
		char buf[CG_TEXT];

		print_message("%s=%s\n", conversions[i].key, conversions[i].said);
		assert_int_equal(cg_value_read(k, sp, conversions[i].said, &v), 0);
		same_text(cg_value_text(k, CG_V2, &v, buf), conversions[i].v2);
		same_text(cg_value_text(k, CG_V1, &v, buf), conversions[i].v1);
		same_text(cg_value_text(k, CG_V1_SECOND, &v, buf), conversions[i].v1_second);
	}
}

static const struct {
	const char *key, *said;
	int err;
} refused[] = {
	{"memory.max", "1x", -EINVAL},
	{"memory.max", "-1", -EINVAL},
	{"memory.max", "", -EINVAL},
	{"memory.max", "64MB", -EINVAL},
	{"memory.max", "1.5G", -EINVAL},
	{"memory.max", " 1", -EINVAL},
	{"memory.max", "18446744073709551616", -ERANGE},
	{"memory.max", "99999999P", -ERANGE},
	{"memory.limit_in_bytes", "-2", -EINVAL},
	{"pids.max", "-1", -EINVAL},
	{"pids.max", "1K", -EINVAL},
	{"pids.max", "4194305", -ERANGE},
	{"pids.max", "4294967296", -ERANGE},
	{"cpu.weight", "0", -ERANGE},
	{"cpu.weight", "10001", -ERANGE},
	{"cpu.weight", "max", -EINVAL},
	{"cpu.shares", "x", -EINVAL},
	{"cpu.max", "999", -ERANGE},
	{"cpu.max", "-1", -EINVAL},
	{"cpu.max", "50000 999", -ERANGE},
	{"cpu.max", "50000 1000001", -ERANGE},
	{"cpu.max", "50000 100000 1", -EINVAL},
	{"cpu.max", "50000 ", -EINVAL},
	{"cpu.max", " 50000", -EINVAL},
	{"cpu.max", "50%", -EINVAL},
	{"cpu.cfs_period_us", "max", -EINVAL},
	{"cpuset.cpus", "0-", -EINVAL},
	{"cpuset.cpus", "1-0", -EINVAL},
	{"cpuset.cpus", "0,", -EINVAL},
	{"cpuset.cpus", "a", -EINVAL},
	{"cpuset.cpus", "", -EINVAL},
	{"cpuset.cpus", "0-99999", -ERANGE},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++) {
		enum cg_spelling sp;
		const struct cg_key *k = find(refused[i].key, &sp);
		struct cg_value v = {0};

		print_message("%s=%s\n", refused[i].key, refused[i].said);
		assert_int_equal(cg_value_read(k, sp, refused[i].said, &v), refused[i].err);
	}
}

/* cpu.max in its two v1 halves, in either order, is one value. */
static void test_halves(void **state)
{
	static const char *const said[][2] = {{"cpu.cfs_quota_us", "50000"}, {"cpu.cfs_period_us", "200000"}};

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct cg_value v = {0};
		enum cg_spelling sp;
		const struct cg_key *k = NULL;
		char buf[CG_TEXT];

		for (int i = 0; i < 2; i++) {
			k = find(said[first ^ i][0], &sp);
			assert_int_equal(cg_value_read(k, sp, said[first ^ i][1], &v), 0);
		}
		assert_string_equal(cg_value_text(k, CG_V2, &v, buf), "50000 200000");
	}
}

/* memory.swap.max is swap, memory.memsw.limit_in_bytes memory and swap. memory NULL: not
 * said. */
static const struct {
	const char *memory, *key, *said;
	int err;
	const char *v2, *v1;
} swaps[] = {
	{"64M", "memory.swap.max", "32M", 0, "33554432", "100663296"},
	{"64M", "memory.swap.max", "0", 0, "0", "67108864"},
	{"64M", "memory.swap.max", "max", 0, "max", "-1"},
	{"64M", "memory.memsw.limit_in_bytes", "96M", 0, "33554432", "100663296"},
	{"64M", "memory.memsw.limit_in_bytes", "64M", 0, "0", "67108864"},
	{"64M", "memory.memsw.limit_in_bytes", "-1", 0, "max", "-1"},
	{"64M", "memory.memsw.limit_in_bytes", "32M", -ERANGE, NULL, NULL},
	{"max", "memory.swap.max", "32M", -ERANGE, NULL, NULL},
	{"64M", "memory.swap.max", "18446744073709551614", -ERANGE, NULL, NULL},
	{NULL, "memory.swap.max", "max", 0, "max", "-1"},
	{NULL, "memory.swap.max", "32M", -ENODATA, NULL, NULL},
	{NULL, "memory.memsw.limit_in_bytes", "96M", -ENODATA, NULL, NULL},
};

static void test_swap(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(swaps); i++) {
		struct cg_value memory = {0}, swap = {0};
		enum cg_spelling sp;
		const struct cg_key *k = find("memory.max", &sp);
		char buf[CG_TEXT];

		if (swaps[i].memory)
			assert_int_equal(cg_value_read(k, sp, swaps[i].memory, &memory), 0);
		k = find(swaps[i].key, &sp);
		assert_int_equal(cg_value_read(k, sp, swaps[i].said, &swap), 0);
		assert_int_equal(cg_value_swap(swaps[i].memory ? &memory : NULL, &swap), swaps[i].err);
		if (swaps[i].err)
			continue;
		assert_string_equal(cg_value_text(k, CG_V2, &swap, buf), swaps[i].v2);
		assert_string_equal(cg_value_text(k, CG_V1, &swap, buf), swaps[i].v1);
	}
}

/* What was written, what is read, and whether that is the same. */
static const struct {
	const char *file, *want, *got;
	bool same;
} compared[] = {
	{"memory.max", "67108864", "67108864", true},
	{"memory.max", "67108865", "67108864", true}, /* whole pages */
	{"memory.max", "67108864", "67112960", false},
	{"memory.max", "100", "0", true},
	{"memory.max", "max", "max", true},
	{"memory.max", "max", "0", false},
	{"memory.max", "67108864", "max", false},
	{"memory.max", "9223372036854775807", "max", true},
	{"memory.max", "67108864", "", false},
	{"memory.limit_in_bytes", "-1", "9223372036854771712", true},
	{"memory.limit_in_bytes", "-1", "9223372036854710272", false},
	{"memory.limit_in_bytes", "67108864", "9223372036854771712", false},
	{"pids.max", "100", "100", true},
	{"pids.max", "100", "max", false},
	{"cpu.weight", "100", "99", false},
	{"cpu.max", "50000 100000", "50000 100000", true},
	{"cpu.max", "50000", "50000 100000", true},
	{"cpu.max", "5000", "50000 100000", false},
	{"cpu.max", "max", "max 100000", true},
	{"cpu.max", "50000 100000", "50000 50000", false},
	{"cpuset.cpus", "0,1", "0-1", true},
	{"cpuset.cpus", "0-3,5", "0-1,2,3,5", true},
	{"cpuset.cpus", "0", "0-1", false},
	{"cpuset.cpus", "0", "", false},
	{"cpuset.cpus.partition", "root", "root", true},
	{"cpuset.cpus.partition", "root", "root invalid (cpuset.cpus is empty)", false},
	{"io.max", "8:0 wbps=1M", "8:0 rbps=max wbps=1048576 riops=max wiops=max", true},
	{"io.max", "8:0 wbps=1M", "8:0 rbps=1048576 wbps=max riops=max wiops=max", false},
	{"io.max", "8:0 wbps=1M", "8:0 rbps=max wbps=2097152 riops=max wiops=max", false},
	{"io.weight", "100", "default 100", true},
	{"io.weight", "default 100", "default 200", false},
};

/* The same for files without a row. */
static const struct {
	const char *file, *want, *got;
	bool same;
} texts[] = {
	{"rdma.max", "4M", "4194304", true},
	{"rdma.max", "4M", "max", false},
	{"hugetlb.2MB.max", "1", "0", true},
	{"hugetlb.2MB.max", "5M", "4194304", true},
	{"hugetlb.2MB.max", "5M", "6291456", false},
	{"hugetlb.2MB.max", "max", "max", true},
	{"hugetlb.2MB.max", "max", "0", false},
	{"hugetlb.1GB.rsvd.max", "1500M", "1073741824", true},
	{"hugetlb.64KB.max", "65537", "65536", true},
	{"hugetlb.64KB.max", "65537", "0", false},
	{"hugetlb.2MB.limit_in_bytes", "-1", "9223372036852678656", true},
	{"memory.soft_limit_in_bytes", "4097", "4096", true},
	{"memory.zswap.max", "4097", "4096", true},
	{"memory.zswap.max", "4097", "8192", false},
	{"memory.swappiness", "10", "20", false},
	{"memory.swappiness", "10", "10", true},
};

static void test_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(compared); i++) {
		enum cg_spelling sp;
		const struct cg_key *k = find(compared[i].file, &sp);

		print_message("%s: %s, %s\n", compared[i].file, compared[i].want, compared[i].got);
		assert_int_equal(cg_value_same(k, sp, compared[i].want, compared[i].got), compared[i].same);
	}
	for (size_t i = 0; i < ROWS(texts); i++) {
		print_message("%s: %s, %s\n", texts[i].file, texts[i].want, texts[i].got);
		assert_int_equal(cg_text_same(texts[i].file, texts[i].want, texts[i].got), texts[i].same);
	}
}

static void test_names(void **state)
{
	enum cg_spelling sp;

	(void)state;
	assert_null(cg_key_find("memory.ma", 9, &sp));
	assert_null(cg_key_find("memory.maxx", 11, &sp));
	assert_non_null(cg_key_find("memory.max=64M", 10, &sp));
	assert_int_equal(sp, CG_V2);
	assert_ptr_equal(find("cpu.shares", &sp), find("cpu.weight", &(enum cg_spelling){0}));
	assert_int_equal(sp, CG_V1);
	assert_string_equal(cg_key_near("memroy.max", 10), "memory.max");
	assert_string_equal(cg_key_near("pid.max", 7), "pids.max");
	assert_null(cg_key_near("quite.else", 10));
	assert_non_null(strstr(cg_key_words, "memory.max= "));
	for (size_t i = 0; i < cg_keys_count; i++)
		assert_non_null(cg_keys[i].file[CG_V2].name);
}

static const struct {
	const char *path;
	bool find, make; /* may be found; may be made */
} paths[] = {
	{"/a", true, true},
	{"a/b", true, true},
	{"/a/b/", true, true},
	{"/a:b", true, true},
	{"/", true, false},
	{"", false, false},
	{".", false, false},
	{"..", false, false},
	{"/../a", false, false},
	{"a/./b", false, false},
	{"a/..", false, false},
	{"//a", false, false},
	{"a//b", false, false},
	{"a\nb", false, false},
	{"/..a", true, true},
	{"/a..", true, true},
	{"/cgroup.procs", true, false},
	{"/memory.max", true, false},
	{"/a/tasks", true, false},
	{"/tasks/a", true, true},
	{"/memory", true, true},
	{"/user.slice", true, true},
};

static void test_paths(void **state)
{
	struct fault f;

	(void)state;
	for (size_t i = 0; i < ROWS(paths); i++) {
		print_message("%s\n", paths[i].path);
		assert_int_equal(cg_path_check(paths[i].path, false, paths[i].path, &f) == 0, paths[i].find);
		assert_int_equal(cg_path_check(paths[i].path, true, paths[i].path, &f) == 0, paths[i].make);
	}
}

static void test_split(void **state)
{
	const char *list;
	size_t len;

	(void)state;
	assert_string_equal(cg_split("memory,pids:a/b", &list, &len), "a/b");
	assert_int_equal(len, strlen("memory,pids"));
	assert_string_equal(cg_split("*:a", &list, &len), "a");
	assert_int_equal(len, 1);
	assert_string_equal(cg_split("/a:b", &list, &len), "/a:b");
	assert_int_equal(len, 0);
	assert_string_equal(cg_split("a/b:c", &list, &len), "a/b:c");
	assert_int_equal(len, 0);
	assert_string_equal(cg_split("name=systemd:x", &list, &len), "x");
	assert_int_equal(len, strlen("name=systemd"));
}

/* From the top of the hierarchy, or below the caller's own cgroup, or nowhere. */
static void test_places(void **state)
{
	const struct cg_hier deep = {.mount = "/m", .own = "me/too"}, top = {.mount = "/m", .own = ""},
			     hidden = {.mount = "/m"};
	char name[256], *p;
	struct fault f;

	(void)state;
	p = cg_path_in(&deep, "/a/b/", &f);
	assert_string_equal(p, "a/b");
	cg_path_cut(p, name);
	assert_string_equal(p, "a");
	assert_string_equal(name, "b");
	free(p);
	p = cg_path_in(&deep, "a", &f);
	assert_string_equal(p, "me/too/a");
	free(p);
	p = cg_path_in(&top, "a", &f);
	assert_string_equal(p, "a");
	cg_path_cut(p, name);
	assert_string_equal(p, "");
	assert_string_equal(name, "a");
	free(p);
	assert_null(cg_path_in(&hidden, "a", &f));
	p = cg_path_in(&hidden, "/a", &f);
	assert_string_equal(p, "a");
	free(p);
	p = cg_default_parent(&deep, &f); /* /m does not exist: beside the caller's own */
	assert_string_equal(p, "me");
	free(p);
}

/* Words about block devices and huge pages: what is written where, "FILE=TEXT;", in a world of
 * v1 and in one of cgroup2. NULL: refused. */
static const struct {
	const char *word, *v1, *v2;
} device_words[] = {
	{"io.max=8:0 rbps=1M", "blkio.throttle.read_bps_device=8:0 1048576;", "io.max=8:0 rbps=1048576;"},
	{"io.max=8:0  wbps=1 riops=max\twiops=2", "blkio.throttle.write_bps_device=8:0 1;blkio.throttle.write_iops_device=8:0 2;",
	 "io.max=8:0 wbps=1;io.max=8:0 riops=max;io.max=8:0 wiops=2;"},
	{"io.max=8:0", NULL, NULL},
	{"io.max=8:0 ", NULL, NULL},
	{"io.max=:0 rbps=1", NULL, NULL},
	{"io.max=8: rbps=1", NULL, NULL},
	{"io.max=12345678901:0 rbps=1", NULL, NULL},
	{"io.max=8:0 rbps=111111111111111111111111111111111111111", NULL, NULL},
	{"io.max=8:0 xbps=1", NULL, NULL},
	{"blkio.throttle.read_iops_device=8:0 5", "blkio.throttle.read_iops_device=8:0 5;", "io.max=8:0 riops=5;"},
	{"blkio.throttle.write_bps_device=8:0 0", "", "io.max=8:0 wbps=max;"},
	{"blkio.weight=10", "blkio.weight=10|blkio.bfq.weight=10;", "io.bfq.weight=10|io.weight=1;"},
	{"blkio.weight=1000", "blkio.weight=1000|blkio.bfq.weight=1000;", "io.bfq.weight=1000|io.weight=10000;"},
	{"blkio.weight=9", NULL, NULL},
	{"blkio.weight=1001", NULL, NULL},
	{"blkio.weight_device=8:16 500", "blkio.weight_device=8:16 500|blkio.bfq.weight_device=8:16 500;",
	 "io.bfq.weight=8:16 500|io.weight=8:16 4950;"},
	{"blkio.weight_device=500", NULL, NULL},
	{"hugetlb.2MB.max=4M", "hugetlb.2MB.limit_in_bytes=4M;", "hugetlb.2MB.max=4M;"},
	{"hugetlb.1GB.rsvd.limit_in_bytes=1", "hugetlb.1GB.rsvd.limit_in_bytes=1;", "hugetlb.1GB.rsvd.max=1;"},
};

static void writes(const char *word, const struct cg_world *world, const char *want)
{
	char *const list[] = {(char *)word};
	const struct words words = {.v = (char **)list, .n = 1};
	struct cg_sets sets = {0};
	struct fault f = {0};
	char got[256] = "";
	size_t n = 0;
	int r = cg_sets_resolve(&sets, &words, world, &f);

	print_message("# %s\n", word);
	assert_int_equal(r, want ? 0 : -EINVAL);
	for (size_t i = 0; want && i < sets.n; i++) {
		struct cg_write *w = &sets.w[i];

		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s=%s", w->file, w->text);
		if (w->or_file) {
			cg_write_other(w);
			n += (size_t)snprintf(got + n, sizeof(got) - n, "|%s=%s", w->file, w->text);
		}
		n += (size_t)snprintf(got + n, sizeof(got) - n, ";");
	}
	if (want)
		assert_string_equal(got, want);
	else
		assert_int_equal(f.op, OP_CG_KEY);
	cg_sets_free(&sets);
}

static void test_device_words(void **state)
{
	char dir[] = "/tmp/test-cg-keys.XXXXXX", file[64];
	struct cg_world v1 = {.n = 2, .h = {{.options = "rw,blkio", .mount = "/b"}, {.options = "rw,hugetlb", .mount = "/h"}}};
	struct cg_world v2 = {.n = 1, .h = {{.v2 = true, .options = "rw", .mount = dir}}};
	FILE *out;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/cgroup.controllers", dir);
	out = fopen(file, "w");
	assert_non_null(out);
	fputs("io hugetlb\n", out);
	fclose(out);
	for (size_t i = 0; i < ROWS(device_words); i++) {
		writes(device_words[i].word, &v1, device_words[i].v1);
		writes(device_words[i].word, &v2, device_words[i].v2);
	}
	unlink(file);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversions), cmocka_unit_test(test_refused), cmocka_unit_test(test_halves),
		cmocka_unit_test(test_swap),        cmocka_unit_test(test_compared), cmocka_unit_test(test_names),
		cmocka_unit_test(test_paths),       cmocka_unit_test(test_split),    cmocka_unit_test(test_places),
		cmocka_unit_test(test_device_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
