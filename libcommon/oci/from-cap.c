/* SPDX-License-Identifier: MIT */
/* from-cap.c - cap-set as process.user and process.capabilities; sc-filter as linux.seccomp. */
#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cap/names.h"
#include "cap/set.h"
#include "oci/config.h"
#include "oci/from.h"
#include "sc/filter.h"
#include "target/self.h"

/* The groups that stay the caller's, by their numbers inside. Where only one's own group is
 * mapped nobody could set them; there they are the same without a word. */
static void put_kept_groups(struct from *r)
{
	gid_t groups[1024];
	int n = r->no_groups || !self_has_cap(CAP_SETGID) ? 0 : getgroups(1024, groups);
	struct json_object *list = put(r->user, "additionalGids", json_object_new_array());

	for (int i = 0; i < n; i++) {
		uint32_t inside = r->groups ? idmap_inside(r->groups, groups[i], UINT32_MAX) : groups[i];

		if (inside != UINT32_MAX)
			json_object_array_add(list, json_object_new_uint64(inside));
		else
			from_lose(r, "a group that is not mapped has no number inside", "without --groups: the caller's group %u",
				  groups[i]);
	}
}

static void put_groups(struct from *r, const struct id_groups *groups)
{
	struct json_object *list = put(r->user, "additionalGids", json_object_new_array());

	for (size_t i = 0; i < groups->n; i++)
		json_object_array_add(list, json_object_new_uint64(groups->v[i]));
}

/* What is held for the filter alone is gone with execve. */
static void put_sets(struct from *r, const struct cap_facts *c)
{
	const uint64_t sets[OCI_SETS] = {c->bounding, c->permitted & ~c->until_exec, c->effective & ~c->until_exec,
					 c->inheritable, c->ambient};
	struct json_object *caps = put_object(r->process, "capabilities");
	uint64_t nameless = 0;

	for (unsigned i = 0; i < OCI_SETS; i++) {
		put_caps(caps, oci_cap_sets[i], sets[i]);
		for (unsigned n = 0; n < 64; n++)
			nameless |= cap_name(n) ? 0 : sets[i] & (1ULL << n);
	}
	if (nameless)
		from_lose(r, "a capability of a newer kernel, whose name is not known here", "capability %d",
			  __builtin_ctzll(nameless));
}

/* check() knows which sets a wish leads to, and who a name is. The user namespace, when the
 * chain makes one, is not there to be asked who we are in it: that is told. */
int from_cap(struct from *r, void *spec, struct fault *f)
{
	struct cap_spec *s = spec;
	struct ctx *c = &r->ch->ctx;
	int err;

	if (s->uid_before < 0)
		s->uid_before = c->euid;
	err = cap_set_link.check(s, c, f);
	if (err < 0)
		return err;
	r->has_caps = true;
	if (s->ids.uid >= 0)
		c->euid = (uint32_t)s->ids.uid;
	else if (r->nobody)
		from_lose(r, "the caller's ids have no number in the user namespace, and process.user has to say one",
			  "without --user");
	r->nobody = false;
	if (s->ids.gid >= 0)
		c->egid = (uint32_t)s->ids.gid;
	put_uint(r->user, "uid", c->euid);
	put_uint(r->user, "gid", c->egid);
	if (s->ids.groups) {
		put_groups(r, s->ids.groups);
		r->no_groups = true;
	} else if (!r->no_groups || !json_object_object_get(r->user, "additionalGids")) {
		put_kept_groups(r);
	}
	put_sets(r, &c->caps);
	if (s->lsm.apparmor)
		put_string(r->process, "apparmorProfile", s->lsm.apparmor);
	if (s->lsm.selinux)
		put_string(r->process, "selinuxLabel", s->lsm.selinux);
	if (s->no_new_privs)
		put_true(r->process, "noNewPrivileges");
	if (s->wish.securebits) {
		_cleanup_free_ char *text = cap_securebits_text(s->wish.securebits);

		from_lose(r, "config.json has no word for securebits", "--securebits %s", text);
	}
	return 0;
}

int from_no_cap(struct from *r, struct fault *f)
{
	struct cap_spec none = {.uid_before = -1, .bounding_before = r->ch->ctx.cap_bounding};

	r->link = cap_set_link.cmd.name;
	return from_cap(r, &none, f);
}

int from_filter(struct from *r, void *spec, struct fault *f)
{
	const struct sc_filter_spec *s = spec;
	struct json_object *filter = NULL;
	int err;

	if (s->output)
		from_lose(r, "it writes a filter and runs nothing", "--output %s", s->output);
	if (s->strict)
		from_lose(r, "names that are unknown are left out there", "--strict");
	if (json_object_object_get(r->lin, "seccomp")) {
		from_lose(r, "a container has one filter, and the chain has one before it", "%s", s->profile);
		return 0;
	}
	err = put_seccomp(s->profile, r->ch->ctx.cap_bounding, &filter, f);
	if (err == 0 && filter)
		put(r->lin, "seccomp", filter);
	else if (err == 0)
		from_lose(r, "it is BPF, which config.json has no words for", "%s", s->profile);
	return err;
}
