/* SPDX-License-Identifier: MIT */
/* live.c - create and run: what is done at the stations of the chain, and undone. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/printable.h"
#include "oci/hooks.h"
#include "oci/live.h"
#include "oci/terminal.h"
#include "proc/console.h"

static int hooks_at(struct live *v, unsigned which, enum status status, pid_t pid, char *const *env, struct fault *f)
{
	const struct oci_hooks *h = v->bundle.config.hooks;
	_cleanup_free_ char *text = NULL;

	if (!h || !h->at[which].n)
		return 0;
	text = container_text(&v->box, status, pid, false);
	return hooks_run(&v->ch.sys, &h->at[which], oci_hook_names[which], text, env, false, f);
}

/* -- before ---------------------------------------------------------------------------- */

static void set(struct container *c, const char *key, const char *value)
{
	json_object_object_add(c->state, key, json_object_new_string(value));
}

static void describe(struct live *v)
{
	struct container *c = &v->box;
	const struct oci_config *config = &v->bundle.config;
	const struct oci_namespace *pids = oci_namespace_of(config->linux_, CLONE_NEWPID);
	struct json_object *annotations = json_object_object_get(json_root(v->bundle.doc), "annotations");
	char *rootfs = config->root->path[0] == '/' ? xprintf("%s", config->root->path)
						    : xprintf("%s/%s", v->bundle.dir, config->root->path);
	char *cgroup = write_cgroup_path(config->linux_, c->id), created[96];
	const char *user = getenv("USER");
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	/* strftime(3) would read the time zone's file */
	gmtime_r(&now.tv_sec, &tm);
	snprintf(created, sizeof(created), "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		 tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec);
	set(c, "ociVersion", config->version);
	set(c, "id", c->id);
	json_object_object_add(c->state, "pid", json_object_new_int(0));
	set(c, "bundle", v->bundle.dir);
	set(c, "rootfs", rootfs);
	set(c, "created", created);
	if (json_object_is_type(annotations, json_type_object))
		json_object_object_add(c->state, "annotations", json_object_get(annotations));
	set(c, "owner", geteuid() == 0 ? "root" : user ? user : "");
	set(c, "cgroup", cgroup);
	if (v->bundle.config.hooks && v->bundle.config.hooks->at[HOOK_POSTSTOP].n)
		json_object_object_add(c->state, "poststop", json_object_new_boolean(true));
	if (v->bundle.config.hooks && v->bundle.config.hooks->at[HOOK_POSTSTART].n)
		json_object_object_add(c->state, "poststart", json_object_new_boolean(true));
	if (!pids || (pids->path && *pids->path))
		json_object_object_add(c->state, "sharesPids", json_object_new_boolean(true));
	free(cgroup);
	free(rootfs);
}

/* Later verbs go by the configuration as it was now. */
static int keep_config(struct live *v, struct fault *f)
{
	struct sys *s = &v->ch.sys;
	_cleanup_free_ char *object = xprintf("%s/%s/config.json", v->box.root, v->box.id);
	_cleanup_fd_ int fd = sys_create(s, v->box.dir, "config.json", 0644);
	int r = fd < 0 ? fd : sys_write_bytes(s, fd, object, v->bundle.text, v->bundle.len);

	return r < 0 ? fault_set(f, OP_STATE, -r, "%s", object) : 0;
}

/* By way of a descriptor: sun_path has 108 bytes, and paths are longer. */
static int make_gate(struct live *v, struct fault *f)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/gate", v->box.dir);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 8) < 0)
		return fault_set(f, OP_STATE, errno, "%s/%s/gate", v->box.root, v->box.id);
	v->life.gate = fd;
	return 0;
}

static int begin(struct chain_life *l, struct fault *f)
{
	struct live *v = (struct live *)l;
	struct runtime *rt = v->call->globals;
	char *root = v->box.root;
	int r = container_make(&v->ch.sys, &v->box, rt->root_path, v->box.id, f);

	free(root);
	if (r < 0)
		return r;
	v->begun = true;
	terminal_forget(v);
	describe(v);
	r = container_save(&v->ch.sys, &v->box, ST_CREATING, f);
	if (r == 0)
		r = live_pidfd_connect(v, f);
	if (r == 0)
		r = keep_config(v, f);
	return r == 0 && v->life.gate == -2 ? make_gate(v, f) : r;
}

int live_pidfd_connect(struct live *v, struct fault *f)
{
	int r = v->pidfd_socket ? console_connect(v->pidfd_socket, false, f) : -1;

	if (v->pidfd_socket && r < 0)
		return r;
	v->pidfd_to = r;
	return 0;
}

int live_pidfd_send(struct live *v, pid_t pid, const char *word, struct fault *f)
{
	_cleanup_fd_ int fd = -1;
	int r;

	if (v->pidfd_to < 0)
		return 0;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = fd < 0 ? -errno : sys_send_fd(&v->ch.sys, v->pidfd_to, v->pidfd_socket, fd, word);
	fd_close(&v->pidfd_to);
	return r < 0 ? fault_set(f, OP_READY, -r, "%s", v->pidfd_socket) : 0;
}

/* -- the watcher's stations ---------------------------------------------------------------- */

