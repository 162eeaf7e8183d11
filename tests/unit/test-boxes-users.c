/* SPDX-License-Identifier: MIT */
/* target/boxes as root, about what users wrote who may not be friends. */
#include <sys/resource.h>

#include "boxes-tree.h"

static void give(const char *path, uid_t uid)
{
	assert_int_equal(lchown(in(path), uid, uid), 0);
}

/* The same for all that is on the way. */
static void give_below(const char *top, const char *path, uid_t uid)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + strlen(copy); p >= copy + strlen(top); p = strrchr(copy, '/')) {
		*p = '\0';
		give(copy, uid);
	}
}

static void put_user(void)
{
	if (geteuid() != 0)
		skip(); /* only root makes a directory somebody else's */
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nbroken\nu:x:1000:1000:,,:/home/u:/bin/sh\nv:x:1001:1001::/home/v:/bin/sh\n");
	put("/run/user/1000/crun/" A "/status", "{\"pid\":41,\"process-start-time\":7,\"cgroup-path\":\"/system.slice\"}");
	put("/home/u/.local/share/containers/storage/overlay-containers/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]}]");
	give_below("/home/u", "/home/u/.local/share/containers/storage/overlay-containers/containers.json", 1000);
	put("/home/v/.local/share/containers/storage/overlay-containers/containers.json", "[{\"id\":\"" B "\",\"names\":[\"db\"]}]");
	put("/tmp/podman-run-1001/crun/" B "/status", "{}"); /* anybody can make it: it is not that user's */
	give_below("/run/user/1000", "/run/user/1000/crun/" A "/status", 1000);
}

static void put_status(const char *id, const char *cgroup)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/user/1000/crun/%.100s/status", id);
	put(path, "{\"pid\":1,\"cgroup-path\":\"%s\"}", cgroup);
	give_below("/run/user/1000", path, 1000);
}

/* What a user wrote is that user's, and is believed of nobody else. */
static void rootless(void **state)
{
	const struct box *box;
	struct boxes b;
	struct fault f = {0};

	(void)state;
	put_user();
	put_process(41, 1, 7, "/system.slice/docker-" A ".scope");
	boxes_read_below(&b, root);
	assert_int_equal(b.n, 1);
	box = find(&b, "web");
	assert_int_equal(box->uid, 1000);
	assert_string_equal(box->engine, "podman");
	/* the process is in no user namespace of theirs */
	assert_int_equal(box_first(&b, box, &f), -ESRCH);
	/* nor is a cgroup theirs because they say so */
	assert_null(boxes_of_cgroup(&b, "0::/system.slice/sshd.service\n"));
	assert_ptr_not_equal(boxes_of_cgroup(&b, "0::/docker/" A), box);
	assert_ptr_equal(boxes_of_cgroup(&b, "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" A ".scope"), box);
	boxes_free(&b);
}

/* In the place where a user makes cgroups, a name of root's container is not believed. */
static void forged_cgroup(void **state)
{
	const struct box *box;
	struct boxes b;

	(void)state;
	put("/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/web\"}");
	boxes_read_below(&b, root);
	box = boxes_of_cgroup(&b, "/user.slice/user-1000.slice/user@1000.service/docker-" A ".scope");
	assert_ptr_not_equal(box, b.v[0]);
	assert_int_equal(box->uid, 1000);
	assert_null(box->name);
	boxes_free(&b);
}

