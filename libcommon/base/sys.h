/* SPDX-License-Identifier: MIT */
/* sys.h - every call that changes the system goes through here.
 *
 * Each wrapper makes one system call and returns its result, or -errno. With
 * --explain it prints the call with decoded arguments, its result, one line of
 * meaning and the manual page; with --dry-run it prints and does not call; with
 * --step it asks before it calls. The line is printed by the wrapper that makes the
 * call, so that strace shows the same calls in the same order. */
#ifndef COMMON_BASE_SYS_H
#define COMMON_BASE_SYS_H

#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>


struct sock_fprog;
struct bpf_insn;


struct sys {
	bool explain; /* print each call on `out`                                        */
	bool dry;     /* print and do not call; implies explain                          */
	bool step;    /* ask on `tty` before each call; implies explain                  */
	int out;      /* descriptor for the lines                                        */
	int tty;      /* descriptor to ask on, or -1                                     */
	pid_t pid;    /* the caller as its watcher sees it: the tag of each line         */
	const char *verbose; /* who speaks, when somebody wants to hear of sys_note(); or NULL    */
	bool stopped; /* --step was answered with q: calls return -ECANCELED from then   */
	bool undoing; /* ... but those that undo are made                                */
};


/* Print one line of explanation that is no call: "# ..." (only with --explain). */
void sys_say(const struct sys *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "TOOL: ..." on stderr when the user asked to be told (-v), for what goes another way
 * than one would think, and is no fault; with --explain as sys_say does. */
void sys_note(const struct sys *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* -- processes and namespaces --------------------------------------------------- */
pid_t sys_clone3(struct sys *s, struct clone_args *args); /* flags, pidfd, cgroup used */
pid_t sys_clone(struct sys *s, unsigned flags);           /* clone(2), SIGCHLD at its end */
int sys_unshare(struct sys *s, unsigned flags);
int sys_setns(struct sys *s, int fd, unsigned flags, const char *object);
int sys_pidfd_send_signal(struct sys *s, int pidfd, int sig);
/* Hold a process (PTRACE_SEIZE), stop it, let it go on (with a signal that it was about to get). */
int sys_ptrace_seize(struct sys *s, pid_t pid);
int sys_ptrace_interrupt(struct sys *s, pid_t pid);
int sys_ptrace_detach(struct sys *s, pid_t pid, int sig);
int sys_setsid(struct sys *s);
int sys_join_keyring(struct sys *s, const char *name); /* keyctl(KEYCTL_JOIN_SESSION_KEYRING) */
int sys_prctl(struct sys *s, int op, unsigned long a, unsigned long b);
int sys_sethostname(struct sys *s, const char *name);
int sys_setdomainname(struct sys *s, const char *name);
int sys_execve(struct sys *s, const char *path, char *const argv[], char *const envp[]);
int sys_execveat(struct sys *s, int fd, char *const argv[], char *const envp[]); /* a copy of this tool */
int sys_execveat_program(struct sys *s, int fd, char *const argv[], char *const envp[]);

/* -- ids, capabilities, filter, limits ------------------------------------------ */
int sys_setresuid(struct sys *s, uid_t uid);             /* all three */
int sys_setresgid(struct sys *s, gid_t gid);             /* all three */
int sys_seteuid(struct sys *s, uid_t uid);               /* the effective one, for a while */
int sys_setegid(struct sys *s, gid_t gid);
int sys_setgroups(struct sys *s, size_t n, const gid_t *groups);
int sys_capset(struct sys *s, uint64_t effective, uint64_t permitted, uint64_t inheritable);
int sys_seccomp(struct sys *s, unsigned op, unsigned flags, const struct sock_fprog *prog);
/* Programs for a cgroup: bpf(2). The first returns a descriptor. */
int sys_bpf_load(struct sys *s, unsigned type, const struct bpf_insn *prog, size_t n);
int sys_bpf_attach(struct sys *s, int cgroup, int prog, unsigned type, const char *object);
int sys_prlimit(struct sys *s, pid_t pid, int resource, uint64_t soft, uint64_t hard);
int sys_setpriority(struct sys *s, pid_t pid, int nice);
/* Scheduling, as struct sched_attr has it. */
struct sys_sched {
	unsigned policy;
	uint64_t flags;
	int nice;
	unsigned priority;
	uint64_t runtime, deadline, period;
};
int sys_sched_setattr(struct sys *s, pid_t pid, const struct sys_sched *to);
int sys_ioprio_set(struct sys *s, pid_t pid, unsigned class, unsigned level); /* of a process */
int sys_personality(struct sys *s, unsigned long persona);
/* set: of `size` bytes; text: the list as people write it. */
int sys_setaffinity(struct sys *s, size_t size, const void *set, const char *text);
int sys_umask(struct sys *s, mode_t mask);

/* -- files ----------------------------------------------------------------------- */
int sys_mkdirat(struct sys *s, int dirfd, const char *path, mode_t mode);
int sys_mknodat(struct sys *s, int dirfd, const char *path, mode_t mode, dev_t dev);
int sys_symlinkat(struct sys *s, const char *target, int dirfd, const char *path);
int sys_unlinkat(struct sys *s, int dirfd, const char *path, int flags);
int sys_fchmodat(struct sys *s, int dirfd, const char *path, mode_t mode);
int sys_fchownat(struct sys *s, int dirfd, const char *path, uid_t uid, gid_t gid); /* no link */
int sys_fchown(struct sys *s, int fd, uid_t uid, gid_t gid);
/* Make a file that must not exist (O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC|O_WRONLY). */
int sys_create(struct sys *s, int dirfd, const char *path, mode_t mode);
int sys_renameat(struct sys *s, int dirfd, const char *from, const char *to);
int sys_chdir(struct sys *s, const char *path);
int sys_fchdir(struct sys *s, int fd, const char *object);
int sys_chroot(struct sys *s, const char *path);
/* Write text to an open file in one write(2); object is its path as people know it.
 * Returns 0 when all of it was written. */
int sys_write(struct sys *s, int fd, const char *object, const char *text);
/* Open a file of the user's for output, as a shell's > does: made when missing (0666 and
 * the umask), emptied, links followed, O_CLOEXEC. */
int sys_open_output(struct sys *s, const char *path);
/* As sys_write for bytes that are no text; may be cut short by a full disk (-ENOSPC). */
int sys_write_bytes(struct sys *s, int fd, const char *object, const void *data, size_t n);
/* Open an existing kernel file below dirfd for writing, write text, close. */
int sys_write_file(struct sys *s, int dirfd, const char *path, const char *object, const char *text);
int sys_close_range(struct sys *s, unsigned first, unsigned last, unsigned flags);
int sys_dup2(struct sys *s, int from, int to);
int sys_set_cloexec(struct sys *s, int fd, bool on);

/* -- devices and sockets ---------------------------------------------------------- */
int sys_set_terminal(struct sys *s, int tty);                    /* ioctl TIOCSCTTY    */
int sys_set_winsize(struct sys *s, int tty, unsigned rows, unsigned columns);
int sys_open_ptmx(struct sys *s, const char *path);              /* a new terminal     */
int sys_unlock_pty(struct sys *s, int master);                   /* ioctl TIOCSPTLCK   */
int sys_open_pty_peer(struct sys *s, int master);                /* ioctl TIOCGPTPEER  */
/* Send text and one descriptor over a connected UNIX socket (SCM_RIGHTS). */
int sys_send_fd(struct sys *s, int socket, const char *object, int fd, const char *text);
int sys_loopback_up(struct sys *s, int socket);                  /* ioctl SIOCSIFFLAGS */

/* -- mounts: descriptors only ------------------------------------------------------ */
int sys_open_tree(struct sys *s, int dirfd, const char *path, unsigned flags);
int sys_move_mount(struct sys *s, int fromfd, int tofd, const char *to_object, unsigned flags);
int sys_mount_setattr(struct sys *s, int fd, unsigned flags, uint64_t set, uint64_t clear,
		      uint64_t propagation);
/* Show the files of a detached mount with the ids that a user namespace maps them to. */
int sys_mount_idmap(struct sys *s, int fd, unsigned flags, int userns);
int sys_fsopen(struct sys *s, const char *type);
int sys_fsconfig_string(struct sys *s, int fd, const char *key, const char *value); /* value NULL: a flag */
int sys_fsconfig_create(struct sys *s, int fd);
int sys_fsmount(struct sys *s, int fd, uint64_t attrs);
int sys_pivot_root(struct sys *s, const char *to, const char *old);
int sys_umount2(struct sys *s, const char *path, int flags);

#endif
