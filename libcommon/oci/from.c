/* SPDX-License-Identifier: MIT */
/* from.c - the chain is read, each link by its reader; then what no link has said. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/path.h"
#include "cap/set.h"
#include "cg/exec.h"
#include "fs/root.h"
#include "ns/enter.h"
#include "ns/run.h"
#include "oci/from.h"
#include "proc/set.h"
#include "sc/filter.h"

static const struct {
	const struct link *link;
	int (*read)(struct from *r, void *spec, struct fault *f);
} readers[] = {
	{&cg_exec_link, from_cgroup}, {&ns_run_link, from_ns_run}, {&ns_enter_link, from_ns_enter},
	{&fs_root_link, from_root},   {&proc_set_link, from_proc}, {&cap_set_link, from_cap},
	{&sc_filter_link, from_filter},
};

void from_lose(struct from *r, const char *why, const char *what, ...)
{
	char text[256];
	va_list ap;
	int n = snprintf(text, sizeof(text), "%s ", r->link);

	va_start(ap, what);
	vsnprintf(text + n, sizeof(text) - (size_t)n, what, ap);
	va_end(ap);
	r->wish->report(r->wish->arg, text, why);
	r->lost++;
}

static int read_links(struct from *r, struct fault *f)
{
	int err = 0;

	for (unsigned n = 0; err == 0 && n < r->ch->n; n++)
		for (size_t i = 0; err == 0 && i < COUNT(readers); i++) {
			if (readers[i].link != r->ch->nodes[n].link)
				continue;
			r->link = readers[i].link->cmd.name;
			err = readers[i].read(r, r->ch->nodes[n].spec, f);
		}
	if (err == 0 && !r->has_caps)
		err = from_no_cap(r, f);
	return err;
}

/* Options that are no part of what the chain is. */
static void lose_common(struct from *r)
{
	const struct common *c = &r->ch->common;
	const struct {
		bool given;
		const char *name;
	} rows[] = {{c->help, "--help"},   {c->version, "--version"}, {c->explain, "--explain"},
		    {c->dry, "--dry-run"}, {c->step, "--step"},       {c->print, "--print"}};

	r->link = r->ch->first->cmd.name;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].given)
			from_lose(r, "it is about the run, and no property of the container", "%s", rows[i].name);
}

/* A variable without a name or a sign is none that config.json could set. */
static void put_environment(struct from *r)
{
	const struct words *env = &r->ch->ctx.env;
	struct json_object *list = put_array(r->process, "env");

	r->link = "environment";
	for (size_t i = 0; i < env->n; i++) {
		const char *sign = strchr(env->v[i], '=');

		if (sign && sign != env->v[i])
			put_word(list, env->v[i]);
		else
			from_lose(r, "it is no NAME=VALUE", "%.100s", env->v[i]);
	}
}

/* Is some of the environment the caller's? Its words are the same memory then. */
static bool inherits(const struct words *env)
{
	for (size_t i = 0; i < env->n; i++)
		for (char **e = environ; *e; e++)
			if (*e == env->v[i])
				return true;
	return false;
}

/* The mask of who would run the chain; the runtimes have one of their own. */
static void put_umask(struct from *r)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	unsigned mask;

	if (json_object_object_get(r->user, "umask") || path_read(AT_FDCWD, "/proc/self/status", 1 << 16, &text) < 0)
		return;
	at = strstr(text, "\nUmask:");
	if (at && sscanf(at, "\nUmask: %o", &mask) == 1)
		put_uint(r->user, "umask", mask);
}

static void put_rest(struct from *r)
{
	struct json_object *args = put_array(r->process, "args");

	put_environment(r);
	put_umask(r);
	for (size_t i = 0; i < r->ch->prog.n; i++)
		put_word(args, r->ch->prog.v[i]);
	if (!json_object_object_get(r->process, "cwd"))
		put_string(r->process, "cwd", "/"); /* fs-root leaves it there */
}

static void begin(struct from *r)
{
	r->config = json_object_new_object();
	put_string(r->config, "ociVersion", "1.3.0");
	put_object(r->config, "root");
	r->process = put_object(r->config, "process");
	put(r->process, "terminal", json_object_new_boolean(false));
	r->user = put_object(r->process, "user");
	put_array(r->config, "mounts");
	r->lin = put_object(r->config, "linux");
	put_array(r->lin, "namespaces");
	r->has_tty = true;
}

static int no_root(struct fault *f)
{
	fault_rule(f, OP_SAY, "the chain", "a bundle has a root filesystem, and the chain has no fs-root");
	fault_fix(f, "fs-root ROOT in the chain");
	return -EINVAL;
}

/* By its last name, as the binaries take it: "./tools/ns-run" too. */
static int parse(struct chain *ch, char *const *line, struct fault *f)
{
	const char *slash = line[0] ? strrchr(line[0], '/') : NULL;

	ch->first = line[0] ? chain_link(slash ? slash + 1 : line[0]) : NULL;
	if (!ch->first) {
		fault_rule(f, OP_USAGE, line[0] ? line[0] : "--", line[0] ? "no link, so it begins no chain" : "the chain is missing behind it");
		fault_fix(f, "oci-bundle new DIR --from-chain -- ns-run ... fs-root ROOT PROGRAM");
		return -EINVAL;
	}
	ch->ctx.tool = ch->first->cmd.name;
	return chain_parse(ch, (char **)line + 1, f);
}

int from_chain(const struct from_wish *w, struct json_object **ret, unsigned *lost, bool *inherited, struct fault *f)
{
	struct chain ch = {.up = -1, .sys = {.tty = -1, .pid = getpid()}};
	struct from r = {.wish = w, .ch = &ch};
	int err = parse(&ch, w->line, f);

	begin(&r);
	*ret = r.config;
	if (err == 0)
		err = chain_order(&ch, f);
	if (err == 0)
		err = chain_plan(&ch, f);
	if (err == 0) {
		*inherited = inherits(&ch.ctx.env);
		lose_common(&r);
		err = read_links(&r, f);
	}
	if (err == 0 && !ch.ctx.builds_root)
		err = no_root(f);
	if (err == 0 && !*ch.prog.v[0])
		err = fault_rule(f, OP_SAY, "the program", "its name is empty");
	if (err == 0)
		put_rest(&r);
	*lost = r.lost;
	chain_free(&ch);
	return err;
}
