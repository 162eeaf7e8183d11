#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The device cgroup: cg-exec --device, seen from inside, in version 1 and in cgroup2; and the
# device rules of a bundle, held against crun.

load helper

setup() {
	need_root
	[ -d /sys/fs/cgroup ] || skip "needs /sys/fs/cgroup"
	LEFT=$(cgroups_left)
}

# A crun that fails leaves its cgroup.
teardown() {
	find /sys/fs/cgroup -depth -type d -name "boxtest-$$-$BATS_TEST_NUMBER" -exec rmdir {} \; 2>/dev/null || true
}

cgroups_left() {
	find /sys/fs/cgroup -type d -name 'boxutils-*' 2>/dev/null | sort
}

# Other tests have cgroups of that name at the same time, which go away.
nothing_left() {
	[ -z "$(comm -23 <(cgroups_left) <(echo "$LEFT"))" ]
}

assert_nothing_left() {
	wait_for nothing_left || assert_equal "$(cgroups_left)" "$LEFT"
}

mounts_of() { # TYPE [CONTROLLER]
	awk -v type="$1" -v ctl="${2:-}" '{
		for (i = 7; $i != "-"; i++);
		if ($(i + 1) == type && (ctl == "" || index("," $(i + 3) ",", "," ctl ","))) print $5
	}' /proc/self/mountinfo
}

need_v1() {
	[ -n "$(mounts_of cgroup devices)" ] || skip "needs the controller devices mounted as v1"
}

# with_v2 CMD...: in a mount namespace that has cgroup2 alone for devices
with_v2() {
	local mounts
	mounts=$(mounts_of cgroup devices)
	# shellcheck disable=SC2086 # one word a mount
	unshare -m --propagation private sh -c 'for m in $MOUNTS; do umount "$m" || exit 99; done; exec "$@"' sh "$@"
}

need_v2() {
	[ -n "$(mounts_of cgroup2)" ] || skip "needs cgroup2"
	MOUNTS=$(mounts_of cgroup devices)
	export MOUNTS
	with_v2 cg-exec --new --device allow:a true || skip "needs a kernel that takes device programs: bpf(2)"
}

# What each device answers to being opened: NAME r|w ok|REASON
TRY='for d; do for m in r w; do
	if [ $m = r ]; then e=$( { : <"$d"; } 2>&1); else e=$( { : >"$d"; } 2>&1); fi
	case $e in "") e=ok ;; *"not permitted"*) e=EPERM ;; esac
	echo "${d##*/} $m $e"
done; done'

# tried DEVICE... : options of cg-exec are in the array RULES; its runner in the array IN
tried() {
	run "${IN[@]}" cg-exec --new "${RULES[@]}" sh -c "$TRY" sh "$@"
}

# -- what can be opened ---------------------------------------------------------------------

both_worlds() {
	RULES=(--device deny:a --device allow:c:1:3:rw --device allow:c:1:5:r)
	tried /dev/null /dev/zero /dev/full
	assert_success
	assert_output "$(printf '%s\n' 'null r ok' 'null w ok' 'zero r ok' 'zero w EPERM' 'full r EPERM' 'full w EPERM')"

	RULES=(--device allow:a --device deny:c:1:7:w)
	tried /dev/full /dev/null
	assert_output "$(printf '%s\n' 'full r ok' 'full w EPERM' 'null r ok' 'null w ok')"

	# the last one that fits, and none: as above
	RULES=(--device deny:c:1:3 --device deny:c:1:7 --device allow:c:1:*)
	tried /dev/null /dev/full /dev/zero
	refute_output --partial EPERM
	RULES=(--device deny:a --device allow:c:1:3 --device allow:c:1:7 --device deny:c:1:*:w)
	tried /dev/null /dev/full
	assert_output "$(printf '%s\n' 'null r ok' 'null w EPERM' 'full r ok' 'full w EPERM')"

	# one right of each kind of device
	run "${IN[@]}" cg-exec --new --device deny:a:*:*:m sh -c 'cat /dev/null && mknod "$1/x" c 1 3' sh "$BATS_TEST_TMPDIR"
	assert_failure
	assert_output --regexp "^mknod: .*x.*: Operation not permitted$"
	run "${IN[@]}" cg-exec --new --device deny:a --device allow:c:*:*:m sh -c 'mknod "$1/x" c 1 3 && cat "$1/x"' sh "$BATS_TEST_TMPDIR"
	assert_failure
	assert_output --regexp "^cat: .*x: Operation not permitted$"
	[ -c "$BATS_TEST_TMPDIR/x" ]
	rm "$BATS_TEST_TMPDIR/x"

	# a part of what is asked for is not all of it
	RULES=(--device deny:a --device allow:c:1:3:r)
	run "${IN[@]}" cg-exec --new "${RULES[@]}" sh -c ': <>/dev/null'
	assert_failure
	assert_nothing_left
}

