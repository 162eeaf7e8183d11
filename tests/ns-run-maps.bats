#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-run: id maps as words, their table, owner, setgroups; propagation and program formats.

load helper

# as_subuser USERS GROUPS CMD...: as user boxtest (54321:54322), with these lines in /etc/subuid and
# /etc/subgid. The mounts are in a mount namespace that ends with it.
as_subuser() {
	need_root
	need_cmd newuidmap newgidmap
	printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/subuid"
	printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/subgid"
	{ cat /etc/passwd && echo 'boxtest:x:54321:54322::/tmp:/bin/sh'; } >"$BATS_TEST_TMPDIR/passwd"
	{ cat /etc/group && echo 'boxgroup:x:54322:'; } >"$BATS_TEST_TMPDIR/group"
	chmod 644 "$BATS_TEST_TMPDIR"/{subuid,subgid,passwd,group}
	touch /etc/subuid /etc/subgid
	shift 2
	# shellcheck disable=SC2016 # the inner shell expands
	run unshare -m sh -c '
		for f in subuid subgid passwd group; do mount --bind "$1/$f" "/etc/$f" || exit; done
		shift && exec "$@"' \
		sh "$BATS_TEST_TMPDIR" setpriv --reuid=54321 --regid=54322 --clear-groups -- env PATH="$PATH" "$@"
}

MAPS='cat /proc/self/uid_map; echo groups; cat /proc/self/gid_map'

table() { # what MAPS printed, with single blanks
	sed -E 's/^ +//; s/ +/ /g' <<<"$output"
}

@test "one syntax: ranges and words in one SPEC, for both sorts of ids or one" {
	need_root
	run ns-run --map root,1:100000:5 sh -c "$MAPS"
	assert_success
	assert_equal "$(table)" $'1 100000 5\n0 0 1\ngroups\n1 100000 5\n0 0 1'
	run ns-run --map-users root --map-groups 7:own:1,root sh -c "$MAPS"
	assert_fault 125 "read id map '0:0:1'" "overlaps 7:0:1 in the outside ids"
	run ns-run --map-users root --map-groups 0:own:1,7:1000:2 sh -c "$MAPS"
	assert_equal "$(table)" $'0 0 1\ngroups\n0 0 1\n7 1000 2'
	run ns-run --map-users all sh -c "$MAPS"
	assert_equal "$(table)" $'0 0 4294967295\ngroups\n0 0 4294967295'
	run ns-run --map current --print --map-users 1:100000:5,auto true
	assert_output --partial "ns-run --map current --map-users 1:100000:5,auto"
}

@test "names of users and of groups, each from its own file" {
	as_subuser boxtest:200000:10 54321:300000:10 ns-run --map-users 0:boxtest:1 --map-groups 0:boxgroup:1 sh -c "$MAPS; id -u"
	assert_success
	assert_equal "$(table)" $'0 54321 1\ngroups\n0 54322 1\n0'
	need_root
	run ns-run --map-users daemon:own:1 --map-groups root id -un
	assert_output daemon
	run ns-run --map-users 0:no-such-name:1 true
	assert_fault 125 "read id map 'no-such-name'" "/etc/passwd has no such name"
	# a user's name is no group's by itself
	as_subuser boxtest:200000:10 boxtest:300000:10 ns-run --map 0:boxtest:1 true
	assert_fault 125 "read id map 'boxtest'" "/etc/group has no such name"
}

@test "trap: with exactly one subordinate id, root and auto map both" {
	as_subuser boxtest:200000:1 54321:300000:1 ns-run --map root,auto sh -c "$MAPS"
	assert_success
	assert_equal "$(table)" $'0 54321 1\n1 200000 1\ngroups\n0 54322 1\n1 300000 1'
	as_subuser boxtest:200000:1 boxtest:300000:1 ns-run --map-root --map-auto sh -c "$MAPS"
	assert_equal "$(table)" $'0 54321 1\n1 200000 1\ngroups\n0 54322 1\n1 300000 1'
}

@test "trap: uid and gid differ: /etc/subgid is looked up by the user, not by the group" {
	as_subuser $'boxgroup:500000:9\nboxtest:200000:9' $'boxgroup:600000:9\n54322:700000:9\nboxtest:300000:9' \
		ns-run --map root,auto sh -c "$MAPS"
	assert_success
	assert_equal "$(table)" $'0 54321 1\n1 200000 9\ngroups\n0 54322 1\n1 300000 9'
}

