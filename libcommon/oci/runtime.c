/* SPDX-License-Identifier: MIT */
/* runtime.c - the globals of oci-run, and how it says what failed. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/printable.h"
#include "base/signals.h"
#include "chain/common.h"
#include "oci/runtime.h"

#define FIELD(x) offsetof(struct runtime, x)

const struct opt runtime_opts[] = {
	{0, "root", "DIR", &opt_string, FIELD(root), 0,
	 "where the state of containers is (/run/opencontainer/containers)", ":dir"},
	{0, "log", "FILE", &opt_string, FIELD(log), 0, "append what fails to this file", ":file"},
	{0, "log-format", "text|json", &opt_string, FIELD(format), 0, "how it is written there", "text json"},
	{0, "log-level", "LEVEL", &opt_string, FIELD(level), 0, "accepted; only errors are written", "error warning debug"},
	{0, "debug", NULL, &opt_switch, FIELD(debug), 0, "say each call that changes the system", NULL},
	{0, "systemd-cgroup", NULL, &opt_switch, FIELD(systemd), 0, "have systemd make the cgroups: not done yet", NULL},
	{0, "cgroup-manager", "cgroupfs|disabled", &opt_string, FIELD(manager), 0, "who makes the cgroups",
	 "cgroupfs disabled"},
	{0, "rootless", "true|false|auto", &opt_string, FIELD(rootless), 0, "true: without a cgroup where none may be made",
	 "true false auto"},
	{'v', "version", NULL, &opt_switch, FIELD(version), 0, "print the version and exit", NULL},
	{0},
};

const struct opt runtime_no_opts[] = {{0}};

void runtime_version(void)
{
	/* the only line with that word: engines look for it */
	puts("oci-run version " VERSION "\ncommit: " VERSION "\nspec: 1.3.0");
}

static int find_root(struct runtime *rt, struct fault *f)
{
	char here[4096];

	if (!rt->root) {
		rt->root_path = container_default_root();
		return 0;
	}
	if (rt->root[0] == '/') {
		rt->root_path = xprintf("%s", rt->root);
	} else {
		if (!getcwd(here, sizeof(here)))
			return fault_set(f, OP_STATE, errno, "%s", rt->root);
		rt->root_path = xprintf("%s/%s", here, rt->root);
	}
	for (size_t n = strlen(rt->root_path); n > 1 && rt->root_path[n - 1] == '/'; n--)
		rt->root_path[n - 1] = '\0';
	if (strcmp(rt->root_path, "/") == 0)
		return fault_rule(f, OP_STATE, rt->root, "the root of all is no place for it");
	return 0;
}

int runtime_begin(struct verb_call *c, struct fault *f)
{
	struct runtime *rt = c->globals;
	int r;

	rt->log_fd = -1;
	rt->failure = 1;
	if (rt->version)
		return 1;
	if (rt->log) {
		rt->log_fd = open(rt->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
		if (rt->log_fd < 0)
			return fault_set(f, OP_LOG, errno, "%s", rt->log);
	}
	if (rt->systemd || (rt->manager && strcmp(rt->manager, "systemd") == 0)) {
		fault_rule(f, OP_USAGE, "--systemd-cgroup", "cgroups are not made by systemd yet");
		fault_fix(f, "cgroupfs: --cgroup-manager cgroupfs of the engine, or native.cgroupdriver=cgroupfs");
		return -EINVAL;
	}
	r = find_root(rt, f);
	return r;
}

void runtime_end(void *globals)
{
	struct runtime *rt = globals;

	if (rt->log)
		fd_close(&rt->log_fd);
	free(rt->root_path);
	rt->root_path = NULL;
}

/* -- what failed ----------------------------------------------------------------------------- */

/* Engines look for these words, and tell 126 from 127 by them. */
static const char *text_of(const struct fault *f, char *buf, size_t n)
{
	if (f->op != OP_PROGRAM)
		return fault_text(f, buf, n);
	if (f->err == ENOENT && !strchr(f->obj, '/'))
		snprintf(buf, n, "exec: \"%s\": executable file not found in $PATH: no such file or directory", f->obj);
	else if (f->err == ENOENT)
		snprintf(buf, n, "exec: \"%s\": no such file or directory", f->obj);
	else if (f->err == EISDIR)
		snprintf(buf, n, "exec: \"%s\": is a directory", f->obj);
	else if (f->err == EACCES || f->err == EPERM)
		snprintf(buf, n, "exec: \"%s\": %s%spermission denied", f->obj, f->why, *f->why ? ": " : "");
	else
		snprintf(buf, n, "exec: \"%s\": %s", f->obj, *f->why ? f->why : strerror(f->err));
	return buf;
}

static void write_log(const struct runtime *rt, const char *text)
{
	struct json_object *o = json_object_new_object(), *msg = json_object_new_string(text);
	time_t now = time(NULL);
	struct tm tm;
	char when[32];

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (rt->format && strcmp(rt->format, "json") == 0) {
		json_object_object_add(o, "level", json_object_new_string("error"));
		json_object_object_add(o, "msg", json_object_get(msg));
		json_object_object_add(o, "time", json_object_new_string(when));
		dprintf(rt->log_fd, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		dprintf(rt->log_fd, "time=\"%s\" level=error msg=%s\n", when,
			json_object_to_json_string_ext(msg, JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	json_object_put(msg);
	json_object_put(o);
}

int runtime_report(struct verb_call *c, const struct fault *f)
{
	const struct runtime *rt = c->globals;
	char text[sizeof(*f) + 64];

	text_of(f, text, sizeof(text));
	if (rt->log && rt->log_fd >= 0)
		write_log(rt, text);
	printable_say("oci-run: %s", text);
	printable_say("oci-run: try: %s", fault_remedy(f));
	return rt->failure ? rt->failure : 1;
}

void runtime_warn(struct verb_call *c, const char *where, const char *what)
{
	(void)c, (void)where, (void)what; /* engines take anything on stderr for a failure */
}

int runtime_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* -- signals ----------------------------------------------------------------------------------- */

int runtime_signal(const char *text, int *ret, struct fault *f)
{
	*ret = signal_number(text);
	if (*ret)
		return 0;
	fault_rule(f, OP_USAGE, text, "there is no such signal");
	fault_fix(f, "a number, or a name of kill -l: KILL, SIGTERM");
	return -EINVAL;
}

int runtime_open(struct verb_call *c, struct container *box, bool lock, struct fault *f)
{
	struct runtime *rt = c->globals;
	int r = container_open(box, rt->root_path, c->operands.v[0], false, f);

	return r == 0 && lock ? container_lock(box, f) : r;
}
