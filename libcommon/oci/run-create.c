/* SPDX-License-Identifier: MIT */
/* run-create.c - oci-run create, run: a container is made of a bundle. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "chain/seal.h"
#include "oci/live.h"
#include "oci/terminal.h"

struct create_spec {
	const char *bundle, *console, *pid_file, *pidfd_socket;
	struct opt_num keep_fds;
	bool no_pivot, no_keyring, no_subreaper, detach, keep;
};

#define FIELD(x) offsetof(struct create_spec, x)
#define COMMON_ROWS                                                                                                   \
	{'b', "bundle", "DIR", &opt_string, FIELD(bundle), 0, "the bundle (.)", ":dir"},                              \
	{0, "console-socket", "PATH", &opt_string, FIELD(console), 0, "send the terminal's other side to this socket", \
	 ":file"},                                                                                                    \
	{0, "pidfd-socket", "PATH", &opt_string, FIELD(pidfd_socket), 0, "send a descriptor of its process to this socket", \
	 ":file"},                                                                                                    \
	{0, "pid-file", "FILE", &opt_string, FIELD(pid_file), 0, "write its pid there", ":file"},                     \
	{0, "preserve-fds", "N", &opt_int, FIELD(keep_fds), 1024, "the program has N descriptors more, from 3 on",    \
	 NULL},                                                                                                       \
	{0, "no-pivot", NULL, &opt_switch, FIELD(no_pivot), 0, "refused: the root is always pivoted to", NULL},       \
	{0, "no-new-keyring", NULL, &opt_switch, FIELD(no_keyring), 0, "leave it the keys of the caller's session", NULL},               \
	{0, "no-subreaper", NULL, &opt_switch, FIELD(no_subreaper), 0, "accepted: there is none", NULL}

static const struct opt create_opts[] = {
	COMMON_ROWS,
	{0, "detach", NULL, &opt_switch, FIELD(detach), 0, "accepted: create always leaves", NULL},
	{0},
};

static const struct opt run_opts[] = {
	COMMON_ROWS,
	{'d', "detach", NULL, &opt_switch, FIELD(detach), 0, "leave once the program runs", NULL},
	{0, "keep", NULL, &opt_switch, FIELD(keep), 0, "do not delete it when the program has ended", NULL},
	{0},
};

static void warn(void *arg, const char *where, const char *what)
{
	runtime_warn(arg, where, what);
}

/* Descriptors that a service manager passes on, if they are for us: sd_listen_fds(3). */
static unsigned listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t n = 0, whose = 0;

	if (!pid || !count || num_u64(pid, INT_MAX, &whose) < 0 || (pid_t)whose != getpid() || num_u64(count, 1024, &n) < 0)
		return 0;
	return (unsigned)n;
}

static bool cgroups_off(const struct runtime *rt)
{
	if (rt->manager && strcmp(rt->manager, "disabled") == 0)
		return true;
	return rt->rootless && strcmp(rt->rootless, "true") == 0 && geteuid() != 0;
}

static int refuse(const char *option, const char *why, const char *fix, struct fault *f)
{
	fault_rule(f, OP_USAGE, option, "%s", why);
	fault_fix(f, "%s", fix);
	return -EINVAL;
}

static int create(struct create_spec *s, struct verb_call *c, bool gate, struct fault *f)
{
	struct live *v = xcalloc(1, sizeof(*v));
	struct write_wish wish = {.console = s->console, .id = c->operands.v[0], .warn = warn, .arg = c,
				  .no_cgroup = cgroups_off(c->globals), .keep = s->detach || gate,
				  .listen_fds = listen_fds(), .keep_keys = s->no_keyring};
	int r;

	wish.keep_fds = wish.listen_fds + (s->keep_fds.given ? (unsigned)s->keep_fds.n : 0);
	*v = (struct live){.pidfd_socket = s->pidfd_socket, .call = c, .detach = s->detach || gate, .keep = s->detach || gate || s->keep};
	v->box = (struct container){.id = wish.id, .dir = -1, .pidfd = -1};
	v->ch.ctx.watch.pid_file = s->pid_file;
	wish.keep |= s->keep;
	if (s->no_pivot)
		r = refuse("--no-pivot", "a root that is not pivoted to can be left again", "the engine without no-pivot", f);
	else if (s->console && !v->detach)
		r = refuse("--console-socket", "cannot use console socket if runc will not detach or allocate tty",
			   "oci-run run --detach", f);
	else
		r = seal_self(&c->sys, c->argv, f); /* here, so that nothing is done twice */
	if (r == 0 && !v->detach)
		r = terminal_offer(v, s->bundle ? s->bundle : ".", &wish, f);
	if (r == 0)
		r = live_container(v, s->bundle ? s->bundle : ".", &wish, gate, f);
	terminal_end(v, true);
	live_free(v);
	free(v);
	return r;
}

static int run_create(void *spec, struct verb_call *c, struct fault *f)
{
	return create(spec, c, true, f);
}

static int run_run(void *spec, struct verb_call *c, struct fault *f)
{
	return create(spec, c, false, f);
}

const struct verb run_create_verb = {
	.cmd = {.name = "create", .operands = {"ID"}, .summary = "Make a container of a bundle, which then waits for start.",
		.opts = create_opts},
	.spec_size = sizeof(struct create_spec),
	.run = run_create,
};

const struct verb run_run_verb = {
	.cmd = {.name = "run", .operands = {"ID"}, .summary = "Make a container and start it; its exit status is that of its program.",
		.opts = run_opts},
	.spec_size = sizeof(struct create_spec),
	.run = run_run,
};
