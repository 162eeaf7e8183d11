/* SPDX-License-Identifier: MIT */
/* run-kill.c - oci-run kill, delete, pause, resume. */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "oci/hooks.h"
#include "oci/runtime.h"
#include "oci/states.h"

enum { PATIENCE = 10000 }; /* ms that a killed process may take to end */

static bool flag(const struct container *box, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(box->state, key, &v) && json_object_get_boolean(v);
}

/* -- kill -------------------------------------------------------------------------------- */

struct kill_spec {
	bool all;
};

static const struct opt kill_opts[] = {
	{'a', "all", NULL, &opt_switch, offsetof(struct kill_spec, all), 0, "to every process in it", NULL},
	{0},
};

static int signal_all(struct verb_call *c, const struct container *box, int sig, struct fault *f)
{
	struct cg_held h;
	int r = container_cgroups(box, &h, f);

	if (r == 0)
		r = cg_held_signal(&c->sys, &h, sig, f);
	cg_held_close(&h);
	return r;
}

static int run_kill(void *spec, struct verb_call *c, struct fault *f)
{
	const struct kill_spec *s = spec;
	struct container box;
	enum status status = ST_STOPPED;
	int sig = SIGTERM;
	int r = c->operands.n > 1 ? runtime_signal(c->operands.v[1], &sig, f) : 0;

	if (r < 0)
		return r;
	if (c->operands.n > 2)
		return fault_rule(f, OP_USAGE, c->operands.v[2], "one word too many");
	r = runtime_open(c, &box, false, f);
	if (r == 0)
		status = container_status(&box);
	if (r == 0 && !s->all)
		r = state_allows(ON_KILL, &box, status, f);
	/* without pids of its own, the end of the first process is not the end of the others */
	if (r == 0 && (s->all || (sig == SIGKILL && flag(&box, "sharesPids"))))
		r = signal_all(c, &box, sig, f);
	if (r == 0 && status != ST_STOPPED && sys_pidfd_send_signal(&c->sys, box.pidfd, sig) < 0 && !s->all)
		r = state_allows(ON_KILL, &box, ST_STOPPED, f);
	if (r == 0 && sig == SIGKILL && status == ST_PAUSED) /* who is stopped does not end on v1 */
		signal_all(c, &box, SIGKILL, &(struct fault){0});
	container_close(&box);
	return r;
}

const struct verb run_kill_verb = {
	.cmd = {.name = "kill", .operands = {"ID"}, .rest = "[SIGNAL]", .summary = "Send a signal (TERM) to a container.",
		.opts = kill_opts},
	.more = true,
	.verbatim = true,
	.spec_size = sizeof(struct kill_spec),
	.run = run_kill,
};

/* -- delete ------------------------------------------------------------------------------- */

struct delete_spec {
	bool force;
};

static const struct opt delete_opts[] = {
	{'f', "force", NULL, &opt_switch, offsetof(struct delete_spec, force), 0,
	 "kill it when it runs, clear what is damaged, and let nothing be no failure", NULL},
	{0},
};

/* The hooks were read before the directory goes. */
static int delete_all(struct verb_call *c, struct container *box, bool kill, struct bundle *b, struct fault *f)
{
	struct pollfd p = {.fd = box->pidfd, .events = POLLIN};
	struct cg_held h = {0};
	char *text = NULL;
	int r = 0, bad = 0;

	if (box->state) {
		text = container_text(box, ST_STOPPED, 0, false);
		r = container_cgroups(box, &h, f);
	}
	if (kill && box->pidfd >= 0) {
		sys_pidfd_send_signal(&c->sys, box->pidfd, SIGKILL);
		cg_held_signal(&c->sys, &h, SIGKILL, &(struct fault){0});
		if (poll(&p, 1, PATIENCE) == 0)
			r = fault_set(f, OP_CONTAINER, ETIMEDOUT, "%s", box->id);
	}
	if (r == 0)
		r = cg_held_remove(&c->sys, &h, f);
	cg_held_close(&h);
	if (r == 0)
		r = container_remove(&c->sys, box, f);
	if (r == 0 && b->config.hooks) /* one that fails does not make it undone: it is said */
		bad = hooks_run(&c->sys, &b->config.hooks->at[HOOK_POSTSTOP], oci_hook_names[HOOK_POSTSTOP], text, NULL, true,
				f);
	if (bad < 0)
		runtime_warn(c, f->obj, f->why);
	free(text);
	return r;
}

int runtime_delete(struct verb_call *c, struct container *box, bool kill, struct fault *f)
{
	char *dir = xprintf("%s/%s", box->root, box->id);
	struct bundle b = {0};
	struct fault ignored;
	int r;

	if (flag(box, "poststop") && (bundle_open(&b, dir, NULL, &ignored) < 0 || bundle_decode(&b, &ignored) < 0))
		b.config.hooks = NULL;
	r = delete_all(c, box, kill, &b, f);
	bundle_free(&b);
	free(dir);
	return r;
}

static int run_delete(void *spec, struct verb_call *c, struct fault *f)
{
	const struct delete_spec *s = spec;
	struct runtime *rt = c->globals;
	struct container box;
	enum status status = ST_STOPPED;
	int r = container_open(&box, rt->root_path, c->operands.v[0], s->force, f);

	if (r == 0)
		r = container_lock(&box, f);
	if (s->force && box.dir >= 0 && r == -EINVAL)
		r = 0; /* damaged: cleared all the same */
	if (r == 0 && box.state)
		status = container_status(&box);
	if (r == 0 && !s->force)
		r = state_allows(ON_DELETE, &box, status, f);
	if (r == 0)
		r = runtime_delete(c, &box, true, f);
	container_close(&box);
	return r == -ENOENT && s->force ? 0 : r;
}

const struct verb run_delete_verb = {
	.cmd = {.name = "delete", .operands = {"ID"}, .summary = "Remove a container that has stopped.", .opts = delete_opts},
	.spec_size = sizeof(struct delete_spec),
	.run = run_delete,
};

/* -- pause, resume --------------------------------------------------------------------------- */

static int freeze(struct verb_call *c, bool on, struct fault *f)
{
	struct container box;
	struct cg_held h = {0};
	int r = runtime_open(c, &box, true, f);

	if (r == 0)
		r = state_allows(on ? ON_PAUSE : ON_RESUME, &box, container_status(&box), f);
	if (r == 0)
		r = container_cgroups(&box, &h, f);
	if (r == 0)
		r = cg_held_freeze(&c->sys, &h, on, f);
	cg_held_close(&h);
	container_close(&box);
	return r;
}

static int run_pause(void *spec, struct verb_call *c, struct fault *f)
{
	(void)spec;
	return freeze(c, true, f);
}

static int run_resume(void *spec, struct verb_call *c, struct fault *f)
{
	(void)spec;
	return freeze(c, false, f);
}

const struct verb run_pause_verb = {
	.cmd = {.name = "pause", .operands = {"ID"}, .summary = "Stop every process of a container.", .opts = runtime_no_opts},
	.run = run_pause,
};

const struct verb run_resume_verb = {
	.cmd = {.name = "resume", .operands = {"ID"}, .summary = "Let them go on.", .opts = runtime_no_opts},
	.run = run_resume,
};
