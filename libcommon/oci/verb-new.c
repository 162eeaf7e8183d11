/* SPDX-License-Identifier: MIT */
/* verb-new.c - oci-bundle new: a bundle of options, so that nobody needs to edit JSON; or of
 * a chain that is written already. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "oci/from.h"
#include "oci/new.h"
#include "oci/verb.h"

#define AT(field) offsetof(struct new_wish, field)

static const struct opt opts[] = {
	{0, "root", "PATH", &opt_string, AT(root), 0, "the root filesystem, from the bundle on (rootfs)", ":dir"},
	{0, "read-only", NULL, &opt_flag, AT(read_only), 0, "make it read-only", NULL},
	{0, "mount", "TYPE:SRC:DIR[:OPTIONS]", &opt_mount, AT(mounts), MOUNT_ANY, "mount any filesystem", NULL},
	{0, "tmpfs", "DIR[:OPTIONS]", &opt_mount, AT(mounts), MOUNT_TMPFS, "mount an empty tmpfs", NULL},
	{0, "bind", "SRC[:DIR[:OPTIONS]]", &opt_mount, AT(mounts), MOUNT_BIND, "show a file or directory of the host", ":file"},
	{0, "ro-bind", "SRC[:DIR[:OPTIONS]]", &opt_mount, AT(mounts), MOUNT_RO_BIND, "the same, read-only", ":file"},
	{0, "env", "NAME=VALUE", &opt_strings, AT(env), 0, "set an environment variable; repeatable", NULL},
	{0, "cwd", "DIR", &opt_string, AT(cwd), 0, "working directory (/)", NULL},
	{0, "user", "UID[:GID]", &opt_string, AT(user), 0, "ids of the program inside (0:0)", NULL},
	{0, "cap", "LIST", &opt_string, AT(caps), 0, "the capabilities it has, or none", NULL},
	{0, "seccomp", "FILE", &opt_string, AT(seccomp), 0, "a seccomp profile, copied in", ":file"},
	{0, "memory", "SIZE", &opt_string, AT(memory), 0, "at most so much memory: 64M", NULL},
	{0, "pids", "N", &opt_string, AT(pids), 0, "at most N processes and threads", NULL},
	{0, "cpus", "N", &opt_string, AT(cpus), 0, "at most so much of the processors: 1.5", NULL},
	{0, "hostname", "NAME", &opt_string, AT(hostname), 0, "name the machine (container)", NULL},
	{0, "net", "none|host|PATH", &opt_string, AT(net), 0, "a network of its own, the host's, or one that exists (none)",
	 "none host"},
	{0, "terminal", NULL, &opt_flag, AT(terminal), 0, "it has a terminal of its own", NULL},
	{0, "rootless", NULL, &opt_flag, AT(rootless), 0, "with a user namespace of the caller's id (the default but for root)", NULL},
	{0, "from-chain", NULL, &opt_flag, AT(from_chain), 0, "write what the chain behind -- is", NULL},
	{0, "lossy", NULL, &opt_flag, AT(lossy), 0, "leave out, with a warning, what config.json cannot say of the chain", NULL},
	{0, "force", NULL, &opt_flag, AT(force), 0, "replace a config.json that is there", NULL},
	{0},
};

/* -- from a chain ------------------------------------------------------------------------ */

struct report {
	const struct verb_call *call;
	bool lossy;
};

static void report(void *arg, const char *what, const char *why)
{
	const struct report *r = arg;

	printable_say("%s: %s '%s': %s", r->call->tool, r->lossy ? "warning: left out" : "cannot say", what, why);
}

/* The chain says all; an option that says more would say something else. */
static int chain_alone(const struct new_wish *w, struct fault *f)
{
	struct words given = {0};
	const char *other = w->mounts.n ? "a mount" : NULL;

	opt_print(opts, w, &given);
	for (size_t i = 0; i < given.n && !other; i++)
		if (strcmp(given.v[i], "--from-chain") != 0 && strcmp(given.v[i], "--lossy") != 0 &&
		    strcmp(given.v[i], "--force") != 0)
			other = given.v[i];
	if (other) {
		fault_rule(f, OP_USAGE, other, "the chain says all there is to say");
		fault_fix(f, "the chain with it; or oci-bundle set afterwards");
	}
	words_free_all(&given);
	return other ? -EINVAL : 0;
}

static int read_chain(const struct new_wish *w, struct verb_call *c, unsigned *flags, struct json_object **config,
		      struct fault *f)
{
	struct report to = {c, w->lossy};
	const struct from_wish wish = {c->operands.v[0], w->args->n ? w->args->v : (char *[]){NULL}, report, &to};
	bool inherits = false;
	unsigned lost = 0;
	int r = chain_alone(w, f);

	if (r == 0)
		r = from_chain(&wish, config, &lost, &inherits, f);
	if (r == 0 && inherits) /* who knows what is in the caller's environment */
		*flags |= SAVE_PRIVATE;
	if (r < 0 || !lost || w->lossy)
		return r;
	return fault_rule(f, OP_SAY, "the chain", "%u of its words have none there, named above", lost);
}

/* -- both --------------------------------------------------------------------------------- */

static int make_config(struct new_wish *w, struct verb_call *c, unsigned *flags, struct json_object **config,
		       struct fault *f)
{
	int r;

	w->args = &c->rest;
	*flags = w->force ? SAVE_REPLACE : 0;
	if (w->from_chain)
		return read_chain(w, c, flags, config, f);
	if (w->lossy)
		return fault_rule(f, OP_USAGE, "--lossy", "it goes with --from-chain");
	w->rootless |= geteuid() != 0;
	r = mount_list_plan(&w->mounts, f);
	return r < 0 ? r : new_config(w, config, f);
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	const char *dir = c->operands.v[0];
	struct json_object *config = NULL;
	bool made = false;
	unsigned flags;
	int r = make_config(spec, c, &flags, &config, f);

	if (r == 0 && access(dir, F_OK) < 0) {
		r = sys_mkdirat(&c->sys, AT_FDCWD, dir, 0755);
		made = r == 0;
		if (r < 0)
			fault_set(f, OP_BUNDLE, -r, "%s", dir);
	}
	if (r == 0)
		r = save_config(&c->sys, dir, flags, config, f);
	if (r < 0 && made)
		sys_unlinkat(&c->sys, AT_FDCWD, dir, AT_REMOVEDIR);
	json_object_put(config);
	return r;
}

static void drop(void *spec)
{
	struct new_wish *w = spec;

	words_free(&w->env);
	mount_list_free(&w->mounts);
}

const struct verb oci_new_verb = {
	.cmd = {
		.name = "new",
		.operands = {"DIR"},
		.rest = "[-- PROGRAM [ARG...] | -- LINK...]",
		.summary = "Write a config.json with good defaults.",
		.opts = opts,
		.operand_complete = ":dir",
	},
	.program = true,
	.spec_size = sizeof(struct new_wish),
	.run = run,
	.drop = drop,
};
