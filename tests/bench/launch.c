/* SPDX-License-Identifier: MIT */
/*
 * launch - time commands side by side.
 *
 * launch [-n ROUNDS] [-w WARMUPS] [-p MS] [-t SECONDS] [-r NAME]... [-s NAME]
 *        [-j FILE] [-f FILE] [:: NAME [N<FILE]... WORD...]...
 *
 * Every round runs every command once, in an order shuffled anew (by a fixed seed) for each
 * round: a drift of the machine, or work that one command leaves to the kernel (taking a network
 * namespace apart goes on after the exit), then hits all of them alike. Nothing is asserted
 * about time; a command that does not exit with 0 ends the bench with its status and what it
 * wrote to stderr, because the time of a failure says nothing.
 *
 * What is measured, for each run:
 *   wall  CLOCK_MONOTONIC from before posix_spawn() to after wait4(), in ns
 *   CPU   user + system time of the command and of all its descendants that were waited for,
 *         from wait4()'s rusage; kernel threads and orphans that it left are not in there
 *   peak  ru_maxrss: the resident set of the largest *single* process among the command and its
 *         waited-for descendants, not their sum. The image before execve counts as well, and this
 *         is our own (its peak is printed). The kernel adds resident pages up in batches for
 *         each processor: some 100 KiB either way are noise.
 *
 * A line of FILE is one command: its name, then its words, separated by blanks; no quoting; '#'
 * begins a comment line. N<FILE before the first word opens FILE anew as descriptor N for each
 * run, outside of the measured time.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 64, MAX_REFERENCES = 4, MAX_INPUTS = 4 };
enum { LATE = -1 }; /* killed for taking too long: no status of wait4() */

struct sample {
	uint64_t wall_ns;
	uint64_t cpu_ns;
};

/* One run's descriptor from a file: `at` in the command, `fd` in the launcher while it runs. */
struct input {
	const char *path;
	int at;
	int fd;
};

struct command {
	const char *name;
	char **words;
	char *path;             /* words[0], found along $PATH before anything is timed */
	struct input inputs[MAX_INPUTS];
	int ninputs;
	struct sample *samples; /* one a round; sorted by summarize() */
	long peak_kib;
	double median_ms, min_ms, p90_ms, cpu_ms;
};

struct bench {
	struct command commands[MAX_COMMANDS];
	int ncommands;
	const char *reference_names[MAX_REFERENCES];
	const struct command *references[MAX_REFERENCES];
	int nreferences;
	const char *subject;
	const char *json;
	int rounds, warmups, pause_ms, timeout_s;
	int null;               /* /dev/null: stdin and stdout of the commands */
	int errors;             /* a memfd: their stderr, shown when one fails */
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("launch: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(125);
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		die("out of memory");
	return p;
}

/* --- reading the commands --------------------------------------------------------------- */

static char *find_program(const char *word)
{
	const char *path = getenv("PATH");
	char buf[PATH_MAX];

	if (strchr(word, '/'))
		return strdup(word);
	for (const char *p = path ? path : "/usr/bin:/bin"; *p;) {
		size_t n = strcspn(p, ":");

		snprintf(buf, sizeof(buf), "%.*s/%s", (int)n, p, word);
		if (access(buf, X_OK) == 0)
			return strdup(buf);
		p += n + (p[n] == ':');
	}
	return NULL;
}

/* "3<FILE" */
static int parse_input(struct command *c, const char *word)
{
	char *end;
	long at = strtol(word, &end, 10);

	if (!isdigit((unsigned char)*word) || *end != '<' || !end[1])
		return 0;
	if (at > 9 || c->ninputs == MAX_INPUTS)
		die("%s: '%s': at most %d inputs, on descriptors 0 to 9", c->name, word, MAX_INPUTS);
	c->inputs[c->ninputs++] = (struct input){ .path = end + 1, .at = (int)at, .fd = -1 };
	return 1;
}

/* words: NAME [N<FILE]... WORD... NULL; kept, not copied. */
static void add_command(struct bench *b, char **words)
{
	struct command *c = &b->commands[b->ncommands];

	if (b->ncommands++ == MAX_COMMANDS)
		die("more than %d commands", MAX_COMMANDS);
	c->name = *words++;
	while (c->name && *words && parse_input(c, *words))
		words++;
	if (!c->name || !*words)
		die("a command is a name and at least one word");
	c->words = words;
	c->path = find_program(*words);
	if (!c->path)
		die("%s: no program '%s' along $PATH", c->name, *words);
}

static void add_line(struct bench *b, const char *line)
{
	char *copy = strdup(line), *state = NULL, *word;
	char **words = allocate(strlen(line) / 2 + 2, sizeof(*words));
	size_t n = 0;

	if (!copy)
		die("out of memory");
	for (word = strtok_r(copy, " \t\n", &state); word; word = strtok_r(NULL, " \t\n", &state))
		words[n++] = word;
	if (n && *words[0] != '#') {
		add_command(b, words); /* which keeps them */
		return;
	}
	free(words);
	free(copy);
}

static void add_file(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, f) >= 0)
		add_line(b, line);
	free(line);
	fclose(f);
}