@test "trap: an overlap is an error that names both ranges, also one of auto's" {
	run ns-run --map root,0:100000:10 true
	assert_fault 125 "read id map '0:" "overlaps 0:100000:10 in the inside ids"
	as_subuser boxtest:200000:9 boxtest:200000:9 ns-run --map 5:200003:1,auto true
	assert_fault 125 "read id map '0:200000:5'" "overlaps 5:200003:1 in the outside ids"
	run as_user ns-run --map root,current true
	assert_fault 125 "read id map '54321:54321:1'" "overlaps 0:54321:1 in the outside ids"
}

@test "auto fills the lowest inside ids that are free: none of the given is lost" {
	as_subuser $'boxtest:200000:4\nboxtest:300000:3' boxtest:400000:9 ns-run --map 2:own:1,auto sh -c "$MAPS"
	assert_success
	assert_equal "$(table)" $'2 54321 1\n0 200000 2\n3 200002 2\n5 300000 3\ngroups\n2 54322 1\n0 400000 2\n3 400002 7'
	as_subuser boxtest:200000:4 boxtest:400000:4 ns-run --map auto sh -c "$MAPS; id -u; id -g"
	assert_equal "$(table)" $'0 200000 4\ngroups\n0 400000 4\n0\n0'
}

@test "subids maps them to themselves" {
	as_subuser boxtest:200000:4 boxtest:400000:4 ns-run --map-root --map-subids sh -c "$MAPS"
	assert_success
	assert_equal "$(table)" $'0 54321 1\n200000 200000 4\ngroups\n0 54322 1\n400000 400000 4'
}

@test "the missing line of /etc/subuid is spelled out, and is the remedy" {
	as_subuser other:200000:9 boxtest:400000:9 ns-run --map root,auto true
	assert_fault 125 "map ids '/etc/subuid'" "it has no line for boxtest"
	local line
	line=$(sed -n "s/.*echo '\(.*\)' | sudo tee -a \/etc\/subuid/\1/p" <<<"$output")
	assert_equal "$line" boxtest:100000:65536
	as_subuser "$line" boxtest:400000:9 ns-run --map root,auto true
	assert_success
}

@test "ids of other people are nobody's to ask for" {
	as_subuser boxtest:200000:9 boxtest:400000:9 ns-run --map-users 0:0:1 true
	assert_fault 125 "map ids '0:0:1'" "does not give these ids"
	refute_output --partial "tee -a"
}

@test "newuidmap that has no rights is found out beforehand, and the remedy named" {
	as_subuser boxtest:200000:9 boxtest:400000:9 setpriv --no-new-privs ns-run --map root,auto true
	assert_fault 125 "run '/usr/bin/newuidmap'" "no_new_privs"
	mkdir "$BATS_TEST_TMPDIR/bin"
	cp /usr/bin/newuidmap "$BATS_TEST_TMPDIR/bin/newuidmap"
	chmod 755 "$BATS_TEST_TMPDIR/bin/newuidmap"
	unbound() { # CMD...: with that copy in the place of newuidmap
		# shellcheck disable=SC2016 # the inner shell expands
		run unshare -m sh -c 'mount --bind "$1/bin/newuidmap" /usr/bin/newuidmap
			for f in subuid subgid passwd group; do mount --bind "$1/$f" "/etc/$f" || exit; done
			shift && exec "$@"' sh "$BATS_TEST_TMPDIR" setpriv --reuid=54321 --regid=54322 --clear-groups -- env PATH="$PATH" "$@"
	}
	unbound ns-run --map root,auto true
	assert_fault 125 "run '/usr/bin/newuidmap'" "neither a set-user-ID bit nor file capabilities"
	assert_output --partial "chmod u+s /usr/bin/newuidmap"
	chmod u+s "$BATS_TEST_TMPDIR/bin/newuidmap"
	unbound ns-run --map root,auto true
	if [ "$status" -ne 0 ]; then # the tests may lie on a filesystem that is nosuid
		assert_output --partial "mounted nosuid"
	fi
}

