/* SPDX-License-Identifier: MIT */
/* list.c - the options of ns-list: what is read, and which rows there are. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/count.h"
#include "base/num.h"
#include "ns/list-view.h"
#include "target/target.h"
#include "target/users.h"

#define FIELD(x) offsetof(struct ns_list, x)

/* -- options ------------------------------------------------------------------------------- */

static int kind_of(const char *text, size_t n)
{
	for (int k = 0; ns_kinds[k].name; k++)
		if ((strncmp(ns_kinds[k].file, text, n) == 0 && !ns_kinds[k].file[n]) ||
		    (strncmp(ns_kinds[k].name, text, n) == 0 && !ns_kinds[k].name[n]))
			return k;
	return -1;
}

static int parse_kinds(void *field, const struct opt *o, const char *text, struct fault *f)
{
	unsigned *kinds = field;

	for (const char *p = text; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");
		int k = kind_of(p, n);

		if (k < 0) {
			fault_rule(f, OP_OPTION, text, "--%s takes kinds of namespaces", o->name);
			fault_fix(f, "--%s with mnt, net, ipc, user, pid, uts, cgroup or time, joined by commas", o->name);
			return -EINVAL;
		}
		*kinds |= ns_kinds[k].flag;
		p += n;
	}
	return 0;
}

static void print_kinds(const void *field, const struct opt *o, struct words *out)
{
	char names[96];

	if (*(const unsigned *)field)
		opt_emit(o, ns_names(names, sizeof(names), *(const unsigned *)field), out);
}

/* --tree alone is --tree=owner */
static int parse_tree(void *field, const struct opt *o, const char *text, struct fault *f)
{
	(void)o, (void)f;
	*(const char **)field = text ? text : "owner";
	return 0;
}

static void print_tree(const void *field, const struct opt *o, struct words *out)
{
	const char *text = *(const char *const *)field;

	if (text)
		opt_emit(o, text, out);
}

static const struct opt_kind opt_kinds = {true, false, parse_kinds, print_kinds};
static const struct opt_kind opt_tree = {true, true, parse_tree, print_tree};

const struct opt ns_list_opts[] = {
	{'t', "type", "TYPE,...", &opt_kinds, FIELD(kinds), 0, "only of these kinds (repeatable)",
	 "mnt net ipc user pid uts cgroup time"},
	{'p', "target", "TARGET", &opt_strings, FIELD(targets), 0,
	 "only those of this process (repeatable): a PID, self, @CONTAINER, or the path of a namespace file", ":pid"},
	{'P', "persistent", NULL, &opt_flag, FIELD(persistent), 0, "only those without a process", NULL},
	{0, "all-mounts", NULL, &opt_flag, FIELD(all_mounts), 0, "look for bind mounts in all mount namespaces, not in ours alone",
	 NULL},
	{0, "by", "namespace|process|container", &opt_string, FIELD(by), 0, "what a row is (namespace)",
	 "namespace process container"},
	{'T', "tree", "owner|parent|process", &opt_tree, FIELD(tree), 0, "as a tree (owner)", "owner parent process"},
	{'l', "list", NULL, &opt_flag, FIELD(list), 0, "as a list: accepted, for it is one without --tree", NULL},
	{'W', "no-wrap", NULL, &opt_flag, FIELD(no_wrap), 0, "accepted: no row is wrapped", NULL},
	{0, "of", "TARGET", &opt_string, FIELD(of), 0, "say in one sentence which process it is, in which container", ":pid"},
	{0, "diff", NULL, &opt_flag, FIELD(diff), 0, "compare two processes: ns-list --diff A B", NULL},
	{0, "all", NULL, &opt_flag, FIELD(same), 0, "with --diff: also what is the same, or unknown", NULL},
	{0, "why", "TARGET", &opt_string, FIELD(why), 0, "say how a process is isolated from pid 1, or from the operand", ":pid"},
	{0, "as-command", "TARGET", &opt_string, FIELD(as_command), 0, "print a chain that makes the same isolation as a process has",
	 ":pid"},
	{0, "dot", NULL, &opt_flag, FIELD(dot), 0, "as a graph for dot(1)", NULL},
	{0, "follow", NULL, &opt_flag, FIELD(follow), 0, "say births and deaths as they happen", NULL},
	{0, "interval", "SECONDS", &opt_int, FIELD(interval), 86400, "how often --follow looks (1)", NULL},
	ROW_OPTIONS(struct ns_list, rows,
		    "NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS PIDNS HELD-BY CGROUP AGE "
		    "IFACES UIDMAP GIDMAP OWNER-UID CONTAINER ENGINE CONTAINER-ID SOURCE NAMESPACES NS-user NS-mount NS-pid NS-net NS-uts NS-ipc NS-cgroup NS-time"),
	{0},
};