/* argv from the first "::": each "::" begins a command; made NULL, it ends the one before it. */
static void add_words(struct bench *b, char **argv)
{
	int more = *argv != NULL;

	if (more && strcmp(*argv, "::"))
		die("'%s': expected '::' before a command", *argv);
	while (more) {
		char **first = ++argv;

		while (*argv && strcmp(*argv, "::"))
			argv++;
		more = *argv != NULL;
		*argv = NULL;
		add_command(b, first);
	}
}

/* --- one run ------------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static uint64_t cpu_ns(const struct rusage *u)
{
	uint64_t s = (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec);
	uint64_t us = (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);

	return (s * 1000000U + us) * 1000U;
}

static void open_inputs(struct command *c)
{
	for (int i = 0; i < c->ninputs; i++) {
		struct input *in = &c->inputs[i];
		int fd = open(in->path, O_RDONLY | O_CLOEXEC);

		/* above every target, so that no dup2() of ours overwrites a source */
		in->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
		if (in->fd < 0)
			die("%s: %s: %s", c->name, in->path, strerror(errno));
		close(fd);
	}
}

static void close_inputs(struct command *c)
{
	for (int i = 0; i < c->ninputs; i++)
		close(c->inputs[i].fd);
}

/* What the command is started with: null, null, errors and its inputs; a group of its own, so
 * that a timeout finds all of it. */
static void prepare_start(const struct bench *b, const struct command *c,
			  posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes)
{
	posix_spawn_file_actions_init(files);
	posix_spawn_file_actions_adddup2(files, b->null, 0);
	posix_spawn_file_actions_adddup2(files, b->null, 1);
	posix_spawn_file_actions_adddup2(files, b->errors, 2);
	for (int i = 0; i < c->ninputs; i++)
		posix_spawn_file_actions_adddup2(files, c->inputs[i].fd, c->inputs[i].at);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(attributes, 0);
}

static void show_errors(int fd)
{
	char buf[4096];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stderr);
}

__attribute__((noreturn))
static void failed(const struct bench *b, const struct command *c, int status)
{
	fprintf(stderr, "launch: %s: ", c->name);
	if (status == LATE)
		fprintf(stderr, "not done after %d s", b->timeout_s);
	else if (WIFSIGNALED(status))
		fprintf(stderr, "killed by signal %d", WTERMSIG(status));
	else
		fprintf(stderr, "exit status %d", WEXITSTATUS(status));
	fputs("\n  command:", stderr);
	for (char **w = c->words; *w; w++)
		fprintf(stderr, " %s", *w);
	fputs("\n  stderr:\n", stderr);
	show_errors(b->errors);
	exit(1);
}


