/* SPDX-License-Identifier: MIT */
/* list-of.c - one process, in one sentence. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/words.h"
#include "ns/list-view.h"
#include "target/target.h"

struct subject {
	pid_t pid;
	struct scan_who who;
	const struct box *box;
	struct lack *lacks; /* of what the container's name is from */
};

static void say_json(const struct subject *s)
{
	struct json_object *o = json_object_new_object();
	const struct box *box = s->box;

	json_object_object_add(o, "pid", json_object_new_int(s->pid));
	json_object_object_add(o, "pid_inside", s->who.inside ? json_object_new_int(s->who.inside) : NULL);
	json_object_object_add(o, "command", s->who.command ? row_json_string(s->who.command) : NULL);
	json_object_object_add(o, "container", box ? row_json_string(box_shown(box)) : NULL);
	json_object_object_add(o, "engine", box && box->engine ? row_json_string(box->engine) : NULL);
	json_object_object_add(o, "container_id", box ? row_json_string(box->id) : NULL);
	json_object_object_add(o, "source", box && box->source ? row_json_string(box->source) : NULL);
	lacks_put(s->lacks, o);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void say_text(const struct subject *s)
{
	const struct box *box = s->box;
	char *name = row_escape(box ? box_shown(box) : "", false, false);
	char *id = row_escape(box ? box->id : "", false, false);

	printf("pid %d is ", s->pid);
	/* the number inside, where there is an inside */
	if (s->who.inside && (box || s->who.inside != s->pid))
		printf("pid %d in ", s->who.inside);
	else
		fputs("in ", stdout);
	if (!box && s->who.inside && s->who.inside != s->pid)
		fputs("its own pid namespace, in ", stdout);
	if (!box)
		puts(s->lacks ? "no container that you can see" : "no container");
	else if (box->name)
		printf("container %s (%s, %.12s)\n", name, box->engine, id);
	else
		printf("container %s (%s)\n", name, box->engine);
	free(name);
	free(id);
}

/* A name that was found is the name, whatever else could not be read. */
static void note_lacks(struct subject *s, const struct boxes *b, const char *of)
{
	char *sudo = xprintf("sudo ns-list --of %s", of);

	if (!s->box || !s->box->name)
		list_lacks_boxes(&s->lacks, b, sudo);
	free(sudo);
}

int ns_list_of(const struct ns_list *l, const struct sys *sys, struct fault *f)
{
	struct scan s = {.want = SCAN_INSIDE | SCAN_CGROUP | SCAN_COMMAND, .proc = -1, .netlink = -1};
	struct subject subject = {.who = {.uid = -1}};
	struct boxes boxes;
	struct target t;
	int r = target_open(&t, l->of, f);

	if (r < 0)
		return r;
	if (t.path) {
		target_close(&t);
		fault_rule(f, OP_NS_TARGET, l->of, "it is the path of a namespace, and no process");
		fault_fix(f, "ns-list --by process %s, which lists those in it", l->of);
		return -EINVAL;
	}
	target_say(&t, sys, l->of);
	s.buf = xcalloc(1, SCAN_BUF);
	subject.pid = t.pid;
	boxes_read(&boxes);
	if (!scan_who(&s, t.procfd, "", &subject.who)) {
		r = fault_set(f, OP_NS_TARGET, ESRCH, "%s", l->of);
	} else {
		subject.box = subject.who.cgroup ? boxes_of_cgroup(&boxes, subject.who.cgroup) : NULL;
		note_lacks(&subject, &boxes, l->of);
		l->rows.json ? say_json(&subject) : say_text(&subject);
		if (!l->rows.json)
			lacks_say(subject.lacks, "ns-list");
		r = 1;
	}
	free(subject.who.command);
	free(subject.who.cgroup);
	lacks_free(&subject.lacks);
	boxes_free(&boxes);
	scan_close(&s);
	target_close(&t);
	return r;
}
