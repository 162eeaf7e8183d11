/* SPDX-License-Identifier: MIT */
/* list-rows.c - the columns, and what stands in them. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/count.h"
#include "base/words.h"
#include "ns/list-view.h"
#include "target/users.h"

enum col {
	NS, TYPE, PATH, NPROCS, PID, PPID, COMMAND, UID, USER, NETNSID, NSFS, PNS, ONS, PIDNS, HELD_BY, CGROUP, AGE,
	IFACES, UIDMAP, GIDMAP, OWNER_UID, CONTAINER, ENGINE, CONTAINER_ID, SOURCE, NAMESPACES,
	NS_OF, /* one a kind, in the order of kinds.def */
};

#define OF_NS BY_NAMESPACE
#define OF_PROCESS BY_PROCESS
#define OF_BOX (BY_PROCESS | BY_CONTAINER)

const struct row_col list_columns[] = {
	[NS] = {"NS", "the namespace: the inode of its file", ROW_NUM, false, OF_NS},
	[TYPE] = {"TYPE", "its kind", ROW_TEXT, false, OF_NS},
	[PATH] = {"PATH", "a file that leads to it", ROW_TEXT, true, OF_NS},
	[NPROCS] = {"NPROCS", "how many processes are in it", ROW_NUM, false, BY_NAMESPACE | BY_CONTAINER},
	[PID] = {"PID", "the process; of a namespace or container, the one in it with the lowest pid", ROW_NUM, false, 0},
	[PPID] = {"PPID", "the parent of PID", ROW_NUM, false, 0},
	[COMMAND] = {"COMMAND", "the command line of PID", ROW_TEXT, true, 0},
	[UID] = {"UID", "the user id of PID", ROW_NUM, false, 0},
	[USER] = {"USER", "the name of UID in /etc/passwd, or the number", ROW_TEXT, false, 0},
	[NETNSID] = {"NETNSID", "the id that our network namespace gave to it", ROW_NUM, false, OF_NS},
	[NSFS] = {"NSFS", "where it is mounted", ROW_LIST, true, OF_NS},
	[PNS] = {"PNS", "its parent: of user and pid namespaces", ROW_NUM, false, OF_NS},
	[ONS] = {"ONS", "the user namespace that owns it", ROW_NUM, false, OF_NS},
	[PIDNS] = {"PIDNS", "PID as its own pid namespace counts", ROW_NUM, false, 0},
	[HELD_BY] = {"HELD-BY", "what keeps it: processes, mounts, descriptors, children", ROW_LIST, true, OF_NS},
	[CGROUP] = {"CGROUP", "the cgroup of PID", ROW_TEXT, true, 0},
	[AGE] = {"AGE", "how long PID runs, in seconds", ROW_AGE, false, 0},
	[IFACES] = {"IFACES", "the interfaces of a network namespace", ROW_LIST, true, OF_NS},
	[UIDMAP] = {"UIDMAP", "the map of users of a user namespace, INSIDE:OUTSIDE:COUNT", ROW_TEXT, true, OF_NS},
	[GIDMAP] = {"GIDMAP", "its map of groups", ROW_TEXT, true, OF_NS},
	[OWNER_UID] = {"OWNER-UID", "the user who made a user namespace", ROW_NUM, false, OF_NS},
	[CONTAINER] = {"CONTAINER", "the container that PID is in: its name, or the beginning of its id", ROW_TEXT, false, 0},
	[ENGINE] = {"ENGINE", "who made the container: podman, docker, lxc, ...", ROW_TEXT, false, 0},
	[CONTAINER_ID] = {"CONTAINER-ID", "its whole id", ROW_TEXT, true, 0},
	[SOURCE] = {"SOURCE", "the file or cgroup that its name is from", ROW_TEXT, true, 0},
	[NAMESPACES] = {"NAMESPACES", "those of PID that are not ours, as TYPE:NS", ROW_LIST, true, OF_BOX},
#define KIND(flag, name, letter, file, sysctl, own) {"NS-" name, "its " name " namespace", ROW_NUM, false, OF_BOX},
#include "base/kinds.def"
#undef KIND
	{0},
};

const char *const list_defaults[] = {
	[BY_NAMESPACE] = "NS,TYPE,NPROCS,PID,USER,CONTAINER,HELD-BY,COMMAND",
	[BY_PROCESS] = "PID,PPID,USER,CONTAINER,NAMESPACES,COMMAND",
	[BY_CONTAINER] = "CONTAINER,ENGINE,PID,NPROCS,USER,NAMESPACES,COMMAND",
};

