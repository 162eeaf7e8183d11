/* SPDX-License-Identifier: MIT */
/* follow.c - what changes from one scan to the next. Where the kernel tells of processes, each
 * that begins or executes something is looked at at once, and ends cause a scan; otherwise
 * there is one scan an interval. The kernel tells nothing of unshare(2) and setns(2) alone, so
 * the scans go on in any case. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/connector.h"
#include "ns/follow.h"
#include "ns/list-view.h"
#include "ns/nsfs.h"
#include "target/users.h"

enum { WANT = SCAN_COMMAND | SCAN_UID | SCAN_MOUNTS | SCAN_FDS | SCAN_RELATED | SCAN_ID, DEFAULT_INTERVAL = 1 };

struct follow {
	const struct ns_list *o;
	struct scan now;        /* what is known                                   */
	int events;             /* the connector, or -1                            */
	int64_t interval_ms, next_ms;
	int64_t cost_ms;        /* of the last scan                                */
	bool told;              /* that not all could be read                      */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- lines -------------------------------------------------------------------------------------- */

static void say_json(const char *event, const char *when, const struct scan_ns *ns, pid_t pid, const struct scan_who *who)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "time", json_object_new_string(when));
	json_object_object_add(o, "event", json_object_new_string(event));
	json_object_object_add(o, "ns", json_object_new_int64((int64_t)ns->ino));
	json_object_object_add(o, "type", json_object_new_string(ns_kinds[ns->kind].file));
	json_object_object_add(o, "pid", pid ? json_object_new_int(pid) : NULL);
	json_object_object_add(o, "uid", who && who->uid >= 0 ? json_object_new_int64(who->uid) : NULL);
	json_object_object_add(o, "command", who && who->command ? row_json_string(who->command) : NULL);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void say(const struct follow *w, const char *event, const struct scan_ns *ns, pid_t pid, const struct scan_who *who)
{
	char when[40], zone[8], *command;
	struct timespec t;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &t);
	localtime_r(&t.tv_sec, &tm);
	if (w->o->rows.json) {
		n = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
		strftime(zone, sizeof(zone), "%z", &tm);
		snprintf(when + n, sizeof(when) - n, ".%03ld%s", t.tv_nsec / 1000000, zone);
		say_json(event, when, ns, pid, who);
		return;
	}
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	command = row_escape(who && who->command ? who->command : "-", false, false);
	printf("%s  %-5s  %-6s  %llu", when, event, ns_kinds[ns->kind].file, (unsigned long long)ns->ino);
	pid ? printf("  %7d  %s\n", pid, command) : printf("  %7s  %s\n", "-", command);
	free(command);
}

/* What a look has not seen, once; the first event of JSON says in any case whether it has seen all. */
static void say_lacks(struct follow *w, bool start)
{
	struct lack *lacks = NULL;

	list_lacks_scan(&lacks, &w->now, "sudo ns-list --follow");
	if (w->o->rows.json && (start || (lacks && !w->told))) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "event", json_object_new_string(start ? "start" : "incomplete"));
		if (start) {
			json_object_object_add(o, "source", json_object_new_string(w->events >= 0 ? "events" : "polling"));
			json_object_object_add(o, "interval", json_object_new_int64(w->interval_ms / 1000));
		}
		lacks_put(lacks, o);
		puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
	}
	for (const struct lack *l = lacks; l && !w->o->rows.json && !w->told; l = l->next)
		printf("# not all is shown: %s; try: %s\n", l->what, l->fix);
	w->told |= lacks != NULL;
	lacks_free(&lacks);
}

static void say_heading(struct follow *w, int why_not)
{
	long seconds = (long)(w->interval_ms / 1000);

	if (w->events >= 0 && !w->o->rows.json)
		printf("# events of the kernel (proc connector), and a look every %ld s\n", seconds);
	else if (!w->o->rows.json)
		printf("# a look every %ld s (no proc connector: %s)\n", seconds, strerror(why_not));
	say_lacks(w, true);
	if (!w->o->rows.json && !w->o->rows.no_headings)
		printf("%-8s  %-5s  %-6s  %-10s  %7s  %s\n", "TIME", "EVENT", "TYPE", "NS", "PID", "COMMAND");
}

static void say_of(const struct follow *w, const char *event, const struct scan *s, size_t i)
{
	const struct scan_ns *ns = &s->ns[i];

	if (!(s->kinds & ns_kinds[ns->kind].flag))
		return;
	if (ns->first != SCAN_NONE)
		say(w, event, ns, s->procs[ns->first].pid, &s->who[ns->first]);
	else
		say(w, event, ns, 0, NULL);
}

/* -- looking ------------------------------------------------------------------------------------- */

/* Is this one among those of the other scan? A number may have been given again meanwhile. */
static bool is_among(struct scan *s, const struct scan_ns *ns)
{
	uint32_t at = scan_find(s, ns->ino, ns->kind, false);

	return at != SCAN_NONE && scan_is_there(&s->ns[at]) && (!ns->id || !s->ns[at].id || ns->id == s->ns[at].id);
}

