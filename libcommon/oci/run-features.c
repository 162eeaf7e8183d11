/* SPDX-License-Identifier: MIT */
/* run-features.c - oci-run features, spec. */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/count.h"
#include "oci/bpf-data.h"
#include "oci/new.h"
#include "oci/runtime.h"

static struct json_object *names(const char *const *v, size_t n)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(a, json_object_new_string(v[i]));
	return a;
}

static struct json_object *enabled(bool yes)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "enabled", json_object_new_boolean(yes));
	return o;
}

static const char *const actions[] = {
#define ACTION(name, value, data, help) name,
#include "sc/actions.def"
#undef ACTION
};
static const char *const operators[] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
					"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
static const char *const flags[] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
static const char *const archs[] = {
#define ARCH(id, name, audit, words) name,
#include "sc/archs.def"
#undef ARCH
};
static const char *const kinds[] = {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
static const char *const options[] = {
#define ATTR(word, bit, clears) word, "r" word,
#define PROPAGATION(word, flag) word, "r" word,
#define BIND(word, recursive) word,
#define NOTHING(word) word,
#define HOW(word, bit) word,
#define SUPER(word) word,
#include "fs/mount-options.def"
#undef ATTR
#undef PROPAGATION
#undef BIND
#undef NOTHING
#undef HOW
#undef SUPER
};

static struct json_object *seccomp_part(void)
{
	struct json_object *o = enabled(true);

	json_object_object_add(o, "actions", names(actions, COUNT(actions)));
	json_object_object_add(o, "operators", names(operators, COUNT(operators)));
	json_object_object_add(o, "archs", names(archs, COUNT(archs)));
	json_object_object_add(o, "knownFlags", names(flags, COUNT(flags)));
	json_object_object_add(o, "supportedFlags", names(flags, COUNT(flags)));
	return o;
}

static struct json_object *cgroup_part(void)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "v1", json_object_new_boolean(true));
	json_object_object_add(o, "v2", json_object_new_boolean(true));
	json_object_object_add(o, "systemd", json_object_new_boolean(false));
	json_object_object_add(o, "systemdUser", json_object_new_boolean(false));
	json_object_object_add(o, "rdma", json_object_new_boolean(false));
	return o;
}

static struct json_object *capabilities(void)
{
	static const char *const all[] = {
#define CAP(name, number, help) name,
#include "base/caps.def"
#undef CAP
	};
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < COUNT(all); i++) {
		char text[40] = "CAP_";

		for (size_t k = 0; all[i][k] && k < 32; k++)
			text[4 + k] = (char)toupper((unsigned char)all[i][k]);
		json_object_array_add(a, json_object_new_string(text));
	}
	return a;
}

static struct json_object *linux_part(void)
{
	struct json_object *o = json_object_new_object(), *extensions = json_object_new_object();

	json_object_object_add(o, "namespaces", names(kinds, COUNT(kinds)));
	json_object_object_add(o, "capabilities", capabilities());
	json_object_object_add(o, "cgroup", cgroup_part());
	json_object_object_add(o, "seccomp", seccomp_part());
	json_object_object_add(o, "apparmor", enabled(true));
	json_object_object_add(o, "selinux", enabled(true));
	json_object_object_add(o, "intelRdt", enabled(false));
	json_object_object_add(extensions, "idmap", enabled(true));
	json_object_object_add(o, "mountExtensions", extensions);
	json_object_object_add(o, "netDevices", enabled(false));
	return o;
}

/* Who may set it chooses the filter. */
static const char *const unsafe[] = {BPF_DATA};

static int run_features(void *spec, struct verb_call *c, struct fault *f)
{
	struct json_object *o = json_object_new_object(), *notes = json_object_new_object();

	(void)spec, (void)c, (void)f;
	json_object_object_add(o, "ociVersionMin", json_object_new_string("1.0.0"));
	json_object_object_add(o, "ociVersionMax", json_object_new_string("1.3.0"));
	json_object_object_add(o, "hooks", names(oci_hook_names, HOOKS));
	json_object_object_add(o, "mountOptions", names(options, COUNT(options)));
	json_object_object_add(o, "linux", linux_part());
	json_object_object_add(notes, "org.opencontainers.runc.checkpoint.enabled", json_object_new_string("false"));
	json_object_object_add(o, "annotations", notes);
	json_object_object_add(o, "potentiallyUnsafeConfigAnnotations", names(unsafe, COUNT(unsafe)));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return 0;
}

const struct verb run_features_verb = {
	.cmd = {.name = "features", .summary = "Print what this runtime can do, as JSON.", .opts = runtime_no_opts},
	.run = run_features,
};

/* -- spec --------------------------------------------------------------------------------- */

struct spec_spec {
	const char *bundle;
	bool rootless;
};

static const struct opt spec_opts[] = {
	{'b', "bundle", "DIR", &opt_string, offsetof(struct spec_spec, bundle), 0, "where (.)", ":dir"},
	{0, "rootless", NULL, &opt_switch, offsetof(struct spec_spec, rootless), 0,
	 "with a user namespace of the caller's id (the default but for root)", NULL},
	{0},
};

static int run_spec(void *spec, struct verb_call *c, struct fault *f)
{
	const struct spec_spec *s = spec;
	struct new_wish w = {.args = &c->rest, .terminal = true, .read_only = true,
			     .rootless = s->rootless || geteuid() != 0};
	struct json_object *config = NULL;
	int r = new_config(&w, &config, f);

	if (r == 0)
		r = save_config(&c->sys, s->bundle ? s->bundle : ".", false, config, f);
	if (r == -EEXIST) {
		fault_why(f, "File config.json exists. Remove it first");
		fault_fix(f, "oci-run spec --bundle DIR, or rm config.json");
	}
	json_object_put(config);
	return r;
}

const struct verb run_spec_verb = {
	.cmd = {.name = "spec", .summary = "Write a config.json to begin with.", .opts = spec_opts},
	.spec_size = sizeof(struct spec_spec),
	.run = run_spec,
};