unsigned list_wants(const struct rows *t)
{
	static const struct {
		enum col col;
		unsigned want;
	} needs[] = {
		{PPID, SCAN_STAT},         {AGE, SCAN_STAT},       {COMMAND, SCAN_COMMAND}, {UID, SCAN_UID},
		{USER, SCAN_UID},          {NETNSID, SCAN_NETNSID}, {NSFS, SCAN_MOUNTS},     {PNS, SCAN_RELATED},
		{ONS, SCAN_RELATED},       {PIDNS, SCAN_INSIDE},   {CGROUP, SCAN_CGROUP},   {IFACES, SCAN_IFACES},
		{UIDMAP, SCAN_MAPS},       {GIDMAP, SCAN_MAPS},    {OWNER_UID, SCAN_RELATED},
		{CONTAINER, SCAN_CGROUP},
		{ENGINE, SCAN_CGROUP},     {CONTAINER_ID, SCAN_CGROUP}, {SOURCE, SCAN_CGROUP}, {HELD_BY, SCAN_MOUNTS | SCAN_FDS | SCAN_RELATED},
	};
	unsigned want = 0;

	for (size_t i = 0; i < COUNT(needs); i++)
		if (rows_want(t, needs[i].col))
			want |= needs[i].want;
	return want;
}

/* -- processes -------------------------------------------------------------------------------- */

/* Of the lines "ID:CONTROLLERS:/path" the one of cgroup2, unless that is the top and another
 * is not. */
static void add_cgroup(struct rows *t, char *text)
{
	const char *best = NULL;
	char *save = NULL;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		const char *path = strchr(line, ':');

		path = path ? strchr(path + 1, ':') : NULL;
		if (path && (!best || (strcmp(best, "/") == 0 && path[2]) || (strncmp(line, "0::", 3) == 0 && path[2])))
			best = path + 1;
	}
	rows_text(t, CGROUP, best);
}

const struct box *list_box(struct view *v, uint32_t proc)
{
	const char *cgroup = v->s.who[proc].cgroup;

	if (!cgroup)
		return NULL;
	if (!v->boxes_read)
		boxes_read(&v->boxes);
	v->boxes_read = true;
	/* neighbours are often of one container */
	if (!v->last_cgroup || strcmp(v->last_cgroup, cgroup) != 0)
		v->last_box = boxes_of_cgroup(&v->boxes, cgroup);
	v->last_cgroup = cgroup;
	return v->last_box;
}

static void add_box(struct view *v, const struct box *box)
{
	if (!box)
		return;
	rows_text(v->t, CONTAINER, box_shown(box));
	rows_text(v->t, ENGINE, box->engine);
	rows_text(v->t, CONTAINER_ID, box->id);
	rows_text(v->t, SOURCE, box->source);
}

static bool wants_box(const struct rows *t)
{
	return rows_want(t, CONTAINER) || rows_want(t, ENGINE) || rows_want(t, CONTAINER_ID) || rows_want(t, SOURCE);
}

static void add_process(struct view *v, uint32_t proc)
{
	struct scan_who *who = &v->s.who[proc];
	struct rows *t = v->t;
	const char *name;
	char number[16];

	rows_num(t, PID, v->s.procs[proc].pid);
	if (!who->read)
		return;
	rows_text(t, COMMAND, who->command);
	if (who->inside)
		rows_num(t, PIDNS, who->inside);
	if (who->start) {
		rows_num(t, PPID, who->ppid);
		rows_num(t, AGE, v->now > who->start ? (int64_t)(v->now - who->start) / sysconf(_SC_CLK_TCK) : 0);
	}
	if (who->uid >= 0) {
		rows_num(t, UID, who->uid);
		name = rows_want(t, USER) ? user_name((uint32_t)who->uid) : NULL;
		snprintf(number, sizeof(number), "%lld", (long long)who->uid);
		rows_text(t, USER, name ? name : number);
	}
	if (wants_box(t))
		add_box(v, list_box(v, proc));
	if (who->cgroup && rows_want(t, CGROUP)) {
		char *text = xprintf("%s", who->cgroup);

		add_cgroup(t, text);
		free(text);
	}
}

static void add_others(struct view *v, uint32_t proc)
{
	const struct scan_proc *p = &v->s.procs[proc];
	char text[64];

	for (unsigned k = 0; k < SCAN_KINDS; k++) {
		if (p->ns[k] == SCAN_NONE)
			continue;
		rows_num(v->t, NS_OF + k, (int64_t)v->s.ns[p->ns[k]].ino);
		if (p->ns[k] == v->own[k])
			continue;
		snprintf(text, sizeof(text), "%s:%llu", ns_kinds[k].file, (unsigned long long)v->s.ns[p->ns[k]].ino);
		rows_text(v->t, NAMESPACES, text);
	}
}

