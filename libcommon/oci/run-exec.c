/* SPDX-License-Identifier: MIT */
/* run-exec.c - oci-run exec: one more program in a container that runs. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "chain/seal.h"
#include "oci/live.h"
#include "oci/states.h"
#include "oci/terminal.h"
#include "proc/cpus.h"

struct exec_spec {
	const char *process, *cwd, *user, *console, *pid_file, *apparmor, *label, *pidfd_socket;
	struct words env, groups, caps, cgroups;
	struct opt_num keep_fds;
	bool tty, detach, no_new_privs, ignore_paused;
};

#define FIELD(x) offsetof(struct exec_spec, x)

static const struct opt opts[] = {
	{'p', "process", "FILE", &opt_string, FIELD(process), 0, "the process object, as in config.json", ":file"},
	{'e', "env", "NAME=VALUE", &opt_strings, FIELD(env), 0, "set an environment variable; repeatable", NULL},
	{'u', "user", "UID[:GID]", &opt_string, FIELD(user), 0, "as this user", NULL},
	{'g', "additional-gids", "GID", &opt_strings, FIELD(groups), 0, "in this group, too; repeatable", NULL},
	{0, "cwd", "DIR", &opt_string, FIELD(cwd), 0, "in this directory", NULL},
	{'t', "tty", NULL, &opt_switch, FIELD(tty), 0, "with a terminal of its own", NULL},
	{'c', "cap", "NAME", &opt_strings, FIELD(caps), 0, "with this capability, too; repeatable", NULL},
	{0, "no-new-privs", NULL, &opt_switch, FIELD(no_new_privs), 0, "no program can give it more rights", NULL},
	{0, "apparmor", "PROFILE", &opt_string, FIELD(apparmor), 0, "with this AppArmor profile", NULL},
	{0, "process-label", "LABEL", &opt_string, FIELD(label), 0, "with this SELinux label", NULL},
	{0, "cgroup", "PATH", &opt_strings, FIELD(cgroups), 0, "in this cgroup below the container's", NULL},
	{'d', "detach", NULL, &opt_switch, FIELD(detach), 0, "leave once it runs", NULL},
	{0, "pid-file", "FILE", &opt_string, FIELD(pid_file), 0, "write its pid there", ":file"},
	{0, "console-socket", "PATH", &opt_string, FIELD(console), 0, "send the terminal's other side to this socket", ":file"},
	{0, "pidfd-socket", "PATH", &opt_string, FIELD(pidfd_socket), 0, "send a descriptor of its process to this socket",
	 ":file"},
	{0, "preserve-fds", "N", &opt_int, FIELD(keep_fds), 1024, "it has N descriptors more, from 3 on", NULL},
	{0, "ignore-paused", NULL, &opt_switch, FIELD(ignore_paused), 0, "also when the container is paused: then it waits", NULL},
	{0},
};

/* -- the process object ------------------------------------------------------------------------ */

static int from_file(struct live *v, const struct exec_spec *s, struct fault *f)
{
	_cleanup_fd_ int fd = open(s->process, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	struct json_doc *doc = NULL;
	size_t len;
	int r;

	if (fd < 0)
		return fault_set(f, OP_CONFIG, errno, "%s", s->process);
	r = json_slurp(fd, s->process, OP_CONFIG, &text, &len, f);
	if (r == 0)
		r = json_parse(text, len, s->process, OP_CONFIG, &doc, f);
	if (r == 0)
		json_object_object_add(json_root(v->bundle.doc), "process", json_object_get(json_root(doc)));
	json_free(doc);
	return r;
}

static struct json_object *array(const char *const *v, size_t n)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(a, json_object_new_string(v[i]));
	return a;
}

