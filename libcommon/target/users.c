/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/words.h"
#include "target/users.h"

struct user {
	uint32_t uid;
	unsigned line;
	char *name;
};

static struct {
	struct user *v;
	size_t n;
	bool read;
} users;

static int compare(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* Of one id the line that came first is the first. */
static int in_order(const void *a, const void *b)
{
	const struct user *x = a, *y = b;
	int r = compare(a, b);

	return r ? r : (x->line > y->line) - (x->line < y->line);
}

static void read_users(void)
{
	_cleanup_file_ FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *p;
	size_t cap = 0;

	users.read = true;
	while (in && (p = fgetpwent(in))) {
		if (users.n == cap)
			users.v = xgrow(users.v, cap = cap ? 2 * cap : 64, sizeof(*users.v));
		users.v[users.n] = (struct user){p->pw_uid, (unsigned)users.n, xprintf("%s", p->pw_name)};
		users.n++;
	}
	if (users.n)
		qsort(users.v, users.n, sizeof(*users.v), in_order);
}

const char *user_name(uint32_t uid)
{
	const struct user key = {uid, 0, NULL}, *found;

	if (!users.read)
		read_users();
	found = users.n ? bsearch(&key, users.v, users.n, sizeof(key), compare) : NULL;
	while (found && found > users.v && found[-1].uid == uid)
		found--;
	return found ? found->name : NULL;
}

void user_names_free(void)
{
	for (size_t i = 0; i < users.n; i++)
		free(users.v[i].name);
	free(users.v);
	users.v = NULL;
	users.n = 0;
	users.read = false;
}
