/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "oci/terminal.h"

static int receive(int conn)
{
	char byte[64], control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec io = {byte, sizeof(byte)};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(conn, &m, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static void follow_size(int master)
{
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0)
		ioctl(master, TIOCSWINSZ, &w);
}

/* All that was read, however often it takes: to us, whom nothing waits for. */
static bool pass(int from, int to)
{
	char buf[16384];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	for (ssize_t done = 0, w; done < n; done += w) {
		w = write(to, buf + done, (size_t)(n - done));
		if (w < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = to, .events = POLLOUT}, 1, -1);
		if (w < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		w = w < 0 ? 0 : w;
	}
	return n > 0;
}

/* Keys on their way to the program, which may not read them for long: its output is passed on meanwhile. */
struct keys {
	char buf[4096];
	size_t from, to;
};

/* False: no more will come. */
static bool take_keys(struct keys *k)
{
	ssize_t n = read(STDIN_FILENO, k->buf, sizeof(k->buf));

	k->from = 0;
	k->to = n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void give_keys(struct keys *k, int master)
{
	ssize_t n = write(master, k->buf + k->from, k->to - k->from);

	if (n > 0)
		k->from += (size_t)n;
	else if (n < 0 && errno != EINTR && errno != EAGAIN)
		k->from = k->to;
}

/* The program has ended. What it wrote is still to come, and not what others write who hold
 * its terminal: the kernel passes it on by a worker of its own, so for a moment it is waited for. */
static void drain(int master)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	enum { MOMENT = 50, READS = 64 };

	for (int i = 0; i < READS && poll(&p, 1, MOMENT) > 0; i++)
		if (!pass(master, STDOUT_FILENO))
			return;
}

static void copy(int master, int signals)
{
	struct pollfd p[3] = {{.fd = STDIN_FILENO}, {.fd = master}, {.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;
	struct keys keys = {.to = 0};
	bool more = true;

	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	for (;;) {
		bool due = keys.from < keys.to;

		p[0].fd = more && !due ? STDIN_FILENO : -1;
		p[0].events = POLLIN;
		p[1].events = (short)(POLLIN | (due ? POLLOUT : 0));
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[2].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGHUP)
				drain(master);
			if (info.ssi_signo != SIGWINCH)
				return;
			follow_size(master);
		}
		if (p[1].revents & ~POLLOUT && !pass(master, STDOUT_FILENO))
			return; /* nobody holds the other side any more: EIO */
		if (p[1].revents & POLLOUT)
			give_keys(&keys, master);
		if (p[0].revents)
			more = take_keys(&keys);
	}
}

/* The process between the two terminals. Ours is raw meanwhile: each key goes through. */
static _Noreturn void be_between(int listener)
{
	struct termios before, raw;
	bool tty = tcgetattr(STDIN_FILENO, &before) == 0;
	sigset_t set;
	int signals, conn, master;

	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	struct pollfd p[2] = {{.fd = listener, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

	if (poll(p, 2, -1) <= 0 || p[1].revents)
		_exit(0);
	conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	p[0].fd = conn;
	if (poll(p, 2, -1) <= 0 || p[1].revents)
		_exit(0);
	master = receive(conn);
	close(conn);
	if (master < 0)
		_exit(0);
	follow_size(master);
	if (tty) {
		raw = before;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	copy(master, signals);
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	_exit(0);
}

int terminal_start(struct live *v, struct write_wish *wish, struct fault *f)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_cleanup_free_ char *dir = xprintf("%s", "/tmp/oci-run.XXXXXX");
	struct winsize w;
	char *path;

	if (!mkdtemp(dir))
		return fault_set(f, OP_CONSOLE, errno, "%s", dir);
	path = xprintf("%s/console", dir);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	wish->console = v->console = path;
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 1) < 0)
		return fault_set(f, OP_CONSOLE, errno, "%s", path);
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0) {
		wish->rows = w.ws_row;
		wish->columns = w.ws_col;
	}
	v->terminal = fork();
	if (v->terminal < 0)
		return fault_set(f, OP_FORK, errno, "the terminal's copier");
	if (v->terminal == 0)
		be_between(fd);
	return 0;
}

int terminal_offer(struct live *v, const char *dir, struct write_wish *wish, struct fault *f)
{
	struct bundle b;
	int r = bundle_open(&b, dir, NULL, f);

	if (r == 0)
		r = bundle_decode(&b, f);
	if (r == 0 && b.config.process->terminal)
		r = terminal_start(v, wish, f);
	bundle_free(&b);
	return r;
}

void terminal_forget(struct live *v)
{
	char *slash;

	if (!v->console)
		return;
	unlink(v->console);
	slash = strrchr(v->console, '/');
	*slash = '\0';
	rmdir(v->console);
	free(v->console);
	v->console = NULL;
}

void terminal_end(struct live *v, bool at_once)
{
	terminal_forget(v);
	if (v->terminal <= 0)
		return;
	kill(v->terminal, at_once ? SIGTERM : SIGHUP);
	waitpid(v->terminal, NULL, 0);
	v->terminal = 0;
}
