# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # variables of those that read this file
# lib.sh - what the benches share: a root, a bundle, the peers that work here, the tables.
#
# A bench is a file tests/bench/NAME.sh which
#   - reads this file, and begins with `begin "$@"`: options, a private mount namespace, $work on a
#     tmpfs with launch, floor and a busybox root, all of it gone at the end;
#   - declares whom it compares: `peer NAME [COMMAND [NOTE]]`, true if the command is there; its version
#     is printed and recorded, or that it is missing. A runtime is a peer only if it works here:
#     `runtime_peer NAME [NOTE]`;
#   - makes tables: ": >$work/list", `list NAME WORD...` for each command (a line of launch.c's file;
#     a name must be a peer's, or "floor", with -WORD behind it where a table has two of one), then `table TITLE STEM`. The floor is the least that has to
#     be done, by a program that does nothing else; a table without one says why in its title.
#     $references: columns with ratios, if they are in the table; $subject: ours, set beside each other.
#     `median STEM NAME` gives a figure of a table to what is computed from several;
#   - ends with `finish`. What has to be taken back then, or on a signal, is done by a function whose
#     name is in $undo.
# It asserts nothing about time. A command that fails makes the bench fail, and so does what it leaves
# behind. `make bench-NAME` runs it (see run.sh); EXTRA_DIST of tests/Makefile.inc lists it.

set -u
export LC_ALL=C
PATH=${BOX_TOOLS:+$BOX_TOOLS:}$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

bench=$(basename "$0" .sh)
# shellcheck source-path=SCRIPTDIR source=../claim.sh
. "$here/../claim.sh"

rounds=50 warmups=5 pause=20 failed=0
subject='' references=floor
json='' work='' launcher='' peers='' before='' undo=''
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

# shellcheck disable=SC2317
cleanup() {
	trap - EXIT HUP INT TERM
	if [ -n "$launcher" ]; then
		kill "$launcher" 2>/dev/null
		wait "$launcher"
		sleep 0.5 # for the command that it was timing
	fi
	[ -z "$undo" ] || "$undo"
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
	for dir in "${BOX_BENCH:-}" "${BOX_TOOLS:-}" "$here"; do
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

run_once() {
	# shellcheck disable=SC2046 # its words
	set -- $(runtime "$1" plain)
	"$@" </dev/null >/dev/null 2>"$work/errors"
}

# Whether a runtime works here; says why not.
try_runtime() {
	has "$1" || {
		missing_peer "$1" "no $1 along \$PATH"
		return 1
	}
	run_once "$1" && return 0
	if grep -q 'hybrid mode' "$work/errors" && claim && run_once "$1"; then
		note "$1: works after$claimed was claimed for cgroup v1; given back at the end"
		return 0
	fi
	missing_peer "$1" "$(head -n 1 "$work/errors")"
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

# The first line of its version, or that of Debian's package.
version_of() { # COMMAND
	version=$("$1" --version </dev/null 2>/dev/null | head -n 1)
	case $version in
	'' | usage*)
		version=''
		has dpkg-query && package=$(dpkg-query -S "$(command -v "$1")" 2>/dev/null) &&
			version=$(dpkg-query -W -f='${Package} ${Version}' "${package%%:*}")
		;;
	esac
	echo "${version:-version unknown}"
}

json_text() {
	printf '"%s"' "$(echo "$*" | tr -d '\000-\037' | sed 's/["\\]/\\&/g')"
}

# For the results: who was compared, or why not.
record_peer() { # NAME KEY TEXT
	peers="$peers${peers:+, }{\"name\": $(json_text "$1"), \"$2\": $(json_text "$3")}"
}

missing_peer() { # NAME WHY
	note "left out: $1 ($2)"
	record_peer "$1" missing "$2"
}

peer() { # NAME [COMMAND [NOTE]]
	has "${2:-$1}" || {
		missing_peer "$1" "no ${2:-$1} along \$PATH"
		return 1
	}
	version=$(version_of "${2:-$1}")
	note "$1: $version${3:+; $3}"
	record_peer "$1" version "$version"
}

runtime_peer() { # NAME [NOTE]
	try_runtime "$1" && peer "$1" "$1" "${2:-}"
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
	for name in $references; do
		grep -q "^$name " "$work/list" && set -- "$@" -r "$name"
	done
	[ -z "$subject" ] || ! grep -q "^$subject " "$work/list" || set -- "$@" -s "$subject"
	set -- "$@" -j "${json:-$work}/$bench-$2.json"
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

# The milliseconds of a command; launch.c writes a line for each.
median() { # STEM NAME
	sed -n 's/^{"name":"'"$2"'",.*"median_ms":\([0-9.]*\),.*/\1/p' "${json:-$work}/$bench-$1.json"
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
	[ -z "$json" ] || { mkdir -p "$json" && rm -f "$json/$bench"-*.json; } || exit 125
	trap cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	work=$(mktemp -d "${TMPDIR:-/tmp}/boxbench.XXXXXX") || exit 125
	mount -t tmpfs -o size=64m,mode=700 tmpfs "$work" || die "cannot mount a tmpfs on $work"
	own_program launch
	own_program floor
	make_root
	before=$(system_now)
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
	[ -z "$json" ] || echo "[$peers]" >"$json/$bench-peers.json" || failed=1
	echo "Between runs, as between machines, only the ratios may be compared."
	exit $failed
}
