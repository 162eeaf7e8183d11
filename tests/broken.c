/* SPDX-License-Identifier: MIT */
/* broken - a program that does what it is told wrong, where it is hard to see: in a child
 * without descriptors and environment, in another root. The lanes that look for it must hear of it.
 *
 * usage: broken address | undefined | value | leak | descriptor */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int one = 1;
static void *volatile lost;

static void do_wrong(const char *what)
{
	volatile char *volatile text = malloc(8); /* as the compiler must not know it */
	volatile int n = INT_MAX;

	if (!strcmp(what, "address"))
		text[8 * one] = 'x';
	else if (!strcmp(what, "undefined"))
		n += one;
	else if (!strcmp(what, "value") && text[0] == 'x')
		text[1] = 'y';
	else if (!strcmp(what, "leak"))
		lost = malloc(64);
	else if (!strcmp(what, "descriptor"))
		fcntl(open("/", O_RDONLY), F_DUPFD, 7);
	lost = NULL;
	free((char *)text);
}

int main(int argc, char **argv)
{
	pid_t pid = fork();
	int status = 1;

	if (argc < 2 || pid < 0)
		return 2;
	if (pid > 0)
		return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	/* leaks are found by a thread that reads /proc */
	if (strcmp(argv[1], "leak") != 0 && geteuid() == 0 && (chroot("/proc/self/fdinfo") < 0 || chdir("/") < 0))
		return 2;
	close_range(0, ~0U, 0);
	clearenv();
	do_wrong(argv[1]);
	return 0;
}