@test "words that are none, and another tool's commas, are refused with the right form" {
	run ns-run --map roott true
	assert_fault 125 "read id map 'roott'" "one of: root current auto subids all"
	assert_output --partial "try: root;"
	run ns-run --map-users 0,100000,65536 true
	assert_fault 125 "read id map '0'" "commas separate ranges"
	for bad in "root," ,root 0:own 0:own:x 0:own:0 0:own:-1 own 1own:0:1 0:0wn:1 "root auto"; do
		run ns-run --map "$bad" true
		assert_fault 125 "read id map"
	done
}

# -- the table ------------------------------------------------------------------------------

@test "--show-map prints who is who before the program runs; with --dry-run nothing runs" {
	as_subuser boxtest:200000:65536 boxtest:300000:65536 ns-run --map root,auto --show-map echo ran
	assert_success
	assert_line --regexp '^users +INSIDE +OUTSIDE +COUNT$'
	assert_line --regexp '^ +0 +54321 +1  you \(boxtest 54321\) are 0$'
	assert_line --regexp '^ +1 +200000 +65536$'
	assert_line --regexp '^ +0 +54322 +1  you, the group \(boxgroup 54322\) are 0$'
	assert_equal "${lines[-1]}" ran
	need_root
	run --separate-stderr ns-run --map-users 0:daemon:1 --show-map --dry-run echo ran
	assert_success
	assert_equal "$stderr" ""
	assert_line --regexp '^ +0 +1 +1  daemon is 0$'
	assert_line --partial "you (root 0) are not mapped"
	refute_line ran
	run --separate-stderr ns-run --show-map echo ran
	assert_output ran
	[[ $stderr == *"you (root 0) are 0"* ]]
}

# -- owner, setgroups -----------------------------------------------------------------------

owner_of() { # PID: the user id that its user namespace belongs to
	python3 -c 'import array, fcntl, os, sys
uid = array.array("I", [0])
fcntl.ioctl(os.open("/proc/%s/ns/user" % sys.argv[1], os.O_RDONLY), 0xb704, uid)
print(uid[0])' "$1"
}

@test "--owner: the user namespace belongs to another, who can enter it; the ids are ours" {
	need_root
	need_cmd python3
	ns-run --owner 54321:54321 --map-root --uts --hostname owned --ready-fd 5 sleep 60 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/ready")
	run owner_of "$pid"
	local owner=$output
	run cat "/proc/$pid/uid_map"
	kill -KILL "$pid"
	wait $! || true
	assert_equal "$owner" 54321
	assert_output --regexp '^ *0 +0 +1$'
	run ns-run --owner daemon:daemon --map 0:100000:9 sh -c 'id -u; id -g; id -G'
	assert_output $'0\n0\n0'
	run ns-run --owner 54321:54321 --map current id -u
	assert_output 0
}

@test "--owner: another takes rights; bad words; only the first user namespace" {
	need_userns
	run as_user ns-run --owner 0:0 true
	assert_fault 125 "read option '0:0'" "CAP_SETUID"
	run as_user ns-run --owner 54321:54321 true
	assert_success
	for bad in 1 1: :1 x:1 1:no-such 1:2:3 -1:0 4294967295:0; do
		run ns-run --owner "$bad" true
		assert_fault 125 "read option '$bad'" "--owner is UID:GID"
	done
	run ns-run --map-root ns-run --owner 1:1 true
	assert_fault 125 "read option '--owner'" "a user namespace comes before"
}

@test "--setgroups: denied or allowed as asked, and refused where it cannot be" {
	need_root
	run ns-run --map-root --setgroups deny cat /proc/self/setgroups
	assert_output deny
	run ns-run --map-root --setgroups allow cat /proc/self/setgroups
	assert_output allow
	need_userns
	run as_user ns-run --map-root --setgroups allow true
	assert_fault 125 "map ids '--setgroups allow'" "CAP_SETGID"
	as_subuser boxtest:200000:9 boxtest:300000:9 ns-run --map root,auto --setgroups allow cat /proc/self/setgroups
	assert_success
	assert_output allow
	run ns-run --setgroups maybe true
	assert_fault 125 "read option 'maybe'" "allow deny"
}

# -- mounts ---------------------------------------------------------------------------------

