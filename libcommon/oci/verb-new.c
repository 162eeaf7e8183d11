/* SPDX-License-Identifier: MIT */
/* verb-new.c - oci-bundle new: a bundle of options, so that nobody needs to edit JSON. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/stat.h>
#include <unistd.h>

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
	{0, "force", NULL, &opt_flag, AT(force), 0, "replace a config.json that is there", NULL},
	{0},
};

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	const char *dir = c->operands.v[0];
	struct new_wish *w = spec;
	struct json_object *config = NULL;
	bool made = false;
	int r;

	w->args = &c->rest;
	w->rootless |= geteuid() != 0;
	r = mount_list_plan(&w->mounts, f);
	if (r == 0)
		r = new_config(w, &config, f);
	if (r == 0 && access(dir, F_OK) < 0) {
		r = sys_mkdirat(&c->sys, AT_FDCWD, dir, 0755);
		made = r == 0;
		if (r < 0)
			fault_set(f, OP_BUNDLE, -r, "%s", dir);
	}
	if (r == 0)
		r = save_config(&c->sys, dir, w->force, config, f);
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
		.rest = "[-- PROGRAM [ARG...]]",
		.summary = "Write a config.json with good defaults.",
		.opts = opts,
		.operand_complete = ":dir",
	},
	.program = true,
	.spec_size = sizeof(struct new_wish),
	.run = run,
	.drop = drop,
};
