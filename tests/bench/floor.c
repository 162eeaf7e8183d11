/* SPDX-License-Identifier: MIT */
/*
 * floor - the least that a container costs: a lower bound for the benchmark.
 *
 * floor [-b BPF] [-o STATE] ROOT PROGRAM [ARG...]
 *
 * Does what this line does, with the system calls that the kernel needs for it and no others:
 *
 *   cg-exec --new --set memory.max=64M ns-run --all --map-root \
 *     fs-root --proc --dev --tmpfs /tmp ROOT \
 *     cap-set --only chown,setuid,setgid --no-new-privs [sc-filter BPF] PROGRAM
 *

 * With -o it is the floor of an OCI runtime: without a time namespace, with a cgroup in each
 * hierarchy, and with a directory STATE and two files in it, removed at the end.
 *
 * What it leaves out is the point of it: no options, no checks but those of each result, no
 * words for a failure beyond the name of the call, no forwarding of signals, no sealed copy of
 * itself, no reading back, no search along $PATH (PROGRAM is a path in ROOT), no removal of a
 * stale cgroup. What it knows in advance (it is root; where the cgroups are mounted; that ROOT
 * has dev, proc and tmp as plain directories) it does not ask. It must not be used for more.
 *
 * What it keeps although it costs: each effect of the line above. The cgroup namespace is made
 * by an unshare of its own after the placement, because its root is the cgroup at that moment;
 * device nodes are bound, because a user namespace cannot make them; the mounts wait for the maps,
 * because an inode needs a mapped owner. What needs no map (placement, cgroup namespace,
 * loopback, propagation) the child does while the parent writes it.
 *
 * Placement: on v2 the child is born in its cgroup. On v1 it writes "0" to `tasks`, through a
 * descriptor that the parent opened (the kernel asks for the opener's rights): a thread that moves
 * itself needs no lock on all thread groups, whereas "cgroup.procs", or the pid of another, takes
 * cgroup_threadgroup_rwsem and with it waits for an RCU grace period of several milliseconds
 * (cgroup_procs_write_start() in kernel/cgroup/cgroup.c, since Linux 5.5).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define V1 "/sys/fs/cgroup/memory/"
#define V2 "/sys/fs/cgroup/"
#define LIMIT "67108864"

enum { DEVICES = 6, LINKS = 5, CGROUPS = 12 };

/* Every v1 controller that may be mounted, and cgroup2 on a hybrid machine. */
static const char hierarchies[CGROUPS][12] = { "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb",
					       "net_cls", "perf_event", "pids", "rdma", "unified" };

struct floor {
	char cgroup[64];                /* its directory */
	int v1;
	struct sock_fprog filter;       /* len 0: none */
	const char *root, *state;       /* state NULL: no OCI */
	int entries[CGROUPS];           /* with state: where the child comes in */
	char **program;
	int gate[2];                    /* [0] the parent's end, [1] the child's */
};

/*
 * The name of the call when it failed, and the end of it. Only the process that knows of a
 * cgroup (the parent; elsewhere NULL) removes it; its death is the child's as well.
 */
static int must(long result, const char *what, const char *cgroup)
{
	if (result >= 0)
		return (int)result;
	dprintf(2, "floor: %s: %s\n", what, strerror(errno));
	if (cgroup)
		rmdir(cgroup);
	_exit(125);
}

/* --- the parent --------------------------------------------------------------------------- */

static void load_filter(struct floor *f, const char *path)
{
	int fd = must(open(path, O_RDONLY | O_CLOEXEC), path, NULL);
	static struct sock_filter code[BPF_MAXINSNS];
	ssize_t n = must(read(fd, code, sizeof(code)), path, NULL);

	close(fd);
	f->filter.len = (unsigned short)((size_t)n / sizeof(*code));
	f->filter.filter = code;
}

static void put(const struct floor *f, int dir, const char *name, const char *text)
{
	int fd = must(openat(dir, name, O_WRONLY | O_CLOEXEC), name, f->cgroup);

	must(write(fd, text, strlen(text)), name, f->cgroup);
	close(fd);
}

/*
 * A new memory cgroup with its limit: v1 where that controller is mounted. Returns the descriptor
 * through which the child comes in: on v1 of `tasks`, on v2 of the directory.
 */
