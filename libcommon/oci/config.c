/* SPDX-License-Identifier: MIT */
/* config.c - the tables of config.json's top and of its process. */
#include <ctype.h>
#include <limits.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "oci/config.h"
#include "proc/rlimits.h"

#define ROW(shape, name, kind, member, must) {name, &json_kind_##kind, offsetof(struct shape, member), must, NULL, 0}
#define SUB(shape, name, kind, member, must, of) {name, &json_kind_##kind, offsetof(struct shape, member), must, of, 0}
#define UINT(shape, name, member, must, max) {name, &json_kind_uint, offsetof(struct shape, member), must, NULL, max}
#define LATER(name, why) {name, &json_kind_later, 0, false, why, 0}

static int absolute(const struct json_at *at, const char *member, const char *path, struct fault *f)
{
	return path && path[0] != '/' ? json_fail(at, member, f, "expected an absolute path, got '%.60s'", path) : 0;
}

/* -- process ------------------------------------------------------------------------- */

const char *const oci_cap_sets[OCI_SETS] = {"bounding", "permitted", "effective", "inheritable", "ambient"};

static const struct json_field caps_fields[] = {
	ROW(oci_caps, "bounding", strings, set[0], false),
	ROW(oci_caps, "permitted", strings, set[1], false),
	ROW(oci_caps, "effective", strings, set[2], false),
	ROW(oci_caps, "inheritable", strings, set[3], false),
	ROW(oci_caps, "ambient", strings, set[4], false),
	{0},
};
static const struct json_shape caps_shape = {caps_fields, sizeof(struct oci_caps), NULL, false};

static const struct json_field user_fields[] = {
	UINT(oci_user, "uid", uid, true, UINT32_MAX - 1),
	UINT(oci_user, "gid", gid, true, UINT32_MAX - 1),
	UINT(oci_user, "umask", umask, false, 0777),
	{"additionalGids", &json_kind_uints, offsetof(struct oci_user, groups), false, NULL, UINT32_MAX - 1},
	{0},
};
static const struct json_shape user_shape = {user_fields, sizeof(struct oci_user), NULL, false};

/* "RLIMIT_NOFILE" as proc-set's "nofile". */
static int rlimit_type(const struct json_at *at, struct json_object *v, const struct json_field *row, void *field,
		       struct fault *f)
{
	const char *name = NULL;
	int r = json_kind_string.decode(at, v, row, &name, f);
	char *word;

	if (r < 0)
		return r;
	if (strncmp(name, "RLIMIT_", 7) != 0)
		return json_fail(at, NULL, f, "unknown limit '%.48s': RLIMIT_NOFILE and the like", name);
	word = json_alloc(at, strlen(name), 1, f);
	if (!word)
		return -ENOMEM;
	for (size_t i = 7; name[i]; i++)
		word[i - 7] = (char)(isupper((unsigned char)name[i]) ? tolower((unsigned char)name[i]) : '?');
	if (rlimit_find(word, strlen(word), f) < 0)
		return json_fail(at, NULL, f, "unknown limit '%.48s'", name);
	*(const char **)field = word;
	return 0;
}

static int check_rlimit(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_rlimit *l = object;

	return l->soft.n > l->hard.n ? json_fail(at, "soft", f, "%lu is more than hard (%lu)",
						 (unsigned long)l->soft.n, (unsigned long)l->hard.n)
				     : 0;
}

static const struct json_kind kind_rlimit = {rlimit_type};
static const struct json_field rlimit_fields[] = {
	{"type", &kind_rlimit, offsetof(struct oci_rlimit, type), true, NULL, 0},
	UINT(oci_rlimit, "soft", soft, true, 0),
	UINT(oci_rlimit, "hard", hard, true, 0),
	{0},
};
static const struct json_shape rlimit_shape = {rlimit_fields, sizeof(struct oci_rlimit), check_rlimit, false};

static const struct json_field size_fields[] = {
	UINT(oci_size, "height", height, true, 65535),
	UINT(oci_size, "width", width, true, 65535),
	{0},
};
static const struct json_shape size_shape = {size_fields, sizeof(struct oci_size), NULL, false};

/* The words of config.json are one half of the rows in proc/sched.c; their number is the row's. */
static const struct json_name policy_rows[] = {
	{"SCHED_OTHER", 0}, {"SCHED_FIFO", 1},	{"SCHED_RR", 2},       {"SCHED_BATCH", 3},
	{"SCHED_ISO", 4},   {"SCHED_IDLE", 5},	{"SCHED_DEADLINE", 6}, {NULL, 0},
};
static const struct json_names policies = {"scheduling policy", policy_rows};
enum { POLICY_OTHER = 0, POLICY_FIFO = 1, POLICY_RR = 2, POLICY_BATCH = 3, POLICY_DEADLINE = 6 };

