/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ns/connector.h"

/* struct cn_msg ends in an array of no fixed length, so the message is put together here. */
static int subscribe(int fd)
{
	struct nlmsghdr head = {.nlmsg_type = NLMSG_DONE, .nlmsg_pid = (uint32_t)getpid()};
	struct cn_msg msg = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(enum proc_cn_mcast_op)};
	enum proc_cn_mcast_op op = PROC_CN_MCAST_LISTEN;
	char buf[NLMSG_SPACE(sizeof(msg) + sizeof(op))] = {0};

	head.nlmsg_len = NLMSG_LENGTH(sizeof(msg) + sizeof(op));
	memcpy(buf, &head, sizeof(head));
	memcpy(buf + NLMSG_HDRLEN, &msg, sizeof(msg));
	memcpy(buf + NLMSG_HDRLEN + sizeof(msg), &op, sizeof(op));
	return send(fd, buf, head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* One event. Returns the answer to our subscription: an errno, or 0; and -1 for another event. */
static int take(const struct proc_event *ev, struct connector_news *news)
{
	pid_t pid = 0;

	switch ((unsigned)ev->what) {
	case PROC_EVENT_NONE: return (int)ev->event_data.ack.err;
	case PROC_EVENT_FORK:
		/* no threads */
		if (ev->event_data.fork.child_pid == ev->event_data.fork.child_tgid)
			pid = ev->event_data.fork.child_tgid;
		break;
	case PROC_EVENT_EXEC: pid = ev->event_data.exec.process_tgid; break;
	case PROC_EVENT_EXIT: news->ended = true; break;
	default: break;
	}
	if (pid && news->n == sizeof(news->pids) / sizeof(*news->pids))
		news->lost = true;
	else if (pid)
		news->pids[news->n++] = pid;
	return -1;
}

/* All that is there. Returns 1 when the answer to our subscription was among it, 0, or -errno. */
static int read_all(int fd, struct connector_news *news)
{
	_Alignas(struct nlmsghdr) char buf[4096];
	int answered = 0;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *h = (const void *)buf;

		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			struct cn_msg msg;
			struct proc_event ev = {0};
			size_t len = h->nlmsg_len - NLMSG_HDRLEN;
			int answer;

			if (len < sizeof(msg) + offsetof(struct proc_event, event_data) || h->nlmsg_type == NLMSG_ERROR)
				continue;
			len -= sizeof(msg);
			memcpy(&ev, (const char *)h + NLMSG_HDRLEN + sizeof(msg), len < sizeof(ev) ? len : sizeof(ev));
			answer = take(&ev, news);
			if (answer > 0)
				return -answer;
			answered |= answer == 0;
		}
	}
	if (n < 0 && errno == ENOBUFS)
		news->lost = true;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	return answered;
}

int connector_read(int fd, struct connector_news *news)
{
	int r;

	*news = (struct connector_news){0};
	r = read_all(fd, news);
	return r < 0 ? r : 0;
}

int connector_open(void)
{
	_cleanup_fd_ int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	struct connector_news news = {0};
	int r;

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	r = subscribe(fd);
	/* a kernel that does not listen does not answer; one that does has answered by now, or will
	 * behind events of others */
	for (int tries = 0; r == 0 && tries < 20; tries++) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		if (poll(&p, 1, 50) > 0)
			r = read_all(fd, &news);
	}
	if (r == 0)
		return -ETIMEDOUT;
	return r < 0 ? r : fd_steal(&fd);
}
