/* SPDX-License-Identifier: MIT */
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns/netnsid.h"

enum { NONE = -1, UNKNOWN = -2 };

struct request {
	struct nlmsghdr head;
	struct rtgenmsg gen;
	char pad[3]; /* to the alignment of netlink */
	struct rtattr attr;
	int32_t fd;
};

static int read_answer(const char *buf, ssize_t n)
{
	const struct nlmsghdr *head = (const void *)buf;
	const struct rtattr *a;
	int left, id;

	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct rtgenmsg)) || !NLMSG_OK(head, n) || head->nlmsg_type != RTM_NEWNSID)
		return UNKNOWN;
	a = (const void *)(buf + NLMSG_SPACE(sizeof(struct rtgenmsg)));
	left = (int)head->nlmsg_len - (int)NLMSG_SPACE(sizeof(struct rtgenmsg));
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == NETNSA_NSID && RTA_PAYLOAD(a) >= sizeof(id)) {
			memcpy(&id, RTA_DATA(a), sizeof(id));
			return id < 0 ? NONE : id;
		}
	return NONE;
}

int netnsid_of(int *netlink, int fd)
{
	struct request r = {
		.head = {.nlmsg_len = sizeof(r), .nlmsg_type = RTM_GETNSID, .nlmsg_flags = NLM_F_REQUEST},
		.attr = {.rta_len = RTA_LENGTH(sizeof(r.fd)), .rta_type = NETNSA_FD},
		.fd = fd,
	};
	_Alignas(struct nlmsghdr) char buf[512];
	ssize_t n;

	if (*netlink < 0)
		*netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (*netlink < 0 || send(*netlink, &r, sizeof(r), 0) < 0)
		return UNKNOWN;
	n = recv(*netlink, buf, sizeof(buf), 0);
	return n < 0 ? UNKNOWN : read_answer(buf, n);
}
