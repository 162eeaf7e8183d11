/* SPDX-License-Identifier: MIT */
/* gate.c - the program's side of a life cycle: where it waits, and for whom. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "chain/life.h"
#include "chain/watch.h"
#include "proc/wait.h"

int watch_await_go(struct chain *ch, int *value, struct fault *f)
{
	struct msg m = {0};
	ssize_t n = recv(ch->up, &m, sizeof(m), 0);

	if (n < 0)
		return fault_set(f, OP_WATCH, errno, "%s", ch->prog.v[0]);
	if (n != MSG_SHORT || m.type != MSG_GO)
		_exit(125); /* the watcher failed and says why, or was killed */
	*value = m.value;
	return 0;
}

int watch_made(struct chain *ch, pid_t pid, struct fault *f)
{
	int whoever, r;

	if (ch->up < 0)
		return 0;
	r = watch_tell(ch, MSG_MADE, pid, NULL);
	if (r < 0)
		return fault_set(f, OP_WATCH, -r, "%s", ch->prog.v[0]);
	return watch_await_go(ch, &whoever, f);
}

int watch_gate(struct chain *ch, struct fault *f)
{
	int whoever, r = watch_tell(ch, MSG_WAITS, 0, NULL);

	if (r < 0) /* whoever made us is gone: nobody would find us */
		return fault_set(f, OP_WATCH, -r, "%s", ch->prog.v[0]);
	fd_close(&ch->up);
	sys_say(&ch->sys, "waiting for whoever says go");
	r = ch->up = wait_visitor(&ch->ctx, ch->life->gate);
	if (r < 0)
		return fault_set(f, OP_WAIT, -r, "the gate");
	fd_close(&ch->life->gate); /* nobody comes in behind the first */
	return watch_await_go(ch, &whoever, f);
}
