/* SPDX-License-Identifier: MIT */
/* target/boxes: states of every engine in a tree of the test's own, with cgroups and processes. */
#include "boxes-tree.h"

static void check(const char *word, const char *engine, const char *id, const char *name, const char *source)
{
	const struct box *box;
	struct boxes b;

	boxes_read_below(&b, root);
	box = find(&b, word);
	assert_string_equal(box->engine, engine);
	assert_string_equal(box->id, id);
	assert_string_equal(box->name ? box->name : "", name);
	assert_string_equal(box->source, source);
	assert_int_equal(b.unreadable, 0);
	boxes_free(&b);
}

/* -- engines ----------------------------------------------------------------------------------------- */

static void docker(void **state)
{
	(void)state;
	put("/var/lib/docker/containers/" A "/config.v2.json", "{\"ID\":\"" A "\",\"Name\":\"/web\",\"State\":{\"Pid\":41}}");
	check("web", "docker", A, "web", "/var/lib/docker/containers/" A "/config.v2.json");
	check("aaa", "docker", A, "web", "/var/lib/docker/containers/" A "/config.v2.json");
	check("docker:web", "docker", A, "web", "/var/lib/docker/containers/" A "/config.v2.json");
}

/* With its root elsewhere: the runtime's state, the bundle, and from there a file of docker's. */
static void docker_elsewhere(void **state)
{
	(void)state;
	put("/run/docker/runtime-runc/moby/" A "/state.json",
	    "{\"init_process_pid\":41,\"init_process_start\":7,\"config\":{\"labels\":[\"x=y\",\"bundle=/priv/"
	    "io.containerd.runtime.v2.task/moby/" A "\"]}}");
	put("/priv/io.containerd.runtime.v2.task/moby/" A "/config.json",
	    "{\"mounts\":[{\"destination\":\"/proc\"},{\"source\":\"/data/containers/" A "/hostname\"}]}");
	put("/data/containers/" A "/config.v2.json", "{\"Name\":\"/web\"}");
	check("web", "docker", A, "web", "/data/containers/" A "/config.v2.json");
}

static void podman(void **state)
{
	const struct box *box;
	struct boxes b;

	(void)state;
	put(STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]},{\"id\":\"" B "\",\"names\":null},{}]");
	put("/run/containers/storage/overlay-containers/" A "/userdata/pidfile", "41");
	put("/run/containers/storage/overlay-containers/volatile-containers.json", "[{\"id\":\"" C "\",\"names\":[\"gone\"]}]");
	check("web", "podman", A, "web", STORE "/containers.json");
	check("ab", "podman", B, "", STORE "/containers.json");
	check("gone", "podman", C, "gone", "/run/containers/storage/overlay-containers/volatile-containers.json");
	boxes_read_below(&b, root);
	box = find(&b, "web");
	assert_int_equal(box->pid, 41);
	assert_string_equal(box_shown(box), "web");
	assert_string_equal(box_shown(find(&b, "ab")), "abbbbbbbbbbb");
	assert_int_equal(b.n, 3);
	boxes_free(&b);
}

static void podman_elsewhere(void **state)
{
	(void)state;
	put("/run/crun/" A "/status",
	    "{\"pid\":41,\"process-start-time\":7,\"cgroup-path\":\"/x/libpod-" A "\",\"bundle\":\"/priv/vfs-containers/" A "/userdata\"}");
	put("/priv/vfs-containers/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]}]");
	check("web", "podman", A, "web", "/priv/vfs-containers/containers.json");
}

static void crio(void **state)
{
	(void)state;
	put(STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"k8s_app_pod-1_ns_uid_0\"]},"
				      "{\"id\":\"" B "\",\"names\":[\"k8s_POD_pod-1_ns_uid_0\"]}]");
	check("pod-1/app", "cri-o", A, "pod-1/app", STORE "/containers.json");
	check("app", "cri-o", A, "pod-1/app", STORE "/containers.json");
	check("pod-1", "cri-o", B, "pod-1", STORE "/containers.json");
}

static void containerd(void **state)
{
#define TASKS "/run/containerd/io.containerd.runtime.v2.task"
	(void)state;
	put(TASKS "/default/web/config.json", "{\"linux\":{\"cgroupsPath\":\"/default/web\"}}");
	put(TASKS "/default/web/init.pid", "41");
	put(TASKS "/k8s.io/" A "/config.json", "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
					       "\"io.kubernetes.cri.sandbox-name\":\"pod-1\"}}");
	put(TASKS "/k8s.io/" B "/config.json", "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"pod-1\"}}");
	put(TASKS "/default/" C "/config.json", "{\"annotations\":{\"nerdctl/name\":\"nerd\"}}");
	check("web", "containerd", "web", "", TASKS "/default/web/config.json");
	check("pod-1/app", "containerd", A, "pod-1/app", TASKS "/k8s.io/" A "/config.json");
	check("pod-1", "containerd", B, "pod-1", TASKS "/k8s.io/" B "/config.json");
	check("nerd", "containerd", C, "nerd", TASKS "/default/" C "/config.json");
}

