/* SPDX-License-Identifier: MIT */
/* json.c - a file becomes a document; json-kind.c takes it apart. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json-doc.h"

/* -- reading ---------------------------------------------------------------------- */

static int too_big(const char *name, enum op op, struct fault *f)
{
	fault_rule(f, op, name, "more than %d bytes", JSON_MAX);
	fault_fix(f, "ls -lL %.200s: profiles and configurations have some ten thousand bytes", name);
	return -EFBIG;
}

static int read_all(int fd, char *buf, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n < 0)
			n = 0;
	}
	return 0;
}

int json_slurp(int fd, const char *name, enum op op, char **ret, size_t *len, struct fault *f)
{
	size_t size = JSON_MAX + 1;
	struct stat st;
	char *buf;
	int r;

	if (fstat(fd, &st) < 0)
		return fault_set(f, op, errno, "%s", name);
	if (S_ISREG(st.st_mode) && st.st_size > JSON_MAX)
		return too_big(name, op, f);
	if (S_ISREG(st.st_mode) && st.st_size > 0) /* files of /proc claim to be empty */
		size = (size_t)st.st_size + 1;     /* one more: a growing file is noticed */
	buf = malloc(size + 1);
	if (!buf)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", name);
	r = read_all(fd, buf, size, len);
	if (r == 0 && *len > JSON_MAX)
		r = too_big(name, op, f);
	else if (r < 0)
		fault_set(f, op, -r, "%s", name);
	if (r < 0) {
		free(buf);
		return r;
	}
	buf[*len] = '\0';
	*ret = buf;
	return 0;
}

/* -- the document ----------------------------------------------------------------- */

static int syntax_fail(const char *text, const char *p, const char *name, enum op op,
		       const char *why, struct fault *f)
{
	return fault_rule(f, op, name, "%s (line %u, column %u)", why, json_line(text, p),
			  json_column(text, p));
}

static const char *error_words(enum json_tokener_error e)
{
	switch (e) {
	case json_tokener_continue:
	case json_tokener_error_parse_eof:
		return "the text ends in the middle";
	case json_tokener_error_depth:
		return "nested too deeply";
	default:
		return json_tokener_error_desc(e);
	}
}

static int tokenize(const char *text, size_t len, const char *name, enum op op,
		    struct json_object **root, struct fault *f)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH);
	enum json_tokener_error e;
	const char *end;
	int r = 0;

	if (!tok)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", name);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	/* with the NUL, which tells json-c that a literal at the end is whole */
	*root = json_tokener_parse_ex(tok, text, (int)len + 1);
	e = json_tokener_get_error(tok);
	end = text + json_tokener_get_parse_end(tok);
	if (e != json_tokener_success)
		r = syntax_fail(text, end, name, op, error_words(e), f);
	else if (*json_skip_blanks(end))
		r = syntax_fail(text, json_skip_blanks(end), name, op, "more text behind the end", f);
	json_tokener_free(tok);
	return r;
}

int json_parse(const char *text, size_t len, const char *name, enum op op, struct json_doc **ret,
	       struct fault *f)
{
	_cleanup_json_ struct json_doc *d = NULL;
	const char *where, *why;
	int r;

	if (len > JSON_MAX)
		return too_big(name, op, f);
	why = json_scan(text, len, &where);
	if (why)
		return syntax_fail(text, where, name, op, why, f);
	d = calloc(1, sizeof(*d));
	if (!d)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", name);
	*d = (struct json_doc){.text = text, .name = name, .op = op};
	r = tokenize(text, len, name, op, &d->root, f);
	if (r < 0)
		return r;
	*ret = d;
	d = NULL;
	return 0;
}

void json_free(struct json_doc *d)
{
	if (!d)
		return;
	json_object_put(d->root);
	while (d->blocks) {
		struct json_block *b = d->blocks;

		d->blocks = b->next;
		free(b);
	}
	free(d);
}
