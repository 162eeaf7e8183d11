/* SPDX-License-Identifier: MIT */
/* boxes-runtime.c - what an OCI runtime keeps of a container, and what its bundle tells: the
 * directory is an engine's, and the annotations of its config.json are the engine's too. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "target/boxes-state.h"

/* -- config.json ---------------------------------------------------------------------------------- */

struct mount_of {
	const char *source;
};

struct config {
	struct json_map annotations;
	struct json_list mounts;
	const struct config_linux {
		const char *cgroup;
	} *lin;
};

static const struct json_shape mount_shape = {
	.fields = (const struct json_field[]){{.name = "source", .kind = &json_kind_string, .off = offsetof(struct mount_of, source)}, {0}},
	.size = sizeof(struct mount_of),
};

static const struct json_shape linux_shape = {
	.fields = (const struct json_field[]){
		{.name = "cgroupsPath", .kind = &json_kind_string, .off = offsetof(struct config_linux, cgroup)}, {0}},
	.size = sizeof(struct config_linux),
};

static const struct json_shape config_shape = {
	.fields = (const struct json_field[]){
		{.name = "annotations", .kind = &json_kind_map, .off = offsetof(struct config, annotations)},
		{.name = "mounts", .kind = &json_kind_objects, .off = offsetof(struct config, mounts), .arg = &mount_shape},
		{.name = "linux", .kind = &json_kind_object, .off = offsetof(struct config, lin), .arg = &linux_shape},
		{0}},
	.size = sizeof(struct config),
};

static const char *annotation(const struct json_map *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].key, key) == 0)
			return m->v[i].value;
	return NULL;
}

/* Engines, and where each writes the name of a container and that of its pod. */
static void name_by_annotations(struct box *box, const struct json_map *m, const char *source)
{
	static const struct {
		const char *name, *pod;
	} keys[] = {
		{"io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-name"},
		{"io.kubernetes.container.name", "io.kubernetes.pod.name"},
		{"nerdctl/name", NULL},
	};
	const char *manager = annotation(m, "io.container.manager");

	if (manager && strcmp(manager, "libpod") == 0)
		box_set_engine(box, "podman");
	else if (manager && strcmp(manager, "cri-o") == 0)
		box_set_engine(box, "cri-o");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !box->name; i++) {
		const char *name = annotation(m, keys[i].name), *pod = keys[i].pod ? annotation(m, keys[i].pod) : NULL;
		_cleanup_free_ char *both = name && pod && *name ? xprintf("%s/%s", pod, name) : NULL;

		/* the first container of a pod, which holds its namespaces, is the pod */
		if (pod && (!name || strcmp(name, "POD") == 0))
			box_set_name(box, pod, source);
		else
			box_set_name(box, both ?: name, source);
	}
}

/* docker mounts files of its own directory of the container, wherever its root is. */
static void name_by_mounts(struct boxes *b, struct box *box, const struct json_list *mounts)
{
	const struct mount_of *m = mounts->v;
	char part[NAME_BYTES];

	for (size_t i = 0; i < mounts->n; i++) {
		_cleanup_free_ char *file = NULL;

		if (!m[i].source || *m[i].source != '/' || strcmp(path_part(m[i].source, 0, part), "hostname") != 0 ||
		    strcmp(path_part(m[i].source, 1, part), box->id) != 0)
			continue;
		file = xprintf("%.*sconfig.v2.json", (int)(strlen(m[i].source) - strlen("hostname")), m[i].source);
		read_docker(b, &(struct state_file){file, box->uid, "docker"});
		return;
	}
}

static void ask_config(struct boxes *b, struct box *box)
{
	_cleanup_free_ char *path = xprintf("%s/config.json", box->bundle), *text = NULL;
	_cleanup_json_ struct json_doc *doc = NULL;
	struct state_file s = {path, box->uid, box->engine};
	struct config c = {0};

	if (!state_read(b, &s, &config_shape, &c, &text, &doc))
		return;
	name_by_annotations(box, &c.annotations, path);
	if (!box->name && strcmp(box->engine, "docker") == 0)
		name_by_mounts(b, box, &c.mounts);
	if (c.lin) /* "SLICE:PREFIX:NAME" is systemd's, and has a form that is known */
		box_set_cgroup(b, box, c.lin->cgroup);
}

/* -- the bundle ----------------------------------------------------------------------------------------- */

/* Is it STORE/DRIVER-containers/ID/userdata? Then the store's lists have its name. */
static bool ask_store(struct boxes *b, struct box *box)
{
	static const char *const lists[] = {"containers.json", "volatile-containers.json"};
	char part[NAME_BYTES];
	size_t n;

	if (strcmp(path_part(box->bundle, 0, part), "userdata") != 0 || strcmp(path_part(box->bundle, 1, part), box->id) != 0)
		return false;
	n = strlen(path_part(box->bundle, 2, part));
	if (n < strlen("-containers") || strcmp(part + n - strlen("-containers"), "-containers") != 0)
		return false;
	n = strlen(box->bundle) - strlen(box->id) - strlen("//userdata");
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists) && !box->name; i++) {
		_cleanup_free_ char *file = xprintf("%.*s/%s", (int)n, box->bundle, lists[i]);

		read_store(b, &(struct state_file){file, box->uid, "podman"});
	}
	return box->name != NULL;
}