@test "v1: what the rules allow can be opened, all else is EPERM" {
	need_v1
	IN=()
	both_worlds
}

@test "cgroup2: what the rules allow can be opened, all else is EPERM" {
	need_v2
	IN=(with_v2)
	both_worlds
}

@test "a chain with a root: its nodes are made under the rules" {
	box_setup
	run cg-exec --new --device deny:a --device allow:c:*:*:m --device allow:c:1:3:rw \
		fs-root --tmpfs /dev:dev --dev-nodes "$ROOT" sh -c "$TRY" sh /dev/null /dev/zero
	assert_success
	assert_output "$(printf '%s\n' 'null r ok' 'null w ok' 'zero r EPERM' 'zero w EPERM')"
	# what may not be made is bound from the host, and is under the rules there, too
	run cg-exec --new --device deny:a fs-root --tmpfs /dev:dev --dev-nodes "$ROOT" sh -c "$TRY" sh /dev/null
	assert_output "$(printf '%s\n' 'null r EPERM' 'null w EPERM')"
	assert_nothing_left
}

@test "v1: beside other keys, the hierarchies are those that are needed" {
	need_v1
	run cg-exec --new --device deny:b grep -c boxutils /proc/self/cgroup
	assert_output 1
	[ -d /sys/fs/cgroup/pids ] || skip "needs the controller pids mounted as v1"
	run cg-exec --new --set pids.max=9 --device deny:b grep boxutils /proc/self/cgroup
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_output --partial :pids:
	assert_output --partial :devices:
	assert_nothing_left
}

# -- what is said ------------------------------------------------------------------------------

@test "v1: --explain has each write, --dry-run makes none" {
	need_v1
	run cg-exec --explain --new --device deny:a --device allow:c:1:3:r --device allow:a:*:*:m cat /dev/null
	assert_success
	for text in 'devices.deny>, "a", 1) = 1' 'devices.allow>, "c 1:3 r", 7) = 7' 'devices.allow>, "b *:* m", 7) = 7' \
		'devices.allow>, "c *:* m", 7) = 7'; do
		assert_output --partial "$text"
	done
	run cg-exec --dry-run --new --device deny:a cat /dev/null
	assert_success
	assert_output --partial 'devices.deny>, "a", 1)'
	assert_nothing_left
}

@test "cgroup2: --explain has both calls, --dry-run makes none" {
	need_v2
	run with_v2 cg-exec --explain --new --device deny:a --device allow:c:1:3:r cat /dev/null
	assert_success
	assert_output --regexp 'bpf\(BPF_PROG_LOAD, \{prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=[0-9]+\}\) = [0-9]+ '
	assert_output --regexp 'bpf\(BPF_PROG_ATTACH, \{target_fd=[0-9]+</.*/boxutils-[0-9-]+>, attach_bpf_fd=[0-9]+\}\) = 0 '
	run with_v2 cg-exec --dry-run --new --device deny:a cat /dev/null
	assert_success
	assert_output --partial BPF_PROG_ATTACH
	assert_nothing_left
}

@test "strace sees the two calls that --explain says" {
	need_cmd strace
	need_v2
	run with_v2 strace -f -e trace=bpf -o "$BATS_TEST_TMPDIR/trace" cg-exec --new --device deny:a --device allow:c:1:3 cat /dev/null
	assert_success
	run cat "$BATS_TEST_TMPDIR/trace"
	assert_line --regexp 'bpf\(BPF_PROG_LOAD, \{prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, .*= [0-9]+$'
	assert_line --regexp 'bpf\(BPF_PROG_ATTACH, \{.*attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI.*= 0$'
}

@test "--print gives the rules back in their order" {
	run cg-exec --print --new --device deny:a --device allow:c:1:3 --device 'allow:c:*:*:m' true
	assert_success
	assert_output --partial "--device deny:a --device allow:c:1:3 --device 'allow:c:*:*:m'"
}

# -- what is refused -----------------------------------------------------------------------------

@test "words that are no rule, and rules without a new cgroup" {
	local bad
	for bad in allow "" all:c deny:d allow:c:1 allow:c:1:3:x allow:a:1:3 allow:c:x:3 allow:c:4294967296:1; do
		run cg-exec --new --device "$bad" true
		assert_fault 125 "limit the devices of '$bad'"
	done
	run cg-exec --group / --device deny:a true
	assert_fault 125 "deny:a" "--device is for a cgroup that --new makes"
	assert_nothing_left
}

