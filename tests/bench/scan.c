/* SPDX-License-Identifier: MIT */
/* scan.c - the least that has to be read to list namespaces, printing nothing: the floor of ns.sh.
 *
 * usage: scan [-f]
 *
 * Of each process the links of /proc/PID/ns; of the first process in each namespace its stat and
 * command line, and the file of the namespace, asked for its owner. With -f the descriptors of
 * each process as well. */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 1 << 16 };

static uint64_t seen[SLOTS];
static char buf[1 << 18], small[1 << 16];

static int is_new(const char *link)
{
	const char *p = strchr(link, '[');
	uint64_t ino = p ? strtoull(p + 1, NULL, 10) : 0;
	size_t at = ino % SLOTS;

	while (ino && seen[at] && seen[at] != ino)
		at = (at + 1) % SLOTS;
	if (!ino || seen[at])
		return 0;
	seen[at] = ino;
	return 1;
}

static void read_file(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY);

	while (fd >= 0 && read(fd, small, sizeof(small)) > 0)
		;
	close(fd);
}

static void read_details(int nsdir, const char *file)
{
	int fd = openat(nsdir, file, O_RDONLY), owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
	struct stat st;

	fstat(fd, &st);
	fstat(owner, &st);
	close(owner);
	close(fd);
	fstatat(nsdir, "..", &st, 0);
}

static void read_fds(int nsdir)
{
	int dir = openat(nsdir, "../fd", O_RDONLY | O_DIRECTORY);
	char link[64];
	ssize_t n;

	while (dir >= 0 && (n = getdents64(dir, small, sizeof(small))) > 0)
		for (char *p = small; p < small + n; p += ((struct dirent64 *)p)->d_reclen)
			if (((struct dirent64 *)p)->d_name[0] != '.' &&
			    readlinkat(dir, ((struct dirent64 *)p)->d_name, link, sizeof(link)) < 0)
				continue;
	close(dir);
}

static void read_process(int proc, const char *name, int fds)
{
	static const char *const files[] = {"user", "mnt", "pid", "net", "uts", "ipc", "cgroup", "time"};
	char path[300], link[64];
	int nsdir, first = 0;

	stpcpy(stpcpy(path, name), "/ns");
	nsdir = openat(proc, path, O_PATH | O_DIRECTORY);
	if (nsdir < 0)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		ssize_t n = readlinkat(nsdir, files[i], link, sizeof(link) - 1);

		if (n < 0)
			continue;
		link[n] = '\0';
		if (!is_new(link))
			continue;
		read_details(nsdir, files[i]);
		first = 1;
	}
	if (first) {
		read_file(nsdir, "../stat");
		read_file(nsdir, "../cmdline");
	}
	if (fds)
		read_fds(nsdir);
	close(nsdir);
}

int main(int argc, char **argv)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY), fds = argc > 1 && strcmp(argv[1], "-f") == 0;
	ssize_t n;

	if (proc < 0)
		err(1, "/proc");
	while ((n = getdents64(proc, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + n; p += ((struct dirent64 *)p)->d_reclen) {
			const char *name = ((struct dirent64 *)p)->d_name;

			if (name[0] >= '1' && name[0] <= '9')
				read_process(proc, name, fds);
		}
	return 0;
}