/* The runtime's file of one that is known adds no second one, and its start time is taken. */
static void containerd_and_runc(void **state)
{
	struct boxes b;

	(void)state;
	put(TASKS "/default/web/config.json", "{}");
	put("/run/containerd/runc/default/web/state.json",
	    "{\"init_process_pid\":41,\"init_process_start\":7,\"config\":{\"labels\":[\"bundle=" TASKS "/default/web\"]}}");
	put("/run/containerd/runc/other/web/state.json", "{\"config\":{\"labels\":[\"bundle=" TASKS "/other/web\"]}}");
	boxes_read_below(&b, root);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.v[0]->pid, 41);
	assert_int_equal(b.v[0]->started, 7);
	boxes_free(&b);
}

static void runtimes(void **state)
{
	(void)state;
	put("/run/runc/r1/state.json", "{\"init_process_pid\":41,\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/r1\"}}");
	put("/run/crun/c1/status", "{\"pid\":42,\"cgroup-path\":\"/c1\",\"bundle\":\"/b\"}");
	put("/run/opencontainer/containers/o1/state.json", "{\"pid\":43,\"startTime\":9,\"cgroup\":\"/o1\",\"bundle\":\"/c\"}");
	put("/c/config.json", "{\"annotations\":{\"io.container.manager\":\"libpod\"}}");
	check("r1", "runc", "r1", "", "/run/runc/r1/state.json");
	check("c1", "crun", "c1", "", "/run/crun/c1/status");
	check("o1", "podman", "o1", "", "/run/opencontainer/containers/o1/state.json");
}

static void machines(void **state)
{
	(void)state;
	put("/var/lib/lxc/c1/config", "%s", "");
	put("/run/systemd/machines/deb", "NAME=deb\nCLASS=container\nSERVICE=systemd-nspawn\nLEADER=41\n");
	put("/run/systemd/machines/vm", "NAME=vm\nCLASS=vm\nLEADER=42\n");
	put("/run/systemd/machines/virt", "CLASS=container\nSERVICE=libvirt-lxc\n");
	check("c1", "lxc", "c1", "c1", "/var/lib/lxc/c1/config");
	check("deb", "systemd-nspawn", "deb", "deb", "/run/systemd/machines/deb");
	check("virt", "libvirt-lxc", "virt", "virt", "/run/systemd/machines/virt");
}

/* -- cgroups ------------------------------------------------------------------------------------------- */

static void cgroups(void **state)
{
	static const struct {
		const char *cgroup, *engine, *id;
	} rows[] = {
		{"/system.slice/docker-" A ".scope", "docker", A},
		{"/docker/" A, "docker", A},
		{"/dockerd/" A, NULL, NULL},
		{"/machine.slice/libpod-" A ".scope/container", "podman", A},
		{"/machine.slice/libpod-conmon-" A ".scope", NULL, NULL},
		{"/libpod_parent/libpod-" A, "podman", A},
		{"/kubepods.slice/x.slice/cri-containerd-" A ".scope", "containerd", A},
		{"/kubepods.slice/x.slice/crio-" A ".scope", "cri-o", A},
		{"/kubepods.slice/x.slice/crio-conmon-" A ".scope", NULL, NULL},
		{"/kubepods/burstable/pod12-34/" A, "kubernetes", A},
		{"/default/" A, "containerd", A},
		{"/default/abc", NULL, NULL},
		{"/lxc.payload.c1/init.scope", "lxc", "c1"},
		{"/lxc/c1", "lxc", "c1"},
		{"/a/lxc.monitor.c1", NULL, NULL},
		{"/machine.slice/machine-a\\x2db.scope/payload", "systemd-nspawn", "a-b"},
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", NULL, NULL},
		{"/machine.slice/systemd-nspawn@deb.service", "systemd-nspawn", "deb"},
		{"/a/runc-web.scope", "runc", "web"},
		{"/boxutils-4711", "boxutils", "boxutils-4711"},
		{"/boxutils-x", NULL, NULL},
		{"/", NULL, NULL},
		{"", NULL, NULL},
		{"12:pids:/\n1:name=systemd:/docker/" A "\n0::/\n", "docker", A},
		{"0::/../../docker/" A "/x\n", "docker", A},
		{"nonsense\n::\n:", NULL, NULL},
		/* the outer one: those inside name what is below as they like */
		{"/docker/" A "/docker/" B, "docker", A},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct boxes b;
		const struct box *box;

		boxes_read_below(&b, root);
		box = boxes_of_cgroup(&b, rows[i].cgroup);
		if (!rows[i].engine != !box)
			fail_msg("%s: %s", rows[i].cgroup, box ? box->engine : "none");
		if (box) {
			assert_string_equal(box->engine, rows[i].engine);
			assert_string_equal(box->id, rows[i].id);
			assert_ptr_equal(boxes_of_cgroup(&b, rows[i].cgroup), box);
			assert_int_equal(b.n, 1);
		}
		boxes_free(&b);
	}
}