@test "v1: a part of an earlier rule cannot be taken back, and cgroup2 does it" {
	need_v1
	local rules=(--device deny:a --device allow:c:1:*:rw --device deny:c:1:7)
	run cg-exec --new "${rules[@]}" true
	assert_fault 125 "limit the devices of 'deny:c:1:7'" "takes back a part of a rule before it, which cgroup v1 cannot"
	run cg-exec --dry-run --new "${rules[@]}" true
	assert_equal "$status" 125 # it is found out before anything is done
	# the remedy
	RULES=(--device deny:a --device allow:c:1:3:rw) IN=()
	tried /dev/null /dev/full
	assert_output "$(printf '%s\n' 'null r ok' 'null w ok' 'full r EPERM' 'full w EPERM')"
	assert_nothing_left
	need_v2
	RULES=("${rules[@]}") IN=(with_v2)
	tried /dev/null /dev/full
	assert_output "$(printf '%s\n' 'null r ok' 'null w ok' 'full r EPERM' 'full w EPERM')"
}

@test "v1: a group below one with rules can have no more than that" {
	need_v1
	local inner=(sh -c 'cd /sys/fs/cgroup/devices/$(sed -n "s,.*:devices:,,p" /proc/self/cgroup); mkdir boxutils-in
		cg-exec --new=boxutils-in/x "$@"; r=$?; rmdir boxutils-in; exit $r' sh)
	run cg-exec --new --device deny:a --device allow:c:1:3:rw "${inner[@]}" --device allow:c:1:5 cat /dev/zero
	assert_fault 125 "limit the devices of" "Operation not permitted"
	run cg-exec --new --device deny:a --device allow:c:1:*:rw "${inner[@]}" --device deny:c:1:7 true
	assert_fault 125 "limit the devices of 'deny:c:1:7'" "takes back a part"
	run cg-exec --new --device deny:a --device allow:c:1:3:rw "${inner[@]}" --device deny:c:1:3:w sh -c "$TRY" sh /dev/null
	assert_line "null r ok"
	assert_line "null w EPERM"
	assert_nothing_left
}

@test "cgroup2: a group below one with rules can have no more than that" {
	need_v2
	run with_v2 cg-exec --new --device deny:a --device allow:c:1:3 \
		-- cg-exec --new=boxutils-in --device allow:a sh -c "$TRY" sh /dev/null /dev/zero
	assert_success
	assert_output "$(printf '%s\n' 'null r ok' 'null w ok' 'zero r EPERM' 'zero w EPERM')"
	assert_nothing_left
}

@test "who may not limit devices is told so, and nothing is made" {
	run unshare -Ur "$(command -v cg-exec)" --new --device deny:a true
	assert_fault 125 "limit the devices of 'deny:a': Operation not permitted" "user namespace"
	need_cmd setpriv
	run setpriv --bounding-set -sys_admin,-bpf --inh-caps -all cg-exec --new --device deny:a true
	assert_fault 125 "limit the devices of 'deny:a': Operation not permitted"
	assert_nothing_left
}

@test "without any hierarchy for devices it is said" {
	run unshare -m --propagation private sh -c 'grep -E " - cgroup2 | - cgroup .*devices" /proc/self/mountinfo |
		cut -d" " -f5 | tac | while read -r m; do umount -l "$m"; done; exec cg-exec --new --device deny:a true' sh
	assert_equal "$status" 125
	assert_output --partial "cg-exec:"
	assert_output --partial "try: "
	[ -z "$(mounts_of cgroup pids)" ] || assert_output --partial "neither cgroup2 nor the v1 controller devices is mounted here"
	assert_nothing_left
}

@test "a later failure takes the group away" {
	run -127 cg-exec --new --device allow:a /nonexistent
	run cg-exec --new --device allow:a --set pids.max=x true
	assert_equal "$status" 125
	assert_nothing_left
}

# -- bundles -----------------------------------------------------------------------------------------

# a bundle with nodes of its own, and the rules in $1
bundle() {
	box_setup
	need_cmd jq
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
	oci-bundle new "$BUNDLE" --root "$ROOT" -- sh -c "$TRY" sh \
		/dev/null /dev/zero /dev/full /dev/tty /dev/urandom /dev/ptmx /dev/fuse /dev/loop-control /dev/tun /dev/disk
	RULES=$1 jq '.ociVersion = "1.0.2" | .linux.resources.devices = ($ENV.RULES | fromjson) | .process.capabilities |= map_values(. + ["CAP_MKNOD"])
		| .linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229}, {type: "c", path: "/dev/loop-control", major: 10, minor: 237},
			{type: "c", path: "/dev/tun", major: 10, minor: 200}, {type: "b", path: "/dev/disk", major: 7, minor: 0}]' \
		"$CONFIG" >"$CONFIG.new" && mv "$CONFIG.new" "$CONFIG"
}

DENY='{"allow": false, "access": "rwm"}'

