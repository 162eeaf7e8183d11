/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "oci/new.h"

static int write_at(struct sys *s, int dirfd, const char *temp, const char *name, const char *text, mode_t mode)
{
	_cleanup_fd_ int fd = sys_create(s, dirfd, temp, mode);
	int r = fd;

	if (r >= 0)
		r = sys_write_bytes(s, fd, name, text, strlen(text));
	if (r >= 0)
		r = sys_write_bytes(s, fd, name, "\n", 1);
	if (r >= 0)
		r = sys_renameat(s, dirfd, temp, "config.json");
	if (r < 0 && fd >= 0)
		sys_unlinkat(s, dirfd, temp, 0);
	return r;
}

/* Words of a command line are any bytes, JSON is UTF-8; and a path may go deeper than is read. */
int config_text(struct json_object *config, const char *name, const char **ret, struct fault *f)
{
	const char *text = json_object_to_json_string_ext(config, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
									  JSON_C_TO_STRING_NOSLASHESCAPE);
	_cleanup_json_ struct json_doc *doc = NULL;
	int r;

	if (!text)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", name);
	r = json_parse(text, strlen(text), name, OP_CONFIG_WRITE, &doc, f);
	if (r < 0 && f->op == OP_CONFIG_WRITE)
		fault_fix(f, "values in UTF-8 (iconv -t UTF-8), at most %d objects and lists in each other", JSON_DEPTH);
	*ret = text;
	return r;
}

int save_config(struct sys *s, const char *dir, unsigned flags, struct json_object *config, struct fault *f)
{
	_cleanup_fd_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *name = xprintf("%s/config.json", dir);
	mode_t mode = flags & SAVE_PRIVATE ? 0600 : 0644;
	const char *text;
	struct stat st;
	char temp[48];
	bool there;
	int r;

	if (dirfd < 0 && !s->dry)
		return fault_set(f, OP_CONFIG_WRITE, errno, "%s", name);
	there = fstatat(dirfd, "config.json", &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (there && S_ISREG(st.st_mode))
		mode &= st.st_mode;
	if (there && !(flags & SAVE_REPLACE))
		return fault_set(f, OP_CONFIG_WRITE, EEXIST, "%s", name);
	r = config_text(config, name, &text, f);
	if (r < 0)
		return r;
	snprintf(temp, sizeof(temp), ".config.json.%d", getpid());
	r = write_at(s, dirfd, temp, name, text, mode);
	return r < 0 ? fault_set(f, OP_CONFIG_WRITE, -r, "%s", name) : 0;
}
