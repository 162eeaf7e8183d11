/* SPDX-License-Identifier: MIT */
/* The facts of a process: from files as a kernel writes them, and from a process that lives. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "target/facts.h"
#include "target/stat.h"

/* -- files ------------------------------------------------------------------------------------ */

static const char status[] = "Name:\ta\\nb\\\\c) d\n"
			     "Umask:\t0027\n"
			     "State:\tS (sleeping)\n"
			     "PPid:\t41\n"
			     "Uid:\t1000\t1001\t1002\t1003\n"
			     "Gid:\t2000\t2001\t2002\t4294967294\n"
			     "Groups:\t4 24 4294967294 \n"
			     "NSpid:\t4711\t17\t1\n"
			     "CapInh:\t0000000000000001\n"
			     "CapPrm:\t0000000000000002\n"
			     "CapEff:\t0000000000000004\n"
			     "CapBnd:\t000001ffffffffff\n"
			     "CapAmb:\t0000000000000010\n"
			     "NoNewPrivs:\t1\n"
			     "Seccomp:\t2\n"
			     "Seccomp_filters:\t3\n"
			     "Cpus_allowed_list:\t0-1,7\n";

static const char stat_text[] = "4711 (a\nb) R 1) S 41 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 -5 1 0 123456 9 9 9 1 2 3 4 5 6 7 8 "
				"9 10 11 12 17 1 50 2 0 0 0\n";

static const char mounts[] = "36 35 98:0 /mnt1 /a\\040b rw,noatime shared:3 master:1 - ext4 /dev/root\\011x rw,errors=continue\n"
			     "37 36 0:5 / /dev ro unbindable - tmpfs  rw,mode=755\n"
			     "38 36 0:6 / /plain rw - proc proc rw\n";

static const char limits[] = "Limit                     Soft Limit           Hard Limit           Units     \n"
			     "Max cpu time              unlimited            unlimited            seconds   \n"
			     "Max file size             1024                 unlimited            bytes     \n"
			     "Max data size             7                    8                    bytes     \n";

static char dir[] = "/tmp/facts-XXXXXX";

static void put(const char *name, const char *text, size_t n)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

/* The files as the tests want them; `name`, when it is given, with another text. */
static int read_files(struct facts *p, const char *name, const char *text, struct fault *f)
{
	struct target t = {.pid = 4711, .pidfd = -1};
	int r;

	put("status", status, strlen(status));
	put("stat", stat_text, strlen(stat_text));
	put("mountinfo", mounts, strlen(mounts));
	put("limits", limits, strlen(limits));
	put("uid_map", "         0     100000      65536\n     70000          5          1\n", 66);
	put("gid_map", "", 0);
	put("setgroups", "deny\n", 5);
	put("cgroup", "12:cpu,cpuacct:/a\n3:name=x:/b:c\n0::/\n", 36);
	put("oom_score_adj", "-17\n", 4);
	put("timens_offsets", "monotonic          -5    250000000\nboottime            7           0\n", 70);
	put("personality", "00040000\n", 9);
	put("environ", "A=1\0B=\0C=x", 10);
	put("cmdline", "sh\0-c\0\0", 7);
	if (name)
		put(name, text, strlen(text));
	t.procfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(t.procfd >= 0);
	r = facts_read(p, &t, FACTS_ALL, f);
	close(t.procfd);
	return r;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = {"status", "stat", "mountinfo", "limits", "uid_map", "gid_map", "setgroups",
					    "cgroup", "oom_score_adj", "timens_offsets", "personality", "environ", "cmdline", "attr/apparmor/current",
					    "attr/apparmor", "attr/current", "attr"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	return rmdir(dir);
}

static void status_is_read(void **state)
{
	struct facts p;
	struct fault f;

	(void)state;
	assert_int_equal(read_files(&p, NULL, NULL, &f), 0);
	assert_true(facts_has(&p, FACT_STATUS) && facts_has(&p, FACT_STAT));
	assert_string_equal(p.comm, "a\nb\\c) d");
	assert_int_equal(p.umask, 027);
	assert_int_equal(p.parent, 41);
	assert_int_equal(p.inside, 1);
	assert_int_equal(p.uid.real, 1000);
	assert_int_equal(p.uid.effective, 1001);
	assert_int_equal(p.uid.saved, 1002);
	assert_int_equal(p.uid.fs, 1003);
	assert_int_equal(p.gid.fs, 4294967294U);
	assert_int_equal(p.n_groups, 3);
	assert_int_equal(p.groups[0], 4);
	assert_int_equal(p.groups[2], 4294967294U);
	assert_int_equal(p.inheritable, 1);
	assert_int_equal(p.permitted, 2);
	assert_int_equal(p.effective, 4);
	assert_int_equal(p.bounding, 0x1ffffffffffULL);
	assert_int_equal(p.ambient, 16);
	assert_int_equal(p.no_new_privs, 1);
	assert_int_equal(p.seccomp, 2);
	assert_int_equal(p.filters, 3);
	assert_string_equal(p.cpus, "0-1,7");
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.nice, -5);
	assert_int_equal(p.start, 123456);
	assert_int_equal(p.rt_priority, 50);
	assert_int_equal(p.policy, 2);
	facts_free(&p);
}

