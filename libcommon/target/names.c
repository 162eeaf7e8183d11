/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "target/names.h"

enum { FILE_MAX = 16 << 20 };

/* The number in field n (from 0) of a line whose fields are separated by colons; 4294967295 is
 * (uid_t)-1, which the kernel reads as "leave it". */
static int field_number(const char *line, size_t end, unsigned n, uint32_t *ret)
{
	const char *stop = line + end;
	char digits[16] = "";
	size_t len;
	uint64_t v;

	for (; n; n--) {
		line = memchr(line, ':', (size_t)(stop - line));
		if (!line)
			return -EINVAL;
		line++;
	}
	len = strcspn(line, ":\n");
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, line, len);
	if (num_u64(digits, UINT32_MAX - 1ULL, &v) < 0)
		return -EINVAL;
	*ret = (uint32_t)v;
	return 0;
}

int names_id(const char *file, const char *name, size_t len, uint32_t *id, uint32_t *gid)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = path_read(AT_FDCWD, file, FILE_MAX, &text);

	if (n < 0)
		return (int)n;
	for (const char *line = text; *line; line += line[0] == '\n') {
		size_t end = strcspn(line, "\n");

		if (end > len && strncmp(line, name, len) == 0 && line[len] == ':' &&
		    field_number(line, end, 2, id) == 0 && (!gid || field_number(line, end, 3, gid) == 0))
			return 0;
		line += end;
	}
	return -ESRCH;
}

/* The line of the id, in text; NULL when it has none. */
static const char *line_of(const char *text, uint32_t id)
{
	uint32_t its;

	for (const char *line = text; *line; line += line[0] == '\n') {
		size_t end = strcspn(line, "\n");

		if (field_number(line, end, 2, &its) == 0 && its == id)
			return line;
		line += end;
	}
	return NULL;
}

const char *names_of(char *buf, size_t n, const char *file, uint32_t id)
{
	_cleanup_free_ char *text = NULL;
	const char *line = path_read(AT_FDCWD, file, FILE_MAX, &text) < 0 ? NULL : line_of(text, id);

	snprintf(buf, n, "%.*s", line ? (int)strcspn(line, ":\n") : 0, line ? line : "");
	return buf;
}

const char *names_shell(char *buf, size_t n, const char *file, uint32_t uid)
{
	_cleanup_free_ char *text = NULL;
	const char *line = path_read(AT_FDCWD, file, FILE_MAX, &text) < 0 ? NULL : line_of(text, uid);

	/* the seventh field */
	for (int i = 0; line && i < 6; i++) {
		line += strcspn(line, ":\n");
		line = *line == ':' ? line + 1 : NULL;
	}
	snprintf(buf, n, "%.*s", line ? (int)strcspn(line, ":\n") : 0, line ? line : "");
	return buf;
}
