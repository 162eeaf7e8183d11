/* SPDX-License-Identifier: MIT */
/* new.c - the default config.json, with what the options say put in. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "cap/names.h"
#include "oci/config.h"
#include "oci/new.h"
#include "oci/put.h"

typedef struct json_object *json;

/* Enough for a system that changes users and owns files; nothing that reaches the kernel's
 * settings, devices, other processes' memory or the network's. */
static const char default_caps[] = "chown,dac_override,fowner,fsetid,kill,net_bind_service,setfcap,setgid,setpcap,"
				   "setuid,sys_chroot";

static json string(const char *s)
{
	return json_object_new_string(s);
}

/* An array of the words up to a NULL. */
static json array(char *const *words)
{
	json a = json_object_new_array();

	for (; words && *words; words++)
		json_object_array_add(a, string(*words));
	return a;
}

static int refuse(const char *option, const char *value, const char *why, const char *fix, struct fault *f)
{
	char object[128];

	snprintf(object, sizeof(object), "%s %.90s", option, value);
	fault_rule(f, OP_OPTION, object, "%s", why);
	fault_fix(f, "%s", fix);
	return -EINVAL;
}

/* -- process ------------------------------------------------------------------------- */

static int put_user(const struct new_wish *w, json process, struct fault *f)
{
	json user = json_object_new_object();
	const char *text = w->user ? w->user : "0:0", *colon = strchr(text, ':');
	_cleanup_free_ char *first = strndup(text, colon ? (size_t)(colon - text) : strlen(text));
	uint64_t uid, gid = 0;

	put(process, "user", user);
	if (!first || num_u64(first, UINT32_MAX - 1, &uid) < 0 ||
	    (colon && num_u64(colon + 1, UINT32_MAX - 1, &gid) < 0))
		return refuse("--user", text, "expected numbers", "--user 1000:1000; names mean nothing in the container", f);
	put(user, "uid", json_object_new_uint64(uid));
	put(user, "gid", json_object_new_uint64(colon ? gid : uid));
	return 0;
}

static uint32_t id_inside(json process, const char *which)
{
	return (uint32_t)json_object_get_uint64(json_object_object_get(json_object_object_get(process, "user"), which));
}

static int new_caps(const struct new_wish *w, uint64_t *mask, struct fault *f)
{
	return cap_mask_parse(w->caps ? w->caps : default_caps, mask, f);
}

/* Root has what is permitted from the bounding set at execve; another user only what is
 * ambient, and that it is given only when it was asked for. */
static int put_sets(const struct new_wish *w, json process, struct fault *f)
{
	json caps = json_object_new_object();
	bool root = id_inside(process, "uid") == 0;
	uint64_t mask;
	int r = new_caps(w, &mask, f);

	put(process, "capabilities", caps);
	if (r < 0)
		return r;
	for (unsigned set = 0; set < OCI_SETS; set++) {
		bool inherited = set >= 3; /* inheritable, ambient */
		bool none = root ? inherited : set > 0 && !w->caps;

		put_caps(caps, oci_cap_sets[set], none ? 0 : mask);
	}
	return 0;
}

static json environment(const struct new_wish *w)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", term[] = "TERM=xterm";
	json env = json_object_new_array();
	bool has_path = false;

	for (size_t i = 0; i < w->env.n; i++)
		has_path |= strncmp(w->env.v[i], "PATH=", 5) == 0;
	if (!has_path)
		json_object_array_add(env, string(path));
	if (w->terminal)
		json_object_array_add(env, string(term));
	for (size_t i = 0; i < w->env.n; i++)
		json_object_array_add(env, string(w->env.v[i]));
	return env;
}

