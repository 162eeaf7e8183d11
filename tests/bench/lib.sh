# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # variables of those that read this file
# lib.sh - what the benches share: a root, a bundle, the peers that work here, the tables.

set -u
export LC_ALL=C
PATH=${BOX_TOOLS:+$BOX_TOOLS:}$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

rounds=50 warmups=5 pause=20 failed=0 subject=chain
json='' work='' claimed='' launcher=''
unified=/sys/fs/cgroup/unified/cgroup.controllers
id=boxbench-$$
caps='"CAP_CHOWN","CAP_SETUID","CAP_SETGID"'

die() {
	echo "${0##*/}: $*" >&2
	exit 125
}

note() {
	echo "  $*"
}

has() {
	command -v "$1" >/dev/null 2>&1
}

# --- cleaning up --------------------------------------------------------------------------------

# Give the controllers that were claimed for crun back. The kernel ends a v1 hierarchy at its last
# umount only if nothing is below its root any more, and a cgroup goes some time after its rmdir;
# a hierarchy that missed this moment keeps its controller, until it is mounted and umounted again.
# shellcheck disable=SC2317 # called by a trap
unclaim() {
	for controller in $claimed; do
		dir=/sys/fs/cgroup/$controller
		for try in 1 2 3 4 5 6 7 8; do
			sleep 0.3
			umount "$dir"
			sleep 0.2
			grep -qw "$controller" "$unified" && break
			[ "$try" = 8 ] && held "$controller"
			mount -t cgroup -o "$controller" cgroup "$dir"
		done
		umount "$dir" 2>/dev/null
		rmdir "$dir"
	done
	claimed=''
}

# shellcheck disable=SC2317
held() {
	echo "${0##*/}: $1 is not back in $unified: something still holds the v1 hierarchy;" >&2
	echo "  later: mount -t cgroup -o $1 cgroup /mnt && sleep 1 && umount /mnt" >&2
}

# shellcheck disable=SC2317
cleanup() {
	trap - EXIT HUP INT TERM
	if [ -n "$launcher" ]; then
		kill "$launcher" 2>/dev/null
		wait "$launcher"
		sleep 0.5 # for the command that it was timing
	fi
	unclaim
	if [ -n "$work" ]; then
		umount "$work" 2>/dev/null || umount -l "$work" 2>/dev/null
		rmdir "$work"
	fi
}

# Cgroups with the names that only this bench gives: those of the runtimes, and of floors that
# no longer run.
leftovers() {
	find /sys/fs/cgroup -type d \( -name "$id*" -o -name 'boxbench.[0-9]*' \) | while read -r dir; do
		case $dir in
		*boxbench.*) [ -d "/proc/${dir##*.}" ] || echo "$dir" ;;
		*) echo "$dir" ;;
		esac
	done
}

# What our own tool leaves cannot be known by its name: memory cgroups and mounts, as they are now.
system_now() {
	find /sys/fs/cgroup -maxdepth 3 -type d 2>/dev/null | sort
	cut -d ' ' -f 5- /proc/self/mountinfo | sort
}

# --- what is compared -----------------------------------------------------------------------------

# The program of the bench itself: built already, or built now.
own_program() {
	for dir in "${BOX_TOOLS:-}" "$here"; do
		if [ -n "$dir" ] && [ -x "$dir/$1" ]; then
			cp "$dir/$1" "$work/$1"
			return
		fi
	done
	"${CC:-cc}" -std=gnu17 -O2 -static -o "$work/$1" "$here/$1.c" || die "$1 does not compile"
}

make_root() {
	busybox=$(command -v busybox) || die "no busybox: apt-get install busybox-static"
	mkdir -p "$work/root/bin" "$work/root/dev" "$work/root/proc" "$work/root/tmp"
	cp "$busybox" "$work/root/bin/busybox"
	ln -s busybox "$work/root/bin/true"
	chroot "$work/root" /bin/true || die "$busybox is not static: apt-get install busybox-static"
}

