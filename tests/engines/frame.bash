# SPDX-License-Identifier: MIT
# The frame of the engine lanes: a container engine of its own below one directory, driving an OCI
# runtime: ours, or Debian's crun or runc as witnesses, so that a fault of the place is told from
# ours. tests/engines/run ENGINE [RUNTIME] runs one by hand.
# shellcheck shell=bash
#
# An engine plugs in with one file, tests/engines/ENGINE.bash, which sources this one and says:
#
#   ENGINE=name                 its name
#   engine_needs="COMMAND..."   what has to be installed
#   engine_version              (function) one line: which it is
#   engine_up                   (function) configuration below $LANE, with $RUNTIME as its runtime (a
#                               path; $RUNTIME_NAME is its name) and $PARENT as the parent of its
#                               cgroups; what is started stays (lane_daemon COMMAND...); no network
#                               but loopback; sockets in $LANE
#   engine_clean                (function) after each test: remove all containers
#   engine_keeps                (function) a filter: drops those lines of lane_left that the engine
#                               keeps for itself between containers
#   engine_down                 (function) at the end, when all processes are gone: what it left
#                               outside of $LANE
#
# and with its cases, tests/ENGINE.bats, which is "# serial" (some cases measure time) and begins
#
#   load helper
#   load engines/ENGINE
#   setup_file() { lane_up; }    setup() { need_file; }
#   teardown() { lane_clean; }    teardown_file() { lane_down; }
#
# A link ENGINE-crun.bats to it is the same with crun, ENGINE-runc.bats with runc. So a skip says what
# the machine has not, and never asks which runtime it is: what a witness passes ours may not skip,
# which tests/engines/compare checks, for tests/run as well.
#
# crun on a hybrid tree refuses ("cgroups in hybrid mode not supported, drop all controllers from
# cgroupv2") while any controller is in no v1 hierarchy: tests/run and tests/engines/run see to that.

# -- up ------------------------------------------------------------------------------------------

# Of the suite's name: ENGINE-crun has crun. Else BOX_RUNTIME, which is ours by default.
lane_runtime() {
	local suite=${BATS_TEST_FILENAME##*/}

	suite=${suite%.bats} lane_program=''
	case $suite in
	*-crun | *-runc)
		file_needs "${suite##*-}" || return 0
		lane_program=$(command -v "${suite##*-}")
		;;
	*) lane_program=${BOX_RUNTIME:-$BOX_BUILD/tools/oci-run} ;;
	esac
	[ -x "$lane_program" ] || {
		echo "no runtime '$lane_program'" >&2
		return 1
	}
}