static int set_user(struct json_object *process, const struct exec_spec *s, struct fault *f)
{
	struct json_object *user = json_object_object_get(process, "user"), *groups;
	const char *colon = s->user ? strchr(s->user, ':') : NULL;
	_cleanup_free_ char *uid = s->user ? xprintf("%.*s", (int)strcspn(s->user, ":"), s->user) : NULL;
	uint64_t n;

	if (s->user && (num_u64(uid, UINT32_MAX - 1, &n) < 0 || (colon && num_u64(colon + 1, UINT32_MAX - 1, &n) < 0))) {
		fault_rule(f, OP_USAGE, s->user, "expected numbers");
		fault_fix(f, "--user 1000:1000; names mean nothing in the container");
		return -EINVAL;
	}
	if (s->user) {
		user = json_object_new_object();
		json_object_object_add(user, "uid", json_object_new_int64(strtol(uid, NULL, 10)));
		json_object_object_add(user, "gid", json_object_new_int64(colon ? strtol(colon + 1, NULL, 10) : 0));
		json_object_object_add(process, "user", user);
	}
	if (!s->groups.n)
		return 0;
	groups = json_object_new_array();
	for (size_t i = 0; i < s->groups.n; i++) {
		if (num_u64(s->groups.v[i], UINT32_MAX - 1, &n) < 0) {
			json_object_put(groups);
			return fault_rule(f, OP_USAGE, s->groups.v[i], "expected a number");
		}
		json_object_array_add(groups, json_object_new_int64((int64_t)n));
	}
	if (!user) {
		user = json_object_new_object();
		json_object_object_add(process, "user", user);
	}
	json_object_object_add(user, "additionalGids", groups);
	return 0;
}

/* Into the sets that a program of its own would have them in, and never inheritable
 * (CVE-2022-24769); ambient only beside an inheritable one. */
static void add_caps(struct json_object *process, const struct exec_spec *s)
{
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	struct json_object *caps = json_object_object_get(process, "capabilities");

	if (!caps) {
		caps = json_object_new_object();
		json_object_object_add(process, "capabilities", caps);
	}
	for (size_t i = 0; i < 3; i++) {
		struct json_object *set = json_object_object_get(caps, sets[i]);

		if (!set) {
			set = json_object_new_array();
			json_object_object_add(caps, sets[i], set);
		}
		for (size_t k = 0; k < s->caps.n; k++)
			json_object_array_add(set, json_object_new_string(s->caps.v[k]));
	}
}

/* The container's own process, changed by the options. */
static int from_options(struct live *v, const struct exec_spec *s, struct fault *f)
{
	const struct words *w = &v->call->operands;
	struct json_object *process = json_object_object_get(json_root(v->bundle.doc), "process");
	struct json_object *env;
	int r = bundle_decode(&v->bundle, f); /* what is changed below is of the right kind */

	if (r < 0)
		return r;
	if (!process)
		return fault_rule(f, OP_CONTAINER, v->box.id, "its config.json has no process");
	if (w->n < 2) {
		fault_rule(f, OP_USAGE, "exec", "PROGRAM is missing");
		fault_fix(f, "oci-run exec %s PROGRAM [ARG...], or --process FILE", v->box.id);
		return -EINVAL;
	}
	r = set_user(process, s, f);
	if (r < 0)
		return r;
	json_object_object_add(process, "args", array((const char *const *)w->v + 1, w->n - 1));
	json_object_object_add(process, "terminal", json_object_new_boolean(s->tty));
	env = json_object_object_get(process, "env");
	if (s->env.n && !env) {
		env = json_object_new_array();
		json_object_object_add(process, "env", env);
	}
	for (size_t i = 0; i < s->env.n; i++)
		json_object_array_add(env, json_object_new_string(s->env.v[i]));
	if (s->cwd)
		json_object_object_add(process, "cwd", json_object_new_string(s->cwd));
	if (s->no_new_privs)
		json_object_object_add(process, "noNewPrivileges", json_object_new_boolean(true));
	if (s->apparmor)
		json_object_object_add(process, "apparmorProfile", json_object_new_string(s->apparmor));
	if (s->label)
		json_object_object_add(process, "selinuxLabel", json_object_new_string(s->label));
	if (s->caps.n)
		add_caps(process, s);
	return 0;
}

/* -- the life of it ------------------------------------------------------------------------------- */

/* The number was looked up by the chain after we held the process: as long as ours has not
 * ended it is the same one. */
static int begin(struct chain_life *l, struct fault *f)
{
	struct live *v = (struct live *)l;
	struct pollfd p = {.fd = v->box.pidfd, .events = POLLIN};
	const struct oci_affinity *a = v->bundle.config.process->affinity;

	terminal_forget(v);
	if (a && a->initial && cpus_set(&v->ch.sys, a->initial, f) < 0)
		return -EINVAL;
	if (live_pidfd_connect(v, f) < 0)
		return -EINVAL;
	if (poll(&p, 1, 0) == 0)
		return 0;
	return state_allows(ON_EXEC, &v->box, ST_STOPPED, f);
}