static void tables_are_read(void **state)
{
	struct facts p;
	struct fault f;

	(void)state;
	assert_int_equal(read_files(&p, NULL, NULL, &f), 0);
	assert_int_equal(p.n_mounts, 3);
	assert_string_equal(p.mounts[0].dir, "/a b");
	assert_string_equal(p.mounts[0].root, "/mnt1");
	assert_string_equal(p.mounts[0].source, "/dev/root\tx");
	assert_string_equal(p.mounts[0].super, "rw,errors=continue");
	assert_int_equal(p.mounts[0].shared, 3);
	assert_int_equal(p.mounts[0].master, 1);
	assert_string_equal(p.mounts[1].source, "");
	assert_string_equal(p.mounts[1].super, "rw,mode=755");
	assert_true(p.mounts[1].unbindable);
	assert_int_equal(p.mounts[2].shared, 0);
	assert_int_equal(p.users.n, 2);
	assert_int_equal(p.users.v[0].out, 100000);
	assert_int_equal(p.users.v[1].in, 70000);
	assert_int_equal(p.groups_map.n, 0);
	assert_false(p.setgroups);
	assert_int_equal(p.n_cgroups, 3);
	assert_string_equal(p.cgroups[0].controllers, "cpu,cpuacct");
	assert_string_equal(p.cgroups[1].path, "/b:c");
	assert_string_equal(p.cgroups[2].controllers, "");
	assert_int_equal(p.n_limits, 3);
	assert_int_equal(p.limits[0].hard, UINT64_MAX);
	assert_int_equal(p.limits[1].soft, 1024);
	assert_int_equal(p.limits[2].hard, 8);
	assert_int_equal(p.oom, -17);
	assert_int_equal(p.monotonic.sec, -5);
	assert_int_equal(p.monotonic.nsec, 250000000);
	assert_int_equal(p.boottime.sec, 7);
	assert_int_equal(p.persona, 0x40000);
	facts_free(&p);
}

static void labelled(const char *name, const char *text, size_t n, const char *label)
{
	struct facts p;
	struct fault f;

	put(name, text, n);
	assert_int_equal(read_files(&p, NULL, NULL, &f), 0);
	assert_true(facts_has(&p, FACT_LABEL));
	assert_string_equal(p.label, label);
	facts_free(&p);
}

/* SELinux ends a label with a NUL, AppArmor with a newline, and it has a file of its own, which counts more. */
static void labels_are_read(void **state)
{
	struct facts p;
	struct fault f;
	char path[64];

	(void)state;
	assert_int_equal(read_files(&p, NULL, NULL, &f), 0);
	assert_string_equal(p.label, "");
	facts_free(&p);
	snprintf(path, sizeof(path), "%s/attr", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	labelled("attr/current", "system_u:system_r:container_t:s0:c1,c2", 39, "system_u:system_r:container_t:s0:c1,c2");
	labelled("attr/current", "unconfined\n", 11, "unconfined");
	snprintf(path, sizeof(path), "%s/attr/apparmor", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	labelled("attr/apparmor/current", "docker-default (enforce)\n", 25, "docker-default (enforce)");
}

static void words_are_read(void **state)
{
	struct facts p;
	struct fault f;

	(void)state;
	assert_int_equal(read_files(&p, NULL, NULL, &f), 0);
	assert_int_equal(p.env.n, 3);
	assert_string_equal(p.env.v[1], "B=");
	assert_string_equal(p.env.v[2], "C=x");
	assert_int_equal(p.args.n, 3);
	assert_string_equal(p.args.v[2], "");
	facts_free(&p);
}

/* What is no such file is said, and nothing of it is believed; the rest stays. */
static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *name, *text;
		enum fact id;
	} rows[] = {
		{"status", "Name:\tx\n", FACT_STATUS},       {"status", "", FACT_STATUS},
		{"stat", "4711 x S 1", FACT_STAT},           {"stat", "4711 (x) S 1 2 3", FACT_STAT},
		{"stat", "4711 (x)", FACT_STAT},             {"mountinfo", "1 2\n", FACT_MOUNTS},
		{"mountinfo", "1 2 3:4 / /\n", FACT_MOUNTS}, {"mountinfo", "1 2 3:4 / / rw\n", FACT_MOUNTS},
		{"mountinfo", "\n", FACT_MOUNTS},            {"uid_map", "1 2\n", FACT_UID_MAP},
		{"cgroup", "0:\n", FACT_CGROUPS},            {"cgroup", "x\n", FACT_CGROUPS},
		{"limits", "", FACT_LIMITS},                 {"limits", "x\nMax cpu time\n", FACT_LIMITS},
		{"limits", "x\nMax cpu time              7                    \n", FACT_LIMITS},
		{"oom_score_adj", "x\n", FACT_OOM},          {"personality", "zz\n", FACT_PERSONA},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts p;
		struct fault f;

		assert_int_equal(read_files(&p, rows[i].name, rows[i].text, &f), 0);
		assert_int_equal(p.why[rows[i].id], EBADMSG);
		assert_true(facts_has(&p, FACT_ENV));
		facts_free(&p);
	}
}

