/* SPDX-License-Identifier: MIT */
/* watch.c - what comes up the channel of a watcher, where with --init a container may hold the
 * other end; and what the kernel says of the child that is watched.
 *
 * The input: a byte of settings, then messages. Each has a byte that says how it is sent, and for a
 * short one its type and its value; the rest of a long one is the message as it is. */
#include "chain/watch-signals.c"
#include "chain/watch.c"

#include <limits.h>

#include "common.h"

static int ready(struct chain_life *l, pid_t pid, struct fault *f)
{
	(void)l, (void)f;
	FUZZ_HOLDS(pid > 0, "%d", pid);
	return 0;
}

static size_t send_one(int to, const uint8_t *data, size_t size)
{
	struct msg m = {0};
	size_t n = size - 1 < sizeof(m) ? size - 1 : sizeof(m);

	if (data[0] % 4) {
		n = n < 5 ? n : 5;
		m.type = n ? data[1] : 0;
		if (n > 1)
			memcpy(&m.value, data + 2, n - 1);
		(void)!send(to, &m, MSG_SHORT, MSG_DONTWAIT);
	} else {
		memcpy(&m, data + 1, n);
		if (data[0] % 8)
			m.type = MSG_FAULT;
		(void)!send(to, &m, data[0] % 16 ? sizeof(m) : n, MSG_DONTWAIT);
	}
	return n + 1;
}

static void messages(const uint8_t *data, size_t size)
{
	struct chain_life life = {.gate = -1, .ready = ready};
	struct chain ch = {.up = -1, .pid_dir = -1, .sys = {.dry = true, .out = -1}};
	/* nobody has this pid: signals reach nobody */
	struct watch w = {.ch = &ch, .child = INT_MAX, .whose = INT_MAX, .signals = -1, .pid_dir = -1};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		fuzz_broken("socketpair", "%s", strerror(errno));
	words_add(&ch.prog, "program");
	ch.ctx.watch = (struct watch_wish){.init = data[0] & 1, .ready_fd = -1};
	ch.life = data[0] & 2 ? &life : NULL;
	w.is_init = data[0] & 4;
	w.chan = pair[0];
	for (data++, size--; size && w.chan >= 0;) {
		size_t n = send_one(pair[1], data, size);

		data += n;
		size -= n;
		watching_read(&w);
	}
	fuzz_check_fault(w.failed ? -1 : 0, &w.fault);
	FUZZ_HOLDS(!w.have_status || WIFEXITED(w.status) || WIFSIGNALED(w.status), "%x", w.status);
	close(pair[1]);
	fd_close(&w.chan);
	words_free(&ch.prog);
}

static void child(const char *text)
{
	struct chain ch = {.up = -1};
	struct watch w = {.ch = &ch, .child = INT_MAX, .sees = true};

	fuzz_feed(text);
	(void)handles(&w, SIGTERM);
	(void)never_executed(&w);
	fuzz_feed(NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);

	child(text);
	if (size)
		messages(data, size);
	return 0;
}