static size_t add_process_row(struct view *v, uint32_t proc, size_t up)
{
	size_t row = rows_add(v->t, up);

	add_process(v, proc);
	add_others(v, proc);
	return row;
}

void list_processes(struct view *v)
{
	uint32_t *rows = NULL;

	if (v->tree) {
		/* as many rows before this one as processes are listed before it */
		rows = xcalloc(v->s.nprocs + 1, sizeof(*rows));
		for (uint32_t i = 0, n = 0; i < v->s.nprocs; i++)
			rows[i] = !v->only_proc || v->only_proc[i] ? n++ : SCAN_NONE;
		rows_tree(v->t, COMMAND);
	}
	for (uint32_t i = 0; i < v->s.nprocs; i++) {
		uint32_t parent = rows ? scan_process(&v->s, v->s.who[i].ppid) : SCAN_NONE;
		size_t up = parent != SCAN_NONE && parent != i && rows[parent] != SCAN_NONE ? rows[parent] : ROW_TOP;

		if (!v->only_proc || v->only_proc[i])
			add_process_row(v, i, up);
	}
	free(rows);
}

/* -- containers --------------------------------------------------------------------------------- */

void list_containers(struct view *v)
{
	/* of each container its first process, and how many there are */
	struct found {
		const struct box *box;
		uint32_t first, n;
	} *found = NULL;
	size_t n = 0, cap = 0, at = 0;

	for (uint32_t i = 0; i < v->s.nprocs; i++) {
		const struct box *box = v->only_proc && !v->only_proc[i] ? NULL : list_box(v, i);

		if (!box)
			continue;
		/* most often that of the process before */
		if (at >= n || found[at].box != box)
			for (at = 0; at < n && found[at].box != box; at++)
				;
		if (at == n) {
			if (n == cap)
				found = xgrow(found, cap = cap ? 2 * cap : 16, sizeof(*found));
			found[n++] = (struct found){box, i, 0};
		}
		found[at].n++;
	}
	for (size_t i = 0; i < n; i++) {
		add_process_row(v, found[i].first, ROW_TOP);
		rows_num(v->t, NPROCS, found[i].n);
	}
	free(found);
}

/* -- namespaces -------------------------------------------------------------------------------- */

enum { SHOWN = 3 }; /* holders of one type, for people */

static char *hold_text(const struct view *v, const struct scan_ns *ns, const struct scan_hold *h)
{
	const struct scan_ns *child;

	switch (h->type) {
	case HOLD_MOUNT: return xprintf("mount %s", h->path);
	case HOLD_FD: return xprintf("fd %d of %d", h->fd, h->pid);
	case HOLD_CHILDREN: return xprintf("children of %d", h->pid);
	case HOLD_CHILD:
	default:
		child = &v->s.ns[h->child];
		return xprintf("%s %s:%llu", child->parent != SCAN_NONE && &v->s.ns[child->parent] == ns ? "child" : "owned",
			       ns_kinds[child->kind].file, (unsigned long long)child->ino);
	}
}

static void add_holds(struct view *v, const struct scan_ns *ns, enum hold_type type)
{
	size_t n = 0, limit = v->o->rows.json || v->o->rows.null || v->o->rows.raw ? SIZE_MAX : SHOWN;

	for (uint32_t h = ns->holds; h != SCAN_NONE; h = v->s.holds[h].next) {
		char *text;

		if (v->s.holds[h].type != type || n++ >= limit)
			continue;
		text = hold_text(v, ns, &v->s.holds[h]);
		rows_text(v->t, HELD_BY, text);
		free(text);
	}
	if (n > limit) {
		char *text = xprintf("%zu more", n - limit);

		rows_text(v->t, HELD_BY, text);
		free(text);
	}
}

static void add_holders(struct view *v, const struct scan_ns *ns)
{
	if (!rows_want(v->t, HELD_BY))
		return;
	if (ns->nprocs)
		rows_text(v->t, HELD_BY, "processes");
	add_holds(v, ns, HOLD_MOUNT);
	add_holds(v, ns, HOLD_FD);
	add_holds(v, ns, HOLD_CHILDREN);
	/* for people, only where nothing else explains it */
	if (v->o->rows.json || (!ns->nprocs && ns->holds != SCAN_NONE && v->s.holds[ns->holds].type == HOLD_CHILD))
		add_holds(v, ns, HOLD_CHILD);
}

