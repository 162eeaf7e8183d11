/* SPDX-License-Identifier: MIT */
/* bpf.c - a compiled filter: raw, as a file has it, and in base64, as an annotation has it. */
#include "oci/bpf-data.c"

#include "base/words.h"
#include "common.h"
#include "sc/bpf.h"

static char *encode(const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = xcalloc(size / 3 + 1, 4 + 1), *to = text;

	for (size_t i = 0; i < size; i += 3) {
		unsigned n = (unsigned)data[i] << 16 | (i + 1 < size ? data[i + 1] << 8 : 0) | (i + 2 < size ? data[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			*to++ = i + (size_t)k > size ? '=' : digits[n >> (18 - 6 * k) & 63];
	}
	return text;
}

static void base64(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *any = fuzz_text(data, size), *good = encode(data, size);
	_cleanup_free_ unsigned char *out = xcalloc(strlen(any) + 1, 1), *back = xcalloc(strlen(good) + 1, 1);
	ssize_t n = decode(any, out);

	FUZZ_HOLDS(n <= (ssize_t)strlen(any), "%zd", n);
	n = decode(good, back);
	FUZZ_HOLDS(n == (ssize_t)size && (!n || memcmp(back, data, size) == 0), "%zd bytes of %s", n, good);
}

static void run(const struct sock_filter *insns, unsigned n)
{
	const struct seccomp_data calls[] = {{0}, {.nr = 59, .arch = 0xc000003e, .args = {1, UINT64_MAX, 3, 4, 5, 6}}};
	uint16_t looked;

	for (size_t i = 0; i < 2; i++)
		FUZZ_HOLDS(sc_action_name(sc_run(insns, n, &calls[i], &looked)), "no action");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ void *copy = xcalloc(size + 1, 1);
	struct fault f = {0};
	int r;

	if (size)
		memcpy(copy, data, size);
	base64(copy, size);
	r = sc_verify(data, size, "filter", &f);
	fuzz_check_fault(r, &f);
	if (r == 0)
		run(copy, (unsigned)(size / sizeof(struct sock_filter)));
	return 0;
}
