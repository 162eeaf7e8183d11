/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "base/words.h"
#include "proc/home.h"

enum { PASSWD_MAX = 1 << 20 };

/* Field n (from 0) of a line of seven, cut off; NULL when there is none. */
static char *field(char *line, int n)
{
	while (n-- > 0) {
		line = strchr(line, ':');
		if (!line)
			return NULL;
		line++;
	}
	return line;
}

char *home_of(int64_t uid)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fd_ int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *save = NULL;
	struct stat st;

	/* below a descriptor: what was opened is what is read */
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || path_read_fd(fd, PASSWD_MAX, &text) <= 0)
		return xprintf("HOME=/");
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *id = field(line, 2), *home = field(line, 5);
		uint64_t n;

		if (!id || !home)
			continue;
		id[strcspn(id, ":")] = '\0';
		home[strcspn(home, ":")] = '\0';
		if (num_u64(id, UINT32_MAX, &n) == 0 && (int64_t)n == uid && *home == '/')
			return xprintf("HOME=%s", home);
	}
	return xprintf("HOME=/");
}