/* The index of the word among `words`, from 1, or a fault. */
static int choose(const char *option, const char *word, const char *const *words, struct fault *f)
{
	char list[128] = "";

	for (int i = 1; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i > 1 ? ", " : "", words[i]);
	}
	return fault_rule(f, OP_OPTION, word, "%s is one of %s", option, list);
}

/* -- which rows ------------------------------------------------------------------------------- */

static void only_nothing(struct view *v)
{
	if (!v->only_ns)
		v->only_ns = xcalloc(v->s.n + 1, sizeof(*v->only_ns));
	if (!v->only_proc)
		v->only_proc = xcalloc(v->s.nprocs + 1, sizeof(*v->only_proc));
}

static void only_namespace(struct view *v, uint32_t ns)
{
	only_nothing(v);
	v->only_ns[ns] = true;
	for (size_t i = 0; i < v->s.nprocs; i++)
		v->only_proc[i] |= v->s.procs[i].ns[v->s.ns[ns].kind] == ns;
}

static int not_found(const char *word, const char *why, struct fault *f)
{
	fault_rule(f, OP_NS_FIND, word, "%s", why);
	return -ENOENT;
}

static int only_file(struct view *v, const char *path, struct fault *f)
{
	struct stat st;
	struct statfs fs;
	uint32_t ns;

	if (stat(path, &st) < 0)
		return fault_set(f, OP_NS_FIND, errno, "%s", path);
	if (statfs(path, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return not_found(path, "it is no file of a namespace", f);
	ns = scan_find(&v->s, st.st_ino, SCAN_ANY, false);
	/* one that nobody is in is no error, but no row either */
	if (ns == SCAN_NONE)
		only_nothing(v);
	else
		only_namespace(v, ns);
	return 0;
}

/* Before the scan: a number that is given again while we look is not taken for the target's. */
static int hold_targets(struct view *v, struct fault *f)
{
	const struct words *targets = &v->o->targets;
	int r = 0;

	v->targets = xcalloc(targets->n + 1, sizeof(*v->targets));
	for (size_t i = 0; r == 0 && i < targets->n; i++) {
		r = target_open(&v->targets[i], targets->v[i], f);
		v->ntargets += r == 0;
	}
	return r;
}

static int only_target(struct view *v, const struct target *target, const char *word, struct fault *f)
{
	uint32_t proc;

	if (target->path)
		return only_file(v, target->path, f);
	/* its number was its own as long as it is there */
	if (faccessat(target->procfd, "stat", F_OK, 0) < 0)
		return fault_set(f, OP_NS_TARGET, ESRCH, "%s", word);
	proc = scan_process(&v->s, target->pid);
	if (proc == SCAN_NONE)
		return not_found(word, "its namespaces could not be read", f);
	only_nothing(v);
	v->only_proc[proc] = true;
	for (unsigned k = 0; k < SCAN_KINDS; k++)
		if (v->s.procs[proc].ns[k] != SCAN_NONE)
			v->only_ns[v->s.procs[proc].ns[k]] = true;
	return 0;
}

/* 4026531840, net:4026531840, net:[4026531840], or a path. */
static int only_operand(struct view *v, const char *word, struct fault *f)
{
	const char *colon = strchr(word, ':'), *digits = colon ? colon + 1 : word;
	int kind = colon ? kind_of(word, (size_t)(colon - word)) : -1;
	size_t n = strspn(digits + (*digits == '['), "0123456789");
	char number[24];
	uint64_t ino;
	uint32_t ns;

	if (strchr(word, '/'))
		return only_file(v, word, f);
	snprintf(number, sizeof(number), "%.*s", (int)n, digits + (*digits == '['));
	digits += n + (*digits == '[' ? 2 : 0);
	if ((colon && kind < 0) || *digits || num_u64(number, UINT64_MAX, &ino) < 0)
		return not_found(word, "it is no number of a namespace, nor TYPE:NUMBER, nor a path", f);
	ns = scan_find(&v->s, ino, kind < 0 ? SCAN_ANY : (unsigned)kind, false);
	if (ns == SCAN_NONE)
		return not_found(word, "there is none with this number, of those that are looked for", f);
	only_namespace(v, ns);
	return 0;
}

/* -- all of it --------------------------------------------------------------------------------- */

void list_note_lacks(struct view *v)
{
	list_lacks_scan(rows_lacks(v->t), &v->s, "sudo ns-list");
	list_lacks_boxes(rows_lacks(v->t), &v->boxes, "sudo ns-list");
}

static void note_own(struct view *v)
{
	uint32_t me = scan_process(&v->s, getpid());
	struct timespec now;

	for (unsigned k = 0; k < SCAN_KINDS; k++)
		v->own[k] = me == SCAN_NONE ? SCAN_NONE : v->s.procs[me].ns[k];
	clock_gettime(CLOCK_BOOTTIME, &now);
	v->now = (uint64_t)now.tv_sec * (uint64_t)sysconf(_SC_CLK_TCK);
}

static unsigned wants(const struct view *v)
{
	unsigned want = list_wants(v->t);

	if (v->by != BY_NAMESPACE)
		want |= SCAN_EVERY;
	if (v->by == BY_CONTAINER || v->o->dot)
		want |= SCAN_EVERY | SCAN_CGROUP;
	if (v->o->dot)
		want |= SCAN_COMMAND | SCAN_RELATED | SCAN_MOUNTS | SCAN_FDS;
	if (v->tree == TREE_PROCESS || (v->tree && v->by == BY_PROCESS))
		want |= SCAN_EVERY | SCAN_STAT;
	if (v->tree == TREE_OWNER || v->tree == TREE_PARENT)
		want |= SCAN_RELATED;
	if (v->o->persistent)
		want |= SCAN_MOUNTS | SCAN_FDS | SCAN_RELATED;
	if (v->o->all_mounts)
		want |= SCAN_MOUNTS | SCAN_ALL_MOUNTS;
	return want;
}

static int choose_view(struct view *v, const struct words *operands, struct fault *f)
{
	static const char *const by[] = {"", "namespace", "process", "container", NULL};
	static const char *const trees[] = {"", "owner", "parent", "process", NULL};
	static const unsigned views[] = {0, BY_NAMESPACE, BY_PROCESS, BY_CONTAINER};
	int r = v->o->by ? choose("--by", v->o->by, by, f) : operands->n && !v->o->dot && !v->o->persistent ? 2 : 1;

	if (r < 0)
		return r;
	v->by = views[r];
	r = v->o->tree ? choose("--tree", v->o->tree, trees, f) : TREE_NONE;
	if (r < 0)
		return r;
	v->tree = (enum tree)r;
	return 0;
}

static int select_rows(struct view *v, const struct words *operands, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->o->targets.n; i++)
		r = only_target(v, &v->targets[i], v->o->targets.v[i], f);
	for (size_t i = 0; r == 0 && i < operands->n; i++)
		r = only_operand(v, operands->v[i], f);
	return r;
}

/* --explain */
static void say_what_is_read(const struct sys *sys, const struct view *v)
{
	static const struct {
		unsigned want;
		const char *text;
	} parts[] = {
		{SCAN_STAT, "/proc/PID/stat: parent and start; proc(5)"},
		{SCAN_COMMAND, "/proc/PID/cmdline, or comm of one that has none"},
		{SCAN_INSIDE, "/proc/PID/status, NSpid: its pid in each pid namespace; pid_namespaces(7)"},
		{SCAN_CGROUP, "/proc/PID/cgroup; cgroups(7)"},
		{SCAN_RELATED, "ioctl NS_GET_USERNS, NS_GET_PARENT, NS_GET_OWNER_UID: owner, parent, user; ioctl_ns(2)"},
		{SCAN_MOUNTS, "/proc/self/mountinfo: mounts of the type nsfs"},
		{SCAN_ALL_MOUNTS, "/proc/PID/mountinfo in each mount namespace"},
		{SCAN_FDS, "/proc/PID/fd of each process: those that lead to a namespace; PID/ns/*_for_children"},
		{SCAN_MAPS, "/proc/PID/uid_map, gid_map: id maps as we see them; user_namespaces(7)"},
		{SCAN_IFACES, "/proc/PID/net/dev: interfaces"},
		{SCAN_NETNSID, "netlink RTM_GETNSID: ids of network namespaces; rtnetlink(7)"},
	};
	unsigned want = wants(v);

	sys_say(sys, "/proc/PID/ns/*, of each process: links such as net:[4026531840], whose number is the namespace; namespaces(7)");
	for (size_t i = 0; i < COUNT(parts); i++)
		if (want & parts[i].want)
			sys_say(sys, "%s%s", parts[i].text,
				want & SCAN_EVERY || i > 3 ? "" : ", once for each namespace: of the process with its lowest pid");
}

static int list(struct view *v, const struct words *operands, struct fault *f)
{
	int r = hold_targets(v, f);

	if (r == 0)
		r = scan_open(&v->s, v->o->kinds, wants(v), f);
	if (r == 0)
		r = select_rows(v, operands, f);
	if (r < 0)
		return r;
	note_own(v);
	if (v->o->dot) {
		r = list_dot(v, stdout);
		return r < 0 ? fault_set(f, OP_WRITE, -r, "standard output") : r;
	}
	if (v->by == BY_PROCESS)
		list_processes(v);
	else if (v->by == BY_CONTAINER)
		list_containers(v);
	else
		list_namespaces(v);
	list_note_lacks(v);
	r = rows_print(v->t, stdout, "ns-list");
	return r < 0 ? fault_set(f, OP_WRITE, -r, "standard output") : r;
}

int ns_list(struct ns_list *l, const struct words *operands, const struct sys *sys, struct fault *f)
{
	static const char *const names[] = {[BY_NAMESPACE] = "namespaces", [BY_PROCESS] = "processes", [BY_CONTAINER] = "containers"};
	struct view v = {.o = l, .s = {.proc = -1, .netlink = -1}};
	int r = choose_view(&v, operands, f);

	if (r == 0 && l->rows.list_columns) {
		rows_help(list_columns, v.by, list_defaults[v.by]);
		return 1;
	}
	if (r == 0)
		r = rows_new(&v.t, names[v.by], list_columns, v.by, list_defaults[v.by], &l->rows, f);
	if (r == 0) {
		say_what_is_read(sys, &v);
		r = list(&v, operands, f);
	}
	scan_close(&v.s);
	rows_free(v.t);
	while (v.ntargets)
		target_close(&v.targets[--v.ntargets]);
	free(v.targets);
	free(v.only_ns);
	free(v.only_proc);
	if (v.boxes_read)
		boxes_free(&v.boxes);
	user_names_free();
	return r;
}

void ns_list_drop(void *spec)
{
	struct ns_list *s = spec;

	words_free(&s->rows.filters);
	words_free(&s->targets);
}
