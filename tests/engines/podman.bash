# SPDX-License-Identifier: MIT
# The podman lane: a podman of its own below one directory, driving the OCI runtime $BOX_RUNTIME.
# Files that load it call lane_up once for the file, lane_down at its end, lane_clean after each
# test. `pod` is that podman.
# shellcheck shell=bash
#
# What podman 4.3, conmon 2.1 and crun 1.8 want, as found by trying:
# - `--runtime-flag root=DIR` reaches every call but the one that matters: the `podman container
#   cleanup` that conmon runs at the end goes without it, and its `delete --force ID` looks in the
#   default directory. So the runtime is a script of two lines that adds --root.
# - Of the environment conmon passes only CONTAINERS_CONF, HOME, PATH on to that cleanup: what has to
#   hold there stands in containers.conf or is an option (--root, --runroot, --tmpdir).
# - --log and --log-format=json are given only to runtimes whose file name is in
#   runtime_supports_json; `--cgroups=disabled` likewise has runtime_supports_nocgroups.
# - podman tries to raise its own limits; without CAP_SYS_RESOURCE it lowers RLIMIT_NPROC to
#   kernel.pid_max instead, hard limit included. default_ulimits above that fail in the runtime.
# - An --ulimit replaces default_ulimits as a whole, and what is then missing becomes 1048576: who
#   gives nofile has to give nproc too.
# - `podman build` makes --cgroup-parent the container's own cgroup. Below the lane's parent there is
#   conmon's, and the devices of a cgroup with children cannot be set: it has a parent of its own.
# - conmon writes the file "oom" into podman's working directory and podman looks for it elsewhere, so
#   .State.OOMKilled is always false. It is the lane's directory, where a test can look.
# - With --uidmap podman cannot unmount the container's shm at its end, with any runtime: --ipc none.
# - The default locks are one segment in /dev/shm for the whole machine: lock_type is file.
# - conmon gets a cgroup "conmon" below the parent in every v1 hierarchy. podman removes neither it
#   nor the parent, so the lane does.
# - conmon fails to lower its oom_score_adj without CAP_SYS_RESOURCE and says nothing. podman itself
#   asks for no oom_score_adj, so containers start; --oom-score-adj below ours is an error.
# - With network_backend "cni" and networks none and host nothing is executed for the network:
#   neither netavark nor a plugin has to be there.
# - crun on a hybrid tree refuses ("cgroups in hybrid mode not supported, drop all controllers from
#   cgroupv2") while any controller is in no v1 hierarchy; mounting hugetlb as v1 is enough here.
# - Importing an image writes /var/lib/containers/cache whatever --root says.

# -- up ------------------------------------------------------------------------------------------

lane_up() { # RUNTIME
	need_root
	need_cmd podman conmon busybox
	[ -x "$1" ] || {
		echo "no runtime '$1'" >&2
		return 1
	}
	LANE=$(mktemp -d "$(lane_place)/pod.XXXXXX") || return
	PARENT=/boxtest-${LANE##*/}
	RUNTIME_NAME=${1##*/}
	POD=$LANE/bin/pod
	export LANE PARENT RUNTIME_NAME POD
	lane_guard
	lane_hugetlb || return
	mkdir -p "$LANE"/{bin,cwd,empty,hooks,tmp,state,var,home/.config/containers}
	lane_config
	lane_scripts "$1"
	lane_image
}

# Where the lane is: podman takes no run root whose name is longer than 50 characters.
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
		lane "$BOX_SRC/tests/engines/podman.bash" "$$" </dev/null >/dev/null 2>&1 3>&- 4>&- &
}

# crun alone needs it. What was made here is noted, and removed at the end.
lane_hugetlb() {
	local dir=/sys/fs/cgroup/hugetlb
	[ "$RUNTIME_NAME" = crun ] && [ ! -e /sys/fs/cgroup/cgroup.controllers ] || return 0
	grep -q '^hugetlb.*1$' /proc/cgroups && ! grep -q ' - cgroup .*hugetlb' /proc/self/mountinfo || return 0
	if [ ! -d "$dir" ]; then
		mkdir "$dir"
		touch "$LANE/hugetlb-dir"
	fi
	mount -t cgroup -o hugetlb cgroup "$dir" && touch "$LANE/hugetlb"
}

# The limits that podman has left when it starts a container.
lane_ulimits() {
	local files processes max
	files=$(ulimit -Hn)
	processes=$(ulimit -Hu)
	max=$(cat /proc/sys/kernel/pid_max)
	if [ "$processes" = unlimited ] || [ "$processes" -gt "$max" ]; then
		processes=$max
	fi
	echo "\"nofile=$files:$files\", \"nproc=$processes:$processes\""
}

# overlay cannot have its upper directory on an overlay, where tests run inside of containers.
lane_driver() {
	case $(stat -f -c %T "$LANE") in
	tmpfs | ext2/ext3 | xfs | btrfs) echo overlay ;;
	*) echo vfs ;;
	esac
}

# podman 5 knows netavark alone, and Debian's depends on it.
lane_network() {
	echo '[network]'
	echo "network_config_dir = \"$LANE/net\""
	case $(podman --version) in
	*' 4.'*)
		echo 'network_backend = "cni"'
		echo "cni_plugin_dirs = [\"$LANE/empty\"]"
		;;
	esac
}

