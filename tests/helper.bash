# SPDX-License-Identifier: MIT
# What every test file uses. BOX_BUILD is the build tree (its tools come first in PATH),
# BOX_SRC the sources; both have defaults, so that `bats tests/ns-run.bats` works.
# shellcheck shell=bash

BOX_SRC=${BOX_SRC:-$(cd "$BATS_TEST_DIRNAME/.." && pwd)}
BOX_BUILD=${BOX_BUILD:-$BOX_SRC/build}
BOX_SHARED_DATA=${BOX_SHARED_DATA:-$BOX_SRC/../shared/data}
export BOX_SRC BOX_BUILD BOX_SHARED_DATA
case :$PATH: in *:$BOX_BUILD/tools:*) ;; *) PATH=$BOX_BUILD/tools:$PATH ;; esac

bats_require_minimum_version 1.5.0

# What bats_load_library does for them, but that their load files start a dirname for each of
# their files: fifteen processes before every test.
load_assertions() {
	local lib file
	for lib in bats-support bats-assert; do
		for file in "${BATS_LIB_PATH:-/usr/lib/bats}/$lib"/src/*.bash; do
			[ -e "$file" ] || { bats_load_library "$lib" && break; }
			# shellcheck source=/dev/null
			. "$file"
		done
	done
}
load_assertions

# -- what a test needs: each skip names the missing thing ---------------------------------

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

need_cmd() {
	local c
	for c; do
		command -v "$c" >/dev/null || skip "needs the command $c"
	done
}

need_data() {
	[ -d "$BOX_SHARED_DATA/seccomp" ] || skip "needs the published profiles in $BOX_SHARED_DATA"
}

# setup_file cannot skip: bats takes it for a failure of the whole file. There it is
# "file_needs root COMMAND... || return 0", and in setup "need_file", which skips each test.
file_needs() {
	local what
	for what; do
		if [ "$what" = root ]; then
			[ "$(id -u)" -eq 0 ] && continue
		else
			command -v "$what" >/dev/null && continue
			what="the command $what"
		fi
		echo "$what" >"$BATS_FILE_TMPDIR/lacks"
		return 1
	done
}

need_file() {
	[ ! -e "$BATS_FILE_TMPDIR/lacks" ] || skip "needs $(cat "$BATS_FILE_TMPDIR/lacks")"
}

# need_cap sys_resource: in the effective set
need_cap() {
	local number
	number=$(sed -n "s/^CAP(\($1\), *\([0-9]*\).*/\2/p" "$BOX_SRC/libcommon/base/caps.def")
	[ -n "$number" ] || number=$(capsh --decode=ffffffffffffffff | tr , '\n' | sed 's/.*=//' | grep -nx "cap_$1" | cut -d: -f1)
	capsh --has-p="cap_$1" >/dev/null 2>&1 || skip "needs CAP_${1^^}"
}

# need_cgroup memory: the controller, mounted as v1 or available in the top of v2
need_cgroup() {
	[ -d "/sys/fs/cgroup/$1" ] && return
	grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null && return
	skip "needs the cgroup controller $1"
}

# need_static TOOL: it runs in a root without the libraries, and without the loader's calls
need_static() {
	! ldd "$BOX_BUILD/tools/$1" >/dev/null 2>&1 || skip "needs a build with static links"
}

# The sanitizers make system calls and processes of their own.
need_plain() {
	! grep -q __asan_init "$BOX_BUILD/tools/$1" || skip "needs a build without sanitizers"
}

need_userns() {
	as_user unshare -Ur true 2>/dev/null || skip "needs user namespaces for users"
}

# -- making things ------------------------------------------------------------------------

# A busybox root filesystem in $ROOT, below this test's own directory: a copy of one that is made
# once for all tests, since it takes fifty processes.
box_setup() {
	need_cmd busybox
	local made=$BATS_RUN_TMPDIR/busybox-root
	[ -d "$made" ] || { make_box "$made.new" && mv "$made.new" "$made"; }
	ROOT=$BATS_TEST_TMPDIR/root
	cp -aT "$made" "$ROOT"
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" 2>/dev/null || true # for as_user
	export ROOT
}

make_box() { # DIRECTORY
	mkdir -p "$1"/{bin,etc,proc,dev,sys,tmp,root,usr}
	cp "$(command -v busybox)" "$1/bin/busybox"
	local a
	for a in sh ash ls cat id echo true false sleep mount umount hostname ps kill stat env pwd \
		test touch mkdir rm ln chmod grep sed awk wc readlink nproc trap printf dd mknod \
		setsid tty stty mkfifo head tail sort cut tr ip ifconfig nice unshare chroot; do
		ln -s busybox "$1/bin/$a"
	done
	echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
	echo root:x:0: >"$1/etc/group"
	chmod 1777 "$1/tmp"
}

