/* SPDX-License-Identifier: MIT */
/* gate.c - the program's side of a life cycle: where it waits, and for whom. */
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "chain/life.h"
#include "chain/watch.h"
#include "proc/wait.h"

void watch_made(struct chain *ch, pid_t pid)
{
	struct msg m;

	if (ch->up < 0)
		return;
	if (watch_tell(ch, MSG_MADE, pid, NULL) < 0 || recv(ch->up, &m, sizeof(m), 0) != MSG_SHORT || m.type != MSG_GO)
		_exit(125); /* the watcher failed and says why, or was killed */
}

int watch_gate(struct chain *ch, struct fault *f)
{
	struct msg m;
	int r = watch_tell(ch, MSG_WAITS, 0, NULL);

	if (r < 0) /* whoever made us is gone: nobody would find us */
		_exit(125);
	fd_close(&ch->up);
	sys_say(&ch->sys, "waiting for whoever says go");
	r = ch->up = wait_visitor(&ch->ctx, ch->life->gate);
	if (r < 0)
		return fault_set(f, OP_WAIT, -r, "the gate");
	fd_close(&ch->life->gate); /* nobody comes in behind the first */
	if (recv(ch->up, &m, sizeof(m), 0) != MSG_SHORT || m.type != MSG_GO)
		_exit(125);
	return 0;
}
