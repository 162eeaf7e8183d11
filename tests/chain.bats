#!/usr/bin/env bats
# serial
# SPDX-License-Identifier: MIT
# The chain: links in one process, their order, the words -- and /, printing, explaining,
# the sealed copy, and that a failure leaves nothing.

load helper

setup_file() {
	keep_controllers
}

teardown_file() {
	restore_controllers
}

setup() {
	box_setup
	deny_profile
}

hero() { # hero PROGRAM...: the chain of the manual, in our root and with our profile
	run cg-exec --new --set memory.max=64M ns-run --all --map-root \
		fs-root --proc --dev --tmpfs /tmp "$ROOT" \
		cap-set --only chown,setuid,setgid --no-new-privs \
		sc-filter "$PROFILE" "$@"
}

# -- the whole --------------------------------------------------------------------------------

@test "the hero: namespaces, root, limit, capabilities, filter, from inside" {
	need_root
	need_cgroup memory
	hero sh -c 'id -u; echo $$; cat /proc/self/uid_map; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/1/status;
		ls /; mount | grep -c .; mkdir /tmp/x; hostname'
	assert_success
	assert_line --index 0 0
	assert_line --index 1 1
	assert_line --index 2 --regexp '^ *0 +0 +1$'
	assert_line --regexp '^CapInh:.0{16}$'
	assert_line --regexp '^CapPrm:.00000000000000c1$'
	assert_line --regexp '^CapEff:.00000000000000c1$'
	assert_line --regexp '^CapBnd:.00000000000000c1$'
	assert_line --regexp '^CapAmb:.0{16}$'
	assert_line --regexp '^NoNewPrivs:.1$'
	assert_line --regexp '^Seccomp:.2$'
	assert_output --partial "Operation not permitted"
}

@test "the limit holds: the host sees it while the program runs, and it is gone afterwards" {
	need_root
	need_cgroup memory
	local before after
	before=$(box_state)
	cg-exec --new=/boxutils-test-$$ --set memory.max=64M ns-run --all --map-root --ready-fd 5 \
		fs-root --proc "$ROOT" sleep 2 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
	local tool=$!
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	local file=/sys/fs/cgroup/memory/boxutils-test-$$/memory.limit_in_bytes
	[ -e "$file" ] || file=/sys/fs/cgroup/boxutils-test-$$/memory.max
	assert_equal "$(cat "$file")" 67108864
	run grep -x "$(cat "$BATS_TEST_TMPDIR/ready")" "$(dirname "$file")/cgroup.procs"
	assert_success
	# the watcher is outside of it
	run grep -x "$tool" "$(dirname "$file")/cgroup.procs"
	assert_failure
	wait $tool
	after=$(box_state)
	assert_equal "$after" "$before"
}

@test "a Debian root made by mmdebstrap" {
	need_root
	need_cmd mmdebstrap
	# made once a run: BOX_DEBIAN names it, or none could be had
	[ -n "${BOX_DEBIAN:-}" ] || skip "needs a Debian root (tests/run makes one where packages can be had)"
	ROOT=$BOX_DEBIAN hero sh -c 'id -u; cat /etc/debian_version; ls -d /proc/1; perl -e "print 1+1"'
	assert_success
	assert_line --index 0 0
	assert_line 2
}

@test "unprivileged: the same without the cgroup" {
	need_userns
	chmod 755 "$BATS_TEST_TMPDIR" "$ROOT"
	run as_user ns-run --all --map-root fs-root --proc --dev --tmpfs /tmp "$ROOT" \
		cap-set --only chown,setuid,setgid --no-new-privs sc-filter "$PROFILE" \
		sh -c 'id -u; echo $$; grep CapBnd /proc/self/status; touch /dev/null; ls /dev'
	assert_success
	assert_line --index 0 0
	assert_line --index 1 1
	assert_line --partial 00000000000000c1
	assert_line null
}

