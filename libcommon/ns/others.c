// SPDX-License-Identifier: MIT
#include "others.h"

#define ROOT "a link behind it: ns-run --mount fs-root DIR PROGRAM"
#define CWD "a link behind it: ns-run ... proc-set --cwd DIR PROGRAM"
#define ALWAYS_FORKS "leave it out: --pid has a process of its own; to stay before the program otherwise: --init"
#define WATCHES "leave it out: it is always so; with another signal than KILL: --die-with-parent=SIGNAL"

const struct opt_other ns_run_others[] = {
	{'f', "fork", ALWAYS_FORKS},
	{0, "mount-proc", "leave it out: --pid brings a new /proc; elsewhere: ns-run --pid fs-root --proc=DIR / PROGRAM"},
	{0, "mount-binfmt", "--binfmt, or --binfmt=DIR"},
	{'R', "root", ROOT},
	{'w', "wd", CWD},
	{'S', "setuid", "a link behind it: ns-run ... cap-set --user UID PROGRAM"},
	{'G', "setgid", "a link behind it: ns-run ... cap-set --group GID --groups none PROGRAM"},
	{0, "map-user", "--map-users UID:own:1"},
	{0, "map-group", "--map-groups GID:own:1"},
	{0, "map-root-user", "--map-root, or -r"},
	{0, "map-current-user", "--map-current, or -c"},
	{0, "kill-child", WATCHES},
	{0, "forward-signals", "leave it out: every signal is always passed on"},
	{0, "keep-caps", "a link behind it: ns-run ... cap-set --inheritable all --ambient all PROGRAM"},
	{0, "clear-env", "a link behind it: ns-run ... proc-set --clear-env PROGRAM"},
	{0, "whitelist-env", "a link behind it: ns-run ... proc-set --clear-env --env NAME=\"$NAME\" PROGRAM"},
	{0},
};

const struct opt_other ns_enter_others[] = {
	{'S', "setuid", "--ids UID:GID, or --ids follow"},
	{'G', "setgid", "--ids UID:GID, or --ids follow"},
	{0, "preserve-credentials", "--ids keep"},
	{0, "keep-caps", "a link behind it: ns-enter ... cap-set --user UID --permitted all --inheritable all --ambient all PROGRAM"},
	{'F', "no-fork", "leave it out: only where a pid namespace is entered does somebody stay, to wait"},
	{0, "wd", "--cwd, or --cwd=DIR"},
	{0, "wdns", "--cwd-inside DIR"},
	{0, "net-socket", "--net-of-socket FD"},
	{0, "join-cgroup", "--cgroup-of"},
	{0, "follow-context", "--label"},
	{0},
};

const struct opt_other ns_list_others[] = {
	{0, "task", "--target PID"},
	{0, "noheadings", "--no-headings"},
	{0, "notruncate", "--no-truncate"},
	{0, "nowrap", "--no-wrap"},
	{0},
};
