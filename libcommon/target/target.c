/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "target/target.h"

enum { FDINFO_MAX = 1 << 16 };
enum { PIDFS = 0x50494446 }; /* PID_FS_MAGIC, which linux/magic.h has not everywhere */

#define OUR_PROC "a /proc of our own pid namespace, in a mount namespace: ns-run --mount -- sh -c 'mount -t proc proc /proc; ...'"

/* What /proc calls the process of a pidfd. 0: it has no number there; -1: it has ended and was waited for. */
static pid_t pid_in_proc(int pidfd)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	char path[48];
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	line = path_read(AT_FDCWD, path, FDINFO_MAX, &text) > 0 ? strstr(text, "\nPid:") : NULL;
	return line && sscanf(line, "\nPid: %d", &pid) == 1 ? pid : 0;
}

/* Is what was opened in /proc the process of the pidfd? A number that is its own still was so all the time.
 * Where it is another, /proc counts in another pid namespace, and has somebody else under ours. */
static int check_process(const struct target *t, const char *word, struct fault *f)
{
	pid_t is = pid_in_proc(t->pidfd);

	if (is == t->pid)
		return 0;
	if (is == -1) {
		fault_set(f, OP_NS_TARGET, ESRCH, "%s", word);
		fault_why(f, "process %d ended at this very moment", t->pid);
		return -ESRCH;
	}
	fault_set(f, OP_NS_TARGET, 0, "%s", word);
	if (is > 0)
		fault_why(f, "/proc is not of our pid namespace: process %d is %d there, and /proc/%d is another", t->pid, is, t->pid);
	else
		fault_why(f, "/proc is not of our pid namespace: process %d has no number there", t->pid);
	fault_fix(f, OUR_PROC);
	return -EINVAL;
}

static int open_process(struct target *t, const char *word, struct fault *f)
{
	char path[32];

	t->pidfd = pidfd_open(t->pid, 0);
	if (t->pidfd < 0) {
		int err = errno;

		fault_set(f, OP_NS_TARGET, err, "%s", word);
		if (err == ESRCH)
			fault_why(f, "no such process, or it is a thread of one");
		return -err;
	}
	snprintf(path, sizeof(path), "/proc/%d", t->pid);
	t->procfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->procfd < 0) {
		int err = errno;

		fault_set(f, OP_NS_TARGET, err, "%s", word);
		fault_fix(f, OUR_PROC);
		return -err;
	}
	return check_process(t, word, f);
}

/* -- PID:INODE ------------------------------------------------------------------------------- */

/* Where pidfds are not files of pidfs, all of them are one inode. */
uint64_t target_inode(int pidfd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(pidfd, &fs) < 0 || fs.f_type != PIDFS || fstat(pidfd, &st) < 0)
		return 0;
	return st.st_ino;
}

bool target_ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) != 0;
}

static int check_inode(struct target *t, uint64_t inode, const char *word, struct fault *f)
{
	uint64_t is = target_inode(t->pidfd);

	if (is && is == inode)
		return 0;
	fault_set(f, OP_NS_TARGET, is ? ESRCH : EOPNOTSUPP, "%s", word);
	if (is)
		fault_why(f, "process %d is another by now: its inode is %lu", t->pid, (unsigned long)is);
	else
		fault_why(f, "this kernel gives processes no inode; since Linux 6.9 they have one");
	if (!is)
		fault_fix(f, "the PID alone: %d", t->pid);
	target_close(t);
	return is ? -ESRCH : -EOPNOTSUPP;
}

static int open_pid(struct target *t, const char *word, struct fault *f)
{
	char pid[16];
	size_t n = strcspn(word, ":");
	uint64_t inode = 0;
	int64_t number = 0;
	int r;

	snprintf(pid, sizeof(pid), "%.*s", (int)(n < sizeof(pid) ? n : sizeof(pid) - 1), word);
	r = strcmp(word, "self") == 0 ? (number = getpid(), 0) : num_i64(pid, 1, INT_MAX, &number);
	if (r == 0 && word[n])
		r = num_u64(word + n + 1, UINT64_MAX, &inode);
	if (r < 0) {
		fault_set(f, OP_NS_TARGET, -r, "%s", word);
		fault_why(f, r == -ERANGE ? "a pid is 1 to 2147483647"
					  : "it is neither a pid, nor PID:INODE, nor self, nor @CONTAINER, nor a path");
		return r;
	}
	t->pid = (pid_t)number;
	r = open_process(t, word, f);
	return r == 0 && word[n] ? check_inode(t, inode, word, f) : r;
}

/* -- @NAME ----------------------------------------------------------------------------------- */

/* Held first, looked at second: the number may have gone to another in between. */
static int open_box(struct target *t, const char *word, struct fault *f)
{
	int r;

	boxes_read(&t->boxes);
	r = boxes_find(&t->boxes, word + 1, &t->box, f);
	if (r < 0)
		return r;
	t->pid = box_first(&t->boxes, t->box, f);
	if (t->pid < 0)
		return t->pid;
	r = open_process(t, word, f);
	if (r == 0 && !box_holds(&t->boxes, t->box, t->pid)) {
		r = -ESRCH;
		fault_set(f, OP_BOX, ESRCH, "%s", word);
		fault_why(f, "it ended at this very moment");
	}
	return r;
}

/* -- a word ---------------------------------------------------------------------------------- */

bool target_is_file(const char *word)
{
	return *word != '@' && strchr(word, '/');
}

bool target_is_word(const char *word)
{
	static const char digits[] = "0123456789", *const places[] = {"/proc/", "/run/netns/", "/var/run/netns/"};
	size_t n = strspn(word, digits);

	for (size_t i = 0; i < COUNT(places); i++)
		if (strncmp(word, places[i], strlen(places[i])) == 0)
			return true;
	if (n && word[n] == ':')
		n += 1 + strspn(word + n + 1, digits);
	return (n && !word[n]) || (word[0] == '@' && word[1]);
}

int target_open(struct target *t, const char *word, struct fault *f)
{
	int r = 0;

	*t = (struct target){.pidfd = -1, .procfd = -1};
	if (*word == '@')
		r = open_box(t, word, f);
	else if (target_is_file(word))
		t->path = word;
	else
		r = open_pid(t, word, f);
	if (r < 0)
		target_close(t);
	return r;
}

void target_say(const struct target *t, const struct sys *s, const char *word)
{
	if (t->box)
		sys_say(s, "%s is container %s of %s, process %d (%s)", word, box_shown(t->box), t->box->engine, t->pid, t->box->source);
}

void target_close(struct target *t)
{
	fd_close(&t->pidfd);
	fd_close(&t->procfd);
	boxes_free(&t->boxes);
	t->box = NULL;
}
