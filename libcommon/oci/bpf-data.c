/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "oci/bpf-data.h"

static int digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* RFC 4648, section 4. Returns the number of bytes written to `to`, or -1. */
static ssize_t decode(const char *text, unsigned char *to)
{
	size_t len = strlen(text), n = 0;
	unsigned bits = 0, have = 0;

	if (len % 4 == 0)
		for (int padding = 0; padding < 2 && len > 0 && text[len - 1] == '='; padding++)
			len--;
	for (size_t i = 0; i < len; i++) {
		int d = digit(text[i]);

		if (d < 0)
			return -1;
		bits = (bits << 6 | (unsigned)d) & 0xffff;
		have += 6;
		if (have >= 8)
			to[n++] = (unsigned char)(bits >> (have -= 8));
	}
	return (ssize_t)n;
}

int bpf_data_open(struct bundle *b, struct fault *f)
{
	struct json_object *all = json_object_object_get(json_root(b->doc), "annotations"), *v = NULL;
	_cleanup_free_ unsigned char *code = NULL;
	ssize_t n;

	if (!json_object_is_type(all, json_type_object) || !json_object_object_get_ex(all, BPF_DATA, &v) ||
	    !json_object_is_type(v, json_type_string))
		return 0;
	code = xcalloc((size_t)json_object_get_string_len(v) + 1, 1);
	n = decode(json_object_get_string(v), code);
	if (n <= 0)
		return json_fail_path(b->doc, "annotations[\"" BPF_DATA "\"]", f, "expected base64");
	b->filter = memfd_create("filter", MFD_CLOEXEC);
	if (b->filter < 0 || write(b->filter, code, (size_t)n) != n)
		return fault_set(f, OP_MEMORY, errno, "the filter of an annotation");
	return 0;
}