static int make_cgroup(struct floor *f)
{
	snprintf(f->cgroup, sizeof(f->cgroup), V1 "boxbench.%d", (int)getpid());
	f->v1 = mkdir(f->cgroup, 0755) == 0;
	if (!f->v1) {
		snprintf(f->cgroup, sizeof(f->cgroup), V2 "boxbench.%d", (int)getpid());
		must(mkdir(f->cgroup, 0755), f->cgroup, NULL);
	}
	int dir = must(open(f->cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC), f->cgroup, f->cgroup);

	put(f, dir, f->v1 ? "memory.limit_in_bytes" : "memory.max", LIMIT);
	return f->v1 ? must(openat(dir, "tasks", O_WRONLY | O_CLOEXEC), "tasks", f->cgroup) : dir;
}

/* The other cgroups of an OCI runtime, and its state. */
static void make_rest(struct floor *f)
{
	char path[128];

	for (int i = 0; i < CGROUPS; i++) {
		f->entries[i] = -1;
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%.11s/boxbench.%d", hierarchies[i], (int)getpid());
		if (mkdir(path, 0755) < 0)
			continue;
		int dir = must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path, f->cgroup);

		if (!strcmp(hierarchies[i], "cpuset")) {
			put(f, dir, "cpuset.cpus", "0");
			put(f, dir, "cpuset.mems", "0");
		}
		if (i == CGROUPS - 1) { /* the child is born there */
			f->entries[i] = dir;
			continue;
		}
		f->entries[i] = must(openat(dir, "tasks", O_WRONLY | O_CLOEXEC), path, f->cgroup);
		close(dir);
	}
	must(mkdir(f->state, 0700), f->state, f->cgroup);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%d", f->state, i);
		int fd = must(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), path, f->cgroup);

		must(write(fd, path, sizeof(path)), path, f->cgroup);
		close(fd);
	}
}

static void remove_rest(const struct floor *f)
{
	char path[128];

	for (int i = 0; i < CGROUPS; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%.11s/boxbench.%d", hierarchies[i], (int)getpid());
		if (f->entries[i] >= 0)
			rmdir(path);
	}
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%d", f->state, i);
		unlink(path);
	}
	rmdir(f->state);
}

static pid_t clone_child(const struct floor *f, int cgroup)
{
	int born = f->v1 ? f->state ? f->entries[CGROUPS - 1] : -1 : cgroup;
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS |
			 CLONE_NEWIPC | (f->state ? 0 : CLONE_NEWTIME) | (born < 0 ? 0 : CLONE_INTO_CGROUP),
		.exit_signal = SIGCHLD,
		.cgroup = born < 0 ? 0 : (uint64_t)born,
	};

	return (pid_t)must(syscall(SYS_clone3, &args, sizeof(args)), "clone3", f->cgroup);
}

static void write_maps(const struct floor *f, pid_t pid)
{
	char proc[32];

	snprintf(proc, sizeof(proc), "/proc/%d", (int)pid);
	int dir = must(open(proc, O_PATH | O_DIRECTORY | O_CLOEXEC), proc, f->cgroup);

	put(f, dir, "setgroups", "deny");
	put(f, dir, "uid_map", "0 0 1");
	put(f, dir, "gid_map", "0 0 1");
	close(dir);
}

/* Maps, go; then wait for the end and take the cgroup away. */
static int watch(const struct floor *f, pid_t pid)
{
	int status;

	write_maps(f, pid);
	must(write(f->gate[0], "", 1), "go", f->cgroup);
	must(waitpid(pid, &status, 0), "wait", f->cgroup);
	must(rmdir(f->cgroup), f->cgroup, NULL);
	if (f->state)
		remove_rest(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- the child ------------------------------------------------------------------------------ */

static int done(long result, const char *what)
{
	return must(result, what, NULL);
}

static void wait_gate(const struct floor *f)
{
	char byte;

	if (done(read(f->gate[1], &byte, 1), "gate") == 0)
		_exit(125); /* the parent is gone */
}

static void raise_loopback(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = done(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	done(ioctl(fd, SIOCSIFFLAGS, &r), "loopback");
	close(fd);
}

static void be_private(void)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };

	done(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)), "private");
}