static const struct json_name flag_rows[] = {
	{"SCHED_FLAG_RESET_ON_FORK", 0},  {"SCHED_FLAG_RECLAIM", 1},        {"SCHED_FLAG_DL_OVERRUN", 2},
	{"SCHED_FLAG_KEEP_POLICY", 3},    {"SCHED_FLAG_KEEP_PARAMS", 4},    {"SCHED_FLAG_UTIL_CLAMP_MIN", 5},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", 6}, {NULL, 0},
};
static const struct json_names flags = {"flag of the scheduler", flag_rows};

static int check_scheduler(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_scheduler *s = object;
	uint64_t p = s->policy->value;

	if (s->nice.given && (s->nice.n < -20 || s->nice.n > 19))
		return json_fail(at, "nice", f, "expected integer from -20 to 19, got %ld", (long)s->nice.n);
	if (s->nice.n && p != POLICY_OTHER && p != POLICY_BATCH)
		return json_fail(at, "nice", f, "only SCHED_OTHER and SCHED_BATCH have one");
	if (s->priority.n && p != POLICY_FIFO && p != POLICY_RR)
		return json_fail(at, "priority", f, "only SCHED_FIFO and SCHED_RR have one");
	if (s->priority.n < 0 || s->priority.n > 99)
		return json_fail(at, "priority", f, "expected integer from 0 to 99, got %ld", (long)s->priority.n);
	if ((s->runtime.n || s->deadline.n || s->period.n) && p != POLICY_DEADLINE)
		return json_fail(at, s->runtime.n ? "runtime" : s->deadline.n ? "deadline" : "period", f,
				 "only SCHED_DEADLINE has one");
	return 0;
}

static const struct json_field scheduler_fields[] = {
	SUB(oci_scheduler, "policy", name, policy, true, &policies),
	ROW(oci_scheduler, "nice", int, nice, false),
	ROW(oci_scheduler, "priority", int, priority, false),
	SUB(oci_scheduler, "flags", names, flags, false, &flags),
	UINT(oci_scheduler, "runtime", runtime, false, INT64_MAX),
	UINT(oci_scheduler, "deadline", deadline, false, INT64_MAX),
	UINT(oci_scheduler, "period", period, false, INT64_MAX),
	{0},
};
static const struct json_shape scheduler_shape = {scheduler_fields, sizeof(struct oci_scheduler), check_scheduler, false};

static const struct json_name class_rows[] = {
	{"IOPRIO_CLASS_RT", 0}, {"IOPRIO_CLASS_BE", 1}, {"IOPRIO_CLASS_IDLE", 2}, {NULL, 0},
};
static const struct json_names classes = {"class of I/O priorities", class_rows};

static int check_io_priority(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_io_priority *p = object;

	if (p->priority.n < 0 || p->priority.n > 7)
		return json_fail(at, "priority", f, "expected integer from 0 to 7, got %ld", (long)p->priority.n);
	return 0;
}

static const struct json_field io_priority_fields[] = {
	SUB(oci_io_priority, "class", name, class, true, &classes),
	ROW(oci_io_priority, "priority", int, priority, false),
	{0},
};
static const struct json_shape io_priority_shape = {io_priority_fields, sizeof(struct oci_io_priority), check_io_priority,
						    false};

/* "0-3,7", as the kernel reads lists of processors. */
static int check_affinity(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_affinity *a = object;
	const char *lists[] = {a->initial, a->last};

	for (size_t i = 0; i < 2; i++)
		if (lists[i] && lists[i][strspn(lists[i], "0123456789,- ")])
			return json_fail(at, i ? "final" : "initial", f, "expected processors such as 0-3,7, got '%.40s'", lists[i]);
	return 0;
}

static const struct json_field affinity_fields[] = {
	ROW(oci_affinity, "initial", string, initial, false),
	ROW(oci_affinity, "final", string, last, false),
	{0},
};
static const struct json_shape affinity_shape = {affinity_fields, sizeof(struct oci_affinity), check_affinity, false};

/* Environment words without a name would end proc-set, which says less about the place. */
static int check_env(const struct json_at *at, const struct oci_process *p, struct fault *f)
{
	char member[32];

	for (size_t i = 0; p->env.v && i < p->env.n; i++) {
		const char *word = p->env.v[i];

		snprintf(member, sizeof(member), "env[%zu]", i);
		if (word && (!strchr(word, '=') || word[0] == '='))
			return json_fail(at, member, f, "expected NAME=VALUE, got '%.48s'", word);
	}
	return 0;
}

