#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-run --check, and that a failure names the cause which holds: each cause is made, its remedy
# followed, and then it works.

load helper

# both REASON CMD...: the tool fails with 125, and with --check in the place of the word CHECK it refuses, for the
# same reason and with the same remedy, which goes to $remedy.
both() { # REASON CMD...
	local reason=$1
	shift
	run "${@//CHECK/--check}"
	assert_failure 1
	assert_line --regexp "^refused .*$reason"
	local checked
	checked=$(grep -A1 "^refused .*$reason" <<<"$output" | sed -n 's/^ *try: //p')
	local args=()
	for word; do
		[ "$word" = CHECK ] || args+=("$word")
	done
	run "${args[@]}" true
	assert_fault 125 "ns-run: " "$reason"
	remedy=$(sed -n 's/^ns-run: try: //p' <<<"$output")
	assert_equal "$remedy" "$checked"
}

@test "--check says what it looked at, exits 0, and leaves nothing" {
	need_root
	# shellcheck disable=SC2016 # the inner shell expands
	run unshare -m --propagation private sh -c 'was=$(cat /proc/self/mountinfo)
		ns-run --check --all --map-root && [ "$(cat /proc/self/mountinfo)" = "$was" ]'
	assert_success
	refute_line --partial refused
	for line in kernel: rights: "your ids:" root: seccomp: user.max_net_namespaces: /proc: "id maps:"; do
		assert_line --partial "ok       $line"
	done
	assert_line --regexp '^ok +a child: it made user, mount, .*, and ended$'
	# nor where mounts spread to others
	# shellcheck disable=SC2016 # the inner shell expands
	run unshare -m --propagation private sh -c 'mount --make-rshared / && was=$(cat /proc/self/mountinfo)
		ns-run --check --pid && ns-run --check --mount && [ "$(cat /proc/self/mountinfo)" = "$was" ]'
	assert_success
	run ns-run --check --uts
	assert_success
	refute_output --partial user.max_net
}

@test "--check changes nothing in its own process, whatever its children try" {
	need_root
	need_cmd strace
	need_plain ns-run
	run strace -qq -e trace=unshare,setns,mount,fsopen,fsmount,move_mount,mkdir,openat -o "$BATS_TEST_TMPDIR/calls" ns-run --check --all --net="$BATS_TEST_TMPDIR/net"
	assert_success
	run grep -E "unshare|setns|mount\(|fsopen|mkdir|O_CREAT" "$BATS_TEST_TMPDIR/calls"
	assert_failure
	assert [ ! -e "$BATS_TEST_TMPDIR/net" ]
}

@test "--check --json has the same, and says in one place whether all is well" {
	need_root
	need_cmd jq
	run ns-run --check --json --all
	assert_success
	assert_equal "$(jq -r '.ok, ([.checks[].ok] | all), (.checks[0].what)' <<<"$output")" $'true\ntrue\nkernel'
	run cap-set --drop sys_admin -- ns-run --check --json --net
	assert_failure 1
	assert_equal "$(jq -r '.ok, (.checks[] | select(.ok | not) | .what, .says)' <<<"$output")" $'false\nrights\nyou lack CAP_SYS_ADMIN'
	assert_output --partial '"try":'
}

@test "--check wants no program, and is alone" {
	run ns-run --check --user true
	assert_fault 125 "read the command line 'true'" "needs no program"
	run ns-run --check --user proc-set --cwd / sh -c 'echo ran'
	assert_fault 125 "read the command line 'ns-run'" "no part of a chain"
	run ns-run --check
	assert_fault 125 "use namespaces" "no kind"
}

@test "cause: no CAP_SYS_ADMIN; remedy: --map-root" {
	need_root
	need_userns
	both "you lack CAP_SYS_ADMIN" cap-set --drop sys_admin -- ns-run CHECK --net
	[[ $remedy == "ns-run --map-root,"* ]]
	run cap-set --drop sys_admin -- ns-run --map-root --net true
	assert_success
}