void box_ask_bundle(struct boxes *b, struct box *box)
{
	char part[NAME_BYTES];

	if (!box->bundle || ask_store(b, box))
		return;
	if (strncmp(path_part(box->bundle, 2, part), "io.containerd.runtime.", 22) == 0)
		box_set_engine(box, strcmp(path_part(box->bundle, 1, part), "moby") == 0 ? "docker" : "containerd");
	ask_config(b, box);
}

void read_containerd(struct boxes *b, const struct state_file *s)
{
	_cleanup_free_ char *bundle = xprintf("%.*s", (int)(strlen(s->path) - strlen("/config.json")), s->path);
	_cleanup_free_ char *pid_file = xprintf("%s/init.pid", bundle), *pid = NULL;
	char id[NAME_BYTES];
	struct box *box;

	path_part(bundle, 0, id);
	box = box_id_whole(id, strlen(id)) ? box_with(b, 'i', id, strlen(id), s->uid) : NULL;
	if (box && box->name && box->pid) /* docker's */
		return;
	if (!box)
		box = box_add(b, s->engine, id, s->uid, s->path);
	if (!box)
		return;
	box_set_bundle(b, box, bundle);
	pid = box->pid ? NULL : state_text(b, &(struct state_file){pid_file, s->uid, s->engine});
	if (pid)
		box->pid = state_pid(pid);
	box_ask_bundle(b, box);
}

/* -- state.json, status -------------------------------------------------------------------------------------- */

/* The fields of runc, of crun and of ours are called differently, and no two mean different things. */
struct state {
	struct json_uint pid, init_pid;
	struct json_uint start, start_crun, start_runc;
	const char *bundle, *cgroup, *cgroup_crun;
	struct json_map cgroups;
	const struct state_config {
		struct json_strings labels;
	} *config;
};

static const struct json_shape labels_shape = {
	.fields = (const struct json_field[]){
		{.name = "labels", .kind = &json_kind_strings, .off = offsetof(struct state_config, labels)}, {0}},
	.size = sizeof(struct state_config),
};

#define ROW(text, member, type) {.name = text, .kind = &json_kind_##type, .off = offsetof(struct state, member)}
#define PID(text, member) {.name = text, .kind = &json_kind_uint, .off = offsetof(struct state, member), .max = INT_MAX}

static const struct json_shape state_shape = {
	.fields = (const struct json_field[]){
		PID("pid", pid),
		PID("init_process_pid", init_pid),
		ROW("startTime", start, uint),
		ROW("process-start-time", start_crun, uint),
		ROW("init_process_start", start_runc, uint),
		ROW("bundle", bundle, string),
		ROW("cgroup", cgroup, string),
		ROW("cgroup-path", cgroup_crun, string),
		ROW("cgroup_paths", cgroups, map),
		{.name = "config", .kind = &json_kind_object, .off = offsetof(struct state, config), .arg = &labels_shape},
		{0}},
	.size = sizeof(struct state),
};

/* runc has it among its labels. */
static const char *bundle_of(const struct state *s)
{
	for (size_t i = 0; !s->bundle && s->config && i < s->config->labels.n; i++)
		if (strncmp(s->config->labels.v[i], "bundle=", 7) == 0)
			return s->config->labels.v[i] + 7;
	return s->bundle;
}

/* runc has whole paths, of each hierarchy: ours is below the mount of cgroup2, or of pids. */
static const char *cgroup_of(const struct state *s)
{
	static const struct {
		const char *key, *mount;
	} rows[] = {{"", "/sys/fs/cgroup/unified/"}, {"pids", "/sys/fs/cgroup/pids/"}, {"", "/sys/fs/cgroup/"}};

	if (s->cgroup || s->cgroup_crun)
		return s->cgroup ?: s->cgroup_crun;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *path = annotation(&s->cgroups, rows[i].key);
		size_t n = strlen(rows[i].mount);

		if (path && strncmp(path, rows[i].mount, n) == 0)
			return path + n - 1;
	}
	return NULL;
}

/* The box that some engine has told of already. Ids that are no numbers are unique to one engine only,
 * but a bundle is one container's. */
static struct box *known(struct boxes *b, const char *id, const char *bundle, uid_t uid)
{
	if (box_id_whole(id, strlen(id)))
		return box_with(b, 'i', id, strlen(id), uid);
	return bundle ? box_with(b, 'b', bundle, strlen(bundle), uid) : NULL;
}

void read_runtime(struct boxes *b, const struct state_file *s)
{
	_cleanup_json_ struct json_doc *doc = NULL;
	_cleanup_free_ char *text = NULL;
	struct state st = {0};
	char id[NAME_BYTES];
	struct box *box;

	path_part(s->path, 1, id);
	box = known(b, id, NULL, s->uid);
	if (box && box->name && box->pid)
		return;
	if (!state_read(b, s, &state_shape, &st, &text, &doc))
		return;
	box = known(b, id, bundle_of(&st), s->uid) ?: box_add(b, s->engine, id, s->uid, s->path);
	if (!box)
		return;
	if (!box->pid || !box->started) {
		box->pid = (pid_t)(st.init_pid.n ?: st.pid.n);
		box->started = st.start.n ?: st.start_crun.n ?: st.start_runc.n;
	}
	box_set_cgroup(b, box, cgroup_of(&st));
	box_set_bundle(b, box, bundle_of(&st));
	if (!box->name)
		box_ask_bundle(b, box);
}