@test "unprivileged: the cgroup link says what it lacks" {
	need_root
	run as_user cg-exec --new --set pids.max=5 true
	assert_equal "$status" 125
	assert_output --partial "cg-exec: "
	assert_output --partial "try: "
}

# -- links and program --------------------------------------------------------------------------

@test "each link works alone" {
	need_root
	run cap-set --only chown sh -c 'grep CapBnd /proc/self/status'
	assert_output --partial 0000000000000001
	run proc-set --env GREETING=hello sh -c 'echo $GREETING'
	assert_output hello
	run sc-filter "$PROFILE" mkdir "$BATS_TEST_TMPDIR/no"
	assert_failure
	run fs-root "$ROOT" ls /
	assert_line bin
	run ns-run --uts true
	assert_success
}

@test "a bare link name goes on; a slash or -- makes it the program" {
	need_root
	run ns-run --uts proc-set --env A=1 sh -c 'echo $A'
	assert_output 1
	mkdir "$BATS_TEST_TMPDIR/p"
	printf '#!/bin/sh\necho "the program $*"\n' >"$BATS_TEST_TMPDIR/p/cap-set"
	chmod +x "$BATS_TEST_TMPDIR/p/cap-set"
	run ns-run --uts "$BATS_TEST_TMPDIR/p/cap-set" --only x
	assert_output "the program --only x"
	PATH=$BATS_TEST_TMPDIR/p:$PATH run ns-run --uts -- cap-set --only x
	assert_output "the program --only x"
	cp "$BATS_TEST_TMPDIR/p/cap-set" "$ROOT/bin/ns-run"
	run fs-root "$ROOT" -- ns-run -u
	assert_output "the program -u"
}

@test "a link works after the root has changed although no such file is in there" {
	need_root
	run fs-root --proc "$ROOT" cap-set --only chown proc-set 2>&1
	assert_fault 125 "put in order 'proc-set'"
	run fs-root --proc "$ROOT" proc-set --umask 077 cap-set --only chown sh -c 'umask; grep CapBnd /proc/self/status'
	assert_success
	assert_line --index 0 0077
	assert_line --partial 0000000000000001
}

@test "no exec between links: strace sees the tool, at most its sealed copy, and the program" {
	need_root
	need_cmd strace
	run strace -f -qq -e trace=execve,execveat -o "$BATS_TEST_TMPDIR/trace" \
		ns-run --all --map-root fs-root --proc --dev "$ROOT" cap-set --only chown sc-filter "$PROFILE" true
	assert_success
	run grep -cE 'execve(at)?\(' "$BATS_TEST_TMPDIR/trace"
	assert_output 3
	run sed -n 's/.*execve("\([^"]*\)".*/\1/p' "$BATS_TEST_TMPDIR/trace"
	assert_line --index 1 /bin/true
}

@test "the environment's PATH holds in the new root; none given is a default" {
	need_root
	PATH=/nowhere:$PATH run fs-root "$ROOT" proc-set --env PATH=/nowhere sh -c true
	assert_fault 127 "run 'sh'" "not found in PATH of the new root"
	run env -i "$BOX_BUILD/tools/fs-root" "$ROOT" sh -c 'echo $PATH; true'
	assert_success
}

@test "no program: a shell" {
	need_root
	run bash -c 'echo "echo from the shell" | fs-root "$1"' bash "$ROOT"
	assert_output "from the shell"
	SHELL=/bin/sh run bash -c 'echo "echo again" | ns-run --uts'
	assert_output again
}

# -- order ----------------------------------------------------------------------------------------