/* -- processes -------------------------------------------------------------------------------- */

static void see(struct facts *p, const char *word, unsigned want)
{
	struct target t;
	struct fault f = {0};

	assert_int_equal(target_open(&t, word, &f), 0);
	assert_int_equal(facts_read(p, &t, want, &f), 0);
	target_close(&t);
}

static void oneself_is_known(void **state)
{
	struct facts p;
	struct rlimit limit;
	struct stat st;
	char cwd[4096];

	(void)state;
	see(&p, "self", FACTS_ALL);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (p.why[id])
			assert_true(p.why[id] == ENOENT && id == FACT_OFFSETS); /* a kernel without them */
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.uid.effective, geteuid());
	assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
	for (unsigned i = 0; i < FACTS_KINDS; i++)
		if (strcmp(facts_kind(i), "mount") == 0)
			assert_true(p.ns[i].id.ino == st.st_ino && p.ns[i].id.dev == st.st_dev);
	assert_int_equal(stat(".", &st), 0);
	assert_int_equal(p.cwd.id.ino, st.st_ino);
	assert_int_equal(p.cwd.id.dev, st.st_dev);
	assert_string_equal(p.cwd.path, getcwd(cwd, sizeof(cwd)));
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	assert_int_equal(p.limits[RLIMIT_MEMLOCK].soft, limit.rlim_cur);
	assert_int_equal(p.securebits, prctl(PR_GET_SECUREBITS));
	assert_true(p.n_mounts > 0 && p.n_cgroups > 0 && p.args.n > 0);
	facts_free(&p);
}

static pid_t start(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Only what was asked for is read, and the securebits of others are not guessed. */
static void what_is_unknown_says_so(void **state)
{
	struct facts p;
	pid_t pid = start();
	char word[16];

	(void)state;
	snprintf(word, sizeof(word), "%d", pid);
	see(&p, word, FACT_BIT(STATUS) | FACT_BIT(SECUREBITS));
	assert_int_equal(p.why[FACT_STATUS], 0);
	assert_int_equal(p.parent, getpid());
	assert_int_equal(p.why[FACT_SECUREBITS], ENODATA);
	assert_int_equal(p.why[FACT_MOUNTS], EINPROGRESS);
	assert_null(p.mounts);
	facts_free(&p);
	end(pid);
}

/* A process that ended after it was found is a fault, and no facts of another one. */
static void who_has_ended_is_a_fault(void **state)
{
	struct target t;
	struct facts p;
	struct fault f = {0};
	pid_t pid = start();
	char word[16];

	(void)state;
	snprintf(word, sizeof(word), "%d", pid);
	assert_int_equal(target_open(&t, word, &f), 0);
	end(pid);
	assert_int_equal(facts_read(&p, &t, FACTS_ALL, &f), -ESRCH);
	assert_int_equal(f.op, OP_NS_TARGET);
	assert_string_equal(f.obj, word);
	facts_free(&p);
	target_close(&t);
}

/* A name that looks like what follows it; a number that takes 64 bits; and half of a text. */
static void stats(void **state)
{
	struct process_stat st;

	(void)state;
	assert_true(stat_parse("12 (a) Z 1 (b) S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 18446744073709551615 9 9\n", &st));
	assert_int_equal(st.state, 'S');
	assert_int_equal(st.parent, 7);
	assert_int_equal(st.threads, 3);
	assert_true(st.started == UINT64_MAX);
	assert_false(stat_parse("12 (a) S 7 1 1", &st));
	assert_false(stat_parse("12", &st));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stats),
		cmocka_unit_test(status_is_read),      cmocka_unit_test(tables_are_read),
		cmocka_unit_test(labels_are_read),
		cmocka_unit_test(words_are_read),      cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(oneself_is_known),    cmocka_unit_test(what_is_unknown_says_so),
		cmocka_unit_test(who_has_ended_is_a_fault),
	};

	return cmocka_run_group_tests_name("facts", tests, make_dir, remove_dir);
}