# with_shared SCRIPT: in mounts of its own, with $1 a shared one
with_shared() {
	need_root
	local shared=$BATS_TEST_TMPDIR/shared
	mkdir "$shared"
	# shellcheck disable=SC2016 # the inner shell expands
	run unshare -m --propagation private sh -c 'mount -t tmpfs none "$1" && mount --make-shared "$1" || exit
		'"$1" sh "$shared"
}

@test "--propagation: private unless said otherwise, and what is said" {
	# shellcheck disable=SC2016 # the inner shell expands
	with_shared '
		for word in "" private shared slave unchanged; do
			printf "%s:" "$word"
			ns-run --mount ${word:+--propagation $word} grep "$1" /proc/self/mountinfo | grep -oE "(shared|master):" || echo
		done
		echo "user:$(ns-run --map-root --propagation unchanged grep "$1" /proc/self/mountinfo | grep -oE "(shared|master):")"
		ns-run --pid --propagation shared true
		grep -c " - proc " /proc/self/mountinfo'
	assert_success
	assert_line --index 0 :
	assert_line --index 1 private:
	assert_line --index 2 shared:shared:
	assert_line --index 3 slave:master:
	assert_line --index 4 unchanged:shared:
	assert_line --index 5 user:master:
	assert_line --index 6 "$(grep -c ' - proc ' /proc/self/mountinfo)"
	run ns-run --propagation sideways true
	assert_fault 125 "read option 'sideways'" "private shared slave unchanged"
}

@test "what is mounted inside is not seen outside, although the mount there is shared" {
	# shellcheck disable=SC2016 # the inner shell expands
	with_shared 'mkdir "$1/in" && ns-run --mount mount -t tmpfs none "$1/in" && grep -c "$1" /proc/self/mountinfo'
	assert_output 1
}

@test "--binfmt and --load-interp: formats of the new user namespace alone" {
	need_root
	run ns-run --binfmt true
	[[ $output != *"Linux 6.7"* ]] || skip "needs program formats of user namespaces: Linux 6.7"
	assert_success
	printf 'BOXFMT hello\n' >"$BATS_TEST_TMPDIR/prog"
	chmod 755 "$BATS_TEST_TMPDIR/prog"
	run ns-run --load-interp ':boxfmt:M::BOXFMT::/bin/cat:' "$BATS_TEST_TMPDIR/prog"
	assert_success
	assert_output "BOXFMT hello"
	assert [ ! -e /proc/sys/fs/binfmt_misc/boxfmt ]
	mkdir "$BATS_TEST_TMPDIR/formats"
	run ns-run --binfmt="$BATS_TEST_TMPDIR/formats" ls "$BATS_TEST_TMPDIR/formats"
	assert_output $'register\nstatus'
	run ns-run --load-interp ':boxfmt:M::BOXFMT::/no/such:F' true
	assert_fault 125 "register the format ':boxfmt:" "No such file"
	run ns-run --load-interp nonsense true
	assert_fault 125 "register the format 'nonsense'"
	run ns-run --load-interp ':a:M::A::/bin/cat:' --load-interp ':a:M::B::/bin/cat:' true
	assert_fault 125 "register the format ':a:M::B::/bin/cat:'" "File exists"
	need_userns
	run as_user ns-run --pid --load-interp ':boxfmt:M::BOXFMT::/bin/cat:' cat /proc/sys/fs/binfmt_misc/boxfmt
	assert_line "interpreter /bin/cat"
}

@test "a format with the flag F works in a root that has no interpreter" {
	need_root
	run ns-run --binfmt true
	[[ $output != *"Linux 6.7"* ]] || skip "needs program formats of user namespaces: Linux 6.7"
	box_setup
	printf 'BOXFMT hello\n' >"$ROOT/prog"
	chmod 755 "$ROOT/prog"
	# busybox under this name runs the applet that it is called as
	mkdir "$BATS_TEST_TMPDIR/static"
	cp "$(command -v busybox)" "$BATS_TEST_TMPDIR/static/cat"
	run ns-run --load-interp ":boxfmt:M::BOXFMT::$BATS_TEST_TMPDIR/static/cat:F" --pid \
		fs-root --proc --mount binfmt_misc:none:/formats "$ROOT" /prog
	assert_output "BOXFMT hello"
}
