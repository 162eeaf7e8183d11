/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "printable.h"

size_t printable_at(const char *text, bool utf8)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (n == 1)
		return p[0] >= ' ' && p[0] != 127;
	if (!utf8)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

char *printable(char *text)
{
	for (char *p = text; *p;) {
		size_t n = printable_at(p, true);

		if (!n)
			*p = '?';
		p += n ? n : 1;
	}
	return text;
}

void printable_say(const char *fmt, ...)
{
	char text[4096]; /* no memory is asked for: this is how its lack is said */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", printable(text));
}
