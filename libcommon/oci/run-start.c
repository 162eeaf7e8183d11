/* SPDX-License-Identifier: MIT */
/* run-start.c - oci-run start: the waiting chain is told to go on. */
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "chain/watch.h"
#include "oci/hooks.h"
#include "oci/runtime.h"
#include "oci/states.h"

static int visit(const struct container *box, struct fault *f)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/gate", box->dir);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		if (errno == ECONNREFUSED || errno == ENOENT)
			return state_allows(ON_START, box, ST_STOPPED, f);
		return fault_set(f, OP_STATE, errno, "%s/%s/gate", box->root, box->id);
	}
	return fd_steal(&fd);
}

/* Say go, and hear what became of it: a fault, or the end, which comes with execve. */
static int go(int fd, const struct container *box, struct fault *f)
{
	struct msg m = {.type = MSG_GO};
	ssize_t n = send(fd, &m, MSG_SHORT, MSG_NOSIGNAL);

	if (n < 0)
		return state_allows(ON_START, box, ST_STOPPED, f);
	do
		n = recv(fd, &m, sizeof(m), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0) /* it ended before it heard us */
		return state_allows(ON_START, box, ST_STOPPED, f);
	if (n != (ssize_t)sizeof(m) || m.type != MSG_FAULT)
		return 0;
	*f = m.fault;
	f->obj[sizeof(f->obj) - 1] = f->why[sizeof(f->why) - 1] = f->fix[sizeof(f->fix) - 1] = '\0';
	if ((unsigned)f->op >= OP_COUNT)
		f->op = OP_NONE;
	return -EINVAL;
}

/* One that fails ends the container. */
static int poststart(struct verb_call *c, struct container *box, struct fault *f)
{
	struct json_object *v;
	struct bundle b;
	char *dir, *text;
	int r;

	if (!json_object_object_get_ex(box->state, "poststart", &v))
		return 0;
	dir = xprintf("%s/%s", box->root, box->id);
	text = container_text(box, ST_RUNNING, box->pid, false);
	r = bundle_open(&b, dir, NULL, f);
	if (r == 0)
		r = bundle_decode(&b, f);
	if (r == 0 && b.config.hooks)
		r = hooks_run(&c->sys, &b.config.hooks->at[HOOK_POSTSTART], oci_hook_names[HOOK_POSTSTART], text, NULL, false, f);
	if (r < 0 && box->pidfd >= 0)
		sys_pidfd_send_signal(&c->sys, box->pidfd, SIGKILL);
	bundle_free(&b);
	free(text);
	free(dir);
	return r;
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	struct container box;
	_cleanup_fd_ int fd = -1;
	int r = runtime_open(c, &box, true, f);

	(void)spec;
	if (r == 0)
		r = state_allows(ON_START, &box, container_status(&box), f);
	if (r == 0)
		r = fd = visit(&box, f);
	if (r >= 0) {
		/* from here on it is started or ends, whatever becomes of us */
		sys_unlinkat(&c->sys, box.dir, "gate", 0);
		r = go(fd, &box, f);
	}
	if (r == 0)
		r = container_save(&c->sys, &box, ST_RUNNING, f);
	if (r == 0)
		r = poststart(c, &box, f);
	container_close(&box);
	return r;
}

const struct verb run_start_verb = {
	.cmd = {.name = "start", .operands = {"ID"}, .summary = "Start the program of a container that was made.",
		.opts = runtime_no_opts},
	.run = run,
};