# A bundle that says what the chain says. The time namespace is missing: the runtimes of Debian 12
# do not know it. config DIR [SECCOMP-OBJECT [ANNOTATIONS-OBJECT]]
config() {
	seccomp=${2:+", \"seccomp\": $2"}
	annotations=${3:+", \"annotations\": $3"}
	mkdir -p "$1"
	cat >"$1/config.json" <<EOF
{
	"ociVersion": "1.0.2",
	"process": {
		"terminal": false, "user": { "uid": 0, "gid": 0 }, "cwd": "/",
		"args": ["/bin/true"], "env": ["PATH=/bin"],
		"capabilities": {
			"bounding": [$caps], "effective": [$caps], "permitted": [$caps],
			"inheritable": [], "ambient": []
		},
		"noNewPrivileges": true
	},
	"root": { "path": "$work/root" },
	"mounts": [
		{ "destination": "/proc", "type": "proc", "source": "proc",
		  "options": ["nosuid", "nodev", "noexec"] },
		{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
		  "options": ["nosuid", "mode=755"] },
		{ "destination": "/dev/pts", "type": "devpts", "source": "devpts",
		  "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
		{ "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
		  "options": ["nosuid", "nodev", "mode=1777"] },
		{ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
		  "options": ["nosuid", "nodev", "mode=1777"] }
	],
	"linux": {
		"uidMappings": [{ "containerID": 0, "hostID": 0, "size": 1 }],
		"gidMappings": [{ "containerID": 0, "hostID": 0, "size": 1 }],
		"namespaces": [
			{ "type": "user" }, { "type": "pid" }, { "type": "mount" }, { "type": "uts" },
			{ "type": "ipc" }, { "type": "network" }, { "type": "cgroup" }
		],
		"cgroupsPath": "/$id-${1##*/}",
		"resources": { "memory": { "limit": 67108864 } }$seccomp
	}$annotations
}
EOF
}

runtime() {
	echo "$1 --root $work/state-$1 run --bundle $work/$2 $id-$1"
}

# Claim what v2 has on a hybrid host, because crun refuses to work as long as it has something.
claim() {
	[ -r "$unified" ] || return 1
	# shellcheck disable=SC2013 # words of one line
	for controller in $(cat "$unified"); do
		mkdir "/sys/fs/cgroup/$controller" || return 1
		if ! mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"; then
			rmdir "/sys/fs/cgroup/$controller"
			return 1
		fi
		claimed="$claimed $controller"
	done
}

run_once() {
	# shellcheck disable=SC2046 # its words
	set -- $(runtime "$1" plain)
	"$@" </dev/null >/dev/null 2>"$work/errors"
}

# Whether a runtime works here; says why not.
try_runtime() {
	has "$1" || {
		note "left out: $1 (not installed)"
		return 1
	}
	run_once "$1" && return 0
	if grep -q 'hybrid mode' "$work/errors" && claim && run_once "$1"; then
		note "$1: works after$claimed was claimed for cgroup v1; given back at the end"
		return 0
	fi
	note "left out: $1 ($(head -n 1 "$work/errors"))"
	return 1
}

chain() {
	echo "cg-exec --new --set memory.max=64M ns-run --all --map-root" \
		"fs-root --proc --dev --tmpfs /tmp $work/root" \
		"cap-set --only chown,setuid,setgid --no-new-privs $* true"
}

bubblewrap() {
	echo "bwrap --unshare-all --unshare-user --uid 0 --gid 0 --as-pid-1 --die-with-parent" \
		"--bind $work/root / --proc /proc --dev /dev --tmpfs /tmp" \
		"--cap-drop ALL --cap-add CAP_CHOWN --cap-add CAP_SETUID --cap-add CAP_SETGID $* /bin/true"
}

peers() {
	echo "Compared:"
	note "floor: only the system calls that are needed (see floor.c)"
	have_chain='' have_crun='' have_runc='' have_bwrap='' have_unshare=''
	if has cg-exec; then have_chain=1; else
		note "left out: chain (no cg-exec along \$PATH; set BOX_TOOLS)"
	fi
	if try_runtime crun; then
		have_crun=1
		note "crun: $(crun --version | head -n 1); no time namespace; a cgroup of each controller"
	fi
	if try_runtime runc; then
		have_runc=1
		note "runc: $(runc --version | head -n 1); no time namespace; a cgroup of each controller"
	fi
	if has bwrap; then
		have_bwrap=1
		note "bwrap: $(bwrap --version); no memory limit, no time namespace; covers parts of /proc"
	else
		note "left out: bwrap (not installed)"
	fi
	if has unshare; then
		have_unshare=1
		note "unshare: $(unshare --version); chroot, /proc only: no /dev, /tmp, limit, capabilities, no_new_privs, loopback"
	else
		note "left out: unshare (not installed)"
	fi
}

# --- the filters ------------------------------------------------------------------------------------

go_arch() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# The profile for the runtimes: $oci, or empty.
translate() {
	oci=''
	has jq || {
		note "left out: crun and runc with the profile (no jq to translate it)"
		return
	}
	oci=$(jq -f "$here/oci-seccomp.jq" --arg arch "$(go_arch)" --argjson caps "[$caps]" \
		--arg kernel "$(uname -r | cut -d . -f 1,2)" "$work/profile.json") || oci=''
}

# The profile as BPF, for the same three capabilities: cap-set runs sc-filter with just those.
compile() {
	if ! has sc-filter || ! has cap-set; then
		note "left out: raw BPF (no sc-filter, cap-set along \$PATH)"
		return 1
	fi
	cap-set --only chown,setuid,setgid -- sc-filter --output "$work/filter.bpf" "$work/profile.json"
}

prepare_filters() {
	have_bpf='' have_profile='' oci=''
	profile=${BOX_PROFILE:-${BOX_SHARED_DATA:+$BOX_SHARED_DATA/seccomp/mobyprofiles-HEAD.json}}
	if [ -z "$profile" ] || ! cp "$profile" "$work/profile.json"; then
		note "left out: filters (set BOX_PROFILE to a profile in Docker's format)"
		return
	fi
	have_profile=1
	translate
	compile && have_bpf=1
	[ -z "$oci" ] || config "$work/profile" "$oci"
	[ -z "$have_bpf" ] || config "$work/bpf" "" \
		"{ \"run.oci.seccomp_bpf_data\": \"$(base64 -w 0 "$work/filter.bpf")\" }"
}

# --- the tables -------------------------------------------------------------------------------------

# table TITLE STEM: runs what is listed in $work/list
table() {
	set -- "$1" "$2" -n "$rounds" -w "$warmups" -p "$pause"
	for name in floor crun runc bwrap; do
		grep -q "^$name " "$work/list" && set -- "$@" -r "$name"
	done
	grep -q "^$subject " "$work/list" && set -- "$@" -s "$subject"
	[ -z "$json" ] || set -- "$@" -j "$json/$2.json"
	echo
	echo "$1"
	shift 2
	"$work/launch" "$@" -f "$work/list" & # so that a signal need not wait for its end
	launcher=$!
	wait "$launcher" || failed=1
	launcher=''
}

list() {
	echo "$@" >>"$work/list"
}

# --- begin and end ------------------------------------------------------------------------------------

# Everything is mounted in a mount namespace of our own: nobody else sees it, nobody's new namespace
# copies (and so holds) it, and it goes with us, however we end.
begin() { # ARGUMENT...: those of the script
	if [ -z "${BOX_BENCH_INSIDE:-}" ] && [ "$(id -u)" = 0 ] && has unshare; then
		exec env BOX_BENCH_INSIDE=1 unshare --mount --propagation private "$0" "$@"
	fi
	unset BOX_BENCH_INSIDE
	while getopts n:w:p:j: option; do
		case $option in
		n) rounds=$OPTARG ;;
		w) warmups=$OPTARG ;;
		p) pause=$OPTARG ;;
		j) json=$OPTARG ;;
		*)
			echo "usage: ${0##*/} [-n ROUNDS] [-w WARMUPS] [-p MS] [-j DIR]" >&2
			exit 125
			;;
		esac
	done
	[ "$(id -u)" = 0 ] || die "needs root: the memory cgroup is made by everybody compared"
	[ -z "$json" ] || mkdir -p "$json" || exit 125
	trap cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	work=$(mktemp -d "${TMPDIR:-/tmp}/boxbench.XXXXXX") || exit 125
	mount -t tmpfs -o size=64m,mode=700 tmpfs "$work" || die "cannot mount a tmpfs on $work"
	own_program launch
	own_program floor
	make_root
	config "$work/plain"
	echo "Kernel $(uname -r), $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg); $rounds rounds, pause $pause ms"
}

# What was there before is there now, and nothing else.
finish() {
	[ "$before" = "$(system_now)" ] ||
		note "cgroups or mounts are not what they were before (somebody else's work, or something was left)"
	left=$(leftovers)
	if [ -n "$left" ]; then
		echo "${0##*/}: left behind: $left" >&2
		failed=1
	fi
	exit $failed
}
