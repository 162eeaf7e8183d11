/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "oci/states.h"

#define STOPPED "container not running: no such process"
#define RUNS "cannot start an already running container"
#define NOT_STOPPED "cannot delete container" /* and which, and what it is */

/* Why not, for each state; NULL: it may. */
static const char *const words[ON_COUNT][5] = {
	/*             creating                            created      running      paused       stopped */
	[ON_START] = {"cannot start a container that is being made", NULL, RUNS, RUNS, "cannot start a container that has stopped"},
	[ON_KILL] = {NULL, NULL, NULL, NULL, STOPPED},
	[ON_DELETE] = {NOT_STOPPED, NULL, NOT_STOPPED, NOT_STOPPED, NULL},
	[ON_EXEC] = {"cannot exec in a container that is being made", NULL, NULL, "cannot exec in a paused container",
		     "cannot exec in a stopped container"},
	[ON_PAUSE] = {"container not running", NULL, NULL, "container not running: it is paused", "container not running"},
	[ON_RESUME] = {"container not paused", "container not paused", "container not paused", NULL, "container not paused"},
	[ON_UPDATE] = {NULL, NULL, NULL, NULL, "container not running"},
};

/* What leads on from there: what stands before the id, and behind it. */
static const char *const next[5][2] = {
	{"oci-run delete --force ", ", if who makes it has ended"},
	{"oci-run start ", ""},
	{"oci-run kill ", " KILL first, or oci-run delete --force"},
	{"oci-run resume ", ""},
	{"oci-run delete ", ", and oci-run create again"},
};

int state_allows(enum on verb, const struct container *c, enum status status, struct fault *f)
{
	const char *why = words[verb][status];

	if (!why)
		return 0;
	if (verb == ON_DELETE)
		fault_rule(f, OP_CONTAINER, c->id, "%s %.100s that is not stopped: %s", why, c->id, status_name(status));
	else
		fault_rule(f, OP_CONTAINER, c->id, "%s", why);
	fault_fix(f, "%s%s%s", next[status][0], c->id, next[status][1]);
	return -EINVAL;
}