/* A short id is no name of a cgroup: only the path of its state is. */
static void cgroup_of_state(void **state)
{
	struct boxes b;

	(void)state;
	put("/run/runc/web/state.json", "{\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/unified/a/web\",\"pids\":\"/sys/fs/cgroup/pids/a/web\"}}");
	boxes_read_below(&b, root);
	assert_ptr_equal(boxes_of_cgroup(&b, "0::/a/web/sub\n"), b.v[0]);
	assert_null(boxes_of_cgroup(&b, "/b/web"));
	assert_null(boxes_of_cgroup(&b, "/a/webx"));
	boxes_free(&b);
}

/* -- the first process ------------------------------------------------------------------------------------ */

static pid_t first(const char *word)
{
	const struct box *box;
	struct boxes b;
	struct fault f = {0};
	pid_t pid;

	boxes_read_below(&b, root);
	box = find(&b, word);
	pid = box_first(&b, box, &f);
	boxes_free(&b);
	return pid;
}

static void first_by_state(void **state)
{
	(void)state;
	put("/run/crun/web/status", "{\"pid\":41,\"process-start-time\":7,\"cgroup-path\":\"/web\"}");
	put_process(41, 1, 7, "/elsewhere");
	assert_int_equal(first("web"), 41);
	put_process(41, 1, 8, "/elsewhere"); /* the number went to another */
	assert_int_equal(first("web"), -ESRCH);
}

static void first_by_cgroup(void **state)
{
	(void)state;
	docker(state);
	put_process(41, 1, 7, "/system.slice/docker-" A ".scope");
	assert_int_equal(first("web"), 41);
	put_process(41, 1, 7, "/system.slice/sshd.service");
	assert_int_equal(first("web"), -ESRCH);
	put_process(50, 1, 30, "/system.slice/docker-" A ".scope");
	put_process(60, 1, 20, "/system.slice/docker-" A ".scope/init");
	put("/sys/fs/cgroup/system.slice/docker-" A ".scope/cgroup.procs", "0\n50\n");
	put("/sys/fs/cgroup/system.slice/docker-" A ".scope/init/cgroup.procs", "60\n");
	assert_int_equal(first("web"), 60);
}

/* More processes than fit into what is read at once. */
static void first_of_many(void **state)
{
	FILE *out;

	(void)state;
	docker(state);
	put("/sys/fs/cgroup/docker/" A "/cgroup.procs", "%s", "");
	out = fopen(in("/sys/fs/cgroup/docker/" A "/cgroup.procs"), "w");
	assert_non_null(out);
	for (int pid = 100000; pid < 120000; pid++)
		fprintf(out, "%d\n", pid);
	assert_int_equal(fclose(out), 0);
	put_process(119999, 1, 7, "/docker/" A);
	assert_int_equal(first("web"), 119999);
}

/* Without systemd: a directory for each hierarchy, and the processes may be in one of them only. */
static void first_in_v1(void **state)
{
	(void)state;
	assert_int_equal(unlink(in("/sys/fs/cgroup/cgroup.procs")), 0);
	put("/sys/fs/cgroup/unified/cgroup.procs", "%s", "");
	put("/sys/fs/cgroup/pids/cgroup.procs", "%s", "");
	put("/sys/fs/cgroup/pids/lxc.payload.c1/cgroup.procs", "41\n");
	put("/proc/41/stat", "41 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 7 1 1\n");
	put("/proc/41/cgroup", "1:pids:/lxc.payload.c1\n0::/\n");
	assert_int_equal(first("c1"), 41);
}

/* -- who watches over it ------------------------------------------------------------------------------------- */

#define STATUS(real, effective, saved) "Name:\tx\\nUid:\t0\nUid:\t" #real "\t" #effective "\t" #saved "\t" #effective "\nGid:\t0\n"
#define ALL_OF(uid) STATUS(uid, uid, uid)