@test "cause: a limit of none, for each kind; remedy: the sysctl" {
	need_userns
	local kind sysctl
	for kind in mount pid net uts ipc cgroup time user; do
		sysctl=user.max_${kind/mount/mnt}_namespaces
		both "$sysctl is 0" as_user ns-run --map-root -- sh -c "echo 0 >/proc/sys/${sysctl/.//}; exec ns-run --$kind \$1 \${2:-}" sh CHECK
		assert_equal "$remedy" "sudo sysctl $sysctl=15000"
		run as_user ns-run --map-root -- sh -c "echo 0 >/proc/sys/${sysctl/.//}; ${remedy#sudo } >/dev/null; exec ns-run --$kind true"
		assert_success
	done
}

@test "cause: a limit that is reached; remedy: the sysctl" {
	need_userns
	# shellcheck disable=SC2016 # the inner shell expands
	run as_user ns-run --map-root -- sh -c '
		echo 1 >/proc/sys/user/max_uts_namespaces
		exec ns-run --uts sh -c "ns-run --uts true; ns-run --check --uts --net; sysctl user.max_uts_namespaces=15000 >&2; ns-run --uts echo well"'
	assert_success
	assert_line --partial "make namespaces 'uts': the limit on uts namespaces is reached: user.max_uts_namespaces is 1"
	assert_line --partial "try: sudo sysctl user.max_uts_namespaces=15000"
	assert_line --partial "refused  user.max_uts_namespaces: the limit on uts namespaces is reached"
	assert_line --regexp "^ok +user.max_net_namespaces: "
	assert_line well
}

@test "cause: user namespaces 33 deep; remedy: further outside" {
	need_root
	local nest=() i
	for i in {1..33}; do
		nest[i * 3]=ns-run nest[i * 3 + 1]=--user nest[i * 3 + 2]=--
	done
	nest=("${nest[@]}")
	run "${nest[@]}" ns-run --user true
	assert_fault 125 "make namespaces 'user'" "more than 32 in one another"
	assert_output --partial "further outside, or without --user"
	run "${nest[@]}" ns-run --uts true
	assert_success
	run "${nest[@]:3}" ns-run --user true
	assert_success
}

@test "cause: ids that the user namespace around does not map; remedy: map them" {
	need_userns
	both "not mapped in the user namespace that you are in" as_user unshare --user ns-run CHECK --map-root
	[[ $remedy == *"ns-run --map-root in place of unshare --user"* ]]
	run as_user ns-run --map-root -- ns-run --map-root true
	assert_success
}

@test "cause: a chroot; remedy: fs-root in place of it" {
	need_root
	need_static ns-run
	box_setup
	cp "$BOX_BUILD/tools/ns-run" "$ROOT/bin/"
	run unshare -m sh -c 'mount -t proc proc "$1/proc"; chroot "$1" ns-run --check --map-root; chroot "$1" ns-run --map-root true' sh "$ROOT"
	assert_failure 125
	assert_line --partial "refused  root: this process is in a chroot"
	assert_line --partial "ns-run: make namespaces 'user': this process is in a chroot"
	assert_line --partial "ns-run: try: fs-root in place of chroot"
	run ns-run --pid fs-root --proc "$ROOT" -- ns-run --map-root true
	assert_success
}

@test "cause: a chroot that is a mount point" {
	need_root
	need_static ns-run
	box_setup
	cp "$BOX_BUILD/tools/ns-run" "$ROOT/bin/"
	run unshare -m sh -c 'mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; chroot "$1" ns-run --map-root true' sh "$ROOT"
	assert_fault 125 "make namespaces 'user'" "in a chroot"
}

@test "cause: no /proc; remedy: mount one" {
	need_root
	need_static ns-run
	box_setup
	cp "$BOX_BUILD/tools/ns-run" "$ROOT/bin/"
	run chroot "$ROOT" ns-run --uts true
	assert_fault 125 "make namespaces 'uts'" "there is no /proc here"
	assert_output --partial "try: mount -t proc proc /proc"
	run unshare -m chroot "$ROOT" sh -c 'mount -t proc proc /proc && ns-run --uts true'
	assert_success
}

