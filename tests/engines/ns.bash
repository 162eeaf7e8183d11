# SPDX-License-Identifier: MIT
# Containers of podman, containerd and lxc, each with all it keeps below the lane (see frame.bash), so
# that their names have to be found. podman is the lane of podman.bash; of the others each is started
# by the first test that needs it.
# shellcheck shell=bash
#
# What containerd 1.6 and lxc 5.0 want, as found by trying:
# - containerd's shim keeps a socket and runc's state below /run/containerd whatever the configuration
#   says; the lane removes the directory when it was not there before.
# - overlayfs cannot be everywhere, so the snapshotter is the native one.
# - lxc.cgroup.dir is the place above lxc.payload.NAME and lxc.monitor.NAME.
# - lxc leaves a lock below /run/lxc that is called after the directory of the containers.

. "${BASH_SOURCE[0]%/*}/podman.bash"

ENGINE=ns

engine_clean() {
	local name
	pod rm -fa -t 0 >/dev/null
	[ ! -S "$LANE/containerd.sock" ] || for name in $(ctrd container ls -q); do
		ctrd task rm -f "$name" >/dev/null 2>&1 || true
		ctrd container rm "$name"
	done
	for name in "$LANE"/lxc/*/config; do
		[ ! -e "$name" ] || lxc-stop -P "$LANE/lxc" -k -n "$(basename "$(dirname "$name")")" 2>/dev/null || true
	done
}

# The daemon, and cgroups for the next container.
engine_keeps() {
	grep -vE "^mount $LANE/graph/overlay\$|^cgroup .*$PARENT(/conmon|/lxc\.pivot)?\$|^process [0-9]* containerd "
}

engine_down() {
	podman_down
	rm -rf "/run/lxc/lock$LANE"
	rmdir --ignore-fail-on-non-empty -p "/run/lxc/lock${LANE%/*}" 2>/dev/null || true
	[ ! -e "$LANE/run-containerd-is-ours" ] || rm -rf --one-file-system /run/containerd
}

# -- containerd ----------------------------------------------------------------------------------

ctrd() {
	ctr --address "$LANE/containerd.sock" "$@"
}

containerd_answers() {
	ctrd version >/dev/null 2>&1
}

containerd_up() {
	[ ! -S "$LANE/containerd.sock" ] || return 0
	[ -e /run/containerd ] || touch "$LANE/run-containerd-is-ours"
	cat >"$LANE/containerd.toml" <<-EOF
		version = 2
		root = "$LANE/containerd/root"
		state = "$LANE/containerd/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		address = "$LANE/containerd.sock"
	EOF
	lane_daemon containerd -c "$LANE/containerd.toml"
	wait_for containerd_answers
	docker_tar
	ctrd image import --snapshotter native "$LANE/image.tar" >/dev/null
}

# The image localhost/box as a tar of docker's, which containerd imports.
docker_tar() {
	local dir=$LANE/image sum
	sum=$(sha256sum "$LANE/box.tar" | cut -d ' ' -f 1)
	mkdir -p "$dir/$sum"
	cp "$LANE/box.tar" "$dir/$sum/layer.tar"
	jq -n --arg sum "sha256:$sum" '{architecture: "amd64", os: "linux", config: {}, rootfs: {type: "layers", diff_ids: [$sum]}}' \
		>"$dir/config.json"
	jq -n --arg sum "$sum" '[{Config: "config.json", RepoTags: ["localhost/box:latest"], Layers: [$sum + "/layer.tar"]}]' \
		>"$dir/manifest.json"
	tar -C "$dir" -cf "$LANE/image.tar" .
	rm -r "$dir"
}

start_ctr() { # NAME COMMAND...
	ctrd run -d --snapshotter native --cgroup "$PARENT/$1" localhost/box:latest "$@" >/dev/null
}

ctr_pid() { # NAME
	ctrd task ls | awk -v name="$1" '$1 == name { print $2 }'
}

# -- lxc -----------------------------------------------------------------------------------------

start_lxc() { # NAME
	mkdir -p "$LANE/lxc/$1/rootfs"
	tar -C "$LANE/lxc/$1/rootfs" -xf "$LANE/box.tar"
	cat >"$LANE/lxc/$1/config" <<-EOF
		lxc.uts.name = $1
		lxc.rootfs.path = dir:$LANE/lxc/$1/rootfs
		lxc.net.0.type = empty
		lxc.apparmor.profile = unconfined
		lxc.mount.auto = proc:mixed
		lxc.cgroup.dir = ${PARENT#/}
		lxc.init.cmd = /bin/sleep 100
	EOF
	lxc-start -P "$LANE/lxc" -n "$1" 3>&- && lxc-wait -P "$LANE/lxc" -n "$1" -s RUNNING -t 10
}

lxc_pid() { # NAME
	lxc-info -P "$LANE/lxc" -n "$1" -pH
}