static int check_rlimits(const struct json_at *at, const struct oci_process *p, struct fault *f)
{
	const struct oci_rlimit *l = p->rlimits.v;
	char member[32];

	for (size_t i = 0; l && i < p->rlimits.n; i++)
		for (size_t j = 0; j < i; j++) {
			if (!l[i].type || !l[j].type || strcmp(l[i].type, l[j].type) != 0)
				continue;
			snprintf(member, sizeof(member), "rlimits[%zu]", i);
			return json_fail(at, member, f, "the same limit as rlimits[%zu]", j);
		}
	return 0;
}

static int check_process(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_process *p = object;
	int r = absolute(at, "cwd", p->cwd, f);
	int bad = r;

	if (p->args.v && p->args.n == 0)
		bad = json_fail(at, "args", f, "the program is missing: at least one entry");
	if (p->args.v && p->args.n && p->args.v[0] && !*p->args.v[0])
		bad = json_fail(at, "args", f, "the program's name is empty");
	if (p->oom.given && (p->oom.n < -1000 || p->oom.n > 1000))
		bad = json_fail(at, "oomScoreAdj", f, "expected integer from -1000 to 1000, got %ld", (long)p->oom.n);
	r = check_env(at, p, f);
	if (r == 0)
		r = check_rlimits(at, p, f);
	return r < 0 ? r : bad;
}

static const struct json_field process_fields[] = {
	ROW(oci_process, "terminal", bool, terminal, false),
	SUB(oci_process, "consoleSize", object, size, false, &size_shape),
	ROW(oci_process, "cwd", string, cwd, true),
	ROW(oci_process, "env", strings, env, false),
	ROW(oci_process, "args", strings, args, true),
	SUB(oci_process, "user", object, user, true, &user_shape),
	SUB(oci_process, "capabilities", object, caps, false, &caps_shape),
	SUB(oci_process, "rlimits", objects, rlimits, false, &rlimit_shape),
	ROW(oci_process, "noNewPrivileges", bool, no_new_privs, false),
	ROW(oci_process, "oomScoreAdj", int, oom, false),
	SUB(oci_process, "scheduler", object, scheduler, false, &scheduler_shape),
	ROW(oci_process, "apparmorProfile", string, apparmor, false),
	ROW(oci_process, "selinuxLabel", string, selinux, false),
	SUB(oci_process, "ioPriority", object, io_priority, false, &io_priority_shape),
	SUB(oci_process, "execCPUAffinity", object, affinity, false, &affinity_shape),
	{0},
};
static const struct json_shape process_shape = {process_fields, sizeof(struct oci_process), check_process, true};

/* -- the top ------------------------------------------------------------------------------ */

static int check_root(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_root *r = object;

	return *r->path ? 0 : json_fail(at, "path", f, "a root filesystem has a name");
}

static const struct json_field root_fields[] = {
	ROW(oci_root, "path", string, path, true),
	ROW(oci_root, "readonly", bool, readonly, false),
	{0},
};
static const struct json_shape root_shape = {root_fields, sizeof(struct oci_root), check_root, false};

static bool has(const struct oci_mount *m, const char *option)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (m->options.v[i] && strcmp(m->options.v[i], option) == 0)
			return true;
	return false;
}

static bool is_bind(const struct oci_mount *m)
{
	return has(m, "bind") || has(m, "rbind");
}

static bool is_idmapped(const struct oci_mount *m)
{
	return has(m, "idmap") || has(m, "ridmap");
}

static int check_mapped(const struct json_at *at, const struct oci_mount *m, struct fault *f)
{
	if (!m->uid_maps.n != !m->gid_maps.n)
		return json_fail(at, m->uid_maps.n ? "gidMappings" : "uidMappings", f, "required as well");
	if ((m->uid_maps.n || is_idmapped(m)) && !is_bind(m))
		return json_fail(at, m->uid_maps.n ? "uidMappings" : "options", f, "only a bind mount can have its ids mapped");
	return 0;
}

static int check_mount(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_mount *m = object;

	if (!*m->destination)
		return json_fail(at, "destination", f, "a mount point has a name");
	if (check_mapped(at, m, f) < 0)
		return -EINVAL;
	if (has(m, "remount"))
		return 0;
	if (is_bind(m))
		return m->source && *m->source ? 0 : json_fail(at, "source", f, "a bind mount needs a source");
	if (!m->type || !*m->type)
		return json_fail(at, "type", f, "required, as no option says bind or rbind");
	if (strcmp(m->type, "bind") == 0)
		return json_fail(at, "options", f, "a bind mount has the option bind or rbind");
	return 0;
}

static const struct json_field mount_fields[] = {
	ROW(oci_mount, "destination", string, destination, true),
	ROW(oci_mount, "type", string, type, false),
	ROW(oci_mount, "source", string, source, false),
	ROW(oci_mount, "options", strings, options, false),
	SUB(oci_mount, "uidMappings", objects, uid_maps, false, &oci_range_shape),
	SUB(oci_mount, "gidMappings", objects, gid_maps, false, &oci_range_shape),
	{0},
};
static const struct json_shape mount_shape = {mount_fields, sizeof(struct oci_mount), check_mount, false};