@test "cause: a seccomp filter; remedy: outside of it" {
	need_root
	cat >"$BATS_TEST_TMPDIR/no.json" <<-JSON
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["unshare", "clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
	JSON
	both "a seccomp filter of this process refuses it: uts" sc-filter "$BATS_TEST_TMPDIR/no.json" -- ns-run CHECK --uts
	[[ $remedy == "it outside of that filter"* ]]
	run ns-run --uts true
	assert_success
	# one that is not in the way is not blamed
	deny_profile
	run sc-filter "$PROFILE" -- ns-run --check --uts
	assert_success
	assert_line --partial "the filter of this process lets the calls through"
	# one that kills, kills a child
	sed -i 's/SCMP_ACT_ERRNO", "errnoRet": 1/SCMP_ACT_KILL_PROCESS"/' "$BATS_TEST_TMPDIR/no.json"
	run sc-filter "$BATS_TEST_TMPDIR/no.json" -- ns-run --check --uts
	assert_failure 1
	assert_line --partial "a seccomp filter of this process refuses it: uts"
}

@test "cause: a part of /proc is covered; remedies: --no-proc, or no cover" {
	need_root
	need_userns
	# shellcheck disable=SC2016 # the inner shell expands
	covered() { run unshare -m sh -c "$1; "'shift; exec "$@"' sh x setpriv --reuid=54321 --regid=54321 --clear-groups -- env PATH="$PATH" "${@:2}"; }
	covered 'mount -t tmpfs none /proc/sys' ns-run --map-root --pid true
	assert_fault 125 "mount 'proc on /proc'" "/proc/sys covers a part of the /proc we have"
	assert_output --partial "try: ns-run --no-proc; "
	covered 'mount -t tmpfs none /proc/sys' ns-run --check --map-root --pid
	assert_failure 1
	assert_line --partial "refused  /proc: /proc/sys covers a part"
	covered 'mount -t tmpfs none /proc/sys' ns-run --map-root --pid --no-proc true
	assert_success
	covered 'mount -t tmpfs none /proc/sys; umount /proc/sys' ns-run --map-root --pid true
	assert_success
	covered 'mount -o remount,bind,ro /proc' ns-run --map-root --pid true
	assert_fault 125 "map ids '/proc/" "Read-only file system"
	assert_output --partial "try: mount -o remount,rw /proc"
	covered 'mount -o remount,bind,ro /proc' ns-run --check --map-root
	assert_failure 1
	assert_line --partial "refused  /proc is writable: it is mounted read-only"
	covered 'mount -o remount,bind,ro /proc; mount -o remount,bind,rw /proc' ns-run --map-root --pid true
	assert_success
}

@test "what the caller may uncover himself is not in the way: the kernel is asked" {
	need_userns
	run as_user ns-run --map-root --mount --pid sh -c 'mount -t tmpfs none /proc/sys && ns-run --check --pid && ns-run --pid true'
	assert_success
	assert_line --partial "ok       /proc: "
}

@test "cause: a switch that keeps users from user namespaces; remedy: the sysctl" {
	need_root
	local name value
	for name in unprivileged_userns_clone apparmor_restrict_unprivileged_userns; do
		value=$([ "$name" = unprivileged_userns_clone ] && echo 0 || echo 1)
		# this kernel may have no such switch: a file in its place is what is looked at
		# shellcheck disable=SC2016 # the inner shell expands
		run unshare -m sh -c 'mount -t tmpfs none /proc/sys/kernel && echo "$2" >"/proc/sys/kernel/$1" && shift 2 && exec "$@"' \
			sh "$name" "$value" setpriv --reuid=54321 --regid=54321 --clear-groups -- env PATH="$PATH" ns-run --check --map-root
		assert_failure 1
		assert_line --partial "refused  kernel.$name: kernel.$name is $value"
		assert_line --partial "try: sudo sysctl kernel.$name=$((1 - value))"
	done
}

@test "cause: no line in /etc/subuid, or a file that cannot be bound: lines of the report" {
	need_root
	need_cmd newuidmap
	run setpriv --reuid=54321 --regid=54321 --clear-groups -- env PATH="$PATH" ns-run --check --map root,auto --net=/proc/net
	assert_failure 1
	assert_line --partial "refused  id maps: /etc/subuid: it has no line for 54321"
	assert_line --partial "try: echo '54321:100000:65536' | sudo tee -a /etc/subuid"
	assert_line --partial "refused  files: /proc/net"
}

@test "cause: unshare --pid without a fork; remedies: --fork, or ns-run in its place" {
	need_root
	both "another pid namespace for its children" unshare --pid ns-run CHECK --pid
	assert_equal "$remedy" "ns-run --pid in place of unshare --pid; or unshare --pid --fork"
	run unshare --pid --fork ns-run --pid true
	assert_success
	# others are made all the same
	run unshare --pid ns-run --map-users 0:0:10 true
	assert_success
	run unshare --pid ns-run --check --uts
	assert_success
}

@test "cause: as many mounts as there may be; remedy: fewer" {
	need_root
	[ "$(cat /proc/sys/fs/mount-max)" -le 100000 ] || skip "needs fs.mount-max as the kernel has it, 100000"
	mkdir "$BATS_TEST_TMPDIR/many"
	# each bind doubles them, and then what fits, from the large ones down
	cat >"$BATS_TEST_TMPDIR/fill" <<-'SH'
		mount -t tmpfs none "$1" && cd "$1" && mkdir a last && mount -t tmpfs none a && mount -t tmpfs none last || exit 9
		i=0
		while i=$((i + 1)) && mkdir "a/$i" && mount --rbind a "a/$i" 2>/dev/null; do :; done
		rmdir "a/$i"
		while [ $((i -= 1)) -gt 0 ]; do
			mkdir "$i" && mount --rbind "a/$i" "$i" 2>/dev/null
		done
		mkdir rest
		while mount -t tmpfs none rest 2>/dev/null; do :; done
		shift
		exec "$@"
	SH
	filled() { run unshare -m sh "$BATS_TEST_TMPDIR/fill" "$BATS_TEST_TMPDIR/many" "$@"; }
	filled ns-run --check --pid
	assert_failure 1
	assert_line --regexp "^refused +mounts: there are as many as one mount namespace may have: fs.mount-max"
	filled ns-run --pid true
	assert_fault 125 "mount 'proc on /proc'" "there are as many as one mount namespace may have: fs.mount-max"
	filled sh -c 'umount last; exec ns-run --pid true'
	assert_success
}

# -- security modules, capabilities -----------------------------------------------------------

# The command that follows "${CONFINED[@]}" is in a Landlock domain, which forbids to make block devices
# and with that, as any does, to change mounts. No file tells that it is.
confine() {
	need_cmd /usr/bin/python3
	cat >"$BATS_TEST_TMPDIR/confine" <<-'PY'
		import ctypes, os, struct, sys
		libc = ctypes.CDLL(None)
		if libc.syscall(444, None, 0, 1) < 1:  # landlock_create_ruleset: the version
		    sys.exit(77)
		rules = libc.syscall(444, struct.pack("Q", 1 << 11), 8, 0)
		libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
		if libc.syscall(446, rules, 0) < 0:  # landlock_restrict_self
		    sys.exit(78)
		os.execvp(sys.argv[1], sys.argv[1:])
	PY
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" 2>/dev/null || true # for as_user
	CONFINED=(/usr/bin/python3 "$BATS_TEST_TMPDIR/confine")
	run "${CONFINED[@]}" true
	[ "$status" -ne 77 ] || skip "needs a kernel with Landlock"
	assert_success
}

@test "cause: a Landlock domain, where no mount is changed; remedies: --no-proc, or outside of it" {
	need_root
	confine
	both "likely by a Landlock domain" "${CONFINED[@]}" ns-run CHECK --pid
	[[ $remedy == "ns-run --no-proc, "* ]]
	run "${CONFINED[@]}" ns-run --pid --no-proc true
	assert_success
	run ns-run --pid true
	assert_success
	both "likely by a Landlock domain" "${CONFINED[@]}" ns-run CHECK --net="$BATS_TEST_TMPDIR/net"
	assert [ ! -e "$BATS_TEST_TMPDIR/net" ]
	run ns-run --binfmt true
	[[ $output == *"Linux 6.7"* ]] || both "likely by a Landlock domain" "${CONFINED[@]}" ns-run CHECK --binfmt
	# of mounts that ns-run does not make it is no refusal
	run "${CONFINED[@]}" ns-run --check --mount
	assert_success
	assert_line --regexp "^ok +mounts: ns-run changes none; in there no mount can be changed"
	run "${CONFINED[@]}" ns-run --mount true
	assert_success
	need_userns
	both "likely by a Landlock domain" as_user "${CONFINED[@]}" ns-run CHECK --map-root --pid
}

@test "cause: other modules that the kernel lists are named as well" {
	need_root
	[ -d /sys/kernel/security ] || skip "needs a place for securityfs"
	confine
	# shellcheck disable=SC2016 # the inner shell expands
	run unshare -m sh -c 'mount -t tmpfs none /sys/kernel/security && echo capability,landlock,apparmor,selinux >/sys/kernel/security/lsm
		exec "$@"' sh "${CONFINED[@]}" ns-run --pid true
	assert_fault 125 "mount 'proc on /proc'" "a Landlock domain (which no file tells), or AppArmor, or SELinux"
}

@test "cause: a seccomp filter that refuses mounts; remedy: outside of it" {
	need_root
	cat >"$BATS_TEST_TMPDIR/no.json" <<-JSON
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["move_mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
	JSON
	both "a seccomp filter of this process lets no mount be changed" sc-filter "$BATS_TEST_TMPDIR/no.json" -- ns-run CHECK --pid
	[[ $remedy == "it outside of that filter"* ]]
	sed -i 's/SCMP_ACT_ERRNO", "errnoRet": 1/SCMP_ACT_KILL_PROCESS"/' "$BATS_TEST_TMPDIR/no.json"
	run sc-filter "$BATS_TEST_TMPDIR/no.json" -- ns-run --check --pid
	assert_failure 1
	assert_line --regexp "^refused +mounts: a seccomp filter"
}

@test "cause: a root that is no mount point; remedies: make it one, --propagation unchanged" {
	need_root
	need_static ns-run
	box_setup
	cp "$BOX_BUILD/tools/ns-run" "$ROOT/bin/"
	# shellcheck disable=SC2016 # the inner shell expands
	in_chroot() { run unshare -m sh -c "$1"'mount -t proc proc "$1/proc"; r=$1; shift; exec chroot "$r" "$@"' sh "$ROOT" "${@:2}"; }
	in_chroot '' ns-run --check --mount
	assert_failure 1
	assert_line --regexp "^refused +mounts: the root here is no mount point"
	in_chroot '' ns-run --mount true
	assert_fault 125 "stop mounts from spreading of '/'" "the root here is no mount point"
	assert_output --partial "try: mount --bind DIR DIR before chroot DIR; "
	in_chroot 'mount --bind "$1" "$1";' ns-run --mount true
	assert_success
	in_chroot '' ns-run --mount --propagation unchanged true
	assert_success
}

@test "cause: a capability over the new namespaces; remedies: --map-root, or without what takes it" {
	need_root
	both "you lack CAP_NET_ADMIN over it" cap-set --drop net_admin -- ns-run CHECK --net
	[[ $remedy == "ns-run --no-loopback; or --map-root,"* ]]
	run cap-set --drop net_admin -- ns-run --no-loopback --net true
	assert_success
	run cap-set --drop net_admin -- ns-run --check --map-root --net
	assert_success
	run cap-set --drop net_admin -- ns-run --map-root --net true
	assert_success
	both "you lack CAP_SYS_TIME over it" cap-set --drop sys_time -- ns-run CHECK --boottime 5
	run cap-set --drop sys_time -- ns-run --map-root --boottime 5 true
	assert_success
}

@test "cause: CAP_SETFCAP, without which 0 is not mapped; remedy: a map without it" {
	need_root
	both "you lack CAP_SETFCAP" cap-set --drop setfcap -- ns-run CHECK --map-root
	[[ $remedy == *"ns-run --map-users 0:100000:65536" ]]
	run cap-set --drop setfcap -- ns-run --map-users 0:100000:65536 true
	assert_success
}

@test "cause: ids that the user namespace around has not; remedy: all that it has" {
	need_root
	both "has no such ids, or not in one range: 5 to 9" ns-run --map-root -- ns-run CHECK --map-users 0:5:5
	[[ $remedy == *"cat /proc/self/uid_map; or ns-run --map all" ]]
	run ns-run --map-root -- ns-run --map all true
	assert_success
	# in one chain the namespace around is there only when the map is written
	run ns-run --map-root ns-run --map-users 0:5:5 true
	assert_fault 125 "map ids '0:5:5'" "has no such ids, or not in one range: 5 to 9"
}