static int put_process(const struct new_wish *w, json config, struct fault *f)
{
	json process = json_object_new_object();
	static char sh[] = "sh";
	char *const shell[] = {sh, NULL};
	int r;

	put(config, "process", process);
	for (size_t i = 0; i < w->env.n; i++)
		if (!strchr(w->env.v[i], '=') || w->env.v[i][0] == '=')
			return refuse("--env", w->env.v[i], "it has no name and value", "--env NAME=VALUE", f);
	if (w->cwd && w->cwd[0] != '/')
		return refuse("--cwd", w->cwd, "it is relative", "--cwd with the path inside the container, from / on", f);
	if (w->args->n && !*w->args->v[0])
		return refuse("--", "", "the program's name is empty", "a program, or no word behind --: then it is sh", f);
	put(process, "terminal", json_object_new_boolean(w->terminal));
	r = put_user(w, process, f);
	put(process, "args", array(w->args->n ? w->args->v : shell));
	put(process, "env", environment(w));
	put(process, "cwd", string(w->cwd ? w->cwd : "/"));
	if (r == 0)
		r = put_sets(w, process, f);
	put(process, "noNewPrivileges", json_object_new_boolean(true));
	return r;
}

/* -- mounts ------------------------------------------------------------------------------ */

/* With one id mapped the group tty has no number inside; and sysfs belongs to the network
 * namespace, so that of the host can only be shown. */
