/* SPDX-License-Identifier: MIT */
/* look-child.c - what only who tries finds out: security modules refuse without a word. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "ns/kinds.h"
#include "ns/looking.h"
#include "ns/try.h"
#include "target/lsm.h"

/* -- mounts ------------------------------------------------------------------------------ */

/* The modules that refuse mounts, of those that this kernel runs with. Who is in a Landlock domain
 * is told by no file. */
static void suspects(char *buf, size_t n)
{
	const struct {
		bool runs;
		const char *name;
		bool labels;
	} modules[] = {
		{lsm_lists("landlock") || ns_try_landlock() == 0, "a Landlock domain (which no file tells)", false},
		{lsm_has_apparmor() || lsm_lists("apparmor"), "AppArmor", true},
		{lsm_has_selinux() || lsm_lists("selinux"), "SELinux", true},
	};
	char label[80];

	buf[0] = '\0';
	lsm_label(label, sizeof(label));
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		size_t len = strlen(buf);
		bool labelled = modules[i].labels && label[0];

		if (modules[i].runs)
			snprintf(buf + len, n - len, "%s%s%s%s%s", len ? ", or " : "", modules[i].name, labelled ? " (" : "",
				 labelled ? label : "", labelled ? ")" : "");
	}
	if (!buf[0])
		snprintf(buf, n, "a security module");
}

static void by_module(const struct looking *k, int err)
{
	char who[120], says[200];

	suspects(who, sizeof(who));
	snprintf(says, sizeof(says), "no mount can be changed, although CAP_SYS_ADMIN is there; likely by %s", who);
	if (!(k->does & (NS_DOES_PROC | NS_DOES_MOUNT))) { /* what is made is made all the same */
		looking_fine(k, "mounts", "ns-run changes none; in there %s", says);
		return;
	}
	looking_refused(k, "mounts", err, says,
			k->does & NS_DOES_PROC
				? "ns-run --no-proc, which mounts nothing; or it outside of what confined this shell: ps -eo pid,ppid,args --forest; read landlock(7)"
				: "it outside of what confined this shell: ps -eo pid,ppid,args --forest; read landlock(7)");
}

static void too_many(const struct looking *k)
{
	looking_refused(k, "mounts", ENOSPC, "there are as many as one mount namespace may have: fs.mount-max",
			"fewer of them: findmnt --list, umount; or sudo sysctl fs.mount-max=1000000");
}

void look_mounts(const struct looking *k)
{
	int r;

	if (*k->any || (!k->does && !(k->flags & CLONE_NEWNS)))
		return;
	r = ns_try_mount(k->flags, k->does & NS_DOES_PROC);
	if (r == 0)
		looking_fine(k, "mounts", "they can be changed in there");
	else if (r == NS_TRY_FILTERED)
		looking_refused(k, "mounts", EPERM, "a seccomp filter of this process lets no mount be changed",
				"it outside of that filter, or a profile that allows fsopen and move_mount: grep Seccomp /proc/self/status");
	else if (r == -EPERM || r == -EACCES)
		by_module(k, -r);
	else if (r == -ENOSPC)
		too_many(k);
	else if (r == -EINVAL && k->does & NS_DOES_PRIVATE)
		looking_refused(k, "mounts", EINVAL, "the root here is no mount point, and what is mounted would spread from it",
				"mount --bind DIR DIR before chroot DIR; or fs-root in its place; or ns-run --propagation unchanged");
}

/* -- all of it ----------------------------------------------------------------------------- */

void look_child(const struct looking *k)
{
	char names[96], says[200], label[80];
	int r;

	if (*k->any || !k->flags)
		return;
	r = ns_try(k->flags, false);
	ns_names(names, sizeof(names), k->flags);
	if (r == 0) {
		looking_fine(k, "a child", "it made %s, and ended", names);
		return;
	}
	if (r == -ENOMEM && looking_elsewhere())
		return;
	/* nothing that we know of: at least the error, and whose the process is */
	lsm_label(label, sizeof(label));
	snprintf(says, sizeof(says), "it could not make %.60s: %.40s%s%.50s", names, strerror(-r),
		 label[0] ? "; its security label is " : "", label);
	looking_refused(k, "a child", -r, says,
			"the log of the security modules: dmesg, journalctl -k; cat /sys/kernel/security/lsm");
}