/* Wait for the child; SIGALRM (a handler without SA_RESTART) interrupts when it takes too long. */
static int await(pid_t pid, struct rusage *u)
{
	int status, late = 0;

	while (wait4(pid, &status, 0, u) < 0) {
		if (errno != EINTR)
			die("wait4: %s", strerror(errno));
		late = 1;
		kill(-pid, SIGKILL);
	}
	return late ? LATE : status;
}

/* Start it and wait for its end; the time of this is the wall time. Returns its status. */
static int start_and_wait(const struct bench *b, const struct command *c, struct sample *s,
			  struct rusage *u)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	pid_t pid;

	prepare_start(b, c, &files, &attributes);
	alarm((unsigned int)b->timeout_s);
	uint64_t start = now_ns();
	int r = posix_spawn(&pid, c->path, &files, &attributes, c->words, environ);

	if (r)
		die("%s: %s: %s", c->name, c->path, strerror(r));
	int status = await(pid, u);

	s->wall_ns = now_ns() - start;
	s->cpu_ns = cpu_ns(u);
	alarm(0);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return status;
}

static struct sample run_once(const struct bench *b, struct command *c)
{
	struct rusage u;
	struct sample s;

	open_inputs(c);
	if (ftruncate(b->errors, 0) < 0)
		die("ftruncate: %s", strerror(errno));
	int status = start_and_wait(b, c, &s, &u);

	close_inputs(c);
	if (status)
		failed(b, c, status);
	if (u.ru_maxrss > c->peak_kib)
		c->peak_kib = u.ru_maxrss;
	return s;
}

/* --- all runs ----------------------------------------------------------------------------- */

/* Fisher and Yates' shuffle, by the xorshift32 generator (Marsaglia 2003). */
static void shuffle(int *order, int n, uint32_t *seed)
{
	for (int i = n - 1; i > 0; i--) {
		*seed ^= *seed << 13;
		*seed ^= *seed >> 17;
		*seed ^= *seed << 5;
		int j = (int)(*seed % (uint32_t)(i + 1)), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
}

static void run_rounds(struct bench *b)
{
	struct timespec pause = { b->pause_ms / 1000, b->pause_ms % 1000 * 1000000L };
	int order[MAX_COMMANDS] = { 0 };
	uint32_t seed = 2463534242U;

	for (int i = 0; i < b->ncommands; i++)
		order[i] = i;
	for (int round = -b->warmups; round < b->rounds; round++) {
		shuffle(order, b->ncommands, &seed);
		for (int i = 0; i < b->ncommands; i++) {
			struct command *c = &b->commands[order[i]];
			struct sample s = run_once(b, c);

			if (round >= 0)
				c->samples[round] = s;
			if (b->pause_ms)
				nanosleep(&pause, NULL);
		}
	}
}

static int by_wall(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->wall_ns > y->wall_ns) - (x->wall_ns < y->wall_ns);
}

static int by_cpu(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->cpu_ns > y->cpu_ns) - (x->cpu_ns < y->cpu_ns);
}

/* Median: the middle one, or the mean of the two middle ones. p90: the nearest rank. */
static void summarize(struct command *c, int n)
{
	qsort(c->samples, (size_t)n, sizeof(*c->samples), by_cpu);
	c->cpu_ms = (double)(c->samples[(n - 1) / 2].cpu_ns + c->samples[n / 2].cpu_ns) / 2e6;
	qsort(c->samples, (size_t)n, sizeof(*c->samples), by_wall);
	c->median_ms = (double)(c->samples[(n - 1) / 2].wall_ns + c->samples[n / 2].wall_ns) / 2e6;
	c->min_ms = (double)c->samples[0].wall_ns / 1e6;
	c->p90_ms = (double)c->samples[(n * 9 + 9) / 10 - 1].wall_ns / 1e6;
}

/* --- what is printed ------------------------------------------------------------------------ */