lane_up() {
	# shellcheck disable=SC2086 # a list of words
	file_needs root $engine_needs busybox || return 0
	lane_runtime || return
	[ "$lane_program" ] || return 0
	LANE=$(mktemp -d "$(lane_place)/$ENGINE.XXXXXX") || return
	PARENT=/boxtest-${LANE##*/}
	RUNTIME_NAME=${lane_program##*/}
	RUNTIME=$LANE/bin/$RUNTIME_NAME
	export ENGINE LANE PARENT RUNTIME RUNTIME_NAME
	lane_guard
	mkdir -p "$LANE"/{bin,cwd,state,var} || return
	lane_wrap
	lane_versions
	engine_up
}

# Which they are, as a comment in the results.
lane_versions() {
	echo "# $(engine_version), $("$lane_program" --version | head -n 1)" >&3
}

# Where the lane is: podman takes no run root whose name is longer than 50 characters, and the name
# of a socket has 107.
lane_place() {
	local dir=${TMPDIR:-/tmp}
	if [ ${#dir} -gt 30 ]; then
		case $dir in
		/dev/shm/*) dir=/dev/shm ;;
		*) dir=/tmp ;;
		esac
	fi
	echo "$dir"
}

# Whatever ends bats without teardown_file, a signal or a limit of time: the lane goes down. In a
# session of its own it outlives them, and it holds none of bats's descriptors.
lane_guard() {
	setsid bash -c '. "$1"; while kill -0 "$2"; do sleep 0.3; done; lane_down' \
		lane "$BOX_SRC/tests/engines/$ENGINE.bash" "$$" </dev/null >/dev/null 2>&1 3>&- 4>&- &
}

# The runtime with its own state directory; with BOX_ENGINE_LOG=FILE each call is written there. A
# file, because engines start it by its path, and not all hand an option to each call.
lane_wrap() {
	cat >"$RUNTIME" <<-EOF
		#!/bin/sh
		[ -z '${BOX_ENGINE_LOG:-}' ] || printf '%s\n' "\$(cat /proc/\$PPID/comm): $RUNTIME_NAME \$*" >>'${BOX_ENGINE_LOG:-}'
		exec $lane_program --root $LANE/state "\$@"
	EOF
	chmod 755 "$RUNTIME"
}

# lane_daemon COMMAND...: in the background until lane_down; what it says is in $LANE/daemon.log.
# It holds none of bats's descriptors, and is found by the lane's directory in its command line.
lane_daemon() {
	case "$*" in
	*"$LANE/"*) setsid "$@" </dev/null >>"$LANE/daemon.log" 2>&1 3>&- 4>&- & ;;
	*)
		echo "a daemon without $LANE in its command line would not be found again: $*" >&2
		return 1
		;;
	esac
}

# overlay cannot have its upper directory on an overlay, where tests run inside of containers.
lane_driver() {
	case $(stat -f -c %T "$LANE") in
	tmpfs | ext2/ext3 | xfs | btrfs) echo overlay ;;
	*) echo vfs ;;
	esac
}

# $LANE/box.tar: an image's files, busybox and what box_setup puts around it, with one user.
lane_files() {
	BATS_TEST_TMPDIR=$LANE box_setup
	echo user:x:1000:1000::/:/bin/sh >>"$LANE/root/etc/passwd"
	tar -C "$LANE/root" -cf "$LANE/box.tar" .
}

# -- looking at it -------------------------------------------------------------------------------

# key_of PID CONTROLLER V1-KEY V2-KEY: the value in the cgroup of a process, seen from the host
key_of() {
	local path
	if path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$2\(,[^:]*\)*://p" "/proc/$1/cgroup") && [ -n "$path" ]; then
		cat "/sys/fs/cgroup/$2$path/$3"
	else
		cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")/$4"
	fi
}

# The same from inside, as a command of sh.
key_inside() { # CONTROLLER V1-KEY V2-KEY
	echo "cat /sys/fs/cgroup/$1/$2 2>/dev/null || cat /sys/fs/cgroup/$3"
}

# -- what is left -----------------------------------------------------------------------------------

# The lane's own cgroups in every hierarchy, deepest first.
lane_cgroups() {
	find /sys/fs/cgroup -depth -type d -path "*$PARENT*" 2>/dev/null
}

# Processes that are in them, or have the lane in their command line (the engine, its monitors, tmux).
lane_processes() {
	{
		lane_cgroups | while read -r dir; do cat "$dir/cgroup.procs" 2>/dev/null; done
		# the name comes from a pipe: an argument would be found in grep's own command line
		# shellcheck disable=SC2062 # files, not the pattern
		echo "$LANE/" | grep -lsF -f - /proc/[0-9]*/cmdline | tr -dc '0-9\n'
	} | sort -un
}

# One line for each thing that a container left.
lane_left() {
	local things
	things=$(lane_things) # first: the filter may have the lane in its command line
	[ -z "$things" ] || engine_keeps <<<"$things"
}

lane_things() {
	awk -v lane="$LANE/" 'index($5, lane) == 1 { print "mount " $5 }' /proc/self/mountinfo
	lane_cgroups | sed 's/^/cgroup /'
	lane_processes | while read -r pid; do
		echo "process $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-200)"
	done
	find "$LANE/state" -mindepth 1 -maxdepth 1 ! -name '.*' -printf 'state %f\n'
}

nothing_left() {
	[ -z "$(lane_left)" ]
}

# After each test: no container, and nothing of one.
lane_clean() {
	[ -n "${LANE:-}" ] && [ -e "$LANE/box.tar" ] || return 0
	tmux -S "$LANE/tmux" kill-server 2>/dev/null
	engine_clean || return
	wait_for nothing_left || {
		lane_left >&2
		return 1
	}
}

# -- down ----------------------------------------------------------------------------------------------

lane_kill() {
	local dir pid
	for dir in $(lane_cgroups); do
		[ ! -e "$dir/freezer.state" ] || echo THAWED >"$dir/freezer.state"
		[ ! -e "$dir/cgroup.freeze" ] || echo 0 >"$dir/cgroup.freeze"
	done 2>/dev/null
	for pid in $(lane_processes); do
		kill -KILL "$pid" 2>/dev/null
	done
}

# By its own means, whatever state the engine is in. Killing may take several rounds, as its monitors
# start programs when a container ends.
lane_down() {
	local dir round
	[ -n "${LANE:-}" ] || return 0
	for round in {1..50}; do
		[ -n "$(lane_processes)" ] || break
		lane_kill
		sleep 0.1
	done
	awk -v lane="$LANE/" 'index($5, lane) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r dir; do
		umount -l "$dir"
	done
	lane_cgroups | while read -r dir; do
		rmdir "$dir"
	done
	engine_down
	rm -rf --one-file-system "$LANE"
}
