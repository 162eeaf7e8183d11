# SPDX-License-Identifier: MIT
# shellcheck shell=bash # read by bats files
# ns-enter.bash - containers and processes for ns-enter to enter, and their end.

setup() {
	need_root
	box_setup
}

teardown() {
	local pid dir
	for pid in "${PID:-}" "${MORE[@]}"; do
		[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	done
	[ -z "${NETNS:-}" ] || ip netns del "$NETNS"
	for dir in "${GROUPS_MADE[@]}"; do
		wait_for rmdir "$dir"
	done
}
MORE=()
GROUPS_MADE=()

# A container that sleeps; its pid in PID.
container() {
	"$@" --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc --dev "$ROOT" sh -c 'cd /tmp; exec sleep 60' >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
}

# A process of ours that the test ends; its pid in BORN. What it writes to "ready" says that it is there.
born() { # COMMAND...
	rm -f "$BATS_TEST_TMPDIR/ready"
	"$@" >/dev/null 2>&1 3>&- &
	BORN=$!
	MORE+=("$BORN")
}

# kinds PID: its namespaces, a line each
kinds() {
	local kind
	for kind in user mnt pid net uts ipc cgroup time; do
		[ ! -e "/proc/$1/ns/$kind" ] || readlink "/proc/$1/ns/$kind"
	done
}