@test "a bundle's rules become words, with the devices that every container has" {
	bundle "[$DENY, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"minor\": 229, \"access\": \"rw\"}, {\"allow\": true, \"type\": \"b\", \"minor\": 0}, {\"allow\": false, \"major\": 9, \"minor\": -1, \"access\": \"m\"}]"
	run oci-bundle chain "$BUNDLE"
	assert_success
	assert_line --index 0 "cg-exec --new --device deny:a --device allow:c:10:229:rw --device 'allow:b:*:0:rwm' --device 'deny:b:9:*:m' --device 'deny:c:9:*:m' --device 'allow:c:*:*:m' --device 'allow:b:*:*:m' --device allow:c:1:3:rwm --device allow:c:1:5:rwm --device allow:c:1:7:rwm --device allow:c:1:8:rwm --device allow:c:1:9:rwm --device allow:c:5:0:rwm --device allow:c:5:1:rwm --device allow:c:5:2:rwm --device 'allow:c:136:*:rwm' \\"
	oci-bundle set "$BUNDLE" 'linux.resources.devices=[]'
	run oci-bundle chain "$BUNDLE"
	assert_success
	refute_output --partial cg-exec
	oci-bundle set "$BUNDLE" 'linux.resources.devices='
	run oci-bundle chain "$BUNDLE"
	assert_success
	refute_output --partial cg-exec
}

@test "what a bundle may open is what crun lets it open" {
	need_cmd crun
	local rules ours theirs all='' id=boxtest-$$-$BATS_TEST_NUMBER
	bundle '[]'
	crun run --bundle "$BUNDLE" "$id" </dev/null >/dev/null || skip "needs a crun that runs here"
	for rules in "[$DENY]" \
		"[$DENY, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"minor\": 229, \"access\": \"rw\"}, {\"allow\": true, \"type\": \"b\", \"major\": 7, \"access\": \"r\"}]" \
		"[$DENY, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"access\": \"rwm\"}]" \
		"[$DENY, {\"allow\": true, \"type\": \"a\", \"access\": \"rwm\"}]" \
		"[{\"allow\": false, \"type\": \"c\", \"major\": 10, \"minor\": 229, \"access\": \"rw\"}]"; do
		rm -rf "$BATS_TEST_TMPDIR"/{bundle,root}
		bundle "$rules"
		ours=$(oci-bundle chain "$BUNDLE" | sh)
		theirs=$(crun run --bundle "$BUNDLE" "$id" </dev/null)
		assert_equal "$(wc -l <<<"$theirs")" 20
		# what no rule names is denied; crun on v1 begins with what the cgroup above allows
		[[ $rules == "[$DENY"* || -e /sys/fs/cgroup/cgroup.controllers ]] ||
			theirs=$(sed '/^\(loop-control\|tun\|disk\)/s/ ok.*/ EPERM/' <<<"$theirs")
		assert_equal "$(cut -d: -f1 <<<"$ours")" "$(cut -d: -f1 <<<"$theirs")"
		all+=$theirs
	done
	[[ $all == *EPERM* && $all == *"fuse r ok"* && $all == *"fuse r EPERM"* ]]
}

@test "rules of a bundle that cannot be" {
	local row
	bundle '[]'
	cp "$CONFIG" "$BATS_TEST_TMPDIR/good"
	while read -r row; do
		cp "$BATS_TEST_TMPDIR/good" "$CONFIG"
		oci-bundle set "$BUNDLE" "linux.resources.devices=[${row% ==> *}]"
		run oci-bundle chain "$BUNDLE"
		assert_fault 125 "read '$CONFIG'" "linux.resources.devices[0].${row##* ==> }:"
		assert_output --regexp "\(line [0-9]+\)"
	done <<-END
		{"type": "c"} ==> allow
		{"allow": true, "type": "x"} ==> type
		{"allow": true, "type": "p"} ==> type
		{"allow": true, "access": ""} ==> access
		{"allow": true, "access": "rx"} ==> access
		{"allow": true, "type": "c", "major": -2} ==> major
		{"allow": true, "type": "c", "minor": 4294967296} ==> minor
		{"allow": 1} ==> allow
	END
}

@test "who is not root of the host gets a warning and no rules" {
	need_userns
	bundle "[$DENY]"
	run --separate-stderr as_user oci-bundle chain "$BUNDLE"
	assert_success
	refute_output --partial cg-exec
	assert_equal "$stderr" "oci-bundle: warning: linux.resources.devices: only root of the host can limit devices: left out"
	run --separate-stderr unshare -Ur "$(command -v oci-bundle)" chain "$BUNDLE"
	assert_success
	refute_output --partial cg-exec
	assert_equal "${#stderr_lines[@]}" 1
}