/* A detached mount of a filesystem with up to two options, the first a pair or NULL. */
static int new_mount(const char *type, const char *key, const char *value, const char *flag,
		     unsigned int attributes)
{
	int fs = done(fsopen(type, FSOPEN_CLOEXEC), type);

	if (key)
		done(fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0), key);
	if (flag)
		done(fsconfig(fs, FSCONFIG_SET_STRING, flag, "0666", 0), flag);
	done(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int fd = done(fsmount(fs, FSMOUNT_CLOEXEC, attributes), type);

	close(fs);
	return fd;
}

static void attach(int fd, int dir, const char *at)
{
	done(move_mount(fd, "", dir, at, MOVE_MOUNT_F_EMPTY_PATH), at);
}

static void bind_devices(int dev)
{
	static const char paths[DEVICES][16] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
	};

	for (int i = 0; i < DEVICES; i++) {
		const char *name = paths[i] + strlen("/dev/");
		int fd = done(open_tree(AT_FDCWD, paths[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), name);

		done(mknodat(dev, name, S_IFREG | 0666, 0), name);
		attach(fd, dev, name);
		close(fd);
	}
}

/* The current directory is the new root; the host's /dev is still the one that "/dev" names. */
static void make_dev(void)
{
	static const char links[LINKS][2][16] = {
		{ "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "pts/ptmx", "ptmx" },
	};
	int dev = new_mount("tmpfs", "mode", "0755", NULL, MOUNT_ATTR_NOSUID);

	attach(dev, AT_FDCWD, "dev");
	bind_devices(dev);
	for (int i = 0; i < LINKS; i++)
		done(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	done(mkdirat(dev, "pts", 0755), "pts");
	done(mkdirat(dev, "shm", 01777), "shm");
	int pts = new_mount("devpts", "mode", "0620", "ptmxmode", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	int shm = new_mount("tmpfs", "mode", "1777", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	attach(pts, dev, "pts");
	attach(shm, dev, "shm");
	close(pts);
	close(shm);
	close(dev);
}

static void enter_root(const char *path)
{
	int root = done(open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE), path);

	attach(root, AT_FDCWD, path);
	done(fchdir(root), "fchdir");
	int proc = new_mount("proc", NULL, NULL, NULL,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	int tmp = new_mount("tmpfs", "mode", "1777", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	attach(proc, AT_FDCWD, "proc");
	make_dev();
	attach(tmp, AT_FDCWD, "tmp");
	close(proc);
	close(tmp);
	close(root);
	done(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	done(umount2(".", MNT_DETACH), "umount2"); /* the old root, which lies on top */
	done(chdir("/"), "chdir");
}

/*
 * A new user namespace begins with a full bounding set and nothing inheritable or ambient; so
 * the drops, up to the last that this kernel knows, and one capset are all.
 */
static void drop_capabilities(void)
{
	const uint32_t keep = 1U << CAP_CHOWN | 1U << CAP_SETUID | 1U << CAP_SETGID;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = keep, .permitted = keep } };

	for (unsigned long cap = 0; cap < 64; cap++)
		if (!((uint64_t)keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
	done(syscall(SYS_capset, &header, data), "capset");
}

__attribute__((noreturn))
static void container(const struct floor *f, int cgroup)
{
	done(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
	close(f->gate[0]); /* or the end of the parent would not be seen */
	if (f->v1)
		done(write(cgroup, "0", 1), "tasks");
	for (int i = 0; f->state && i < CGROUPS - 1; i++)
		if (f->entries[i] >= 0)
			done(write(f->entries[i], "0", 1), hierarchies[i]);
	done(unshare(CLONE_NEWCGROUP), "unshare");
	raise_loopback();
	be_private();
	wait_gate(f);
	enter_root(f->root);
	drop_capabilities();
	done(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	if (f->filter.len)
		done(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f->filter), "seccomp");
	execve(f->program[0], f->program, environ);
	_exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
	struct floor f = { 0 };

	if (argc > 2 && !strcmp(argv[1], "-b")) {
		load_filter(&f, argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc > 2 && !strcmp(argv[1], "-o")) {
		f.state = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 3) {
		dprintf(2, "usage: floor [-b BPF] [-o STATE] ROOT PROGRAM [ARG...]\n");
		return 125;
	}
	f.root = argv[1];
	f.program = argv + 2;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f.gate), "socketpair", NULL);
	int cgroup = make_cgroup(&f);

	if (f.state)
		make_rest(&f);
	pid_t pid = clone_child(&f, cgroup);

	if (pid == 0)
		container(&f, cgroup);
	return watch(&f, pid);
}