static void put_default_mounts(const struct new_wish *w, bool own_net, json mounts)
{
	put_mount(mounts, "proc", "proc", "/proc", "nosuid,noexec,nodev");
	put_mount(mounts, "tmpfs", "tmpfs", "/dev", "nosuid,strictatime,mode=755,size=65536k");
	put_mount(mounts, "devpts", "devpts", "/dev/pts",
		  w->rootless ? "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"
			      : "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	put_mount(mounts, "tmpfs", "shm", "/dev/shm", "nosuid,noexec,nodev,mode=1777,size=65536k");
	put_mount(mounts, "mqueue", "mqueue", "/dev/mqueue", "nosuid,noexec,nodev");
	if (w->rootless && !own_net)
		put_mount(mounts, "none", "/sys", "/sys", "rbind,nosuid,noexec,nodev,ro");
	else
		put_mount(mounts, "sysfs", "sysfs", "/sys", "nosuid,noexec,nodev,ro");
	put_mount(mounts, "cgroup", "cgroup", "/sys/fs/cgroup", "nosuid,noexec,nodev,relatime,ro");
}

static void put_mounts(const struct new_wish *w, bool own_net, json config)
{
	json mounts = put(config, "mounts", json_object_new_array());

	put_default_mounts(w, own_net, mounts);
	for (size_t i = 0; i < w->mounts.n; i++)
		put_row(mounts, &w->mounts.v[i]);
}

/* -- linux ---------------------------------------------------------------------------------- */

static int put_namespaces(const struct new_wish *w, json lin, struct fault *f)
{
	static const char *const always[] = {"mount", "pid", "uts", "ipc", "cgroup"};
	json list = json_object_new_array();
	const char *net = w->net ? w->net : "none";

	put(lin, "namespaces", list);
	for (size_t i = w->rootless ? 0 : 1; i <= 5 + (strcmp(net, "host") != 0); i++) {
		json ns = json_object_new_object();

		put(ns, "type", string(i == 0 ? "user" : i <= 5 ? always[i - 1] : "network"));
		if (i > 5 && strcmp(net, "none") != 0)
			put(ns, "path", string(net));
		json_object_array_add(list, ns);
	}
	if (strcmp(net, "none") != 0 && strcmp(net, "host") != 0 && net[0] != '/')
		return refuse("--net", net, "it is no path", "--net none, host, or a path such as /run/netns/NAME", f);
	return 0;
}

static void put_map(json lin, const char *key, uint32_t inside, uint32_t host)
{
	put_range(put(lin, key, json_object_new_array()), inside, host, 1);
}

/* "1.5" processors as microseconds in each tenth of a second. */
static int put_cpus(const char *text, json resources, struct fault *f)
{
	json cpu = json_object_new_object();
	char *end;
	double n = strtod(text, &end);

	put(resources, "cpu", cpu);
	if (*end || end == text || !(n >= 0.01 && n <= 100000))
		return refuse("--cpus", text, "expected a number of processors", "--cpus 0.5", f);
	put(cpu, "quota", json_object_new_int64((int64_t)(n * 100000)));
	put(cpu, "period", json_object_new_int64(100000));
	return 0;
}

static int put_limit(const char *option, const char *text, bool size, json resources, const char *key, struct fault *f)
{
	json o = json_object_new_object();
	uint64_t n = 0;
	int r = size ? num_size(text, &n) : num_u64(text, INT64_MAX, &n);

	put(resources, key, o);
	if (r < 0 || n == 0 || n > INT64_MAX)
		return refuse(option, text, "expected a number above 0", size ? "--memory 64M" : "--pids 100", f);
	put(o, "limit", json_object_new_int64((int64_t)n));
	return 0;
}

static int put_resources(const struct new_wish *w, json lin, struct fault *f)
{
	json resources = json_object_new_object();
	int r = 0;

	if (!w->memory && !w->pids && !w->cpus) {
		json_object_put(resources);
		return 0;
	}
	put(lin, "resources", resources);
	if (w->memory)
		r = put_limit("--memory", w->memory, true, resources, "memory", f);
	if (r == 0 && w->pids)
		r = put_limit("--pids", w->pids, false, resources, "pids", f);
	return r == 0 && w->cpus ? put_cpus(w->cpus, resources, f) : r;
}

static int put_filter(const struct new_wish *w, json lin, struct fault *f)
{
	json filter = NULL;
	uint64_t caps;
	int r = new_caps(w, &caps, f);

	if (r == 0)
		r = put_seccomp(w->seccomp, caps, &filter, f);
	if (r < 0)
		return r;
	if (!filter) {
		fault_rule(f, OP_PROFILE, w->seccomp, "it is BPF, which a config.json has no words for");
		fault_fix(f, "the profile in JSON that it was made of");
		return -EINVAL;
	}
	put(lin, "seccomp", filter);
	return 0;
}

static int put_linux(const struct new_wish *w, json config, struct fault *f)
{
	static char *const masked[] = {
		(char *)"/proc/acpi", (char *)"/proc/asound", (char *)"/proc/kcore", (char *)"/proc/keys",
		(char *)"/proc/latency_stats", (char *)"/proc/timer_list", (char *)"/proc/timer_stats",
		(char *)"/proc/sched_debug", (char *)"/proc/scsi", (char *)"/sys/firmware", NULL};
	static char *const read_only[] = {(char *)"/proc/bus", (char *)"/proc/fs", (char *)"/proc/irq",
					  (char *)"/proc/sys", (char *)"/proc/sysrq-trigger", NULL};
	json lin = json_object_new_object(), process = json_object_object_get(config, "process");
	int r;

	put(config, "linux", lin);
	r = put_namespaces(w, lin, f);
	if (w->rootless) {
		put_map(lin, "uidMappings", id_inside(process, "uid"), geteuid());
		put_map(lin, "gidMappings", id_inside(process, "gid"), getegid());
	}
	if (r == 0)
		r = put_resources(w, lin, f);
	if (r == 0 && w->seccomp)
		r = put_filter(w, lin, f);
	put(lin, "maskedPaths", array(masked));
	put(lin, "readonlyPaths", array(read_only));
	return r;
}

int new_config(const struct new_wish *w, json *ret, struct fault *f)
{
	json config = json_object_new_object(), root = json_object_new_object();
	bool own_net = !w->net || strcmp(w->net, "host") != 0;
	int r;

	put(config, "ociVersion", string("1.3.0"));
	put(config, "root", root);
	put(root, "path", string(w->root ? w->root : "rootfs"));
	put(root, "readonly", json_object_new_boolean(w->read_only));
	put(config, "hostname", string(w->hostname ? w->hostname : "container"));
	r = w->root && !*w->root
		    ? refuse("--root", "", "a root filesystem has a name", "a directory, or no --root: then it is rootfs", f)
		    : put_process(w, config, f);
	put_mounts(w, own_net, config);
	if (r == 0)
		r = put_linux(w, config, f);
	*ret = config;
	return r;
}
