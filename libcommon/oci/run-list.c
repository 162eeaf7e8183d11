/* SPDX-License-Identifier: MIT */
/* run-list.c - oci-run state, list, ps. */
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/row.h"
#include "oci/runtime.h"

static pid_t shown_pid(const struct container *box, enum status status)
{
	return status == ST_STOPPED ? 0 : box->pid;
}

static int run_state(void *spec, struct verb_call *c, struct fault *f)
{
	struct container box;
	int r = runtime_open(c, &box, false, f);

	(void)spec;
	if (r == 0) {
		enum status status = container_status(&box);
		char *text = container_text(&box, status, shown_pid(&box, status), true);

		puts(text);
		free(text);
	}
	container_close(&box);
	return r;
}

const struct verb run_state_verb = {
	.cmd = {.name = "state", .operands = {"ID"}, .summary = "Print the state of a container as JSON.", .opts = runtime_no_opts},
	.run = run_state,
};

/* -- list --------------------------------------------------------------------------------- */

struct list_spec {
	const char *format;
	bool quiet;
};

static const struct opt list_opts[] = {
	{'f', "format", "table|json", &opt_string, offsetof(struct list_spec, format), 0, "how", "table json"},
	{'q', "quiet", NULL, &opt_switch, offsetof(struct list_spec, quiet), 0, "ids alone", NULL},
	{0},
};

static void add_row(struct json_object *all, const struct container *box)
{
	enum status status = container_status(box);

	json_object_array_add(all, container_json(box, status, shown_pid(box, status)));
}

static int collect(const char *root, bool given, struct json_object *all, struct fault *f)
{
	struct dirent **names;
	int n = scandir(root, &names, NULL, alphasort);

	if (n < 0)
		return errno == ENOENT && !given ? 0 : fault_set(f, OP_STATE, errno, "%s", root);
	for (int i = 0; i < n; i++) {
		struct container box = {.dir = -1, .pidfd = -1};
		struct fault ignored;

		/* one that goes away meanwhile, or is damaged, is none */
		if (names[i]->d_name[0] != '.' && container_open(&box, root, names[i]->d_name, false, &ignored) == 0)
			add_row(all, &box);
		container_close(&box);
		free(names[i]);
	}
	free(names);
	return 0;
}

static const char *member(struct json_object *row, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(row, key, &v) ? json_object_get_string(v) : "";
}

/* The texts come from files that others may have written. */
static void escape(struct json_object *all, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < json_object_array_length(all); i++)
		for (size_t k = 0; k < n; k++) {
			char *text = row_escape(member(json_object_array_get_idx(all, i), keys[k]), false, false);

			json_object_object_add(json_object_array_get_idx(all, i), keys[k], json_object_new_string(text));
			free(text);
		}
}

static void print_table(struct json_object *all)
{
	static const char *const keys[] = {"id", "pid", "status", "bundle", "created", "owner"};
	static const char *const heads[] = {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"};
	size_t n = json_object_array_length(all), width[6];

	escape(all, keys, 6);
	for (size_t k = 0; k < 6; k++) {
		width[k] = strlen(heads[k]);
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(member(json_object_array_get_idx(all, i), keys[k]));

			width[k] = len > width[k] ? len : width[k];
		}
	}
	for (size_t k = 0; k < 6; k++)
		printf("%-*s%s", k < 5 ? (int)width[k] : 0, heads[k], k < 5 ? "  " : "\n");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 6; k++)
			printf("%-*s%s", k < 5 ? (int)width[k] : 0, member(json_object_array_get_idx(all, i), keys[k]),
			       k < 5 ? "  " : "\n");
}

static int run_list(void *spec, struct verb_call *c, struct fault *f)
{
	const struct list_spec *s = spec;
	struct runtime *rt = c->globals;
	struct json_object *all = json_object_new_array();
	bool json = s->format && strcmp(s->format, "json") == 0;
	int r = collect(rt->root_path, rt->root != NULL, all, f);

	if (r == 0 && s->format && !json && strcmp(s->format, "table") != 0)
		r = fault_rule(f, OP_USAGE, s->format, "--format is table or json");
	if (r == 0 && s->quiet)
		for (size_t i = 0; i < json_object_array_length(all); i++)
			puts(member(json_object_array_get_idx(all, i), "id"));
	else if (r == 0 && json)
		puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (r == 0)
		print_table(all);
	json_object_put(all);
	return r;
}