lane_config() {
	cat >"$LANE/containers.conf" <<-EOF
		[containers]
		default_ulimits = [$(lane_ulimits)]
		netns = "none"
		log_driver = "k8s-file"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		lock_type = "file"
		hooks_dir = ["$LANE/hooks"]
		image_copy_tmp_dir = "$LANE/var"
		runtime_supports_json = ["$RUNTIME_NAME"]
		runtime_supports_nocgroups = ["$RUNTIME_NAME"]
		$(lane_network)
	EOF
	cat >"$LANE/storage.conf" <<-EOF
		[storage]
		driver = "$(lane_driver)"
		graphroot = "$LANE/graph"
		runroot = "$LANE/run"
	EOF
	echo 'unqualified-search-registries = []' >"$LANE/registries.conf"
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$LANE/home/.config/containers/policy.json"
}

# The runtime with its own state directory (with BOX_ENGINE_LOG=FILE each call is written there),
# and podman: files, because terminals and conmon start them too. --foreground: a terminal's
# program must stay in the foreground.
lane_scripts() { # RUNTIME
	cat >"$LANE/bin/$RUNTIME_NAME" <<-EOF
		#!/bin/sh
		[ -z '${BOX_ENGINE_LOG:-}' ] || printf '%s\n' "\$(cat /proc/\$PPID/comm): $RUNTIME_NAME \$*" >>'${BOX_ENGINE_LOG:-}'
		exec $1 --root $LANE/state "\$@"
	EOF
	cat >"$POD" <<-EOF
		#!/bin/sh
		export HOME=$LANE/home TMPDIR=$LANE/var CONTAINERS_CONF=$LANE/containers.conf
		export CONTAINERS_STORAGE_CONF=$LANE/storage.conf CONTAINERS_REGISTRIES_CONF=$LANE/registries.conf
		unset XDG_RUNTIME_DIR CONTAINER_HOST NOTIFY_SOCKET
		verb=\$1
		shift
		case \$verb in
		run | create) set -- --cgroup-parent $PARENT "\$@" ;;
		build) set -- --cgroup-parent $PARENT-build "\$@" ;;
		esac
		cd $LANE/cwd || exit
		exec timeout --foreground -k 5 \${POD_SECONDS:-40} podman --root $LANE/graph --runroot $LANE/run \\
			--tmpdir $LANE/tmp --runtime $LANE/bin/$RUNTIME_NAME "\$verb" "\$@"
	EOF
	chmod 755 "$LANE/bin"/*
}

# The image localhost/box: busybox and what box_setup puts around it.
lane_image() {
	[ -e /var/lib/containers/cache ] || touch "$LANE/cache-is-ours"
	BATS_TEST_TMPDIR=$LANE box_setup
	echo user:x:1000:1000::/:/bin/sh >>"$LANE/root/etc/passwd"
	tar -C "$LANE/root" -cf "$LANE/box.tar" . || return
	pod import -q "$LANE/box.tar" localhost/box >/dev/null
}

# -- using it ------------------------------------------------------------------------------------

pod() {
	"$POD" "$@"
}

# box [OPTION...] COMMAND...: a container of the image, gone afterwards
box() {
	local options=()
	while [[ ${1:-} == -* ]]; do
		options+=("$1")
		shift
	done
	pod run --rm "${options[@]}" localhost/box "$@"
}

# start_box NAME [OPTION=...]... -- COMMAND...: one in the background
start_box() {
	local name=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	pod run -d --name "$name" "${options[@]}" localhost/box "$@" >/dev/null
}

pid_of() { # NAME
	pod inspect -f '{{.State.Pid}}' "$1"
}

state_of() { # NAME
	pod inspect -f '{{.State.Status}}' "$1"
}

is_state() { # NAME STATE
	[ "$(state_of "$1")" = "$2" ]
}

logs_say() { # NAME LINE
	pod logs "$1" 2>&1 | tr -d '\r' | grep -qxF "$2"
}

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

# The lane's own cgroups in every hierarchy, deepest first. The parent and conmon's are podman's
# to keep.
lane_cgroups() {
	find /sys/fs/cgroup -depth -type d -path "*$PARENT*" 2>/dev/null
}

# Processes that are in them, or have the lane in their command line (conmon, podman, tmux).
lane_processes() {
	{
		lane_cgroups | while read -r dir; do cat "$dir/cgroup.procs" 2>/dev/null; done
		# the name comes from a pipe: an argument would be found in grep's own command line
		# shellcheck disable=SC2062 # files, not the pattern
		echo "$LANE/" | grep -lsF -f - /proc/[0-9]*/cmdline | tr -dc '0-9\n'
	} | sort -un
}

# One line for each thing that a container left; graph/overlay is podman's own mount.
lane_left() {
	awk -v lane="$LANE/" 'index($5, lane) == 1 && $5 != lane "graph/overlay" { print "mount " $5 }' /proc/self/mountinfo
	lane_cgroups | grep -vE "$PARENT(/conmon)?\$" | sed 's/^/cgroup /'
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
	pod rm -fa -t 0 >/dev/null || return
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

# The cgroup hierarchy and the cache, where they are ours.
lane_return() {
	if [ -e "$LANE/hugetlb" ]; then
		umount /sys/fs/cgroup/hugetlb
		[ ! -e "$LANE/hugetlb-dir" ] || rmdir /sys/fs/cgroup/hugetlb
	fi
	if [ -e "$LANE/cache-is-ours" ]; then
		rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb
		rmdir --ignore-fail-on-non-empty -p /var/lib/containers/cache
	fi
}

# By its own means, whatever state podman is in. Killing may take several rounds, as conmon starts
# a podman when a container ends.
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
	lane_return
	rm -rf --one-file-system "$LANE"
}
