/* SPDX-License-Identifier: MIT */
/* files.c - one text, read by all who read a file of /proc, /etc or a cgroup. */
#include "fs/cgroupfs.c"
#include "fs/propagate.c"
#include "ns/expect.c"
#include "proc/rlimits.c"
#include "target/mounts.c"
#define hold hold_process
#include "cg/v1.c"
#undef hold

#include <sys/mman.h>

#include "cap/ids.h"
#include "cg/held.h"
#include "cg/world.h"
#include "common.h"
#include "proc/home.h"
#include "target/lsm.h"

static void cgroups(const char *text)
{
	struct mount_row row = {.dir = xprintf("/sys/fs/cgroup")};
	const struct ctx c = {0};
	struct cg_world w = {0};
	struct fault f = {0};
	_cleanup_free_ char *copy = NULL;

	fuzz_check_fault(cg_world_read(&w, &f), &f);
	for (size_t i = 0; i < w.n; i++)
		FUZZ_HOLDS(w.h[i].mount && w.h[i].root && w.h[i].options, "%zu", i);
	cg_world_free(&w);
	fuzz_check_fault(cgroup_check(&row, &c, &f), &f);
	for (size_t i = 0; i < row.data.n; i++) {
		copy = xprintf("%s", text);
		(void)own_path(copy, row.data.v[i]);
		free(copy);
		copy = xprintf("%s", text);
		(void)mount_point(copy, row.data.v[i]);
		free(copy);
		copy = NULL;
	}
	free(row.text);
	free(row.dir);
	words_free(&row.data);
}

static void maps(void)
{
	struct idmap m = {0};
	char is[100];

	if (read_map(-1, "uid_map", &m) == 0)
		FUZZ_HOLDS(strlen(map_text(is, sizeof(is), &m)) < sizeof(is), "%s", is);
	(void)self_map_has(-1, "uid_map", 1000);
}

/* The names of ids, and the ranges that are given to them. */
static void users(const uint8_t *data, size_t size)
{
	struct id_word w = {.given = true, .name = "root", .len = 4};
	struct idmap m = {0}, all = {.n = 1, .e = {{0, 100000, 65536}}};
	struct fault f = {0};
	uint32_t gid;
	char *home;

	fuzz_check_fault(ids_lookup(&w, "/etc/passwd", &gid, &f), &f);
	home = home_of(0);
	FUZZ_HOLDS(strncmp(home, "HOME=/", 6) == 0 && !strchr(home, '\n'), "%s", home);
	free(home);
	(void)fuzz_file(data, size);
	fuzz_check_fault((int)idmap_add_subids(&m, fuzz_file_path(), 1, &f), &f);
	fuzz_check_fault(idmap_check_subids(&all, fuzz_file_path(), 0, &f), &f);
}

static void processes(void)
{
	_cleanup_fd_ int dir = memfd_create("no-directory", MFD_CLOEXEC);
	struct cg_held h = {.n = 1, .g = {{.dir = dir, .path = (char *)"/group"}}};
	char buf[CG_SMALL];
	struct fault f = {0};
	pid_t *pids = NULL;
	ssize_t n = cg_held_pids(&h, &pids, &f);

	for (ssize_t i = 0; i < n; i++)
		FUZZ_HOLDS(pids[i] > 0 && (i == 0 || pids[i] > pids[i - 1]), "%d", pids[i]);
	free(pids);
	(void)procs(-1, buf, sizeof(buf));
	(void)cg_held_frozen(&h);
}

/* A cover without a word would be one that nobody can take away. */
static void mounts(void)
{
	__attribute__((cleanup(drop_table))) struct table t = {0};
	char point[64] = "", cover[64];
	bool read_only;

	if (read_table(&t) >= 0)
		(void)is_shared(31, &t, point, sizeof(point));
	if (mounts_proc_whole(cover, sizeof(cover), &read_only))
		FUZZ_HOLDS(!cover[0] && !read_only, "%s", cover);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct fault f = {0};

	fuzz_feed(text);
	cgroups(text);
	mounts();
	maps();
	users(data, size);
	processes();
	(void)lsm_has_selinux();
	(void)lsm_has_apparmor();
	fuzz_check_fault(check_nr_open(1024, &f), &f);
	fuzz_feed(NULL);
	return 0;
}