# Every pair of links: legal in rank order, refused the other way round.
@test "every pair out of order is refused in the check phase, with reason and way out" {
	local -A words=(
		["cg-exec"]="cg-exec --new" ["ns-run"]="ns-run --uts" ["ns-enter"]="ns-enter -t self"
		["fs-root"]="fs-root $ROOT" ["proc-set"]="proc-set" ["cap-set"]="cap-set --no-new-privs"
		["sc-filter"]="sc-filter $PROFILE"
	)
	local -A rank=(["cg-exec"]=0 ["ns-run"]=1 ["ns-enter"]=1 ["fs-root"]=2 ["proc-set"]=3 ["cap-set"]=4 ["sc-filter"]=5)
	local a b before
	before=$(box_state)
	for a in "${!words[@]}"; do
		for b in "${!words[@]}"; do
			if [ "${rank[$a]}" -gt "${rank[$b]}" ]; then
				# shellcheck disable=SC2086
				run ${words[$a]} ${words[$b]} true
				assert_fault 125 "put in order '$b'" "takes away"
				assert_output --partial "try: this order: $b ... $a ... PROGRAM"
			else
				# shellcheck disable=SC2086
				run $a --print ${words[$a]#"$a"} ${words[$b]} true
				assert_success
			fi
		done
	done
	assert_equal "$(box_state)" "$before"
}

# -- printing ---------------------------------------------------------------------------------------

@test "what --print prints parses to the same print, and runs the same" {
	need_root
	local line again
	line=$(ns-run --print -aU --hostname 'a b' --map-users 0:0:1 --ready-fd 7 fs-root --dev --proc --tmpfs '/tmp:size=1M,mode=700' \
		--bind "/etc:/mnt/x y:ro" --mask /proc/keys "$ROOT" proc-set --env "A=it's \$x" --umask 022 --rlimit nofile=64:64 \
		cap-set --only chown,kill --no-new-privs sc-filter --strict "$PROFILE" sh -c 'echo "$0" *')
	again=$(sh -c "$(sed 's/^ns-run/ns-run --print/' <<<"$line")")
	assert_equal "$again" "$line"
	line=$(proc-set --print --env "A=it's \$x * ~" sh -c 'printf "%s\n" "$A"')
	run sh -c "$line"
	assert_output "it's \$x * ~"
}

# -- explain, dry run, step -----------------------------------------------------------------------------

# strace's lines and ours, each as PROCESS-ORDERED "name = result". What strace prints of
# calls that are no part of the chain (the loader, allocation, reading) is left out; a
# write counts when it goes to a kernel file.
explained() {
	grep '^+ ' "$1" | sed -E 's/  # .*//; s/^\+ ([0-9]+) ([a-z0-9_]+)\(.*\)( = (-?[0-9]+).*)?$/\1 \2 \4/' |
		sed -E 's/ (execve|execveat) .*/ \1/' | sort -s -k1,1
}

straced() {
	grep -vE '\+\+\+|---|resumed' "$1" |
		sed -E 's/^([0-9]+) +([a-z0-9_]+)\((.*)\) += (-?[0-9]+).*$/\1 \2 \4 \3/; s/^([0-9]+) +(execve|execveat)\(.*/\1 \2 0 x/' |
		awk '
			$2 == "write" && $4 !~ /<\/(proc|sys\/fs\/cgroup)\// { next }
			$2 == "openat" && $0 !~ /O_CREAT/ { next }
			$2 == "ioctl" && $0 !~ /TIOCSCTTY|TIOCSWINSZ|SIOCSIFFLAGS/ { next }
			$2 == "prctl" && $0 !~ /PR_SET_PDEATHSIG|PR_SET_DUMPABLE|PR_SET_NO_NEW_PRIVS|PR_CAPBSET_DROP|PR_SET_KEEPCAPS|PR_SET_SECUREBITS|PR_CAP_AMBIENT_(RAISE|LOWER|CLEAR)/ { next }
			$2 == "prlimit64" && $0 ~ /, NULL, / { next }
			$2 == "seccomp" && $0 !~ /SET_MODE_FILTER, / { next }
			$2 == "fcntl" { next }
			$2 ~ /^execve/ { if (!seen[$1]++ && $2 == "execve" && !first) { first = 1; next } print $1, $2; next }
			{ print $1, $2, $3 }' | sort -s -k1,1
}

@test "--explain and strace agree, call by call, over the whole chain" {
	need_root
	need_plain cg-exec
	need_cmd strace
	need_cgroup memory
	strace -f -y -qq -s 200 -o "$BATS_TEST_TMPDIR/trace" \
		-e trace=clone3,unshare,setns,pivot_root,umount2,open_tree,move_mount,mount_setattr,fsopen,fsconfig,fsmount,mkdirat,mknodat,symlinkat,unlinkat,fchmodat,fchown,renameat,chdir,fchdir,umask,sethostname,capset,prctl,setresuid,setresgid,setgroups,seccomp,prlimit64,setpriority,setsid,ioctl,close_range,dup2,execve,execveat,write,openat,mount,mkdir,rmdir,chroot \
		cg-exec --explain --new --set memory.max=64M ns-run --all --map-root --hostname boxed \
		fs-root --proc --dev --tmpfs /tmp "$ROOT" proc-set --umask 077 --rlimit core=0 \
		cap-set --only chown,setuid,setgid --no-new-privs sc-filter "$PROFILE" true 2>"$BATS_TEST_TMPDIR/lines"
	# the program's own calls come behind its execve: cut strace's lines there
	awk '/execve\("\/bin\/true"/ { gone[$1] = 1; print; next } !gone[$1]' "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/cut"
	explained "$BATS_TEST_TMPDIR/lines" >"$BATS_TEST_TMPDIR/ours"
	straced "$BATS_TEST_TMPDIR/cut" >"$BATS_TEST_TMPDIR/theirs"
	assert [ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -gt 60 ]
	run diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
	assert_success
}

@test "every line of --explain has a meaning and a manual page; the watcher has a reason" {
	need_root
	run --separate-stderr ns-run --explain --pid fs-root --proc "$ROOT" true
	assert_success
	assert_equal "$output" ""
	run grep -vE '^(# |\+ [0-9]+ [a-z0-9_]+\(.*\)( = [-0-9]+( [A-Z]+)?)?  # .+ -- .+\([0-9][a-z]*\)$)' <<<"$stderr"
	assert_output ""
	run grep -c '^# a watcher stays: a pid namespace' <<<"$stderr"
	assert_output 1
	run ns-run --explain --uts true
	assert_output --partial "# nobody stays behind: the program keeps pid"
}

@test "--dry-run changes nothing and runs nothing" {
	need_root
	need_cgroup memory
	rm -r "${ROOT:?}/proc" "${ROOT:?}/dev"
	local before
	before=$(
		box_state
		host_mounts
		uname -n
		ls /sys/fs/cgroup/*
		find "$BATS_TEST_TMPDIR" -newer "$PROFILE" | sort
	)
	hero_dry() {
		run cg-exec --dry-run --new --set memory.max=64M ns-run --all --map-root --hostname changed --pid-file "$BATS_TEST_TMPDIR/pid" \
			fs-root --proc --dev --tmpfs /tmp "$ROOT" proc-set --nice 5 cap-set --only chown --no-new-privs \
			sc-filter "$PROFILE" touch "$BATS_TEST_TMPDIR/touched"
	}
	hero_dry
	assert_success
	assert_output --partial 'mkdirat('
	assert_output --partial 'clone3('
	assert_output --partial 'pivot_root('
	assert_output --partial 'seccomp('
	assert_output --partial 'execve("touch"'
	assert_equal "$(
		box_state
		host_mounts
		uname -n
		ls /sys/fs/cgroup/*
		find "$BATS_TEST_TMPDIR" -newer "$PROFILE" | sort
	)" "$before"
	# and strace sees no call that changes anything
	if command -v strace >/dev/null; then
		need_plain cg-exec
		run strace -f -qq -e trace=clone3,clone,fork,unshare,setns,pivot_root,umount2,move_mount,mount_setattr,fsopen,fsconfig,fsmount,mkdirat,mknodat,symlinkat,unlinkat,chdir,fchdir,sethostname,capset,setresuid,setgroups,seccomp,setpriority,setsid \
			-o "$BATS_TEST_TMPDIR/trace" cg-exec --dry-run --new --set memory.max=64M ns-run --all --map-root \
			fs-root --proc "$ROOT" cap-set --only chown --no-new-privs true
		run grep -v exited "$BATS_TEST_TMPDIR/trace"
		assert_output ""
	fi
}

@test "--step asks before each call; q stops and leaves nothing" {
	need_root
	need_cmd script
	local before
	before=$(box_state)
	run bash -c 'printf "\n\nq\n" | script -qec "ns-run --step --hostname stepped uname -n" /dev/null'
	refute_output --partial "stepped$(printf '\r')"$'\n'"stepped"
	assert_output --partial "Enter: do it, c: all, q: stop"
	run bash -c 'printf "c\n" | script -qec "ns-run --step --hostname stepped uname -n" /dev/null'
	assert_line --regexp '^stepped'
	run bash -c 'printf "\nq\n" | script -qec "fs-root --step --proc $1 ls /" /dev/null' bash "$ROOT"
	refute_line bin
	assert_output --partial "try: "
	assert_equal "$(box_state)" "$before"
	run setsid ns-run --step --uts true </dev/null
	assert_fault 125 "open '/dev/tty'" "asks on a terminal"
}

# -- the sealed copy (CVE-2019-5736) ---------------------------------------------------------------------

# With the tool $1: the container opens the watcher's /proc/PID/exe, waits until nothing
# executes that file any more (while it is executed it cannot be written) and writes to it.
# Prints "unchanged" or "changed".
attack() {
	local sum
	cp "$1" "$BATS_TEST_TMPDIR/ns-run"
	sum=$(sha256sum <"$BATS_TEST_TMPDIR/ns-run")
	cat >"$ROOT/bin/evil" <<-'SH'
		#!/bin/sh
		exec 8<"/proc/$PPID/exe" || exit 1
		setsid sh -c 'sleep 0.3; echo pwned >/proc/self/fd/8; echo done >/bin/done' &
		exit 0
	SH
	chmod +x "$ROOT/bin/evil"
	"$BATS_TEST_TMPDIR/ns-run" --mount --time fs-root --proc --dev "$ROOT" evil
	wait_for test -e "$ROOT/bin/done"
	if [ "$(sha256sum <"$BATS_TEST_TMPDIR/ns-run")" = "$sum" ]; then echo unchanged; else echo changed; fi
}

@test "the host's binary cannot be overwritten from inside" {
	need_root
	run attack "$BOX_BUILD/tools/ns-run"
	assert_line unchanged
}

@test "a root whose program is /proc/self/exe, or a script of it: the binaries stay as they are" {
	need_root
	need_static fs-root
	cp "$BOX_BUILD/tools/fs-root" "$BATS_TEST_TMPDIR/fs-root"
	local sum
	sum=$(sha256sum <"$BATS_TEST_TMPDIR/fs-root")
	run "$BATS_TEST_TMPDIR/fs-root" --proc "$ROOT" /proc/self/exe --version
	assert_output --partial boxutils
	ln -s /proc/self/exe "$ROOT/bin/again"
	run "$BATS_TEST_TMPDIR/fs-root" --proc "$ROOT" again --version
	assert_output --partial boxutils
	printf '#!/proc/self/exe\n' >"$ROOT/bin/script"
	chmod +x "$ROOT/bin/script"
	run "$BATS_TEST_TMPDIR/fs-root" --proc "$ROOT" script
	assert_equal "$(sha256sum <"$BATS_TEST_TMPDIR/fs-root")" "$sum"
	# what runs in there is on a mount that cannot be written
	run "$BATS_TEST_TMPDIR/fs-root" --proc "$ROOT" sh -c 'cp /proc/self/exe /tmp/x; ls -la /proc/self/exe'
	assert_success
}

# -- the way out by a descriptor (CVE-2024-21626) -----------------------------------------------------------

# A host program that the container must not reach, by every descriptor number: as the
# program, behind a link, as an interpreter.
@test "no descriptor of the host is a way out: program, link, interpreter; fs-root and ns-enter" {
	need_root
	local n way
	mkdir "$BATS_TEST_TMPDIR/host"
	cp "$ROOT/bin/busybox" "$BATS_TEST_TMPDIR/host/busybox"
	printf '#!/bin/sh\necho escaped\n' >"$BATS_TEST_TMPDIR/host/escape"
	chmod +x "$BATS_TEST_TMPDIR/host/escape"
	ns-run --pid --mount --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc "$ROOT" sleep 600 >/dev/null 2>&1 3>&-
	for n in $(seq 3 24); do
		for way in "/proc/self/fd/$n/../host/escape" "/proc/self/fd/$n/host/escape" \
			"/proc/self/fd/$n/../../../../../../../../../..$BATS_TEST_TMPDIR/host/escape"; do
			ln -sfn "$way" "$ROOT/bin/link"
			printf '#!%s\n' "${way%escape}busybox sh" >"$ROOT/bin/script"
			chmod +x "$ROOT/bin/script"
			for program in "$way" link script; do
				run ns-run --all fs-root --proc --dev "$ROOT" "$program"
				assert [ "$status" -ge 126 ]
				refute_output --partial escaped
			done
			run ns-enter -t "$(cat "$BATS_TEST_TMPDIR/pid")" "$way"
			assert [ "$status" -ge 126 ]
			refute_output --partial escaped
		done
	done
	kill -KILL "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "--init: nobody in the container looks into it" {
	need_root
	run ns-run --init --mount fs-root --proc --dev "$ROOT" sh -c \
		'cat /proc/1/maps; ls /proc/1/fd; head -c1 /proc/1/mem; dd if=/dev/zero of=/proc/1/mem bs=1 count=1 seek=4096'
	# root of the host's own user namespace may; behind a user namespace nobody does
	run ns-run --all --map-root --init fs-root --proc --dev "$ROOT" sh -c \
		'cat /proc/1/maps || echo no-maps; readlink /proc/1/fd/0 || echo no-fd; cat /proc/1/environ || echo no-environ'
	assert_line no-maps
	assert_line no-fd
	assert_line no-environ
}

@test "the sealed copy in memory: where no mount can be made, or the tool is the caller's own" {
	need_root
	need_static ns-run
	need_userns
	mkdir "$BATS_TEST_TMPDIR/own"
	cp "$BOX_BUILD/tools/ns-run" "$BATS_TEST_TMPDIR/own/"
	chown -R 54321 "$BATS_TEST_TMPDIR/own"
	run as_user "$BATS_TEST_TMPDIR/own/ns-run" --all --map-root fs-root --proc "$ROOT" readlink /proc/self/exe
	assert_success
	assert_output /bin/busybox
	run as_user bash -c 'exec -a "$1" "$2" --map-root fs-root "$3" true' bash "/$(printf 'a%.0s' {1..300})" \
		"$BATS_TEST_TMPDIR/own/ns-run" "$ROOT"
	assert_success
	run as_user "$BATS_TEST_TMPDIR/own/ns-run" --all --map-root fs-root --proc "$ROOT" /proc/self/exe --version
	assert_output --partial boxutils
	run setpriv --bounding-set -sys_admin -- "$BOX_BUILD/tools/fs-root" "$ROOT" true
	assert_fault 125 "enter root"
}

# -- failure leaves nothing -------------------------------------------------------------------------------

@test "whatever fails, at whichever link: one message, and nothing is left" {
	need_root
	need_cgroup memory
	rm -r "${ROOT:?}/proc" "${ROOT:?}/dev" "${ROOT:?}/sys"
	printf 'x' >"$BATS_TEST_TMPDIR/bad.bpf"
	local before line
	before=$(box_state)
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		# shellcheck disable=SC2086
		run cg-exec --new --set memory.max=64M ns-run --all --map-root ${line//ROOT/$ROOT}
		assert [ "$status" -ge 125 ]
		assert [ "$status" -le 127 ]
		assert_equal "$(grep -c ': try: ' <<<"$output")" 1
		assert_equal "$(box_state)" "$before"
	done <<-LINES
		fs-root --proc --dev --sys ROOT no-such-program
		fs-root --proc --dev ROOT /etc/passwd
		fs-root --proc --dev --bind /no/such:/x ROOT true
		fs-root --proc --dev --tmpfs /bin/sh/x ROOT true
		fs-root --proc --dev --tmpfs /new:nosuchoption=1 ROOT true
		fs-root --proc --mount nosuchfs:x:/mnt ROOT true
		fs-root --proc --dev ROOT/none true
		fs-root --proc --dev ROOT proc-set --cwd /none true
		fs-root --proc --dev ROOT cap-set --only nosuchcap true
		fs-root --proc --dev ROOT cap-set --user 12345 true
		fs-root --proc --dev ROOT sc-filter $BATS_TEST_TMPDIR/bad.bpf true
		fs-root --proc --dev ROOT sc-filter /none.json true
	LINES
}

@test "--explain into a closed pipe, and --step ended by q: nothing is left" {
	need_root
	need_cmd script
	local before i
	before=$(box_state)
	for i in 1 2 3 4 5; do
		run bash -c 'cg-exec --explain --new ns-run --pid echo ran 2>&1 >"$1" | head -1; exit "${PIPESTATUS[0]}"' bash "$BATS_TEST_TMPDIR/out"
		assert_success
		assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" ran
	done
	run bash -c 'printf "\nq\n" | script -qec "cg-exec --step --new ns-run --uts true" /dev/null'
	assert_output --partial "stopped at your word"
	assert_equal "$(box_state)" "$before"
}

@test "--explain with nobody left to read it: the program runs all the same" {
	need_root
	need_cmd perl
	local line
	for line in "ns-run --explain --uts" "proc-set --explain --cwd /" "ns-run --explain --init" "sc-filter --explain $PROFILE"; do
		run perl -e 'pipe(R, W); close(R); open(STDERR, ">&W"); exec @ARGV' $line sh -c 'exit 6'
		assert_equal "$status" 6
	done
}

@test "killed in execve by the filter: what was made in the root is removed" {
	need_root
	cat >"$BATS_TEST_TMPDIR/kill.json" <<-'JSON'
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_KILL_PROCESS",
		 "args": [{"index": 3, "value": 77, "op": "SCMP_CMP_NE"}]}]}
	JSON
	local before
	before=$(box_state)
	run ns-run --pid fs-root --tmpfs /made/here "$ROOT" sc-filter "$BATS_TEST_TMPDIR/kill.json" true
	assert_equal "$status" 159
	assert_equal "$(box_state)" "$before"
	run ns-run --pid fs-root --tmpfs /made/here "$ROOT" true
	assert_success
	assert [ -d "$ROOT/made/here" ]
}

@test "closed standard descriptors do no harm" {
	need_root
	run bash -c 'cg-exec --new ns-run --all --map-root fs-root --proc --dev "$ROOT" sh -c "exit 6" <&- >&- 2>&-; echo $?'
	assert_output 6
}

@test "killed at any moment: no process, no mount, no file is left" {
	need_root
	local i before
	before=$(box_state)
	for i in 1 2 3 4 5 6 7 8 9 10 12 14 16 20; do
		ns-run --all --map-root fs-root --proc --dev "$ROOT" sleep 654 3>&- &
		local tool=$!
		sleep "0.00$((i / 10))$((i % 10))"
		kill -KILL $tool
		wait $tool 2>/dev/null || true
	done
	wait_for sh -c '! pgrep -x -f "sleep 654"'
	assert_equal "$(box_state)" "$before"
}

@test "--help, --version, and a link that is none" {
	for t in cg-exec ns-run ns-enter fs-root proc-set cap-set sc-filter; do
		run $t --help
		assert_success
		assert_line --index 0 --partial "usage: $t [OPTION...]"
		assert_output --partial "--explain"
		run $t --version
		assert_success
		assert_output --regexp "^$t \(boxutils\) [0-9.]+$"
	done
}
