/* SPDX-License-Identifier: MIT */
/* cgroups.h - two machines that are not there: one with hierarchies of version 1, one with
 * cgroup2. To be included once, before anything else of cg/. */
#ifndef FUZZ_CGROUPS_H
#define FUZZ_CGROUPS_H

#include <fcntl.h>
#include <unistd.h>

#include "common.h"

static int small_file(int dirfd, const char *name)
{
	static const char controllers[] = "cpuset cpu io memory hugetlb pids rdma misc\n";
	static int fd = -1;

	(void)dirfd, (void)name;
	if (fd < 0)
		fd = fuzz_file(controllers, sizeof(controllers) - 1);
	lseek(fd, 0, SEEK_SET);
	return dup(fd);
}

/* every small file that world.c opens lists controllers */
#define openat(dirfd, name, flags) small_file(dirfd, name)
#include "cg/world.c"
#undef openat

static void make_worlds(struct cg_world world[2])
{
	static const char *const v1[] = {"rw,memory", "rw,cpu,cpuacct", "rw,pids", "rw,cpuset", "rw,blkio", "rw,devices",
					 "rw,hugetlb", "rw,net_cls,net_prio", "rw,rdma", "rw,freezer"};

	world[0] = world[1] = (struct cg_world){0};
	for (size_t i = 0; i < sizeof(v1) / sizeof(*v1); i++)
		world[0].h[world[0].n++] = (struct cg_hier){false, v1[i], "/sys/fs/cgroup/one", "/", "own"};
	world[1].h[world[1].n++] = (struct cg_hier){true, "rw", "/sys/fs/cgroup", "/", "own"};
}

#endif
