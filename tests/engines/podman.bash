# SPDX-License-Identifier: MIT
# podman as a lane (see frame.bash): `pod` is that podman, `box` a container of it.
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
# - Importing an image writes /var/lib/containers/cache whatever --root says.

. "${BASH_SOURCE[0]%/*}/frame.bash"

ENGINE=podman
engine_needs="podman conmon"

engine_version() {
	podman --version
}

engine_up() {
	POD=$LANE/bin/pod
	export POD
	mkdir -p "$LANE"/{empty,hooks,tmp,home/.config/containers}
	podman_config
	podman_script
	podman_image
}

engine_clean() {
	pod rm -fa -t 0 >/dev/null
}

# Its own mount, and the parent cgroup with conmon's.
engine_keeps() {
	grep -vE "^mount $LANE/graph/overlay\$|^cgroup .*$PARENT(/conmon)?\$"
}

engine_down() {
	podman_down
}

podman_down() {
	if [ -e "$LANE/cache-is-ours" ]; then
		rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb
		rmdir --ignore-fail-on-non-empty -p /var/lib/containers/cache
	fi
}

# -- up ------------------------------------------------------------------------------------------

# The limits that podman has left when it starts a container.
podman_ulimits() {
	local files processes max
	files=$(ulimit -Hn)
	processes=$(ulimit -Hu)
	max=$(cat /proc/sys/kernel/pid_max)
	if [ "$processes" = unlimited ] || [ "$processes" -gt "$max" ]; then
		processes=$max
	fi
	echo "\"nofile=$files:$files\", \"nproc=$processes:$processes\""
}

# podman 5 knows netavark alone, and Debian's depends on it.
podman_network() {
	echo '[network]'
	echo "network_config_dir = \"$LANE/net\""
	case $(podman --version) in
	*' 4.'*)
		echo 'network_backend = "cni"'
		echo "cni_plugin_dirs = [\"$LANE/empty\"]"
		;;
	esac
}

podman_config() {
	cat >"$LANE/containers.conf" <<-EOF
		[containers]
		default_ulimits = [$(podman_ulimits)]
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
		$(podman_network)
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

# Files, because terminals and conmon start it too. --foreground: a terminal's program must stay in
# the foreground.
podman_script() {
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
		exec timeout --foreground -k 5 \${POD_SECONDS:-$((40 * ${BOX_PATIENCE:-1}))} podman --root $LANE/graph --runroot $LANE/run \\
			--tmpdir $LANE/tmp --runtime $RUNTIME "\$verb" "\$@"
	EOF
	chmod 755 "$POD"
}

# The image localhost/box.
podman_image() {
	[ -e /var/lib/containers/cache ] || touch "$LANE/cache-is-ours"
	lane_files || return
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