/* The same in a cgroup that was given to a user in any other way. */
static void forged_in_given(void **state)
{
#define GIVEN "/given/here"
	const struct box *box;
	struct boxes b;

	(void)state;
	put_user();
	put("/var/lib/docker/containers/" C "/config.v2.json", "{\"Name\":\"/db\"}");
	put("/sys/fs/cgroup" GIVEN "/docker-" C ".scope/cgroup.procs", "%s", "");
	put("/sys/fs/cgroup" GIVEN "/sub/user@1001.service/docker-" C ".scope/cgroup.procs", "%s", "");
	put("/sys/fs/cgroup/docker-" C ".scope/cgroup.procs", "%s", "");
	boxes_read_below(&b, root);
	assert_string_equal(boxes_of_cgroup(&b, GIVEN "/docker-" C ".scope")->name, "db");
	boxes_free(&b);
	give("/sys/fs/cgroup" GIVEN, 1000);
	boxes_read_below(&b, root);
	box = boxes_of_cgroup(&b, "3:cpu:/\n0::" GIVEN "/docker-" C ".scope\n");
	assert_int_equal(box->uid, 1000);
	assert_null(box->name);
	assert_int_equal(boxes_of_cgroup(&b, GIVEN "/sub/user@1001.service/docker-" C ".scope")->uid, 1000);
	/* of a container with ids of its own, its cgroup is those ids', and is still whose it was */
	give("/sys/fs/cgroup/docker-" C ".scope", 100000);
	assert_string_equal(boxes_of_cgroup(&b, "/docker-" C ".scope")->name, "db");
	boxes_free(&b);
	/* where a group may make cgroups, nobody knows who did */
	give("/sys/fs/cgroup" GIVEN, 0);
	assert_int_equal(chmod(in("/sys/fs/cgroup" GIVEN), 0775), 0);
	boxes_read_below(&b, root);
	assert_null(boxes_of_cgroup(&b, GIVEN "/docker-" C ".scope")->name);
	boxes_free(&b);
}

/* A user's box in a cgroup that was given to that user. */
static void given_itself(void **state)
{
	struct boxes b;

	(void)state;
	put_user();
	put_status("it", GIVEN);
	put("/sys/fs/cgroup" GIVEN "/cgroup.procs", "%s", "");
	boxes_read_below(&b, root);
	assert_null(boxes_of_cgroup(&b, GIVEN "/sub"));
	give("/sys/fs/cgroup" GIVEN, 1000);
	assert_string_equal(boxes_of_cgroup(&b, GIVEN "/sub")->id, "it");
	boxes_free(&b);
}

/* A name that both root and a user have is root's. */
static void root_first(void **state)
{
	struct boxes b;

	(void)state;
	put_user();
	put("/var/lib/docker/containers/" C "/config.v2.json", "{\"Name\":\"/web\"}");
	boxes_read_below(&b, root);
	assert_string_equal(find(&b, "web")->engine, "docker");
	assert_string_equal(find(&b, "podman:web")->id, A);
	boxes_free(&b);
}

/* -- what leads elsewhere ------------------------------------------------------------------------------- */

/* Looks at everything; what would wait for a pipe is ended by the alarm. */
static void look(struct boxes *b)
{
	alarm(20);
	boxes_read_below(b, root);
	boxes_look(b);
	alarm(0);
}

/* A state that names no cgroup but a directory with a pipe, which nobody writes. */
static void cgroup_elsewhere(void **state)
{
	char path[2048];
	struct boxes b;

	(void)state;
	put_user();
	make_above(in("/f/cgroup.procs"));
	assert_int_equal(mkfifo(in("/f/cgroup.procs"), 0666), 0);
	snprintf(path, sizeof(path), "/%s", in("/f"));
	put_status("slashes", path);
	put_status("dots", "/../../../f");
	put_status("inside", "/x/../../../../f");
	put("/sys/fs/cgroup/web/cgroup.procs", "%s", "");
	assert_int_equal(symlink("../../../../f", in("/sys/fs/cgroup/web/link")), 0);
	put_status("link", "/web/link");
	make_above(in("/sys/fs/cgroup/pipe/cgroup.procs"));
	assert_int_equal(mkfifo(in("/sys/fs/cgroup/pipe/cgroup.procs"), 0666), 0);
	put_status("pipe", "/pipe");
	look(&b);
	assert_null(find(&b, "slashes")->cgroup);
	assert_null(find(&b, "dots")->cgroup);
	assert_null(find(&b, "inside")->cgroup);
	assert_string_equal(find(&b, "link")->cgroup, "/web/link");
	boxes_free(&b);
}