static void add_path(struct view *v, const struct scan_ns *ns)
{
	const struct scan_hold *h = ns->holds == SCAN_NONE ? NULL : &v->s.holds[ns->holds];
	const char *file = ns_kinds[ns->kind].file;
	char dir[SCAN_DIR], *text = NULL;

	if (!rows_want(v->t, PATH))
		return;
	scan_dir(&v->s, ns->nprocs ? v->s.procs[ns->first].pid : h ? h->pid : 0, dir);
	if (ns->nprocs)
		text = xprintf("/proc/%s/ns/%s", dir, file);
	else if (h && h->type == HOLD_MOUNT)
		text = xprintf("%s", h->path);
	else if (h && h->type == HOLD_FD)
		text = xprintf("/proc/%s/fd/%d", dir, h->fd);
	else if (h && h->type == HOLD_CHILDREN)
		text = xprintf("/proc/%s/ns/%s_for_children", dir, file);
	rows_text(v->t, PATH, text);
	free(text);
}

static void add_related(struct view *v, const struct scan_ns *ns)
{
	if (ns->owner != SCAN_NONE)
		rows_num(v->t, ONS, (int64_t)v->s.ns[ns->owner].ino);
	if (ns->parent != SCAN_NONE)
		rows_num(v->t, PNS, (int64_t)v->s.ns[ns->parent].ino);
	if (ns->owner_uid >= 0)
		rows_num(v->t, OWNER_UID, ns->owner_uid);
	if (ns->netnsid >= 0)
		rows_num(v->t, NETNSID, ns->netnsid);
	rows_text(v->t, UIDMAP, ns->maps[0]);
	rows_text(v->t, GIDMAP, ns->maps[1]);
	for (const char *p = ns->ifaces; p && *p; p += strlen(p) + 1)
		rows_text(v->t, IFACES, p);
	for (uint32_t h = ns->holds; h != SCAN_NONE; h = v->s.holds[h].next)
		if (v->s.holds[h].type == HOLD_MOUNT)
			rows_text(v->t, NSFS, v->s.holds[h].path);
}

static void add_row(struct view *v, const struct scan_ns *ns, size_t up)
{
	rows_add(v->t, up);
	rows_num(v->t, NS, (int64_t)ns->ino);
	rows_text(v->t, TYPE, ns_kinds[ns->kind].file);
	rows_num(v->t, NPROCS, ns->nprocs);
	add_path(v, ns);
	if (ns->nprocs)
		add_process(v, ns->first);
	else
		rows_pale(v->t);
	add_related(v, ns);
	add_holders(v, ns);
}

/* The order: by the lowest pid, then by kind; those without a process by number, last. */
static const struct view *sorting;

static int compare(const void *a, const void *b)
{
	const struct scan_ns *x = &sorting->s.ns[*(const uint32_t *)a], *y = &sorting->s.ns[*(const uint32_t *)b];

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->first != SCAN_NONE)
		return (int)x->kind - (int)y->kind;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

bool list_has(const struct view *v, uint32_t at)
{
	const struct scan_ns *ns = &v->s.ns[at];

	if (!(v->s.kinds & ns_kinds[ns->kind].flag) || (v->only_ns && !v->only_ns[at]))
		return false;
	return scan_is_there(ns) && (!v->o->persistent || !ns->nprocs);
}

/* The namespace of the same kind that the nearest ancestor of its first process is in, which
 * is in another one. */
static uint32_t above_by_process(const struct view *v, uint32_t at)
{
	const struct scan_ns *ns = &v->s.ns[at];
	uint32_t proc = ns->first, steps = 0;

	while (proc != SCAN_NONE && steps++ < v->s.nprocs) {
		proc = scan_process(&v->s, v->s.who[proc].ppid);
		if (proc != SCAN_NONE && v->s.procs[proc].ns[ns->kind] != SCAN_NONE && v->s.procs[proc].ns[ns->kind] != at)
			return v->s.procs[proc].ns[ns->kind];
	}
	return SCAN_NONE;
}

static uint32_t above(const struct view *v, uint32_t at)
{
	switch (v->tree) {
	case TREE_OWNER: return v->s.ns[at].owner;
	case TREE_PARENT: return v->s.ns[at].parent;
	case TREE_PROCESS: return above_by_process(v, at);
	case TREE_NONE:
	default: return SCAN_NONE;
	}
}

void list_namespaces(struct view *v)
{
	uint32_t *order = xcalloc(v->s.n + 1, sizeof(*order)), *rows = xcalloc(v->s.n + 1, sizeof(*rows));
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->s.n; i++)
		if (list_has(v, i))
			order[n++] = i;
	sorting = v;
	qsort(order, n, sizeof(*order), compare);
	memset(rows, 0xff, v->s.n * sizeof(*rows));
	for (uint32_t i = 0; i < n; i++)
		rows[order[i]] = i;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t up = above(v, order[i]);

		add_row(v, &v->s.ns[order[i]], up != SCAN_NONE && rows[up] != SCAN_NONE ? rows[up] : ROW_TOP);
	}
	if (v->tree)
		rows_tree(v->t, NS);
	free(order);
	free(rows);
}
