/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "proc/env.h"

int env_check(const struct words *set, const struct words *unset, struct fault *f)
{
	for (size_t i = 0; i < set->n; i++) {
		const char *sign = strchr(set->v[i], '=');

		if (!sign)
			return fault_rule(f, OP_ENVIRONMENT, set->v[i], "there is no = in it");
		if (sign == set->v[i])
			return fault_rule(f, OP_ENVIRONMENT, set->v[i], "there is no name before the =");
	}
	for (size_t i = 0; i < unset->n; i++) {
		if (unset->v[i][0] && !strchr(unset->v[i], '='))
			continue;
		fault_rule(f, OP_ENVIRONMENT, unset->v[i], "not the name of a variable");
		fault_fix(f, "the name alone, as in --unset-env LANG");
		return -EINVAL;
	}
	return 0;
}

static bool has_name(const char *word, const char *name, size_t len)
{
	return strncmp(word, name, len) == 0 && word[len] == '=';
}

/* Remove the words of that name from the i-th on. */
static void remove_from(struct words *env, size_t i, const char *name, size_t len)
{
	size_t kept = i;

	for (; i < env->n; i++)
		if (!has_name(env->v[i], name, len))
			env->v[kept++] = env->v[i];
	env->n = kept;
	if (env->v)
		env->v[kept] = NULL;
}

int env_set(struct words *env, const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < env->n; i++)
		if (has_name(env->v[i], word, len)) {
			env->v[i] = (char *)word;
			remove_from(env, i + 1, word, len);
			return 0;
		}
	return words_add(env, word);
}

bool env_has(const struct words *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, n) == 0 && env->v[i][n] == '=')
			return true;
	return false;
}

void env_unset(struct words *env, const char *name)
{
	remove_from(env, 0, name, strlen(name));
}

void env_clear(struct words *env)
{
	env->n = 0;
	if (env->v)
		env->v[0] = NULL;
}
