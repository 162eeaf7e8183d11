/* SPDX-License-Identifier: MIT */
/* crowd.c - many processes in many namespaces, that sleep: what ns.sh has listed.
 *
 * usage: crowd [-d DESCRIPTORS] PROCESSES NAMESPACES
 *
 * The processes are spread over groups that have five namespaces each (mount, uts, ipc, net,
 * pid), until there are about as many as NAMESPACES; with 1 there is one group with one, of
 * uts. Where these are too few even if each process is a group, a group has all eight kinds.
 * With -d each process holds that many descriptors: the first of its group's network (the first
 * of a group, and one in a hundred of the others), the others of /dev/null. Prints "ready" and how
 * many namespaces it made when all are there, and ends them when its standard input ends, or when it
 * is ended itself. */
#include <err.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIVE = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID };
enum { EIGHT = FIVE | CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWTIME };

static int descriptors;

static void hold(int number)
{
	for (int i = 0; i < descriptors; i++)
		if (open(i == 0 && number % 100 == 0 ? "/proc/self/ns/net" : "/dev/null", O_RDONLY) < 0)
			err(1, "open");
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* The first of a group starts the others, and says on the pipe that they are there. */
static void lead(int members, int tell)
{
	close_range(3, ~0U, 0); /* what whoever started us left open */
	hold(0);
	for (int i = 1; i < members; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(tell);
			hold(i);
			sleep_for_ever();
		}
	}
	if (write(tell, "", 1) != 1)
		_exit(1);
	close(tell);
	sleep_for_ever();
}

static pid_t start_group(int flags, int members, int tell)
{
	struct clone_args args = {.flags = (unsigned int)flags, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		err(1, "clone3");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(0);
		close(1);
		open("/dev/null", O_RDWR);
		lead(members, dup2(tell, 1));
	}
	return (pid_t)pid;
}

/* How many groups, and which namespaces each has. */
static int plan(int processes, int namespaces, int *flags)
{
	int groups = namespaces / 5;

	*flags = namespaces > 1 ? FIVE : CLONE_NEWUTS;
	if (groups > processes) {
		*flags = EIGHT;
		groups = namespaces / 8;
	}
	if (groups > processes)
		groups = processes;
	return groups ? groups : 1;
}

static void wait_for(int groups, int tell)
{
	char byte;

	for (int g = 0; g < groups; g++)
		if (read(tell, &byte, 1) != 1)
			errx(1, "a group did not start");
}

/* All of them are gone when we are. */
static void end(const pid_t *leaders, int groups)
{
	signal(SIGTERM, SIG_IGN);
	for (int g = 0; g < groups; g++)
		kill(leaders[g], SIGKILL);
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	int processes, groups, flags, opt, tell[2];
	pid_t *leaders;
	char byte;

	while ((opt = getopt(argc, argv, "d:")) == 'd')
		descriptors = atoi(optarg);
	if (opt != -1 || argc - optind != 2 || atoi(argv[optind]) < 1)
		errx(2, "usage: crowd [-d DESCRIPTORS] PROCESSES NAMESPACES");
	processes = atoi(argv[optind]);
	groups = plan(processes, atoi(argv[optind + 1]), &flags);
	if (pipe2(tell, O_CLOEXEC) < 0)
		err(1, "pipe");
	leaders = calloc((size_t)groups, sizeof(*leaders));
	if (!leaders || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		err(1, "memory, subreaper");
	for (int g = 0; g < groups; g++)
		leaders[g] = start_group(flags, processes / groups + (g < processes % groups), tell[1]);
	close(tell[1]);
	wait_for(groups, tell[0]);
	printf("ready %d\n", groups * __builtin_popcount((unsigned int)flags));
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	end(leaders, groups);
	return 0;
}
