#!/bin/sh
# SPDX-License-Identifier: MIT
#
# links.sh - what each tool costs alone, beside the tool that people use for the same.
#
# usage: links.sh [-n ROUNDS] [-w WARMUPS] [-p MS] [-j DIR]     (as first.sh)
#
# All run the same static true; the floor of each table is that program alone, so what is above it is
# the tool's own start and the kernel's work for what it was asked.

here=$(cd "$(dirname "$0")" && pwd) || exit 125
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

# Table of one tool. against TOOL WORD...: our line; then `beside` for each peer; then `measure`.
against() {
	subject=$1 references="floor"
	: >"$work/list"
	list floor "$true"
	peer "$1" || return
	name=$1
	shift
	list "$name" "$name $* $true"
}

beside() { # PEER WORD...
	peer "$1" || return
	references="$references $1"
	name=$1
	shift
	list "$name" "$name $*"
}

measure() { # TITLE
	grep -q "^$subject " "$work/list" || return 0
	table "$subject: $1" "$subject"
}

run_table() {
	against ns-run --mount --uts --ipc --net --no-loopback --pid --no-proc
	beside unshare --mount --uts --ipc --net --pid --fork "$true"
	measure "new mount, uts, ipc, net and pid namespaces"
}

# Somebody in namespaces of its own, who goes with us.
start_target() {
	unshare --mount --uts --ipc --net sh -c "echo >$work/ready; exec sleep 3600" &
	target=$!
	while [ ! -s "$work/ready" ]; do sleep 0.05; done
}

enter_table() {
	start_target
	against ns-enter --target "$target" --mount --uts --ipc --net
	beside nsenter --target "$target" --mount --uts --ipc --net "$true"
	measure "the mount, uts, ipc and net namespaces of a process"
	stop_target
}

cgroup_table() {
	if ! mkdir "/sys/fs/cgroup/memory/$id" 2>/dev/null; then
		note "left out: cg-exec (no memory controller as cgroup v1, which cgexec needs)"
		return
	fi
	cgroup=/sys/fs/cgroup/memory/$id
	against cg-exec --group "memory:/$id"
	beside cgexec -g "memory:$id" "$true"
	measure "a memory cgroup that is there"
	rmdir "$cgroup" && cgroup=''
}

capability_table() {
	against cap-set --only chown,setuid,setgid --no-new-privs
	beside setpriv --bounding-set=-all,+chown,+setuid,+setgid --inh-caps=-all --no-new-privs "$true"
	beside capsh --no-new-privs --caps=cap_chown,cap_setuid,cap_setgid=ep "--shell=$true" --
	measure "three capabilities, no_new_privs (capsh leaves the bounding set)"
}

process_table() {
	against proc-set --rlimit nofile=512:512 --env A=1
	beside prlimit --nofile=512:512 "$true"
	beside env A=1 "$true"
	measure "a limit and a variable (prlimit: the limit; env: the variable)"
}

filter_table() {
	cat >"$work/deny.json" <<-'EOF'
		{"defaultAction": "SCMP_ACT_ALLOW",
		 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
	EOF
	against sc-filter "$work/deny.json"
	measure "a small profile (no peer does this)"
}

# shellcheck disable=SC2317 # by cleanup, too
stop_target() {
	[ -n "$target" ] || return 0
	kill "$target"
	wait "$target" 2>/dev/null
	target=''
}

# shellcheck disable=SC2317
take_back() {
	stop_target
	[ -z "$cgroup" ] || rmdir "$cgroup"
}

target='' cgroup='' undo=take_back
begin "$@"
true=$work/root/bin/true
run_table
enter_table
cgroup_table
capability_table
process_table
filter_table
finish