/* Many states that name one large tree: a walk each would last. */
static void many_walks(void **state)
{
	struct boxes b;
	char path[128];

	(void)state;
	put_user();
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/big/g%d/cgroup.procs", i);
		put(path, "%s", "");
	}
	for (int i = 0; i < 250; i++) {
		snprintf(path, sizeof(path), "s%d", i);
		put_status(path, "/big");
	}
	put("/run/crun/web/status", "{\"pid\":41,\"cgroup-path\":\"/web\"}");
	put("/sys/fs/cgroup/web/sub/cgroup.procs", "50\n");
	put_process(50, 1, 7, "/web/sub");
	look(&b);
	assert_int_equal(b.unreadable, 1);
	assert_string_equal(b.unreadable_path, "/sys/fs/cgroup");
	/* it is not root's containers that cannot be found now */
	assert_int_equal(box_first(&b, find(&b, "crun:web"), &(struct fault){0}), 50);
	boxes_free(&b);
}

/* -- whose file it is ------------------------------------------------------------------------------------- */

#define U_STORE "/home/u/.local/share/containers/storage"
#define U_LIST U_STORE "/overlay-containers/containers.json"

static void put_named(const char *path, uid_t uid)
{
	put(path, "{\"annotations\":{\"nerdctl/name\":\"named\"}}");
	give(path, uid);
}

static const char *name_with_bundle(const char *bundle)
{
	static char name[256];
	struct boxes b;

	put("/run/user/1000/crun/it/status", "{\"pid\":1,\"bundle\":\"%s\"}", bundle);
	give_below("/run/user/1000", "/run/user/1000/crun/it/status", 1000);
	boxes_read_below(&b, root);
	snprintf(name, sizeof(name), "%s", find(&b, "it")->name ?: "");
	boxes_free(&b);
	return name;
}

/* The bundle is a user's word: root opens there what that user could have opened. */
static void bundle_of_others(void **state)
{
	(void)state;
	put_user();
	put_named("/home/u/bundle/config.json", 1000);
	assert_string_equal(name_with_bundle("/home/u/bundle"), "named");
	put_named("/root/bundle/config.json", 0);
	assert_string_equal(name_with_bundle("/root/bundle"), "");
	put_named("/home/v/bundle/config.json", 1001);
	assert_string_equal(name_with_bundle("/home/v/bundle"), "");
	/* nor by a link on the way, though the file is the user's */
	assert_int_equal(symlink("bundle", in("/home/u/link")), 0);
	assert_string_equal(name_with_bundle("/home/u/link"), "");
}

/* docker's file of a container is sought beside a source of its mounts. */
static void mount_of_others(void **state)
{
	struct boxes b;

	(void)state;
	put_user();
	put("/run/user/1000/docker/runtime-runc/moby/" B "/state.json", "{\"config\":{\"labels\":[\"bundle=/home/u/b\"]}}");
	give_below("/run/user/1000", "/run/user/1000/docker/runtime-runc/moby/" B "/state.json", 1000);
	put("/home/u/b/config.json", "{\"mounts\":[{\"source\":\"/data/" B "/hostname\"}]}");
	give("/home/u/b/config.json", 1000);
	put("/data/" B "/config.v2.json", "{\"Name\":\"/roots\"}");
	boxes_read_below(&b, root);
	assert_null(find(&b, B)->name);
	boxes_free(&b);
	give("/data/" B "/config.v2.json", 1000);
	boxes_read_below(&b, root);
	assert_string_equal(find(&b, B)->name, "roots");
	boxes_free(&b);
}