/* Scan, and say what is new and what has gone. */
static int look(struct follow *w, bool quiet, struct fault *f)
{
	int64_t begun = now_ms();
	struct scan next;
	int r = scan_open(&next, w->o->kinds, WANT, f);

	if (r < 0) {
		scan_close(&next);
		return r;
	}
	for (uint32_t i = 0; !quiet && i < w->now.n; i++)
		if (scan_is_there(&w->now.ns[i]) && !is_among(&next, &w->now.ns[i]))
			say_of(w, "death", &w->now, i);
	for (uint32_t i = 0; !quiet && i < next.n; i++)
		if (scan_is_there(&next.ns[i]) && !is_among(&w->now, &next.ns[i]))
			say_of(w, "birth", &next, i);
	scan_close(&w->now);
	w->now = next;
	if (!quiet)
		say_lacks(w, false);
	w->cost_ms = now_ms() - begun;
	w->next_ms = now_ms() + w->interval_ms;
	return 0;
}

/* A process that has begun, or executes something: is it in a namespace that nobody knew? */
static void look_at(struct follow *w, pid_t pid)
{
	struct scan *s = &w->now;
	char path[32], text[64];
	_cleanup_fd_ int dir = -1;

	snprintf(path, sizeof(path), "%d", pid);
	dir = openat(s->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (unsigned k = 0; dir >= 0 && k < SCAN_KINDS; k++) {
		struct scan_who who = {.uid = -1};
		_cleanup_fd_ int file = -1;
		unsigned kind;
		uint64_t ino;
		uint32_t at;
		ssize_t n;

		snprintf(path, sizeof(path), "ns/%s", ns_kinds[k].file);
		n = s->kinds & ns_kinds[k].flag ? readlinkat(dir, path, text, sizeof(text)) : -1;
		ino = n > 0 ? scan_parse(text, (size_t)n, &kind) : 0;
		if (!ino || scan_find(s, ino, k, false) != SCAN_NONE)
			continue;
		at = scan_find(s, ino, k, true);
		s->ns[at].listed = true; /* it is there, until a scan says otherwise */
		file = openat(dir, path, O_RDONLY | O_CLOEXEC);
		s->ns[at].id = file < 0 ? 0 : nsfs_id(file);
		scan_who(s, dir, "", &who);
		say(w, "birth", &s->ns[at], pid, &who);
		free(who.command);
	}
}

/* Scans cost at most a tenth of the time, however many processes end. */
static void soon(struct follow *w)
{
	int64_t at = now_ms() + (w->cost_ms > 5 ? 9 * w->cost_ms : 50);

	w->next_ms = at < w->next_ms ? at : w->next_ms;
}

static int take_news(struct follow *w)
{
	struct connector_news news;
	int r = connector_read(w->events, &news);

	for (unsigned i = 0; r == 0 && i < news.n; i++)
		look_at(w, news.pids[i]);
	if (news.ended || news.lost)
		soon(w);
	return r;
}

static int follow(struct follow *w, struct fault *f)
{
	int r = 0;

	while (r == 0) {
		struct pollfd p[2] = {{.fd = STDOUT_FILENO}, {.fd = w->events, .events = POLLIN}};
		int64_t left = w->next_ms - now_ms();

		if (fflush(stdout) != 0)
			return errno == EPIPE ? 1 : fault_set(f, OP_WRITE, errno, "standard output");
		if (poll(p, w->events >= 0 ? 2 : 1, left > 0 ? (int)left : 0) < 0 && errno != EINTR)
			return fault_set(f, OP_NS_LIST, errno, "poll");
		/* whoever read it has gone */
		if (p[0].revents & (POLLERR | POLLHUP | POLLNVAL))
			return 1;
		if (w->events >= 0 && p[1].revents && take_news(w) < 0)
			return fault_set(f, OP_NS_LIST, EIO, "the proc connector");
		if (now_ms() >= w->next_ms)
			r = look(w, false, f);
	}
	return r;
}

int ns_follow(const struct ns_list *l, struct fault *f)
{
	struct follow w = {.o = l, .now = {.proc = -1, .netlink = -1},
			   .interval_ms = 1000 * (l->interval.given ? l->interval.n : DEFAULT_INTERVAL)};
	int r;

	if (w.interval_ms == 0)
		return fault_rule(f, OP_NUMBER, "--interval 0", "it is at least a second");
	/* the end of a reader is an error of write(2), not our death */
	signal(SIGPIPE, SIG_IGN);
	w.events = connector_open();
	r = look(&w, true, f);
	if (r == 0) {
		say_heading(&w, -w.events);
		r = follow(&w, f);
	}
	scan_close(&w.now);
	fd_close(&w.events);
	user_names_free();
	return r;
}