/* MAJOR.MINOR.PATCH of SemVer, of which every 1.x is read, and what led to it: the
 * specification's own example says 0.5.0-dev. */
static int check_version(const struct json_at *at, const char *v, struct fault *f)
{
	unsigned major;
	int n = 0;

	if (!v)
		return 0;
	if (sscanf(v, "%u.%*u.%*u%n", &major, &n) != 1 || !n || (v[n] && v[n] != '-' && v[n] != '+'))
		return json_fail(at, "ociVersion", f, "expected a version such as 1.3.0, got '%.32s'", v);
	return major <= 1 ? 0 : json_fail(at, "ociVersion", f, "version 1 is known here, and not '%.32s'", v);
}

/* Without a map of its own it has the container's. */
static int check_idmaps(const struct json_at *at, const struct oci_config *c, struct fault *f)
{
	bool user = c->linux_ && oci_namespace_of(c->linux_, CLONE_NEWUSER);
	const struct oci_mount *m = c->mounts.v;
	char member[32];
	int bad = 0;

	for (size_t i = 0; m && i < c->mounts.n; i++) {
		if (user || m[i].uid_maps.n || !is_idmapped(&m[i]))
			continue;
		snprintf(member, sizeof(member), "mounts[%zu]", i);
		bad = json_fail(at, member, f, "idmap without uidMappings and gidMappings needs a user namespace");
	}
	return bad;
}

/* "a chain", since the runtime has a use for a config without a process. */
static int check_config(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_config *c = object;
	bool uts = c->linux_ && oci_namespace_of(c->linux_, CLONE_NEWUTS);
	int bad = check_version(at, c->version, f);

	if (check_idmaps(at, c, f) < 0)
		bad = -EINVAL;
	if (!c->linux_)
		bad = json_fail(at, "linux", f, "required: a chain that enters a root needs a mount namespace");
	if (c->hostname && *c->hostname && !uts)
		bad = json_fail(at, "hostname", f, "without a uts namespace it would be the host's name");
	if (c->domainname && *c->domainname && !uts)
		bad = json_fail(at, "domainname", f, "without a uts namespace it would be the host's name");
	return bad;
}

static int check_hook(const struct json_at *at, void *object, struct fault *f)
{
	const struct oci_hook *h = object;

	if (h->path[0] != '/')
		return json_fail(at, "path", f, "expected an absolute path, got '%.60s'", h->path);
	if (h->timeout.given && h->timeout.n == 0)
		return json_fail(at, "timeout", f, "expected more than 0 seconds");
	return 0;
}

static const struct json_field hook_fields[] = {
	ROW(oci_hook, "path", string, path, true),
	ROW(oci_hook, "args", strings, args, false),
	ROW(oci_hook, "env", strings, env, false),
	UINT(oci_hook, "timeout", timeout, false, INT_MAX),
	{0},
};
static const struct json_shape hook_shape = {hook_fields, sizeof(struct oci_hook), check_hook, false};

const char *const oci_hook_names[HOOKS] = {"prestart",       "createRuntime", "createContainer",
					   "startContainer", "poststart",     "poststop"};

static const struct json_field hooks_fields[] = {
	SUB(oci_hooks, "prestart", objects, at[HOOK_PRESTART], false, &hook_shape),
	SUB(oci_hooks, "createRuntime", objects, at[HOOK_CREATE_RUNTIME], false, &hook_shape),
	SUB(oci_hooks, "createContainer", objects, at[HOOK_CREATE_CONTAINER], false, &hook_shape),
	SUB(oci_hooks, "startContainer", objects, at[HOOK_START_CONTAINER], false, &hook_shape),
	SUB(oci_hooks, "poststart", objects, at[HOOK_POSTSTART], false, &hook_shape),
	SUB(oci_hooks, "poststop", objects, at[HOOK_POSTSTOP], false, &hook_shape),
	{0},
};
static const struct json_shape hooks_shape = {hooks_fields, sizeof(struct oci_hooks), NULL, false};

static const struct json_field config_fields[] = {
	ROW(oci_config, "ociVersion", string, version, true),
	SUB(oci_config, "root", object, root, true, &root_shape),
	SUB(oci_config, "process", object, process, true, &process_shape),
	ROW(oci_config, "hostname", string, hostname, false),
	ROW(oci_config, "domainname", string, domainname, false),
	SUB(oci_config, "mounts", objects, mounts, false, &mount_shape),
	SUB(oci_config, "hooks", object, hooks, false, &hooks_shape),
	SUB(oci_config, "linux", object, linux_, false, &oci_linux_shape),
	{0},
};
const struct json_shape oci_config_shape = {config_fields, sizeof(struct oci_config), check_config, true};