/* A home is one that is that user's; the way to it may be a link. */
static void homes(void **state)
{
	struct boxes b;

	char old[2048];

	(void)state;
	put_user();
	snprintf(old, sizeof(old), "%s", in("/home"));
	assert_int_equal(rename(old, in("/data")), 0);
	assert_int_equal(symlink("data", in("/home")), 0);
	boxes_read_below(&b, root);
	assert_string_equal(find(&b, "web")->source, U_LIST);
	boxes_free(&b);
	give("/data/u", 1001);
	boxes_read_below(&b, root);
	assert_null(find(&b, A)->name);
	boxes_free(&b);
	give("/data/u", 1000);
	give("/data/u/.local/share/containers/storage/overlay-containers/containers.json", 0);
	boxes_read_below(&b, root);
	assert_null(find(&b, A)->name);
	assert_string_equal(b.unreadable_path, U_LIST);
	boxes_free(&b);
}

/* -- how much it is --------------------------------------------------------------------------------------- */

/* At any time until now. */
static unsigned long used_kb(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (unsigned long)usage.ru_maxrss;
}

static void put_list(const char *path, unsigned n)
{
	FILE *out;

	put(path, "%s", "");
	give_below("/home/u", path, 1000);
	out = fopen(in(path), "w");
	assert_non_null(out);
	fputs("[{\"id\":\"x\"}", out);
	while (--n)
		fputs(",{\"id\":\"x\"}", out);
	fputs("]", out);
	assert_int_equal(fclose(out), 0);
}

/* Links that make one list many. */
static void lists_by_links(void **state)
{
	struct boxes b;

	(void)state;
	put_user();
	put_list(U_LIST, 100);
	assert_int_equal(symlink("overlay-containers", in(U_STORE "/1-containers")), 0);
	assert_int_equal(symlink("overlay-containers", in(U_STORE "/2-containers")), 0);
	boxes_read_below(&b, root);
	assert_int_equal(b.n, 101); /* and that of the status */
	assert_int_equal(b.unreadable, 4);
	boxes_free(&b);
}

/* Lists of more than any user has. */
static void many_boxes(void **state)
{
	struct boxes b;
	char path[256];

	(void)state;
	put_user();
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), U_STORE "/%d-containers/containers.json", i);
		put_list(path, 3000);
	}
	put("/run/crun/web/status", "{}");
	boxes_read_below(&b, root);
	assert_int_equal(b.n, 10001); /* and root's */
	assert_int_equal(b.unreadable, 1);
	boxes_free(&b);
}

/* Four megabytes of text would be hundreds as objects. */
static void many_values(void **state)
{
	unsigned long before = used_kb();
	struct boxes b;

	(void)state;
	put_user();
	put_list(U_LIST, 340000);
	boxes_read_below(&b, root);
	assert_in_range(used_kb() - before, 0, 64000);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.unreadable, 1);
	boxes_free(&b);
}

/* Directories in directories, where looking for a file in each takes long. */
static void many_files(void **state)
{
	struct boxes b;
	char path[256];

	(void)state;
	put_user();
	for (int i = 0; i < 50; i++)
		for (int j = 0; j < 500; j++) {
			snprintf(path, sizeof(path), "/run/user/1000/containers/%d-containers/%d", i, j);
			if (j == 0)
				make_above(in(path));
			assert_int_equal(mkdir(in(path), 0755), 0);
			if (j == 0)
				give_below("/run/user/1000", path, 1000);
		}
	put("/run/crun/web/status", "{}");
	boxes_read_below(&b, root);
	assert_int_equal(b.unreadable, 1);
	assert_int_equal(b.n, 2); /* root's, and that of the list */
	boxes_free(&b);
}

/* -- tests ------------------------------------------------------------------------------------------------ */

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(rootless), TEST(forged_cgroup), TEST(forged_in_given), TEST(given_itself), TEST(root_first), TEST(cgroup_elsewhere), TEST(many_walks),
		TEST(bundle_of_others), TEST(mount_of_others), TEST(homes), TEST(lists_by_links), TEST(many_boxes),
		TEST(many_values), TEST(many_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
