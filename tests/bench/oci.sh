#!/bin/sh
# SPDX-License-Identifier: MIT
#
# oci.sh - what a container of a bundle costs: oci-run beside crun and runc.
#
# usage: oci.sh [-n ROUNDS] [-w WARMUPS] [-p MS] [-j DIR]     (as first.sh)
#
# The same bundle for all: true in a busybox root, all namespaces but time, 64 MiB, three
# capabilities, no_new_privs; run, and create, start and delete, without a filter; run with Docker's
# profile as raw BPF, and as JSON, which has to be compiled each time. The floor makes the same cgroups, one in each
# hierarchy, and the same files of a state, and nothing that is not needed.

here=$(cd "$(dirname "$0")" && pwd) || exit 125
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

# One life in three commands. What was just started is ended, not waited for.
make_cycle() {
	cat >"$work/cycle" <<-'EOF'
		#!/bin/sh
		# cycle RUNTIME STATE BUNDLE ID
		"$1" --root "$2" create --bundle "$3" "$4" && "$1" --root "$2" start "$4" && "$1" --root "$2" delete --force "$4"
	EOF
	chmod 755 "$work/cycle"
}

cycle() {
	echo "$work/cycle $(command -v "$1") $work/state-$1 $work/plain $id-$1"
}

oci_peers() {
	echo "Compared:"
	note "floor: only the system calls that are needed, a cgroup in each hierarchy, two files of a state"
	have=''
	for name in oci-run crun runc; do
		runtime_peer "$name" && have="$have $name"
	done
}

run_table() {
	: >"$work/list"
	list floor "$work/floor -o $work/state-floor $work/root /bin/true"
	for name in $have; do
		list "$name" "$(runtime "$name" plain)"
	done
	table "run, without a filter" run
}

cycle_table() {
	: >"$work/list"
	for name in $have; do
		list "$name" "$(cycle "$name")"
	done
	table "create, start, delete --force, by a shell (no floor: half of it is the shell)" cycle
}

raw_table() {
	: >"$work/list"
	list floor "$work/floor -b $work/filter.bpf -o $work/state-floor $work/root /bin/true"
	for name in $have; do
		[ "$name" = runc ] || list "$name" "$(runtime "$name" bpf)"
	done
	table "run, with Docker's profile as raw BPF (runc cannot read it)" raw
}

docker_table() {
	[ -n "$oci" ] || return 0
	: >"$work/list"
	[ -z "$have_bpf" ] || list floor "$work/floor -b $work/filter.bpf -o $work/state-floor $work/root /bin/true"
	for name in $have; do
		list "$name" "$(runtime "$name" profile)"
	done
	table "run, with Docker's profile (floor: raw BPF)" profile
}

subject=oci-run references='floor crun runc'
begin "$@"
make_cycle
oci_peers
prepare_filters
before=$(system_now)
run_table
cycle_table
[ -z "$have_bpf" ] || raw_table
[ -z "$have_profile" ] || docker_table
echo
echo "Aims of run without a filter: at most 1.3 of floor, 0.4 of crun; below 4096 KiB"
finish
