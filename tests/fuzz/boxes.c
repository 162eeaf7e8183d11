/* SPDX-License-Identifier: MIT */
/* boxes.c - what engines and runtimes left of containers: one text as the file of each, read in
 * the name of root and of a user; then the text of a process's cgroup, and a name to look for. */
#include <ctype.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* each file is there, and path_read_fd gives the text; no directory is */
static int open_any(int flags)
{
	return flags & O_DIRECTORY ? -1 : memfd_create("state", MFD_CLOEXEC);
}
#define openat(dir, path, flags) ((void)(dir), (void)(path), open_any(flags))
#define geteuid() 1000U /* or the file would have to be that user's */
#include "target/boxes-read.c"
#undef openat
#undef geteuid
#include "target/boxes-process.c"

#include "common.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	state_reader *reader;
	const char *path;
} files[] = {
	{read_docker, "/var/lib/docker/containers/" ID "/config.v2.json"},
	{read_store, "/var/lib/containers/storage/overlay-containers/containers.json"},
	{read_pidfile, "/run/containers/storage/overlay-containers/" ID "/userdata/pidfile"},
	{read_containerd, "/run/containerd/io.containerd.runtime.v2.task/default/web/config.json"},
	{read_containerd, "/run/containerd/io.containerd.runtime.v2.task/moby/" ID "/config.json"},
	{read_machine, "/run/systemd/machines/deb"},
	{read_runtime, "/run/crun/web/status"},
	{read_runtime, "/run/runc/" ID "/state.json"},
};

static void check_clean(const char *text)
{
	for (; *text; text++)
		FUZZ_HOLDS(!iscntrl((unsigned char)*text), "%x", *text);
}

static void check_boxes(const struct boxes *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct box *box = b->v[i];

		FUZZ_HOLDS(*box->engine && *box->id && strlen(box->id) < NAME_BYTES && *box->source && box->pid >= 0, "%s", box->id);
		check_clean(box->id);
		check_clean(box_shown(box));
		check_clean(box->source);
		FUZZ_HOLDS(!box->cgroup || (*box->cgroup == '/' && !strstr(box->cgroup, "//") && !path_has_dotdot(box->cgroup)), "%s",
			   box->cgroup);
		for (size_t j = 0; j < i; j++)
			FUZZ_HOLDS(!box_id_whole(box->id, strlen(box->id)) || strcmp(b->v[j]->id, box->id) != 0 ||
					   b->v[j]->uid != box->uid || i > 64, "%s twice", box->id);
	}
}

static void processes(struct boxes *b, const uint8_t *data, size_t size)
{
	_cleanup_free_ char *cmdline = xcalloc(1, size + 1);
	pid_t parent = 0;

	(void)process_started(AT_FDCWD, 1, &parent);
	memcpy(cmdline, data, size);
	for (size_t i = 0; i < b->n && i < 8; i++)
		ask_conmon(b, b->v[i], 1, cmdline, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	char **piece = fuzz_pieces(data, size, 3, &n);
	struct boxes b = {.index = xcalloc(1, sizeof(*b.index))};
	const struct box *found = NULL;
	struct fault f = {0};
	int r;

	b.index->root = b.index->own = -1;
	fuzz_feed(piece[0]);
	for (size_t i = 0; i < COUNT(files); i++)
		for (uid_t uid = 0; uid <= 1000; uid += 1000)
			files[i].reader(&b, &(struct state_file){files[i].path, uid, "engine"});
	read_users(&b);
	found = boxes_of_cgroup(&b, n > 1 ? piece[1] : piece[0]);
	FUZZ_HOLDS(!found || *found->id, "%s", found->engine);
	check_boxes(&b);
	r = boxes_find(&b, n > 2 ? piece[2] : "a", &found, &f);
	fuzz_check_fault(r, &f);
	processes(&b, data, size);
	check_boxes(&b);
	fuzz_feed(NULL);
	boxes_free(&b);
	fuzz_free_pieces(piece);
	return 0;
}