static int placed(struct chain_life *l, pid_t pid, struct fault *f)
{
	struct live *v = (struct live *)l;
	struct words dirs = {0};
	struct json_object *list = json_object_new_array();
	int r;

	for (unsigned i = 0; i < v->ch.n && strcmp(v->ch.nodes[i].link->cmd.name, "cg-exec") == 0; i++)
		cg_made_dirs(v->ch.nodes[i].spec, &dirs);
	for (size_t i = 0; i < dirs.n; i++)
		json_object_array_add(list, json_object_new_string(dirs.v[i]));
	words_free_all(&dirs);
	json_object_object_add(v->box.state, "cgroups", list);
	r = container_set_pid(&v->box, pid, f);
	return r < 0 ? r : container_save(&v->ch.sys, &v->box, ST_CREATING, f);
}

/* Where user namespaces are joined, one more process is forked on the way. */
static int is_now(struct live *v, pid_t pid, struct fault *f)
{
	if (pid == v->box.pid)
		return 0;
	fd_close(&v->box.pidfd);
	return container_set_pid(&v->box, pid, f);
}

static int made(struct chain_life *l, pid_t pid, struct fault *f)
{
	struct live *v = (struct live *)l;
	int r = is_now(v, pid, f);

	if (r == 0)
		r = hooks_at(v, HOOK_PRESTART, ST_CREATING, pid, NULL, f);
	return r < 0 ? r : hooks_at(v, HOOK_CREATE_RUNTIME, ST_CREATING, pid, NULL, f);
}

static int ready(struct chain_life *l, pid_t pid, struct fault *f)
{
	struct live *v = (struct live *)l;
	bool waits = v->life.gate >= 0;
	int r = is_now(v, pid, f);

	if (r < 0 && !waits) { /* it has run, and ended already: that is for its status to tell */
		*f = (struct fault){0};
		r = 0;
	}
	if (r == 0)
		r = container_save(&v->ch.sys, &v->box, waits ? ST_CREATED : ST_RUNNING, f);
	if (r == 0)
		r = live_pidfd_send(v, pid, "standard", f);
	if (r == 0 && !waits)
		r = hooks_at(v, HOOK_POSTSTART, ST_RUNNING, pid, NULL, f);
	if (r == 0)
		container_unlock(&v->box); /* run waits for as long as the program runs */
	return r;
}

/* -- the program's ---------------------------------------------------------------------------- */

static int inside(struct chain_life *l, struct fault *f)
{
	struct live *v = (struct live *)l;

	return hooks_at(v, HOOK_CREATE_CONTAINER, ST_CREATING, getpid(), NULL, f);
}

static int start(struct chain_life *l, char **env, struct fault *f)
{
	struct live *v = (struct live *)l;

	return hooks_at(v, HOOK_START_CONTAINER, ST_CREATED, getpid(), env, f);
}

/* -- the end ------------------------------------------------------------------------------------ */

static void forget(struct live *v)
{
	struct fault ignored;

	if (!v->box.locked && container_lock(&v->box, &ignored) == -ENOENT)
		return; /* another verb has deleted it */
	/* the chain has undone them; one that was damaged meanwhile has no state */
	if (v->box.state)
		json_object_object_add(v->box.state, "cgroups", json_object_new_array());
	runtime_delete(v->call, &v->box, false, &ignored);
}

static int ended(struct chain_life *l, int status, const struct fault *f)
{
	struct live *v = (struct live *)l;

	terminal_end(v, f != NULL);
	if (v->begun && (f || !v->keep))
		forget(v);
	if (v->ch.ctx.note[0])
		printable_say("oci-run: %s", v->ch.ctx.note);
	return f ? runtime_report(v->call, f) : runtime_status(status);
}

/* -- all of it ------------------------------------------------------------------------------------ */

int live_parse(struct live *v, struct fault *f)
{
	v->ch.first = chain_link(v->line.words.v[0]);
	v->ch.up = -1;
	v->ch.ctx.tool = "oci-run";
	return chain_parse(&v->ch, v->line.words.v + 1, f);
}

static bool has_stations(const struct oci_hooks *h)
{
	return h && h->at[HOOK_PRESTART].n + h->at[HOOK_CREATE_RUNTIME].n + h->at[HOOK_CREATE_CONTAINER].n > 0;
}

int live_container(struct live *v, const char *dir, const struct write_wish *wish, bool gate, struct fault *f)
{
	struct runtime *rt = v->call->globals;
	int r = container_check_free(rt->root_path, v->box.id, f);

	v->life = (struct chain_life){.gate = gate ? -2 : -1, .begin = begin, .placed = placed, .made = made,
				      .inside = inside, .start = start, .ready = ready, .ended = ended};
	if (r == 0)
		r = bundle_open(&v->bundle, dir, NULL, f);
	if (r == 0)
		r = bundle_decode(&v->bundle, f);
	if (r == 0)
		r = write_chain(&v->line, &v->bundle, wish, f);
	if (r == 0)
		r = live_parse(v, f);
	if (r < 0)
		return r;
	v->life.stations = has_stations(v->bundle.config.hooks);
	v->ch.sys = v->call->sys;
	v->ch.ctx.watch.detach = v->detach;
	return chain_live(&v->ch, &v->life, f);
}

void live_free(struct live *v)
{
	chain_free(&v->ch);
	line_free(&v->line);
	bundle_free(&v->bundle);
	container_close(&v->box);
}
