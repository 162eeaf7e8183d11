#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cap-set: the five sets, ids, securebits and no_new_privs, as the program finds them.

load helper

# sets OPTION...: "inh prm eff bnd amb" of a program under cap-set
sets() {
	run cap-set "$@" sed -n 's/^Cap...:\t0*\([0-9a-f]\)/\1/p' /proc/self/status
	assert_success
	output=${output//$'\n'/ }
}

status_line() {
	sed -n "s/^$1:[[:space:]]*//p" /proc/self/status
}

# -- sets -----------------------------------------------------------------------------------

@test "--apparmor and --selinux are refused where the kernel does not run with them" {
	run cap-set --print --apparmor 'a b' --selinux u:r:t:s0 true
	assert_output --partial "--apparmor 'a b' --selinux u:r:t:s0"
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || skip "needs a kernel without AppArmor"
	! grep -qw selinuxfs /proc/filesystems || skip "needs a kernel without SELinux"
	run cap-set --apparmor nosuch true
	assert_fault 125 "have the program run under 'nosuch'" "does not run with AppArmor"
	run cap-set --selinux u:r:t:s0 true
	assert_fault 125 "have the program run under 'u:r:t:s0'" "does not run with SELinux"
}

@test "--only as root: bounding, permitted, effective; nothing inheritable or ambient" {
	need_root
	sets --only chown,setuid
	assert_output "0 81 81 81 0"
	sets --only none
	assert_output "0 0 0 0 0"
}

@test "--only with another user: inheritable and ambient too, so that it holds after execve" {
	need_root
	sets --only chown,net_raw --user 1000:1000
	assert_output "2001 2001 2001 2001 2001"
	run cap-set --only chown --user 1000:1000 sh -c 'exec sh -c "exec grep CapEff /proc/self/status"'
	assert_output --partial 0000000000000001
}

@test "--only all changes nothing for root" {
	need_root
	sets --only all
	assert_equal "${output##* }" 0
	assert_equal "$(cut -d' ' -f4 <<<"$output")" "$(status_line CapBnd | sed 's/^0*//')"
}

@test "--only takes names with cap_ and in any case, and does not set no_new_privs" {
	need_root
	sets --only CAP_CHOWN,SetUID
	assert_output "0 81 81 81 0"
	run cap-set --only chown grep NoNewPrivs /proc/self/status
	assert_output --regexp '0$'
}

@test "--drop takes out of every set and may be repeated" {
	need_root
	local bounding
	bounding=$((16#$(status_line CapBnd) & ~((1 << 13) | (1 << 21))))
	run cap-set --drop net_raw --drop sys_admin grep -E 'CapPrm|CapBnd' /proc/self/status
	assert_line --index 0 --partial "$(printf %016x $bounding)"
	assert_line --index 1 --partial "$(printf %016x $bounding)"
}

@test "--drop beside --only all: everything but, for a user" {
	need_root
	sets --only all --drop net_raw --user 1000:1000
	local bounding
	bounding=$(printf %x $((16#$(status_line CapBnd) & ~(1 << 13))))
	assert_output "$bounding $bounding $bounding $bounding $bounding"
}

@test "exact sets, as a config.json has them" {
	need_root
	sets --bounding chown,kill --permitted chown --effective chown --inheritable chown --ambient chown --user 5:5
	assert_output "1 1 1 21 1"
	sets --bounding chown --permitted chown --effective chown --inheritable none --ambient none
	assert_output "0 1 1 1 0"
}

@test "libcap sees the same sets" {
	need_root
	need_cmd getpcaps
	run cap-set --only chown,kill --user 1000:1000 sh -c 'getpcaps --iab $$'
	assert_output --partial '^cap_chown'
	assert_output --partial '^cap_kill'
	run cap-set --only chown,kill sh -c 'getpcaps $$'
	assert_output --partial 'cap_chown,cap_kill=ep'
}

@test "two cap-sets of one chain: the second goes on from the first" {
	need_root
	sets --only chown,net_raw,setpcap,setuid,setgid cap-set --only net_raw --user 5:6
	assert_output "2000 2000 2000 2000 2000"
	run cap-set --only chown cap-set --only kill true
	assert_fault 125 "set capabilities to 'kill'" "does not hold"
}

@test "a user's --no-new-privs works" {
	run as_user cap-set --no-new-privs grep NoNewPrivs /proc/self/status
	assert_success
	assert_output --regexp '1$'
}

@test "a user's own, empty sets can be given up again" {
	run as_user cap-set --permitted none --inheritable none --ambient none true
	assert_success
}

@test "in a user namespace a user has what --only names" {
	need_userns
	run as_user ns-run --map-root cap-set --only chown,setuid grep Cap /proc/self/status
	assert_success
	assert_line --partial "CapEff:	0000000000000081"
	assert_line --partial "CapBnd:	0000000000000081"
	assert_line --partial "CapInh:	0000000000000000"
}

# -- the filter behind it ---------------------------------------------------------------------

@test "a filter loads although --only does not name sys_admin, and the program has no more than it names" {
	need_root
	deny_profile
	run cap-set --only chown sc-filter "$PROFILE" grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
	assert_success
	assert_line --partial "CapPrm:	0000000000000001"
	assert_line --partial "CapEff:	0000000000000001"
	assert_line --partial "NoNewPrivs:	0"
	assert_line --partial "Seccomp:	2"
	run cap-set --only chown --user 1000:1000 sc-filter "$PROFILE" grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
	assert_success
	assert_line --partial "CapPrm:	0000000000000001"
	assert_line --partial "NoNewPrivs:	0"
	assert_line --partial "Seccomp:	2"
}

@test "a user without capabilities loses them although a filter follows" {
	need_root
	deny_profile
	run cap-set --user 1000:1000 sc-filter "$PROFILE" grep CapPrm /proc/self/status
	assert_success
	assert_output --partial 0000000000000000
}

@test "in namespaces that are entered, the filter goes by the capabilities that are left" {
	need_root
	cat >"$BATS_TEST_TMPDIR/profile" <<-JSON
		{"defaultAction": "SCMP_ACT_ALLOW",
		 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
			"excludes": {"caps": ["CAP_SYS_ADMIN"]}}]}
	JSON
	ns-run --map-root --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 30 3>&- >/dev/null 2>&1
	local target
	target=$(cat "$BATS_TEST_TMPDIR/pid")
	run ns-enter -t "$target" sc-filter "$BATS_TEST_TMPDIR/profile" mkdir "$BATS_TEST_TMPDIR/a"
	assert_success
	run ns-enter -t "$target" cap-set --only chown sc-filter "$BATS_TEST_TMPDIR/profile" mkdir "$BATS_TEST_TMPDIR/b"
	kill -KILL "$target"
	assert_failure
	assert_output --partial "not permitted"
}

@test "a process that entered namespaces stays hidden over a change of ids" {
	need_root
	ns-run --uts --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 30 3>&- >/dev/null 2>&1
	local target
	target=$(cat "$BATS_TEST_TMPDIR/pid")
	run ns-enter -t "$target" --uts cap-set --explain --user 5:5 true
	kill -KILL "$target"
	assert_success
	run sed -n '/setresuid(5/,$p' <<<"$output"
	assert_line --partial "PR_SET_DUMPABLE, 0"
	run cap-set --explain --user 5:5 true
	refute_output --partial PR_SET_DUMPABLE
}

# -- ids ----------------------------------------------------------------------------------------

@test "--user sets all three ids and clears the supplementary groups" {
	need_root
	run setpriv --groups 5,6 cap-set --user 1000:1001 grep -E '^(Uid|Gid|Groups)' /proc/self/status
	assert_line --regexp '^Uid:	1000	1000	1000	1000$'
	assert_line --regexp '^Gid:	1001	1001	1001	1001$'
	assert_line --regexp '^Groups:	 *$'
}

@test "--groups, --groups none, --keep-groups, --group" {
	need_root
	run cap-set --groups 5,6 --user 1000:1000 id -G
	assert_output "1000 5 6"
	run setpriv --groups 5,6 cap-set --groups none --user 1000:1000 id -G
	assert_output "1000"
	run setpriv --groups 5,6 cap-set --keep-groups --user 1000:1000 id -G
	assert_output "1000 5 6"
	run cap-set --group 7 id -g
	assert_output 7
}

@test "a name is the host's, with its group" {
	need_root
	run cap-set --user nobody id -un
	assert_output nobody
	run cap-set --user nobody id -g
	assert_output "$(id -g nobody)"
	run cap-set --user nobody:5 id -g
	assert_output 5
}

@test "a name means nothing where the root changes" {
	need_root
	box_setup
	run fs-root "$ROOT" cap-set --user nobody true
	assert_fault 125 "become 'nobody'" "means nothing in the new root"
}

@test "a user may become itself" {
	run as_user sh -c 'cap-set --user "$(id -u)" true'
	assert_success
}

@test "a user cannot become another" {
	run as_user cap-set --user 0 true
	assert_fault 125 "become 'user 0'" "lacks CAP_SETUID"
	assert_output --partial "ns-run --map-root"
	run as_user cap-set --user 5 true
	assert_output --partial "ns-run --map-auto"
	run as_user cap-set --group 0 true
	assert_fault 125 "become 'group 0'" "lacks CAP_SETGID"
	run as_user cap-set --groups 5 true
	assert_fault 125 "become" "lacks CAP_SETGID"
}

@test "an id that the namespace does not map" {
	need_userns
	run as_user ns-run --map-root cap-set --user 5 true
	assert_fault 125 "become 'user 5'" "Invalid argument"
}

@test "setgroups denied in a user namespace: --keep-groups is the way out" {
	need_root
	need_userns
	run setpriv --reuid 54321 --regid 54321 --groups 54321,54322 ns-run --map-root cap-set --user 0:0 true
	assert_fault 125 "become" "denies setgroups"
	run setpriv --reuid 54321 --regid 54321 --groups 54321,54322 \
		ns-run --map-root cap-set --user 0:0 --keep-groups true
	assert_success
}

# -- securebits -----------------------------------------------------------------------------------

@test "--securebits, and --only with noroot holds by the ambient set" {
	need_root
	need_cmd capsh
	run cap-set --securebits noroot,noroot-locked --only chown capsh --print
	assert_line --partial "secure-noroot: yes (locked)"
	sets --securebits noroot --only chown
	assert_output "1 1 1 1 1"
}

@test "keep-caps-locked goes with no-setuid-fixup, and --only still holds" {
	need_root
	sets --securebits no-setuid-fixup,keep-caps-locked --only chown --user 5:5
	assert_output "1 1 1 1 1"
}

# -- what is refused: before anything changes ---------------------------------------------------------

@test "a plain user holds nothing, and hears of ns-run --map-root" {
	run as_user cap-set --only chown true
	assert_fault 125 "set capabilities to 'chown'" "holds no capabilities"
	assert_output --partial "ns-run --map-root"
}

@test "a plain user cannot drop from the bounding set, and hears why" {
	run as_user cap-set --drop net_raw true
	assert_fault 125 "drop from the bounding set 'net_raw'" "lacks CAP_SETPCAP"
	assert_output --partial "--no-new-privs"
}

@test "what the caller does not hold is named" {
	need_root
	run cap-set --drop kill cap-set --only kill true
	assert_fault 125 "set capabilities to 'kill'" "does not hold it"
}

@test "ambient without inheritable or permitted is an error, never ignored" {
	need_root
	run cap-set --ambient net_raw true
	assert_fault 125 "make ambient 'net_raw'" "not in the inheritable set"
	run cap-set --ambient net_raw --permitted chown --inheritable net_raw true
	assert_fault 125 "make ambient 'net_raw'" "not in --permitted"
	run cap-set --ambient net_raw --inheritable none true
	assert_fault 125 "make ambient 'net_raw'" "not in --inheritable"
	run cap-set --ambient net_raw --inheritable net_raw --user 5 true
	assert_fault 125 "make ambient 'net_raw'" "not in the permitted set"
}

@test "other contradictions" {
	need_root
	run cap-set --effective kill --permitted chown true
	assert_fault 125 "set capabilities to 'kill'" "not in --permitted"
	run cap-set --bounding none --inheritable kill true
	assert_fault 125 "set capabilities to 'kill'" "bounding"
	run cap-set --only chown --ambient chown true
	assert_fault 125 "read option '--only'" "exactly"
	run cap-set --only chown --only kill true
	assert_fault 125 "read option" "given twice"
	run cap-set --keep-groups --groups 5 true
	assert_fault 125 "read option '--keep-groups'" "opposite"
	run cap-set --user 1:2 --group 3 true
	assert_fault 125 "read option '--group'" "one of them"
}

@test "unknown capabilities, with the nearest name; no numbers" {
	run cap-set --only chwon true
	assert_fault 125 "read capability 'chwon'" "no such capability"
	assert_output --partial "chown; did you mean that?"
	run cap-set --only 21 true
	assert_fault 125 "read capability '21'" "a number"
	assert_output --partial sys_admin
	run cap-set --only chown,,kill true
	assert_fault 125 "read capability ''" "missing"
	run cap-set --only all,chown true
	assert_fault 125 "read capability 'all,chown'" "alone"
}

@test "bad ids" {
	local id
	for id in 1x -1 4294967295 4294967296 '' : 1: :1 1:2:3 ' 1' 0x1; do
		run cap-set --user "$id" true
		assert_fault 125 "read number '--user"
	done
	run cap-set --groups 1,wheel true
	assert_fault 125 "read number '--groups 1,wheel'" "wheel: a name; supplementary groups are given by number"
	run cap-set --groups 1,,2 true
	assert_fault 125 "read number '--groups 1,,2'" "an id is missing"
	run cap-set --groups 1x true
	assert_fault 125 "read number '--groups 1x'" "not a number"
	refute_output --partial "name"
	run cap-set --user :1 true
	assert_fault 125 "read number '--user :1'" "an id is missing"
	run cap-set --user 1: true
	assert_fault 125 "read number '--user 1:'" "an id is missing"
	run cap-set --user 1x:5 true
	assert_fault 125 "read number '--user 1x:5'" "1x: neither a number nor a name"
	need_root
	run cap-set --user no_such_user true
	assert_fault 125 "become 'no_such_user'" "no such name"
}

@test "bad securebits" {
	run cap-set --securebits norot true
	assert_fault 125 "set securebits 'norot'" "no such"
	assert_output --partial "noroot; did you mean"
	run cap-set --securebits keep-caps true
	assert_fault 125 "set securebits 'keep-caps'"
	run as_user cap-set --securebits noroot true
	assert_fault 125 "set securebits 'noroot'" "CAP_SETPCAP"
	need_root
	run cap-set --securebits noroot-locked cap-set --securebits noroot true
	assert_fault 125 "set securebits 'noroot'" "locked"
	run cap-set --securebits keep-caps-locked --only chown --user 5 true
	assert_fault 125 "set securebits 'keep-caps-locked'" "surviving"
	run cap-set --securebits no-cap-ambient-raise --only chown --user 5 true
	assert_fault 125 "make ambient 'chown'" "forbids"
}

# -- the same everywhere -----------------------------------------------------------------------------

@test "a dry run changes nothing and gets through" {
	need_root
	run cap-set --dry-run --only chown --user 1000:1000 --securebits noroot --no-new-privs true
	assert_success
	assert_line --partial "PR_CAPBSET_DROP"
	assert_line --partial "setresuid(1000, 1000, 1000)"
	assert_line --partial "capset("
}

@test "--explain says each call that strace sees, in order" {
	need_root
	need_cmd strace
	local log=$BATS_TEST_TMPDIR/log
	run strace -o "$log" -e trace=prctl,capset,setresuid,setresgid,setgroups \
		cap-set --explain --only chown --user 1000:1000 --no-new-privs true
	assert_success
	grep -oE '^\+ [0-9]+ (prctl|capset|setres[ug]id|setgroups)' <<<"$output" | cut -d' ' -f3 >"$BATS_TEST_TMPDIR/said"
	grep -vE 'PR_GET_|PR_CAPBSET_READ|PR_CAP_AMBIENT_IS_SET|^[+-]{3}' "$log" | cut -d'(' -f1 >"$BATS_TEST_TMPDIR/seen"
	run diff "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/seen"
	assert_success
}

@test "--print gives a command line that gives itself again" {
	local once
	once=$(cap-set --print --only chown,kill --drop bpf --user 1000:1000 --groups 1,2 --no-new-privs \
		--securebits noroot,noroot-locked true)
	run bash -c "${once/cap-set/cap-set --print}"
	assert_output "$once"
}