# A profile that denies a few calls; no shared data needed.
deny_profile() {
	cat >"$BATS_TEST_TMPDIR/deny.json" <<-JSON
		{"defaultAction": "SCMP_ACT_ALLOW",
		 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
	JSON
	PROFILE=$BATS_TEST_TMPDIR/deny.json
	export PROFILE
}

# as_user CMD...: as an unprivileged user without subordinate ids (or as we are)
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="${BOX_UID:-54321}" --regid="${BOX_GID:-${BOX_UID:-54321}}" --clear-groups -- \
			env HOME=/tmp PATH="$PATH" "$@"
	else
		"$@"
	fi
}

# Controllers that a test made cg-exec enable at the top of cgroup2 stay enabled; a test file
# that does so puts things back: setup_file() { keep_controllers; } and its counterpart.
top_control() {
	local f=/sys/fs/cgroup/cgroup.subtree_control
	[ -e "$f" ] || f=/sys/fs/cgroup/unified/cgroup.subtree_control
	echo "$f"
}

keep_controllers() {
	cat "$(top_control)" >"$BATS_FILE_TMPDIR/controllers" 2>/dev/null || true
}

restore_controllers() {
	local c f
	f=$(top_control)
	[ -w "$f" ] || return 0
	for c in $(cat "$f"); do
		grep -qw "$c" "$BATS_FILE_TMPDIR/controllers" || echo "-$c" >"$f" 2>/dev/null || true
	done
}

# receiver SOCKET: listen there, and write to $BATS_TEST_TMPDIR/received what comes: the payload,
# how many descriptors, and what the terminal behind the descriptor says. $RECEIVER ends with it.
receiver() {
	cat >"$BATS_TEST_TMPDIR/receiver" <<'PY'
import array, os, socket, sys
d, name = os.path.split(sys.argv[1])
os.chdir(d)
s = socket.socket(socket.AF_UNIX)
s.bind(name)
s.listen(1)
c, _ = s.accept()
text, control, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(16))
fds = [f for _, _, data in control for f in array.array("i", data)]
print(text.decode(), len(fds), flush=True)
try:
    while fds:
        b = os.read(fds[0], 4096)
        if not b:
            break
        sys.stdout.buffer.write(b)
except OSError:
    pass
PY
	python3 "$BATS_TEST_TMPDIR/receiver" "$1" >"$BATS_TEST_TMPDIR/received" 3>&- &
	RECEIVER=$!
	wait_for test -S "$1"
}

# -- looking at what is left --------------------------------------------------------------

# The mounts of the host, without those that suites beside this one make: in directories of their own,
# hierarchies of cgroups, named networks.
host_mounts() {
	awk -v own="${BATS_TEST_TMPDIR:-/nonexistent}/" '
		index($5 "/", own) != 1 && ($5 ~ "/suites/" || $5 ~ "^/(sys/fs/cgroup|run/netns)/?" || / - nsfs /) { next }
		{ $1 = $2 = $3 = ""; print }' /proc/self/mountinfo | sort
}

# Mounts and cgroups of this test's kind, and processes of ours: one line each. What a test
# made below its own directory and what carries our name.
box_state() {
	host_mounts | grep -E "${BATS_TEST_TMPDIR:-/nonexistent}|boxutils"
	# the name has the tool's pid: one that still runs is of another suite, beside this; so is a
	# process that has no number in our pid namespace
	local dir pid
	find /sys/fs/cgroup -maxdepth 3 -type d -name 'boxutils-*' 2>/dev/null | while read -r dir; do
		pid=${dir##*/boxutils-}
		[ -d "/proc/${pid%%-*}" ] || grep -qsx 0 "$dir/cgroup.procs" || echo "$dir"
	done
	[ -z "${ROOT:-}" ] || (cd "$ROOT" && find . | sort)
	return 0
}

# A failure as it must be: status, one "TOOL: operation 'object': reason" and its remedy.
# assert_fault 125 "use as root" ["reason"]
assert_fault() {
	assert_equal "$status" "$1"
	assert_output --partial "$2"
	[ -z "${3:-}" ] || assert_output --partial "$3"
	assert_output --regexp "[a-z-]+: try: .+"
	assert_equal "$(grep -c ': try: ' <<<"$output")" 1
}

# wait_for CMD...: until it succeeds, for at most ten seconds, or longer on a slow machine
wait_for() {
	local i
	for ((i = 0; i < 200 * ${BOX_PATIENCE:-1}; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "timed out: $*" >&2
	return 1
}
