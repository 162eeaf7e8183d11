#!/bin/sh
# SPDX-License-Identifier: MIT
#
# first.sh - what a container costs: the chain beside what else makes one.
#
# usage: first.sh [-n ROUNDS] [-w WARMUPS] [-p MS] [-j DIR]
#
#   -n, -w  measured rounds (50), rounds before them (5)
#   -p      pause after each command in ms (20). Without one the commands keep the machine in a
#           state that nobody meets who starts a container now and then: network namespaces of
#           the ones before are still being taken apart, and RCU grace periods, for which a write
#           to cgroup.procs waits, are always just ending.
#   -j      write the results to DIR as JSON, one file a table
#
# Every command runs `true` in the same busybox root (on a tmpfs): all namespaces, root mapped,
# 64 MiB, private /proc, /dev and /tmp, three capabilities, no_new_privs; three tables: without a
# filter, with one as raw BPF, and with Docker's profile, which has to be compiled each time.
# Nothing is asserted about time: the exit is 0 unless a command failed or left something behind.
#
# $BOX_TOOLS: a directory searched before $PATH, also for launch and floor (otherwise they are
# looked for beside this script, and compiled). $BOX_PROFILE: the profile in Docker's format;
# without it $BOX_SHARED_DATA/seccomp/mobyprofiles-HEAD.json.

here=$(cd "$(dirname "$0")" && pwd) || exit 125
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

first_peers() {
	echo "Compared:"
	note "floor: only the system calls that are needed (see floor.c)"
	have_chain='' have_crun='' have_runc='' have_bwrap='' have_unshare=''
	peer chain cg-exec && have_chain=1
	runtime_peer crun "no time namespace; a cgroup of each controller" && have_crun=1
	runtime_peer runc "no time namespace; a cgroup of each controller" && have_runc=1
	peer bwrap bwrap "no memory limit, no time namespace; covers parts of /proc" && have_bwrap=1
	peer unshare unshare "chroot, /proc only: no /dev, /tmp, limit, capabilities, no_new_privs, loopback" &&
		have_unshare=1
}

plain_table() {
	: >"$work/list"
	list floor "$work/floor $work/root /bin/true"
	[ -z "$have_chain" ] || list chain "$(chain)"
	[ -z "$have_crun" ] || list crun "$(runtime crun plain)"
	[ -z "$have_runc" ] || list runc "$(runtime runc plain)"
	[ -z "$have_bwrap" ] || list bwrap "$(bubblewrap)"
	[ -z "$have_unshare" ] || list unshare "unshare --user --map-root-user --mount --uts --ipc --net" \
		"--pid --fork --cgroup --time --kill-child --mount-proc --root=$work/root /bin/true"
	table "Without a filter" no-filter
}

bpf_table() {
	: >"$work/list"
	list floor "$work/floor -b $work/filter.bpf $work/root /bin/true"
	[ -z "$have_chain" ] || list chain "$(chain sc-filter "$work/filter.bpf")"
	[ -z "$have_crun" ] || list crun "$(runtime crun bpf)"
	[ -z "$have_bwrap" ] || list bwrap "3<$work/filter.bpf $(bubblewrap --seccomp 3)"
	table "Docker's profile as raw BPF ($(wc -c <"$work/filter.bpf") bytes; runc cannot read it)" raw-bpf
}

profile_table() {
	: >"$work/list"
	[ -z "$have_bpf" ] || list floor "$work/floor -b $work/filter.bpf $work/root /bin/true"
	[ -z "$have_chain" ] || list chain "$(chain sc-filter "$work/profile.json")"
	[ -z "$have_crun" ] || [ -z "$oci" ] || list crun "$(runtime crun profile)"
	[ -z "$have_runc" ] || [ -z "$oci" ] || list runc "$(runtime runc profile)"
	[ -s "$work/list" ] || return
	table "Docker's profile as JSON (for crun and runc translated; floor: raw BPF)" docker-profile
}

subject=chain references='floor crun runc bwrap'
begin "$@"
first_peers
prepare_filters
before=$(system_now)
plain_table
[ -z "$have_bpf" ] || bpf_table
[ -z "$have_profile" ] || profile_table
echo
echo "Aims of the chain, without a filter and with raw BPF: at most 1.3 of floor, 0.4 of crun; below 4096 KiB"
finish
