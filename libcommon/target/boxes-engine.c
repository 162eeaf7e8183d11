/* SPDX-License-Identifier: MIT */
/* boxes-engine.c - what engines write of their containers: docker, the store that podman and CRI-O
 * share, lxc, and the machines that systemd knows. */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "target/boxes-state.h"

/* The box of this id that is this user's, or a new one of this engine. */
static struct box *box_of(struct boxes *b, const char *id, const struct state_file *s)
{
	struct box *box = box_id_whole(id, strlen(id)) ? box_with(b, 'i', id, strlen(id), s->uid) : NULL;

	return box ?: box_add(b, s->engine, id, s->uid, s->path);
}

/* -- docker: DIR/ID/config.v2.json ------------------------------------------------------------------- */

struct docker {
	const char *name;
	const struct docker_state {
		struct json_uint pid;
	} *state;
};

static const struct json_shape docker_state_shape = {
	.fields = (const struct json_field[]){
		{.name = "Pid", .kind = &json_kind_uint, .off = offsetof(struct docker_state, pid), .max = INT_MAX}, {0}},
	.size = sizeof(struct docker_state),
};

static const struct json_shape docker_shape = {
	.fields = (const struct json_field[]){
		{.name = "Name", .kind = &json_kind_string, .off = offsetof(struct docker, name)},
		{.name = "State", .kind = &json_kind_object, .off = offsetof(struct docker, state), .arg = &docker_state_shape},
		{0}},
	.size = sizeof(struct docker),
};

void read_docker(struct boxes *b, const struct state_file *s)
{
	_cleanup_json_ struct json_doc *doc = NULL;
	_cleanup_free_ char *text = NULL;
	struct docker d = {0};
	char id[NAME_BYTES];
	struct box *box;

	if (!state_read(b, s, &docker_shape, &d, &text, &doc))
		return;
	box = box_of(b, path_part(s->path, 1, id), s);
	if (!box)
		return;
	if (d.name) /* "/web" */
		box_set_name(box, d.name + (*d.name == '/'), s->path);
	if (d.state && !box->pid)
		box->pid = (pid_t)d.state->pid.n;
}

/* -- containers/storage: STORE/DRIVER-containers/containers.json ----------------------------------------- */

/* CRI-O joins what Kubernetes calls it: k8s_NAME_POD_NAMESPACE_UID_N. */
static char *pod_name(const char *name)
{
	const char *own = name + strlen("k8s_");
	size_t n = strcspn(own, "_"), m = own[n] ? strcspn(own + n + 1, "_") : 0;

	if (!n || !m)
		return NULL;
	if (strncmp(own, "POD_", 4) == 0)
		return xprintf("%.*s", (int)m, own + n + 1);
	return xprintf("%.*s/%.*s", (int)m, own + n + 1, (int)n, own);
}

static void store_row(struct boxes *b, struct json_object *row, const struct state_file *s)
{
	struct json_object *id, *names, *first = NULL;
	_cleanup_free_ char *pod = NULL;
	const char *name = NULL;
	struct box *box;

	if (!json_object_object_get_ex(row, "id", &id) || !json_object_is_type(id, json_type_string))
		return;
	if (json_object_object_get_ex(row, "names", &names) && json_object_is_type(names, json_type_array))
		first = json_object_array_get_idx(names, 0);
	if (json_object_is_type(first, json_type_string))
		name = json_object_get_string(first);
	box = box_of(b, json_object_get_string(id), s);
	if (!box || box->name)
		return;
	pod = name && strncmp(name, "k8s_", 4) == 0 ? pod_name(name) : NULL;
	box_set_engine(box, pod ? "cri-o" : s->engine);
	box_set_name(box, pod ?: name, s->path);
}

void read_store(struct boxes *b, const struct state_file *s)
{
	_cleanup_json_ struct json_doc *doc = NULL;
	_cleanup_free_ char *text = NULL;
	struct json_object *list;

	for (size_t i = 0; i < b->index->stores.n; i++)
		if (strcmp(b->index->stores.v[i], s->path) == 0)
			return;
	if (b->index->stores.n == STORES)
		return;
	words_take(&b->index->stores, xprintf("%s", s->path));
	if (!state_json(b, s, &text, &doc))
		return;
	list = json_root(doc);
	if (!json_object_is_type(list, json_type_array)) {
		boxes_unreadable(b, s->path, EINVAL);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++)
		store_row(b, json_object_array_get_idx(list, i), s);
}

/* RUNROOT/DRIVER-containers/ID/userdata/pidfile */
void read_pidfile(struct boxes *b, const struct state_file *s)
{
	_cleanup_free_ char *text = state_text(b, s);
	char id[NAME_BYTES];
	struct box *box = text ? box_of(b, path_part(s->path, 2, id), s) : NULL;

	if (box && !box->pid)
		box->pid = state_pid(text);
}

/* -- lxc, systemd ---------------------------------------------------------------------------------------- */

/* It keeps no state in files: a container that has a configuration may run or not. */
void read_lxc(struct boxes *b, const struct state_file *s)
{
	char name[NAME_BYTES];
	struct box *box = box_add(b, s->engine, path_part(s->path, 1, name), s->uid, s->path);

	if (box)
		box_set_name(box, name, s->path);
}

/* Lines KEY=VALUE; links to them are by the name of their unit. */
void read_machine(struct boxes *b, const struct state_file *s)
{
	_cleanup_free_ char *text = strstr(s->path, "/unit:") ? NULL : state_text(b, s);
	const char *engine = s->engine;
	char name[NAME_BYTES];
	struct box *box;
	pid_t pid = 0;

	for (char *p = text, *line; (line = strsep(&p, "\n"));) {
		if (strncmp(line, "CLASS=", 6) == 0 && strcmp(line + 6, "container") != 0)
			return;
		if (strcmp(line, "SERVICE=libvirt-lxc") == 0)
			engine = "libvirt-lxc";
		if (strncmp(line, "LEADER=", 7) == 0)
			pid = state_pid(line + 7);
	}
	box = text ? box_add(b, engine, path_part(s->path, 0, name), s->uid, s->path) : NULL;
	if (!box)
		return;
	box_set_name(box, name, s->path);
	box->pid = pid;
}