static const struct command *find_command(const struct bench *b, const char *name)
{
	for (int i = 0; i < b->ncommands; i++)
		if (!strcmp(b->commands[i].name, name))
			return &b->commands[i];
	die("'%s': no command has this name", name);
}

static void print_table(const struct bench *b)
{
	printf("%-14s %10s %10s %10s %10s %9s", "", "median ms", "min ms", "p90 ms", "CPU ms", "peak KiB");
	for (int r = 0; r < b->nreferences; r++)
		printf("  /%-7.7s (min)", b->references[r]->name);
	putchar('\n');
	for (int i = 0; i < b->ncommands; i++) {
		const struct command *c = &b->commands[i];

		printf("%-14s %10.3f %10.3f %10.3f %10.3f %9ld",
		       c->name, c->median_ms, c->min_ms, c->p90_ms, c->cpu_ms, c->peak_kib);
		for (int r = 0; r < b->nreferences; r++)
			printf("  %6.2f %7.2f", c->median_ms / b->references[r]->median_ms,
			       c->min_ms / b->references[r]->min_ms);
		putchar('\n');
	}
}

/* The subject beside each other command, one line each. */
static void print_subject(const struct bench *b)
{
	const struct command *s = find_command(b, b->subject);

	for (int i = 0; i < b->ncommands; i++) {
		const struct command *c = &b->commands[i];

		if (c != s)
			printf("%s / %s: median %.2f, minimum %.2f, CPU %.2f\n", s->name, c->name,
			       s->median_ms / c->median_ms, s->min_ms / c->min_ms, s->cpu_ms / c->cpu_ms);
	}
	printf("%s: peak memory %ld KiB\n", s->name, s->peak_kib);
}

static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(f, "\\u%04x", (unsigned int)(unsigned char)*s);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

static void json_command(FILE *f, const struct bench *b, const struct command *c)
{
	fputs("{\"name\":", f);
	json_string(f, c->name);
	fputs(",\"command\":[", f);
	for (char **w = c->words; *w; w++) {
		fputs(w == c->words ? "" : ",", f);
		json_string(f, *w);
	}
	fprintf(f, "],\"median_ms\":%.6f,\"min_ms\":%.6f,\"p90_ms\":%.6f,\"cpu_ms\":%.6f,"
		"\"peak_kib\":%ld,\"ratios\":{", c->median_ms, c->min_ms, c->p90_ms, c->cpu_ms, c->peak_kib);
	for (int r = 0; r < b->nreferences; r++) {
		fputs(r ? "," : "", f);
		json_string(f, b->references[r]->name);
		fprintf(f, ":{\"median\":%.4f,\"min\":%.4f}", c->median_ms / b->references[r]->median_ms,
			c->min_ms / b->references[r]->min_ms);
	}
	fputs("},\"wall_ns_sorted\":[", f);
	for (int i = 0; i < b->rounds; i++)
		fprintf(f, "%s%llu", i ? "," : "", (unsigned long long)c->samples[i].wall_ns);
	fputs("]}", f);
}

static void write_json(const struct bench *b, long own_kib)
{
	FILE *f = fopen(b->json, "we");

	if (!f)
		die("%s: %s", b->json, strerror(errno));
	fprintf(f, "{\"rounds\":%d,\"warmups\":%d,\"launcher_peak_kib\":%ld,\"commands\":[\n",
		b->rounds, b->warmups, own_kib);
	for (int i = 0; i < b->ncommands; i++) {
		fputs(i ? ",\n" : "", f);
		json_command(f, b, &b->commands[i]);
	}
	fputs("\n]}\n", f);
	if (ferror(f) | fclose(f))
		die("%s: cannot write it", b->json);
}

/* --- options -------------------------------------------------------------------------------- */

static int number(const char *what, const char *text, int least, int most)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);

	if (errno || end == text || *end || n < least || n > most)
		die("%s: '%s' is not a number from %d to %d", what, text, least, most);
	return (int)n;
}

