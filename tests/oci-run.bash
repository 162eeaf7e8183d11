# SPDX-License-Identifier: MIT
# shellcheck shell=bash # read by bats files
# oci-run.bash - a bundle, a state directory and an id for each test of oci-run, and their end.

setup() {
	need_root
	need_cmd jq
	box_setup
	STATE=$BATS_TEST_TMPDIR/state
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
	ID=oci-run-test-$BATS_TEST_NUMBER-$$
	oci-bundle new "$BUNDLE" --root "$ROOT" -- sleep 100
}

teardown() {
	[ -n "${ID:-}" ] || return 0
	oci-run --root "$STATE" delete --force "$ID" 2>/dev/null || true
	# whatever the test was about, nothing of it may be left
	[ -z "$(ls -A "$STATE" 2>/dev/null)" ]
	[ -z "$(find /sys/fs/cgroup -name "$ID" -type d)" ]
	! grep -F "$BATS_TEST_TMPDIR" /proc/self/mountinfo
}

rt() { # VERB...: below the state directory of this test
	timeout 30 oci-run --root "$STATE" "$@"
}

# What makes a container that stays: it has our standard output, for which "run" would wait.
quietly() { # COMMAND...
	"$@" >"$BATS_TEST_TMPDIR/quiet" 2>&1 3>&- || {
		cat "$BATS_TEST_TMPDIR/quiet"
		return 1
	}
	[ ! -s "$BATS_TEST_TMPDIR/quiet" ]
}

change() { # JQ-EXPRESSION
	jq "$1" "$CONFIG" >"$CONFIG.new" && mv "$CONFIG.new" "$CONFIG"
}

program() { # WORD...
	change ".process.args = $(jq -cn '$ARGS.positional' --args -- "$@")"
}

status() {
	rt state "$ID" | jq -r .status
}

until_status() { # STATUS
	local _
	for _ in $(seq 100); do
		[ "$(status)" = "$1" ] && return
		sleep 0.05
	done
	echo "still $(status), not $1"
	return 1
}

# Refused, with these words, status 1, and the state as it was.
refuses() { # TEXT VERB...
	local text=$1 before after
	shift
	before=$(ls -A "$STATE" 2>/dev/null || true)
	run -1 rt "$@"
	assert_output --partial "$text"
	after=$(ls -A "$STATE" 2>/dev/null || true)
	assert_equal "$after" "$before"
}
