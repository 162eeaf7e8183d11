/* SPDX-License-Identifier: MIT */
/* target: which process it is, whether it lives, and the table of mounts. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/words.h"
#include "target/mounts.c"
#include "target/stat.h"
#include "target/target.c"

/* -- which process -------------------------------------------------------------------------------- */

static pid_t child(int (*what)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
		_exit(what());
	}
	return pid;
}

static int nothing(void)
{
	return 0;
}

static void ended(void **state)
{
	struct target t = {.pid = child(nothing), .procfd = -1};
	struct fault f = {0};

	(void)state;
	t.pidfd = pidfd_open(t.pid, 0);
	assert_true(t.pidfd >= 0);
	assert_int_equal(check_process(&t, "word", &f), 0); /* it was not waited for: the number is its own */
	assert_int_equal(waitpid(t.pid, NULL, 0), t.pid);
	assert_int_equal(check_process(&t, "word", &f), -ESRCH);
	assert_non_null(strstr(f.why, "ended"));
	target_close(&t);
}

static void another(void **state)
{
	struct target t = {.pid = getpid(), .pidfd = pidfd_open(getpid(), 0), .procfd = -1};
	struct fault f = {0};

	(void)state;
	assert_int_equal(check_process(&t, "word", &f), 0);
	t.pid++; /* as a /proc of another pid namespace has it */
	assert_int_equal(check_process(&t, "word", &f), -EINVAL);
	assert_non_null(strstr(f.why, "/proc is not of our pid namespace"));
	assert_non_null(strstr(fault_remedy(&f), "mount -t proc"));
	target_close(&t);
}

/* -- whether it lives ------------------------------------------------------------------------------- */

static void *wait_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static int end_first_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}

/* Until the first thread is seen to have ended. */
static void wait_for_z(pid_t pid)
{
	char path[32], text[256] = "";
	const char *p = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (alarm(20); !p || strncmp(p, ") Z", 3) != 0; sched_yield()) {
		_cleanup_file_ FILE *in = fopen(path, "r");

		assert_non_null(in);
		p = fgets(text, sizeof(text), in) ? strrchr(text, ')') : NULL;
	}
	alarm(0);
}

static void threads(void **state)
{
	pid_t pid = child(end_first_thread), parent = 0;

	(void)state;
	wait_for_z(pid);
	assert_true(process_started(AT_FDCWD, pid, &parent) > 0);
	assert_int_equal(parent, getpid());
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
	assert_int_equal(process_started(AT_FDCWD, pid, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_started(AT_FDCWD, pid, NULL), 0);
}

/* -- mounts -------------------------------------------------------------------------------------------- */

/* In a mount namespace of its own, which has n mounts more: all but the last are private. */
static int in_table(int n, int (*what)(const char *last))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		char dir[32] = "";

		if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("x", "/mnt", "tmpfs", 0, NULL) < 0)
			_exit(77);
		for (int i = 0; i < n; i++) {
			snprintf(dir, sizeof(dir), "/mnt/%d", i);
			if (mkdir(dir, 0755) < 0 || mount("/mnt/0", dir, "", MS_BIND, NULL) < 0)
				_exit(76);
		}
		_exit(what(dir));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 75;
}

static int is_last_shared(const char *last)
{
	_cleanup_fd_ int fd = open(last, O_PATH | O_CLOEXEC);
	char point[64] = "";
	bool shared = true;

	if (mounts_shared(fd, &shared, point, sizeof(point)) < 0 || shared || strcmp(point, last) != 0)
		return 1;
	if (mount("none", last, "", MS_SHARED, NULL) < 0 || mounts_shared(fd, &shared, NULL, 0) < 0 || !shared)
		return 2;
	return mounts_proc_whole(point, sizeof(point), &shared) && !shared ? 0 : 3;
}

static void shared(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* mounts are root's to make */
	assert_int_equal(in_table(3, is_last_shared), 0);
}

static void add_line(struct table *t, unsigned id, const char *more)
{
	t->end += sprintf(t->text + (t->end - t->text), "%u 1 0:5 / /m%u rw%s - tmpfs shared:9 rw", id, id, more) + 1;
}

static void lines(void **state)
{
	_cleanup_free_ char *text = xcalloc(4, 64);
	struct table t = {text, text};
	char point[16] = "";

	(void)state;
	for (unsigned id = 1; id <= 3; id++)
		add_line(&t, id, id == 2 ? " shared:3" : "");
	assert_true(is_shared(2, &t, point, sizeof(point)));
	assert_string_equal(point, "/m2");
	assert_false(is_shared(1, &t, point, sizeof(point))); /* the next one is */
	assert_string_equal(point, "/m1");
	assert_false(is_shared(3, &t, point, sizeof(point))); /* the name of a source */
	assert_false(is_shared(4, &t, point, sizeof(point)));
}

/* Half as many as the kernel allows: no line may cost the rest of the table. */
static int is_quick(const char *last)
{
	_cleanup_fd_ int fd = open(last, O_PATH | O_CLOEXEC);
	clock_t start = clock(), table;
	char *text = NULL;
	bool shared;

	if (path_read(AT_FDCWD, "/proc/self/mountinfo", TABLE_MAX, &text) < 0)
		return 1;
	free(text);
	table = clock() - start; /* the kernel's part */
	start = clock();
	if (mounts_shared(fd, &shared, NULL, 0) < 0)
		return 2;
	return clock() - start < 2 * table + CLOCKS_PER_SEC / 10 ? 0 : 3;
}

static void many_mounts(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* mounts are root's to make */
	assert_int_equal(in_table(50000, is_quick), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended), cmocka_unit_test(another), cmocka_unit_test(threads), cmocka_unit_test(shared),
		cmocka_unit_test(lines),
		cmocka_unit_test(many_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