static void add_reference(struct bench *b, const char *name)
{
	if (b->nreferences == MAX_REFERENCES)
		die("more than %d references", MAX_REFERENCES);
	b->reference_names[b->nreferences++] = name;
}

static void usage(void)
{
	puts("usage: launch [-n ROUNDS] [-w WARMUPS] [-p MS] [-t SECONDS] [-r NAME]... [-s NAME]\n"
	     "              [-j FILE] [-f FILE] [:: NAME [N<FILE]... WORD...]...\n\n"
	     "  -n, --rounds N      measured rounds (50); each runs every command once\n"
	     "  -w, --warmups N     rounds before them that do not count (5)\n"
	     "  -p, --pause MS      sleep after each command (0)\n"
	     "  -t, --timeout S     a command that takes longer fails (60)\n"
	     "  -r, --reference N   columns with the ratios to this command\n"
	     "  -s, --subject N     at the end, this command beside each other one\n"
	     "  -j, --json FILE     write the results there as well\n"
	     "  -f, --file FILE     one command a line: its name, then its words");
	exit(0);
}

static void parse(struct bench *b, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "rounds", 1, NULL, 'n' }, { "warmups", 1, NULL, 'w' }, { "pause", 1, NULL, 'p' },
		{ "timeout", 1, NULL, 't' }, { "reference", 1, NULL, 'r' }, { "subject", 1, NULL, 's' },
		{ "json", 1, NULL, 'j' }, { "file", 1, NULL, 'f' }, { "help", 0, NULL, 'h' }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+n:w:p:t:r:s:j:f:h", longs, NULL)) != -1) {
		switch (option) {
		case 'n': b->rounds = number("rounds", optarg, 1, 1000000); break;
		case 'w': b->warmups = number("warmups", optarg, 0, 1000000); break;
		case 'p': b->pause_ms = number("pause", optarg, 0, 60000); break;
		case 't': b->timeout_s = number("timeout", optarg, 1, 3600); break;
		case 'r': add_reference(b, optarg); break;
		case 's': b->subject = optarg; break;
		case 'j': b->json = optarg; break;
		case 'f': add_file(b, optarg); break;
		case 'h': usage(); break;
		default: exit(125);
		}
	}
	add_words(b, argv + optind);
	if (!b->ncommands)
		die("no commands; see launch --help");
}

static void on_alarm(int sig)
{
	(void)sig; /* only there to interrupt wait4() */
}

static void prepare(struct bench *b)
{
	struct sigaction alarmed = { .sa_handler = on_alarm };

	for (int r = 0; r < b->nreferences; r++)
		b->references[r] = find_command(b, b->reference_names[r]);
	if (b->subject)
		find_command(b, b->subject);
	for (int i = 0; i < b->ncommands; i++)
		b->commands[i].samples = allocate((size_t)b->rounds, sizeof(struct sample));
	sigaction(SIGALRM, &alarmed, NULL);
	b->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	b->errors = memfd_create("stderr", MFD_CLOEXEC);
	if (b->null < 0 || b->errors < 0 || fcntl(b->errors, F_SETFL, O_APPEND) < 0)
		die("/dev/null, memfd: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct bench b = { .rounds = 50, .warmups = 5, .timeout_s = 60 };
	struct rusage own;

	parse(&b, argc, argv);
	prepare(&b);
	run_rounds(&b);
	getrusage(RUSAGE_SELF, &own);
	for (int i = 0; i < b.ncommands; i++)
		summarize(&b.commands[i], b.rounds);
	printf("%d rounds after %d warm-ups; peak: the largest single process (the launcher's: %ld KiB)\n",
	       b.rounds, b.warmups, own.ru_maxrss);
	print_table(&b);
	if (b.subject)
		print_subject(&b);
	if (b.json)
		write_json(&b, own.ru_maxrss);
	return 0;
}
