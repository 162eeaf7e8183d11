/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "oci/bundle.h"

static int no_path(const char *path, struct fault *f)
{
	fault_rule(f, OP_CONFIG_PATH, path, "it is no path");
	fault_fix(f, "names with dots between them: process.args[0], linux.sysctl[\"net.ipv4.ip_forward\"]");
	return -EINVAL;
}

int bundle_find(const struct bundle *b, const char *path, bool make, struct bundle_spot *ret, struct fault *f)
{
	const char *rest = path;

	*ret = (struct bundle_spot){.value = json_root(b->doc)};
	for (;;) {
		const char *from = rest;
		int r = json_step(&rest, ret->buf, sizeof(ret->buf), &ret->key, &ret->index);

		if (r <= 0)
			return r < 0 ? no_path(path, f) : 0;
		if (!json_object_is_type(ret->value, ret->key ? json_type_object : json_type_array))
			return fault_rule(f, OP_CONFIG_PATH, path, "there is nothing at '%.*s' that has members",
					  (int)(from - path), path);
		ret->parent = ret->value;
		ret->value = ret->key ? json_object_object_get(ret->parent, ret->key)
				      : json_object_array_get_idx(ret->parent, ret->index);
		if (make && !ret->value && *rest && ret->key) {
			bool list = rest[0] == '[' && rest[1] != '"';

			ret->value = list ? json_object_new_array() : json_object_new_object();
			json_object_object_add(ret->parent, ret->key, ret->value);
		}
	}
}

static int leave_out(const struct bundle *b, const char *path, struct fault *f)
{
	struct bundle_spot s;
	int r = bundle_find(b, path, false, &s, f);

	if (r < 0)
		return r;
	if (strncmp(path, "linux.seccomp.", 14) == 0) {
		fault_rule(f, OP_CONFIG_PATH, path, "the filter is read from the file as a whole");
		fault_fix(f, "--without linux.seccomp, or oci-bundle set");
		return -EINVAL;
	}
	if (!s.parent || !s.value)
		return fault_rule(f, OP_CONFIG_PATH, path, "there is no such thing to leave out");
	if (s.key)
		json_object_object_del(s.parent, s.key);
	else
		json_object_array_del_idx(s.parent, s.index, 1);
	return 0;
}

static int read_file(struct bundle *b, const char *dir, struct fault *f)
{
	_cleanup_fd_ int fd = -1;

	b->dir = realpath(dir, NULL);
	if (!b->dir)
		return fault_set(f, OP_BUNDLE, errno, "%s", dir);
	b->file = xprintf("%s/config.json", strcmp(b->dir, "/") == 0 ? "" : b->dir);
	/* a FIFO would keep us waiting for somebody to write to it */
	fd = open(b->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fault_set(f, OP_BUNDLE, errno, "%s", b->file);
	return json_slurp(fd, b->file, OP_CONFIG, &b->text, &b->len, f);
}

int bundle_open(struct bundle *b, const char *dir, const struct words *without, struct fault *f)
{
	int r;

	*b = (struct bundle){.filter = -1};
	r = read_file(b, dir, f);
	if (r == 0)
		r = json_parse(b->text, b->len, b->file, OP_CONFIG, &b->doc, f);
	for (size_t i = 0; r == 0 && without && i < without->n; i++)
		r = leave_out(b, without->v[i], f);
	return r;
}

int bundle_decode(struct bundle *b, struct fault *f)
{
	b->config = (struct oci_config){0};
	return json_decode(b->doc, NULL, &oci_config_shape, &b->config, f);
}

void bundle_free(struct bundle *b)
{
	json_free(b->doc);
	free(b->text);
	free(b->file);
	free(b->dir);
	if (b->filter > 2) /* one that was never opened is all zero */
		fd_close(&b->filter);
	*b = (struct bundle){.filter = -1};
}
