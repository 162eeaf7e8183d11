#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ns.sh - namespaces: listing many, entering, making; beside lsns, nsenter, unshare.
#
# usage: ns.sh [-n ROUNDS] [-w WARMUPS] [-p MS] [-j DIR]     (as first.sh)
#
# Listing: crowd.c makes 100, 2,000 and 10,000 processes in 1, 200 and 1,000 new namespaces (800 are
# the most that 100 processes are in), each with ten descriptors. Both listers print the columns of
# lsns as JSON; ns-list-fd is ours with all that holds a namespace (descriptors of every process),
# which lsns before 2.41 does not look for. The floors (scan.c) read the same files and print nothing.
# Of the larger crowds there are fewer rounds: lsns takes seconds. Then what a process costs in the two
# largest crowds of as many namespaces. $BOX_CROWDS: other crowds, such as "100:1 2000:200";
# $BOX_DESCRIPTORS: how many each process holds, which decides what floor-fd and ns-list-fd take.
#
# Entering and making: links.sh has the namespaces that all tools know; here are all kinds.

here=$(cd "$(dirname "$0")" && pwd) || exit 125
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

columns=NS,TYPE,PATH,NPROCS,PID,PPID,COMMAND,UID,USER,NETNSID,NSFS,PNS,ONS

# The processes are asleep when this returns; $made: their namespaces.
start_crowd() { # PROCESSES NAMESPACES
	rm -f "$work/fifo"
	mkfifo "$work/fifo"
	: >"$work/ready"
	"$work/crowd" -d "${BOX_DESCRIPTORS:-10}" "$1" "$2" <"$work/fifo" >"$work/ready" &
	crowd=$!
	exec 8>"$work/fifo"
	until grep -q ready "$work/ready"; do
		kill -0 "$crowd" 2>/dev/null || die "crowd.c could not make $1 processes in $2 namespaces"
		sleep 0.05
	done
	made=$(sed 's/ready //' "$work/ready")
}

# shellcheck disable=SC2317 # by cleanup, too
stop_crowd() {
	[ -n "$crowd" ] || return 0
	exec 8>&-
	wait "$crowd"
	crowd=''
}

list_table() { # PROCESSES NAMESPACES
	start_crowd "$1" "$2"
	all="$rounds $warmups" rounds=$((rounds * 200 / ($1 + 200) + 3))
	[ "$1" -le 1000 ] || warmups=$((warmups > 0))
	subject=ns-list references='floor floor-fd lsns'
	: >"$work/list"
	list floor "$work/scan"
	list ns-list "ns-list --json -o $columns"
	list floor-fd "$work/scan -f"
	list ns-list-fd "ns-list --json -o $columns,HELD-BY"
	[ -z "$have_lsns" ] || list lsns lsns --json --list --output-all
	table "$1 processes, $made namespaces: lsns's columns as JSON; -fd: with what holds each, ${BOX_DESCRIPTORS:-10} descriptors a process" "list-$1-$2"
	while read -r name _; do
		echo "$made $1 $name $(median "list-$1-$2" "$name")" >>"$work/medians"
	done <"$work/list"
	rounds=${all% *} warmups=${all#* }
	stop_crowd
}

# Rows: name, namespaces, then processes and what one of them costs, in the two largest crowds.
pairs() {
	sort -k 3,3 -k 1,1n -k 2,2n "$work/medians" | awk '
		function tell() { if (two) print two; two = "" }
		$3 " " $1 != key { tell(); few = 0 }
		{
			each = $4 * 1000 / $2
			key = $3 " " $1
			if (few) two = key " " few " " cost " " $2 " " each
			few = $2
			cost = each
		}
		END { tell() }'
}

# What is linear costs as much per process in the larger crowd, or less, where the rest of the machine
# counts for something in the smaller.
growth() {
	pairs >"$work/pairs"
	[ -s "$work/pairs" ] || return 0
	echo
	echo "Microseconds per process in two crowds of as many namespaces, and how it grows (linear: at most about 1)"
	awk 'BEGIN { printf "%-14s %10s %9s %10s %9s %10s %8s\n", "", "namespaces", "processes", "us each", "processes", "us each", "growth" }
		{ printf "%-14s %10d %9d %10.2f %9d %10.2f %8.2f\n", $1, $2, $3, $4, $5, $6, $6 / $4 }' "$work/pairs"
	[ -z "$json" ] || awk '
		BEGIN { printf "{\"growth\": [" }
		{ printf "%s\n{\"name\": \"%s\", \"namespaces\": %d, \"processes\": [%d, %d], \"us_each\": [%.3f, %.3f], \"growth\": %.4f}", (NR > 1 ? "," : ""), $1, $2, $3, $5, $4, $6, $6 / $4 }
		END { print "\n]}" }' "$work/pairs" >"$json/$bench-growth.json"
}

# shellcheck disable=SC2317
stop_target() {
	[ -n "$target" ] || return 0
	kill "$target"
	wait "$target" 2>/dev/null
	target=''
}

enter_table() {
	unshare --mount --uts --ipc --net --cgroup --time sh -c "echo >$work/there; exec sleep 3600" &
	target=$!
	until [ -s "$work/there" ]; do sleep 0.05; done
	subject=ns-enter references='floor nsenter'
	: >"$work/list"
	list floor "$true"
	list ns-enter "ns-enter --target $target $true"
	! peer nsenter || list nsenter "nsenter --target $target --all $true"
	table "enter all namespaces of a process (floor: the program alone)" enter
	stop_target
}

run_table() {
	subject=ns-run references='floor unshare'
	: >"$work/list"
	list floor "$true"
	list ns-run "ns-run --mount --uts --ipc --net --no-loopback --pid --no-proc --cgroup --time $true"
	! peer unshare || list unshare "unshare --mount --uts --ipc --net --pid --fork --cgroup --time $true"
	table "new namespaces of all kinds but user (floor: the program alone)" run
}

# shellcheck disable=SC2317
take_back() {
	stop_target
	stop_crowd
}

crowd='' target='' undo=take_back have_lsns=''
begin "$@"
true=$work/root/bin/true
own_program scan
own_program crowd
echo "Compared:"
note "floor: reads the same files and prints nothing (see scan.c)"
for tool in ns-list ns-enter ns-run; do
	peer "$tool" || die "no $tool along \$PATH"
done
peer lsns && have_lsns=1
for size in ${BOX_CROWDS:-100:1 100:200 100:1000 2000:1 2000:200 2000:1000 10000:1 10000:200 10000:1000}; do
	list_table "${size%:*}" "${size#*:}"
done
growth
enter_table
run_table
echo
echo "Aims: at 10000 processes a tenth of lsns, with what holds them a fifth; entering and running at most the peer's"
finish
