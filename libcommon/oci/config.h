/* SPDX-License-Identifier: MIT */
/* config.h - config.json of the OCI runtime specification 1.3 as plain structs: what of it
 * shapes a process and can be said by links. Decoded by tables; what is not in them is
 * ignored, and what cannot be done yet is refused by its path. */
#ifndef COMMON_OCI_CONFIG_H
#define COMMON_OCI_CONFIG_H

#include "base/json.h"

struct oci_root {
	const char *path;
	bool readonly;
};

struct oci_mount {
	const char *destination, *type, *source;
	struct json_strings options;
	struct json_list uid_maps, gid_maps; /* struct oci_range */
};

struct oci_user {
	struct json_uint uid, gid, umask;
	struct json_uints groups;
};

enum { OCI_SETS = 5 };
extern const char *const oci_cap_sets[OCI_SETS]; /* as config.json and cap-set call them */

struct oci_caps {
	struct json_strings set[OCI_SETS];
};

struct oci_rlimit {
	const char *type; /* as proc-set calls it: "nofile" */
	struct json_uint soft, hard;
};

struct oci_size {
	struct json_uint height, width;
};

struct oci_scheduler {
	const struct json_name *policy;
	struct json_int nice, priority;
	struct json_uint runtime, deadline, period;
	struct json_name_list flags;
};

struct oci_io_priority {
	const struct json_name *class;
	struct json_int priority;
};

/* Of a program that comes later (exec), and not of the first. */
struct oci_affinity {
	const char *initial, *last;
};

struct oci_process {
	bool terminal, no_new_privs;
	struct oci_size *size;
	const char *cwd;
	struct json_strings env, args;
	struct oci_user *user;
	struct oci_caps *caps;
	struct json_list rlimits; /* struct oci_rlimit */
	struct json_int oom;
	struct oci_scheduler *scheduler;
	struct oci_io_priority *io_priority;
	struct oci_affinity *affinity;
	const char *apparmor, *selinux;
};

struct oci_namespace {
	const struct json_name *type; /* value: CLONE_NEW* */
	const char *path;
};

struct oci_range {
	struct json_uint container, host, size;
};

struct oci_device {
	const char *type, *path;
	struct json_int major, minor;
	struct json_uint mode, uid, gid;
};

struct oci_offset {
	struct json_int secs;
	struct json_uint nanosecs;
};

struct oci_offsets {
	struct oci_offset *monotonic, *boottime;
};

struct oci_personality {
	const struct json_name *domain;
	struct json_strings flags;
};

struct oci_memory {
	struct json_int limit, reservation, swap;
	struct json_uint swappiness, hierarchy; /* hierarchy: 0 or 1 */
	struct json_int kernel, kernel_tcp;
	bool no_oom_killer;
};

struct oci_cpu {
	struct json_uint shares, period, burst, rt_period;
	struct json_int quota, rt_runtime, idle;
	const char *cpus, *mems;
};

struct oci_pids {
	struct json_int limit;
};

struct oci_hugepage {
	const char *size;
	struct json_uint limit;
};

struct oci_device_rule {
	bool allow;
	const char *type, *access;
	struct json_int major, minor;
};

enum { OCI_READ_BPS, OCI_WRITE_BPS, OCI_READ_IOPS, OCI_WRITE_IOPS, OCI_THROTTLES };

struct oci_weight_device {
	struct json_uint major, minor, weight, leaf;
};

struct oci_throttle {
	struct json_uint major, minor, rate;
};

struct oci_block_io {
	struct json_uint weight, leaf;
	struct json_list weights;                  /* struct oci_weight_device */
	struct json_list throttle[OCI_THROTTLES];  /* struct oci_throttle      */
};

struct oci_priority {
	const char *name; /* of an interface */
	struct json_uint priority;
};

struct oci_network {
	struct json_uint class_id;
	struct json_list priorities; /* struct oci_priority */
};

struct oci_rdma {
	const char *device; /* its name in the file (json_kind_named) */
	struct json_uint handles, objects;
};

struct oci_resources {
	struct json_list devices;   /* struct oci_device_rule */
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct json_list hugepages; /* struct oci_hugepage */
	struct oci_block_io *block_io;
	struct oci_network *network;
	struct json_list rdma;      /* struct oci_rdma        */
	struct json_map unified;
};

struct oci_linux {
	struct json_list namespaces;            /* struct oci_namespace */
	struct json_list uid_maps, gid_maps;    /* struct oci_range     */
	struct json_list devices;               /* struct oci_device    */
	struct json_map sysctl;
	struct oci_offsets *offsets;
	struct oci_personality *personality;
	struct json_strings masked, read_only;
	const char *cgroups_path, *mount_label;
	const struct json_name *propagation;    /* value 0: nothing is to be done */
	struct oci_resources *resources;
	bool seccomp;
};

struct oci_hook {
	const char *path;
	struct json_strings args, env;
	struct json_uint timeout; /* seconds */
};

/* Lists of struct oci_hook, in the order in which they are run. */
enum { HOOK_PRESTART, HOOK_CREATE_RUNTIME, HOOK_CREATE_CONTAINER, HOOK_START_CONTAINER, HOOK_POSTSTART, HOOK_POSTSTOP, HOOKS };
extern const char *const oci_hook_names[HOOKS];

struct oci_hooks {
	struct json_list at[HOOKS];
};

struct oci_config {
	const char *version, *hostname, *domainname;
	struct oci_root *root;
	struct oci_process *process;
	struct json_list mounts; /* struct oci_mount */
	struct oci_hooks *hooks;
	struct oci_linux *linux_; /* (linux is a macro) */
};

extern const struct json_shape oci_config_shape;
extern const struct json_shape oci_linux_shape, oci_resources_shape;
extern const struct json_shape oci_resources_shape;
extern const struct json_shape oci_range_shape;

/* The namespaces of the kind (CLONE_NEW*) in the list, or NULL. */
const struct oci_namespace *oci_namespace_of(const struct oci_linux *l, uint64_t kind);

#endif