static void conmon(void **state)
{
	static const char *const others[] = {ALL_OF(1000), STATUS(1000, 0, 0), STATUS(0, 0, 1000), "Name:\tx\n"};
	const struct box *box;
	struct boxes b;

	(void)state;
	put("/sys/fs/cgroup/x/libpod-" A "/cgroup.procs", "41\n");
	put_process(41, 40, 7, "/x/libpod-" A);
	put("/proc/40/status", "%s", ALL_OF(0));
	put("/proc/40/cmdline", "/usr/bin/conmon%c-c%c" A "%c-n%cweb%c-b%c/priv/none%c", 0, 0, 0, 0, 0, 0, 0);
	boxes_read_below(&b, root);
	box = find(&b, "web");
	assert_string_equal(box->id, A);
	assert_string_equal(box->source, "the command line of conmon, process 40");
	boxes_free(&b);
	/* a user's process looks as it likes, and so does a program that is set-user-id and that a user runs */
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		put("/proc/40/status", "%s", others[i]);
		boxes_read_below(&b, root);
		assert_null(boxes_of_cgroup(&b, "/x/libpod-" A)->name);
		boxes_free(&b);
	}
	put("/proc/40/status", "%s", ALL_OF(0));
	assert_int_equal(unlink(in("/proc/40/cmdline")), 0);
	put("/proc/40/cmdline", "/usr/bin/conmon%c-c%c" B "%c-n%cweb%c", 0, 0, 0, 0, 0); /* somebody else's */
	boxes_read_below(&b, root);
	assert_null(boxes_of_cgroup(&b, "/x/libpod-" A)->name);
	boxes_free(&b);
}

/* -- refusals -------------------------------------------------------------------------------------------------- */

static void refused(const char *word, int r, const char *why, const char *fix)
{
	const struct box *box = NULL;
	struct boxes b;
	struct fault f = {0};

	boxes_read_below(&b, root);
	assert_int_equal(boxes_find(&b, word, &box, &f), r);
	if (!strstr(f.why, why) || !strstr(fault_remedy(&f), fix))
		fail_msg("%s: %s, try: %s", word, f.why, fault_remedy(&f));
	boxes_free(&b);
}

static void refusals(void **state)
{
	(void)state;
	put(STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]},{\"id\":\"" B "\",\"names\":[\"database\"]}]");
	refused("databose", -ENOENT, "no container has this name", "@database");
	refused("zzzzzzzzzz", -ENOENT, "no container has this name", "ps -e");
	refused("", -ENOENT, "no container", "ps -e");
	refused("docker:web", -ENOENT, "no container", "@web");
	refused("a", -EINVAL, "2 containers fit: podman aaaaaaaaaaaa (web), podman abbbbbbbbbbb (database)", "@a");
	put("/var/lib/lxc/web/config", "%s", "");
	refused("web", -EINVAL, "2 containers fit", "@podman:web");
	check("lxc:web", "lxc", "web", "web", "/var/lib/lxc/web/config");
	/* of two of which one runs, it is the one */
	put("/sys/fs/cgroup/lxc.payload.web/cgroup.procs", "41\n");
	put_process(41, 1, 7, "/lxc.payload.web");
	check("web", "lxc", "web", "web", "/var/lib/lxc/web/config");
}

static void unreadable(void **state)
{
	struct boxes b;

	(void)state;
	put("/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/web\"");
	put("/run/crun/c1/status", "[]");
	put("/run/crun/c2/status", "{\"pid\":-1}");
	put("/run/crun/c3/status", "{\"pid\":\"x\"}");
	put("/var/lib/containers/storage/vfs-containers/containers.json", "{}");
	put("/run/runc/r0/other", "%s", "");
	make_above(in("/run/runc/r1/state.json"));
	assert_int_equal(mkfifo(in("/run/runc/r1/state.json"), 0600), 0); /* nobody writes: who reads waits */
	make_above(in("/run/runc/r2/state.json"));
	assert_int_equal(symlink("../ok/state.json", in("/run/runc/r2/state.json")), 0);
	put("/run/runc/r3/state.json", "{}");
	assert_int_equal(truncate(in("/run/runc/r3/state.json"), 5 << 20), 0);
	make_above(in("/run/runc/r4/state.json/x"));
	put("/run/runc/ok/state.json", "{}");
	boxes_read_below(&b, root);
	assert_int_equal(b.unreadable, 9);
	assert_string_equal(b.unreadable_path, "/var/lib/docker/containers/" A "/config.v2.json");
	assert_int_equal(b.n, 1);
	boxes_free(&b);
	refused("zzzzzz", -ENOENT, "and 8 more files or directories could not be read", "");
}

/* What is printed cannot talk to a terminal. */
static void names_are_clean(void **state)
{
	(void)state;
	put(STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"w\\u001b[2Jeb\"]}]");
	check("aaaa", "podman", A, "w?[2Jeb", STORE "/containers.json");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(docker), TEST(docker_elsewhere), TEST(podman), TEST(podman_elsewhere), TEST(crio), TEST(containerd),
		TEST(containerd_and_runc), TEST(runtimes), TEST(machines), TEST(cgroups), TEST(cgroup_of_state),
		TEST(first_by_state), TEST(first_by_cgroup), TEST(first_of_many), TEST(first_in_v1), TEST(conmon),
		TEST(refusals), TEST(unreadable), TEST(names_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
