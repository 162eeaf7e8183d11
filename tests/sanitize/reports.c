/* SPDX-License-Identifier: MIT */
/* reports.c - linked into a build with --enable-sanitizers only: how its checks behave, and
 * where what they find is written down.
 *
 * A report may come from a process whose stderr is closed, that has another root, or that
 * has a cleared environment, and a chain closes descriptors it does not know. So the file
 * sanitize-reports of the build tree is mapped before main, when the process still has
 * the world it was started in; the mapping stays through fork, chroot and close_range.
 * The lane fails when there is a line in it. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 1 << 16 };

/* The first word is how many bytes of text there are. */
static struct reports {
	_Atomic unsigned used;
	char text[SIZE - sizeof(unsigned)];
} *reports;
extern const char sanitize_reports[]; /* asked for by name when a tool is linked */
const char sanitize_reports[] = REPORTS;

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __lsan_is_turned_off(void);
void __sanitizer_report_error_summary(const char *summary);

const char *__asan_default_options(void)
{
	return "exitcode=99:detect_stack_use_after_return=1:handle_segv=1";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=99:print_stacktrace=1:print_summary=1:report_error_type=1";
}

/* A process that is traced, or whose memory nobody may look into, cannot be searched for
 * leaks; valgrind has those. */
int __lsan_is_turned_off(void)
{
	char status[2048];
	const char *tracer;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1)
		return 1;
	status[n] = '\0';
	tracer = strstr(status, "TracerPid:\t");
	return !tracer || tracer[strlen("TracerPid:\t")] != '0';
}

void __sanitizer_report_error_summary(const char *summary)
{
	char name[16] = "?", line[1024];
	unsigned at;
	int n;

	dprintf(2, "%s\n", summary);
	if (!reports)
		return;
	prctl(PR_GET_NAME, name, 0, 0, 0);
	n = snprintf(line, sizeof(line), "%s %d: %s\n", name, getpid(), summary);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	at = atomic_fetch_add(&reports->used, (unsigned)n);
	if (at + (unsigned)n < sizeof(reports->text))
		memcpy(reports->text + at, line, (size_t)n);
}

__attribute__((constructor)) static void open_reports(void)
{
	int fd = open(sanitize_reports, O_RDWR | O_CLOEXEC);
	struct stat st;
	void *map;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size == SIZE) {
		map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			reports = map;
	}
	close(fd);
}