static int ready(struct chain_life *l, pid_t pid, struct fault *f)
{
	return live_pidfd_send((struct live *)l, pid, "setns", f);
}

static int ended(struct chain_life *l, int status, const struct fault *f)
{
	struct live *v = (struct live *)l;

	terminal_end(v, f != NULL);
	return f ? runtime_report(v->call, f) : runtime_status(status);
}

static int may_exec(struct live *v, const struct exec_spec *s, struct fault *f)
{
	enum status status = container_status(&v->box);

	return status == ST_PAUSED && s->ignore_paused ? 0 : state_allows(ON_EXEC, &v->box, status, f);
}

static int read_process(struct live *v, const struct exec_spec *s, struct fault *f)
{
	_cleanup_free_ char *dir = xprintf("%s/%s", v->box.root, v->box.id);
	int r = bundle_open(&v->bundle, dir, NULL, f);

	if (r == 0)
		r = s->process ? from_file(v, s, f) : from_options(v, s, f);
	return r == 0 ? bundle_decode(&v->bundle, f) : r;
}

/* Its own, or one below it. */
static int cgroup_for(struct live *v, const struct exec_spec *s, char **ret, struct fault *f)
{
	const char *own = container_string(&v->box, "cgroup"), *below = s->cgroups.n ? s->cgroups.v[0] : NULL;

	if (s->cgroups.n > 1 || (below && (strchr(below, ':') || path_has_dotdot(below)))) {
		fault_rule(f, OP_USAGE, s->cgroups.v[s->cgroups.n - 1], "one path below the container's cgroup");
		fault_fix(f, "--cgroup PATH, which is made before: mkdir it in each hierarchy");
		return -EINVAL;
	}
	if (own)
		*ret = xprintf("%s%s%s", own, below ? "/" : "", below ? below + strspn(below, "/") : "");
	return 0;
}

static int exec(struct live *v, const struct exec_spec *s, struct fault *f)
{
	struct write_wish wish = {.console = s->console, .id = v->box.id,
				  .keep_fds = s->keep_fds.given ? (unsigned)s->keep_fds.n : 0};
	struct cg_held h = {0};
	char *cgroup = NULL;
	int r = may_exec(v, s, f);

	if (r == 0)
		r = read_process(v, s, f);
	if (r == 0 && v->bundle.config.process->affinity)
		wish.cpus = v->bundle.config.process->affinity->last;
	if (r == 0 && v->bundle.config.process->terminal && !s->console && !s->detach)
		r = terminal_start(v, &wish, f);
	if (r == 0)
		r = container_cgroups(&v->box, &h, f);
	if (r == 0 && h.n)
		r = cgroup_for(v, s, &cgroup, f);
	cg_held_close(&h);
	if (r == 0)
		r = write_exec(&v->line, &v->bundle, &wish, v->box.pid, cgroup, f);
	free(cgroup); /* its words are in the line; chain_live() does not return */
	if (r == 0)
		r = live_parse(v, f);
	if (r < 0)
		return r;
	v->pidfd_socket = s->pidfd_socket;
	v->life = (struct chain_life){.gate = -1, .begin = begin, .ready = ready, .ended = ended};
	v->ch.sys = v->call->sys;
	v->ch.ctx.watch.detach = s->detach;
	v->ch.ctx.watch.pid_file = s->pid_file;
	return chain_live(&v->ch, &v->life, f);
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	struct exec_spec *s = spec;
	struct runtime *rt = c->globals;
	struct live *v = xcalloc(1, sizeof(*v));
	int r;

	rt->failure = 255; /* a program's own status is below */
	v->call = c;
	r = seal_self(&c->sys, c->argv, f); /* here, so that nothing is done twice */
	if (r == 0)
		r = runtime_open(c, &v->box, false, f);
	if (r == 0)
		r = exec(v, s, f);
	terminal_end(v, true);
	live_free(v);
	free(v);
	return r;
}

static void drop(void *spec)
{
	struct exec_spec *s = spec;

	words_free(&s->env);
	words_free(&s->groups);
	words_free(&s->caps);
	words_free(&s->cgroups);
}

const struct verb run_exec_verb = {
	.cmd = {.name = "exec", .operands = {"ID"}, .rest = "[PROGRAM [ARG...]]", .summary = "Run one more program in a container.",
		.opts = opts},
	.more = true,
	.verbatim = true,
	.spec_size = sizeof(struct exec_spec),
	.run = run,
	.drop = drop,
};