const struct verb run_list_verb = {
	.cmd = {.name = "list", .summary = "List the containers.", .opts = list_opts},
	.spec_size = sizeof(struct list_spec),
	.run = run_list,
};

/* -- ps ------------------------------------------------------------------------------------- */

struct ps_spec {
	const char *format;
};

static const struct opt ps_opts[] = {
	{'f', "format", "table|json", &opt_string, offsetof(struct ps_spec, format), 0, "how", "table json"},
	{0},
};

static void print_pids(const pid_t *pids, ssize_t n)
{
	putchar('[');
	for (ssize_t i = 0; i < n; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	puts("]");
}

/* Where in a line of ps the word of that column stands: the n-th. */
static bool is_listed(const char *line, size_t column, const pid_t *pids, ssize_t n)
{
	long pid;

	for (size_t i = 0; i < column; i++) {
		line += strspn(line, " ");
		line += strcspn(line, " ");
	}
	pid = strtol(line, NULL, 10);
	for (ssize_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* The host's ps, whose options people know, less the lines of others. */
static int filter_ps(struct verb_call *c, const pid_t *pids, ssize_t n, struct fault *f)
{
	char *args[64] = {"ps", "-ef"}, *line = NULL;
	size_t cap = 0, column = 0, given = c->operands.n - 1;
	int pair[2], status = 0;
	FILE *in;
	pid_t ps;

	for (size_t i = 0; i < given && i < 60; i++)
		args[1 + i] = c->operands.v[1 + i];
	fflush(stdout);
	if (pipe(pair) < 0 || (ps = fork()) < 0)
		return fault_set(f, OP_FORK, errno, "ps");
	if (ps == 0) {
		dup2(pair[1], 1);
		close(pair[0]);
		close(pair[1]);
		execvp("ps", args);
		_exit(127);
	}
	close(pair[1]);
	in = fdopen(pair[0], "r");
	if (in && getline(&line, &cap, in) > 0) {
		char *at = strstr(line, "PID");

		fputs(line, stdout);
		for (char *p = line; at && p < at; p++)
			column += *p != ' ' && (p[1] == ' ');
		while (at && getline(&line, &cap, in) > 0)
			if (is_listed(line, column, pids, n))
				fputs(line, stdout);
	}
	free(line);
	file_close(&in);
	waitpid(ps, &status, 0);
	if (status == 0)
		return 0;
	fault_rule(f, OP_CONTAINER, c->operands.v[0], "ps did not list the processes");
	fault_fix(f, "oci-run ps --format json %s, which needs no ps; apt install procps", c->operands.v[0]);
	return -EINVAL;
}

static int run_ps(void *spec, struct verb_call *c, struct fault *f)
{
	const struct ps_spec *s = spec;
	struct container box;
	struct cg_held h = {0};
	_cleanup_free_ pid_t *pids = NULL;
	ssize_t n = 0;
	int r = runtime_open(c, &box, false, f);

	if (r == 0)
		r = container_cgroups(&box, &h, f);
	if (r == 0)
		n = cg_held_pids(&h, &pids, f);
	if (n < 0)
		r = (int)n;
	if (r == 0 && s->format && strcmp(s->format, "json") == 0)
		print_pids(pids, n);
	else if (r == 0)
		r = filter_ps(c, pids, n, f);
	cg_held_close(&h);
	container_close(&box);
	return r;
}

const struct verb run_ps_verb = {
	.cmd = {.name = "ps", .operands = {"ID"}, .rest = "[PS-OPTION...]", .summary = "List the processes of a container.",
		.opts = ps_opts},
	.more = true,
	.verbatim = true,
	.spec_size = sizeof(struct ps_spec),
	.run = run_ps,
};
