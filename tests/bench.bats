#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The frame of the benches: one runs, its results are JSON, what fails and what is missing is said.
# Nothing is asserted about time.

load helper

setup() {
	need_root
	need_cmd busybox jq unshare
	[ -x "$BOX_BUILD/tests/bench/launch" ] || skip "needs make check-programs"
	export BOX_TOOLS=$BOX_BUILD/tools BOX_BENCH=$BOX_BUILD/tests/bench
	RESULTS=$BATS_TEST_TMPDIR/results
}

bench() { # ARGUMENT...
	run timeout 60 "$BOX_SRC/tests/bench/run.sh" -n 1 -w 0 -p 0 -j "$RESULTS" "$@"
}

bench_state() {
	box_state
	find /sys/fs/cgroup -name 'boxbench-*'
	find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'boxbench.*'
}

# A program of this name comes first in PATH, and does this.
stub() { # NAME TEXT
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "a bench makes tables and JSON with machine, versions and ratios, and leaves nothing" {
	need_cmd setpriv nsenter
	before=$(bench_state)
	bench links
	assert_success
	assert_output --partial "only the ratios may be compared"
	assert_output --regexp "cap-set / setpriv: median [0-9.]+"
	run jq -e '
		.comparable == "between runs only as ratios" and (.machine.kernel | length) > 0 and
		([.benches.links.peers[] | select(.name == "unshare") | .version] | length) == 1 and
		(.benches.links.tables["cap-set"].commands | map(select(.name == "cap-set")) | .[0] |
			.median_ms > 0 and .min_ms > 0 and .ratios.floor.median > 0 and .ratios.setpriv.min > 0)
	' "$RESULTS/results.json"
	assert_success
	for file in "$RESULTS"/links-*.json; do
		jq -e . "$file" >/dev/null
	done
	assert_equal "$(bench_state)" "$before"
}

@test "namespaces: crowds with descriptors beside their floors, what a process costs in two of them, entering and making" {
	need_cmd lsns nsenter
	before=$(bench_state)
	export BOX_CROWDS="20:5 40:5 10:100"
	bench ns
	assert_success
	assert_line --regexp '^ns-list +5 +20 +[0-9.]+ +40 +[0-9.]+ +[0-9.]+$'
	refute_line --regexp '^ns-list +80 '
	run jq -e '
		def has_all: [.commands[].name] | sort == ["floor", "floor-fd", "lsns", "ns-list", "ns-list-fd"];
		.benches.ns.tables | (."list-20-5" | has_all) and (."list-40-5" | has_all) and (."list-10-100" | has_all) and
		(."list-20-5".commands | all(.peak_kib > 0 and .ratios.lsns.median > 0 and .ratios."floor-fd".min > 0)) and
		(.growth.growth | map(.name) | sort == ["floor", "floor-fd", "lsns", "ns-list", "ns-list-fd"]) and
		(.growth.growth | all(.namespaces == 5 and .processes == [20, 40] and .growth > 0)) and
		(.enter.commands | map(.name) == ["floor", "ns-enter", "nsenter"]) and
		(.run.commands | map(.name) == ["floor", "ns-run", "unshare"])
	' "$RESULTS/results.json"
	assert_success
	assert_equal "$(bench_state)" "$before"
}

@test "the crowd of that bench: its processes, namespaces and descriptors, and all are gone with it" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	"$BOX_BENCH/crowd" -d 3 12 80 <"$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/said" 3>&- &
	crowd=$!
	exec 7>"$BATS_TEST_TMPDIR/fifo"
	wait_for grep -q '^ready 80$' "$BATS_TEST_TMPDIR/said"
	mapfile -t all < <(
		pgrep -P "$crowd"
		pgrep -P "$(pgrep -d , -P "$crowd")"
	)
	assert_equal "${#all[@]}" 12
	own=$(for pid in "${all[@]}"; do readlink /proc/"$pid"/ns/{user,mnt,pid,net,uts,ipc,cgroup,time}; done |
		sort -u | grep -cvxFf <(readlink /proc/self/ns/*))
	assert_equal "$own" 80
	for pid in "${all[@]}"; do
		assert_equal "$(readlink /proc/"$pid"/fd/{3,4,5} | grep -cE '^/dev/null$|^net:')" 3
	done
	assert_equal "$(readlink "/proc/${all[0]}/fd/3")" "$(readlink "/proc/${all[0]}/ns/net")"
	exec 7>&-
	wait "$crowd"
	for pid in "${all[@]}"; do
		run ! [ -e "/proc/$pid" ]
	done
}

@test "a command that fails makes the bench fail, and says itself why" {
	stub prlimit '[ "$1" = --version ] && exec echo 7; echo a reason >&2; exit 3'
	bench links
	assert_failure 1
	assert_output --partial "launch: prlimit: exit status 3"
	assert_output --partial "a reason"
	jq -e '.benches.links.tables | has("cap-set") and (has("proc-set") | not)' "$RESULTS/results.json"
}

@test "a peer that is missing is said, and recorded" {
	hidden=$BATS_TEST_TMPDIR/some
	mkdir "$hidden"
	find /usr/bin /bin /usr/sbin /sbin -maxdepth 1 ! -type d ! -name setpriv -exec ln -sf -t "$hidden" {} +
	PATH=$hidden run timeout 60 "$BOX_SRC/tests/bench/run.sh" -n 1 -w 0 -p 0 -j "$RESULTS" links
	assert_success
	assert_output --partial "left out: setpriv (no setpriv along"
	jq -e '.benches.links.peers[] | select(.name == "setpriv") | .missing' "$RESULTS/results.json"
}

@test "a bench that does not exist is refused with the names of those that do" {
	bench nonsense
	assert_failure 125
	assert_output --regexp "no bench 'nonsense'.*first.*links.*oci"
}

@test "a bench that is ended takes its cgroup back" {
	[ -d /sys/fs/cgroup/memory ] || skip "needs the memory controller as cgroup v1"
	need_cmd nsenter cgexec
	TMPDIR=$BATS_TEST_TMPDIR "$BOX_SRC/tests/bench/links.sh" -n 40 -w 0 -p 2 >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	pid=$!
	wait_for test -d "/sys/fs/cgroup/memory/boxbench-$pid"
	kill "$pid"
	ended=0
	wait "$pid" || ended=$?
	assert_equal "$ended" 143
	[ ! -e "/sys/fs/cgroup/memory/boxbench-$pid" ]
	run ls -d "$BATS_TEST_TMPDIR"/boxbench.*
	assert_failure
}
