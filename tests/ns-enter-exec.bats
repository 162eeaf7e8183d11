#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-enter as an engine's exec: all that the target has (--like-exec), and containers that have no
# tools of their own (--with-host-tools, --inject).

load helper
load ns-enter

# What a program can see of itself that an engine's exec decides.
probe() {
	cat >"$ROOT/bin/probe" <<-'P'
		#!/bin/sh
		grep -E '^(Uid|Gid|Groups|Umask|Cap...|NoNewPrivs|Seccomp(_filters)?):' /proc/self/status
		for k in mnt pid net uts ipc user cgroup time; do readlink /proc/self/ns/$k; done
		env | grep -vE '^(SHLVL|_)=' | sort
		pwd
		grep -v ':/$' /proc/self/cgroup # a hierarchy that others mount meanwhile is at its top
		cat /proc/self/limits /proc/self/oom_score_adj
	P
	chmod +x "$ROOT/bin/probe"
}

# -- like exec -----------------------------------------------------------------------------------

@test "--like-exec: what oci-run exec gives, seen from inside" {
	need_cmd jq
	probe
	deny_profile
	local bundle=$BATS_TEST_TMPDIR/bundle id=ns-enter-$$
	oci-bundle new "$bundle" --root "$ROOT" -- sleep 60
	jq --slurpfile p "$PROFILE" '.linux.seccomp = $p[0] | .process.cwd = "/tmp" | .process.env += ["A=b c"]
		| .process.user = {uid: 5, gid: 6, additionalGids: [7, 8], umask: 23}
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}] | .process.oomScoreAdj = 50' \
		"$bundle/config.json" >"$bundle/new" && mv "$bundle/new" "$bundle/config.json"
	oci-run --root "$BATS_TEST_TMPDIR/state" run -d -b "$bundle" "$id" >/dev/null 2>&1 </dev/null 3>&-
	PID=$(oci-run --root "$BATS_TEST_TMPDIR/state" state "$id" | jq .pid)
	local want
	want=$(oci-run --root "$BATS_TEST_TMPDIR/state" exec "$id" /bin/probe)
	run ns-enter --like-exec -t "$PID" probe
	oci-run --root "$BATS_TEST_TMPDIR/state" delete --force "$id"
	PID=
	assert_success
	assert_output "$want"
	assert_line $'Seccomp:\t2'
	assert_line "A=b c"
}

@test "--like-exec: as the target is, part by part; each can be left out" {
	need_cgroup pids
	probe
	deny_profile
	cg-exec --new="/boxenter-$$" --keep --set pids.max=20 ns-run --all --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		fs-root --proc --dev "$ROOT" \
		proc-set --clear-env --env PATH=/bin --env A=b --cwd /tmp --umask 027 --rlimit nofile=100:200 --oom-score-adj 70 \
		cap-set --only chown,kill --no-new-privs sc-filter "$PROFILE" sc-filter "$PROFILE" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	mapfile -t GROUPS_MADE < <(find /sys/fs/cgroup -name "boxenter-$$" -type d)
	wait_for grep -qx sleep "/proc/$PID/comm"
	local part
	run ns-enter -t "$PID" --like-exec sh -c 'probe; mkdir x'
	local whole=$output
	assert_line $'CapBnd:\t0000000000000021'
	assert_line $'NoNewPrivs:\t1'
	assert_line $'Seccomp_filters:\t2'
	assert_line $'Umask:\t0027'
	assert_line A=b
	assert_line /tmp
	assert_line 70
	assert_line --regexp '^Max open files +100 +200 '
	assert_line --partial "can't create directory 'x': Operation not permitted"
	run ns-enter -t "$PID" --like-exec --print sh
	assert_success
	# what is printed does the same
	bash -c "$(ns-enter -t "$PID" --like-exec --print sh -c 'probe; mkdir x')" >"$BATS_TEST_TMPDIR/printed" 2>&1 || true
	diff "$BATS_TEST_TMPDIR/printed" - <<<"$whole"
	local -A word=([cgroup]='^cg-exec' [root]='--root' [cwd]='--cwd' [env]='--env' [ids]='--user 0:0' [caps]='--bounding'
		['no-new-privs']='--no-new-privs' [seccomp]='process:' [rlimits]='--rlimit' [umask]='--umask' [oom]='--oom-score-adj')
	for part in "${!word[@]}"; do
		run ns-enter -t "$PID" --like-exec --print true
		assert_line --regexp "${word[$part]}"
		run ns-enter -t "$PID" --like-exec="-$part" --print true
		assert_success
		refute_line --regexp "${word[$part]}"
		run ns-enter -t "$PID" --like-exec="-$part" true
		assert_success
	done
	run ns-enter -t "$PID" --like-exec=env,cwd --print true
	assert_output "ns-enter --target $PID --cwd --env \\
  -- true"
	run ns-enter -t "$PID" --like-exec=-caps --print true
	assert_line --partial "--ids follow"
	run ns-enter -t "$PID" --like-exec=-evn true
	assert_fault 125 "read option '-evn'"
	run ns-enter -t "$PID" --like-exec=-env,cwd true
	assert_fault 125 "read option '-env,cwd'" "some of the words have a minus"
	run ns-enter --net="/proc/$PID/ns/net" --like-exec true
	assert_fault 125 "read option '--like-exec'" "needs a process"
	kill -KILL "$PID"
}

@test "--like-exec: what cannot be taken is named, and can be left out" {
	container ns-run --pid --mount --user --map-root
	# (the filter of a process that somebody traces)
	deny_profile
	sc-filter "$PROFILE" -- sleep 60 3>&- &
	MORE+=($!)
	local pid=$!
	wait_for grep -qx sleep "/proc/$pid/comm"
	strace -p "$pid" -o /dev/null 3>&- 2>/dev/null &
	MORE+=($!)
	wait_for grep -qE '^TracerPid:.[1-9]' "/proc/$pid/status"
	run ns-enter -t "$pid" --like-exec true
	assert_fault 125 "read profile 'process:$pid:0'" "process ${MORE[1]} traces it already"
	assert_output --partial "--like-exec=-seccomp"
	run ns-enter -t "$pid" --like-exec=-seccomp true
	assert_success
	kill "${MORE[1]}"
	wait_for grep -qE '^TracerPid:.0' "/proc/$pid/status"
	run ns-enter -t "$pid" --like-exec grep Seccomp: /proc/self/status
	assert_output $'Seccomp:\t2'
	# and who is under a filter gets none
	run sc-filter "$PROFILE" -- ns-enter -t "$pid" --like-exec true
	assert_fault 125 "read profile 'process:$pid:0'" "to who has one itself"
	# a stopped process is no harder
	kill -STOP "$pid"
	run ns-enter -t "$pid" --like-exec grep Seccomp: /proc/self/status
	assert_output $'Seccomp:\t2'
	assert_equal "$(grep -c '^State:.T (stopped)' "/proc/$pid/status")" 1
	kill -CONT "$pid"
	run ns-enter -t "$pid" --like-exec=-seccomp --explain true
	refute_line --partial PTRACE
}

@test "--like-exec: capabilities and ids of a user namespace that is not entered" {
	container ns-run --pid --mount --net --user --map-users 0:100000:65536 --map-groups 0:100000:65536
	local how
	for how in '--except user' --net '--user=/proc/self/ns/user'; do
		# shellcheck disable=SC2086 # words
		run ns-enter $how --like-exec=ids,caps -t "$PID" grep -E '^(Uid|CapEff):' /proc/self/status
		assert_fault 125 "read option '--like-exec'" "count in its user namespace"
		assert_output --partial "--user"
	done
	# the ids as they are seen from outside, and with them no right
	run ns-enter --net --like-exec=ids -t "$PID" grep -E '^(Uid|Gid|Groups|CapEff):' /proc/self/status
	assert_success
	assert_output $'Uid:\t100000\t100000\t100000\t100000
Gid:\t100000\t100000\t100000\t100000
Groups:\t '$'
CapEff:\t0000000000000000'
	run ns-enter --except user --like-exec=-caps -t "$PID" --print true
	assert_success
	assert_line --partial "--ids follow"
	# of another one than the target's neither means anything
	born ns-run --user --map-root sh -c 'echo >"$1"; sleep 60' sh "$BATS_TEST_TMPDIR/ready"
	wait_for test -e "$BATS_TEST_TMPDIR/ready"
	run ns-enter --all --user="/proc/$(pgrep -P "$BORN" || echo "$BORN")/ns/user" --like-exec=ids -t "$PID" true
	assert_fault 125 "read option '--like-exec'" "the ids of process"
	# by a file, but its own
	run ns-enter --all --user="/proc/$PID/ns/user" --like-exec=ids,caps -t "$PID" grep -E '^(Uid|CapEff):' /proc/self/status
	assert_success
	assert_output "$(ns-enter -t "$PID" grep -E '^(Uid|CapEff):' /proc/self/status)"
}

@test "--like-exec: where groups cannot be taken ours do not stay" {
	need_cmd setpriv
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --user --mount --pid --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc "$ROOT" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	assert_equal "$(cat "/proc/$PID/setgroups")" deny
	run setpriv --groups 6,4 ns-enter --like-exec=-cgroup -t "$PID" grep -E '^(Uid|Groups):' /proc/self/status
	assert_success
	assert_output $'Uid:\t0\t0\t0\t0\nGroups:\t '
	run bash -c "setpriv --groups 6,4 $(ns-enter --like-exec=-cgroup -t "$PID" --print grep Groups /proc/self/status)"
	assert_output $'Groups:\t '
}

@test "--like-exec: a strict filter is named; ids that differ from one another are said" {
	need_cmd python3
	born python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None)
open(sys.argv[1], "w").write("x")
r, w = os.pipe()
libc.prctl(22, 1, 0, 0, 0)
os.read(r, 1)' "$BATS_TEST_TMPDIR/ready"
	wait_for grep -q '^Seccomp:.1' "/proc/$BORN/status"
	run ns-enter -t "$BORN" --like-exec true
	assert_fault 125 "read profile 'process $BORN'" "strict"
	assert_output --partial "--like-exec=-seccomp"
	run ns-enter -t "$BORN" --like-exec=-seccomp true
	assert_success
	born setpriv --ruid 5 --euid 0 --rgid 6 --egid 0 --clear-groups sleep 60
	wait_for grep -qx sleep "/proc/$BORN/comm"
	run ns-enter -v -t "$BORN" --like-exec=-seccomp true
	assert_success
	assert_output --partial "ids: its real ones are 5:6 and its saved ones 0:0; all become the effective ones, 0:0"
	run ns-enter -t "$BORN" --like-exec=-seccomp true
	assert_success
	assert_output ""
}

@test "--like-exec, process:PID:N: a number that went to another process meanwhile is not taken" {
	need_cmd python3
	deny_profile
	cat >"$BATS_TEST_TMPDIR/reuse" <<'PY'
import os, pty, re, signal, sys, time
mode, profile = sys.argv[1:]

def start(pid=None):
    if pid: open("/proc/sys/kernel/ns_last_pid", "w").write(str(pid - 1))
    child = os.fork()
    if child == 0:
        os.execvp("sc-filter", ["sc-filter", profile, "sleep", "60"])
    while "Seccomp:\t2" not in open("/proc/%d/status" % child).read():
        time.sleep(0.01)
    assert pid in (None, child), (pid, child)
    return child

def replace(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    start(pid)

a, b = start(), start()
tool = ["sc-filter", "--step", "process:%d:0" % a] if mode == "filter" else \
    ["ns-enter", "--step", "-t", str(a), "--like-exec=seccomp", "ns-enter", "-t", str(b), "--like-exec=seccomp"]
pid, tty = pty.fork()
if pid == 0:
    os.execvp(tool[0], tool + ["--", "true"])
text, done = "", False
while True:
    try:
        data = os.read(tty, 4096)
    except OSError:
        break
    if not data: break
    text += data.decode()
    asks = re.search(r"PTRACE_SEIZE, (\d+)", text)
    if asks and not done:
        asked = int(asks.group(1))
        replace(a if mode == "filter" else b if asked == a else a)
        done = True
        os.write(tty, b"c\n")
    elif text.endswith("stop > "):
        os.write(tty, b"\n")
        text += "\n"
print(text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
	run timeout 60 ns-run --pid python3 "$BATS_TEST_TMPDIR/reuse" filter "$PROFILE"
	assert_failure 125
	assert_output --partial "it has ended, and its number is another's by now"
	run timeout 60 ns-run --pid python3 "$BATS_TEST_TMPDIR/reuse" enter "$PROFILE"
	assert_failure 125
	assert_output --partial "it has ended"
}

@test "--label: nothing where no module labels processes" {
	[ ! -e /sys/module/apparmor/parameters/enabled ] || skip "needs a kernel without AppArmor"
	! grep -q selinuxfs /proc/filesystems || skip "needs a kernel without SELinux"
	container ns-run --uts --mount
	run ns-enter -t "$PID" --label --print true
	assert_output "ns-enter --target $PID \\
  -- true"
}

# -- containers without tools --------------------------------------------------------------------

@test "--with-host-tools: the host's files, the container's at /mnt/target, and nothing left" {
	mkdir -p "$ROOT/mnt"
	echo inside >"$ROOT/tmp/file"
	ns-run --all --map-root --hostname boxed --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		fs-root --proc --dev --tmpfs /root "$ROOT" sh -c 'echo deep >/root/deep; exec sleep 60' >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	wait_for grep -qx sleep "/proc/$PID/comm"
	local before inside
	before=$(host_mounts && ls -A /mnt)
	inside=$(ns-enter -t "$PID" cat /proc/self/mountinfo)
	run ns-enter -t "$PID" --with-host-tools bash -c 'cat /mnt/target/tmp/file /mnt/target/root/deep; hostname; cat /proc/1/comm
		readlink /proc/self/ns/net /proc/self/ns/user; mount -t tmpfs none /mnt/target/tmp; readlink /proc/$$/exe; true'
	assert_success
	assert_output "inside
deep
boxed
sleep
$(readlink "/proc/$PID/ns/net" /proc/self/ns/user)
$(readlink -f "$(command -v bash)")"
	assert_equal "$(host_mounts && ls -A /mnt)" "$before"
	assert_equal "$(ns-enter -t "$PID" cat /proc/self/mountinfo)" "$inside"
	mkdir "$BATS_TEST_TMPDIR/at"
	run ns-enter -t "$PID" --with-host-tools="$BATS_TEST_TMPDIR/at" cat "$BATS_TEST_TMPDIR/at/tmp/file"
	assert_output inside
	assert_equal "$(ls -A "$BATS_TEST_TMPDIR/at")" ""
	run ns-enter -t "$PID" --with-host-tools="$BATS_TEST_TMPDIR/none" true
	assert_fault 125 "prepare mount point '$BATS_TEST_TMPDIR/none'"
	run ns-enter -t "$PID" --with-host-tools --mount true
	assert_fault 125 "read option '--with-host-tools'"
	run ns-enter -t "$PID" --with-host-tools --dry-run true
	assert_success
}

@test "--with-host-tools: a set-user-ID file of the container's is none" {
	cp "$(command -v id)" "$ROOT/bin/host-id"
	chmod 4755 "$ROOT/bin/host-id"
	[ "$(as_user "$ROOT/bin/host-id" -u)" = 0 ] || skip "needs a TMPDIR that is not mounted nosuid"
	container ns-run --all --map-root
	run ns-enter -t "$PID" --with-host-tools setpriv --reuid=54321 --regid=54321 --clear-groups /mnt/target/bin/host-id -u
	assert_output 54321
}

# As somebody sees it who comes at night and has never seen this container. Each remedy is tried as
# it is spelled, with the target that was given in the place of the dots.
@test "a container without a shell: the message says how to work in it" {
	need_cmd busybox
	born ns-run --mount --pid --uts --init fs-root --proc "$ROOT" sh -c 'echo >/tmp/there; while :; do sleep 1; done'
	wait_for test -s "$ROOT/tmp/there"
	PID=$(cat "/proc/$BORN/task/$BORN/children")
	PID=${PID% }
	touch "$ROOT/only-in-there"
	# as long as there is a shell, that is what one gets
	run env SHELL=/bin/no-such-shell ns-enter -t "$PID" <<<'echo in $0; ls /only*'
	assert_success
	assert_output $'in /bin/sh\n/only-in-there'
	run env SHELL=/bin/no-such-shell ns-enter -t self <<<'echo in $0'
	assert_fault 127 "run '/bin/no-such-shell'"
	run ns-enter -t "$PID" no-such
	assert_fault 127 "run 'no-such'" "not found in PATH of its root"
	rm -r "${ROOT:?}/bin"
	run env SHELL=/bin/bash ns-enter -t "$PID"
	assert_fault 127 "run '/bin/bash'" "there is no such file in its root, and no /bin/sh either"
	local told=$output
	assert_output --partial "try: ns-enter ... --with-host-tools, with"
	run bash -c "ns-enter -t $PID --with-host-tools" <<<'ls -d /mnt/target/only*'
	assert_output /mnt/target/only-in-there
	[[ $told =~ one\ static\ program:\ (.*)$ ]]
	run bash -c "${BASH_REMATCH[1]/.../-t $PID}" <<<'busybox ls -d /only*'
	assert_output --partial /only-in-there
	for program in ls /bin/ls; do
		run ns-enter -t "$PID" "$program" /
		assert_fault 127 "run '$program'"
		[[ $output =~ try:\ (.*),\ with\ the\ host.*static\ program:\ (.*)$ ]]
		local host=${BASH_REMATCH[1]} static=${BASH_REMATCH[2]}
		run bash -c "${host/.../-t $PID} /mnt/target"
		assert_success
		assert_line only-in-there
		run bash -c "${static/.../-t $PID} /"
		assert_success
		assert_line only-in-there
	done
	# what is not in the host's either is the host's matter
	run ns-enter -t "$PID" --with-host-tools no-such
	assert_fault 127 "run 'no-such'" "not found in PATH"
	refute_output --partial "its root"
}

@test "--with-host-tools by a user, in a container of its own" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --user --mount --pid --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc --tmpfs /tmp "$ROOT" \
		sh -c 'echo mine >/tmp/mine; exec sleep 60' >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	wait_for grep -qx sleep "/proc/$PID/comm"
	run as_user ns-enter -t "$PID" --with-host-tools sh -c 'cat /mnt/target/tmp/mine /mnt/target/proc/1/comm'
	assert_success
	assert_output $'mine\nsleep'
}

# What the container could do: take that user's id, and go through the root of every process that it sees.
reaches_host() { # PID UID FILE
	# shellcheck disable=SC2016 # for the shell in there
	ns-enter -t "$1" cap-set --user "$2:$2" --groups none sh -c 'for p in /proc/[0-9]*; do [ ! -e "$p/root$1" ] || exit 0; done; exit 1' sh "$3"
}

# sleeping COMMAND...: in the background, until its program sleeps; its pid in SLEEPER.
sleeping() {
	born "$@" sleep "60.$$"
	wait_for pgrep -fx "sleep 60.$$"
	SLEEPER=$(pgrep -fx "sleep 60.$$")
	MORE+=("$SLEEPER") # who was born may be a shell around it
}

awake() {
	kill "$SLEEPER"
	wait "$BORN" || true
}

@test "--with-host-tools: no process of a container reaches the host's files through it" {
	need_cmd setpriv pgrep
	echo >"$BATS_TEST_TMPDIR/of-the-host"
	local -A kinds=([none]='' [user]='--user --map-users 0:100000:65536 --map-groups 0:100000:65536')
	local kind uid
	for kind in none user; do
		# shellcheck disable=SC2086 # words
		container ns-run --pid --mount --net --uts --ipc ${kinds[$kind]}
		uid=54321
		# it does, through one that is in its pid namespace with the host's root: so the look can succeed
		sleeping ns-enter -t "$PID" --pid cap-set --user $uid:$uid --groups none
		[ "$kind" = user ] || reaches_host "$PID" $uid "$BATS_TEST_TMPDIR/of-the-host"
		awake
		# a link that lowers the rights; any child that does
		sleeping ns-enter -t "$PID" --with-host-tools cap-set --user $uid:$uid --groups none
		run reaches_host "$PID" $uid "$BATS_TEST_TMPDIR/of-the-host"
		assert_failure 1
		awake
		sleeping ns-enter -t "$PID" --with-host-tools setpriv --reuid=$uid --regid=$uid --clear-groups
		run reaches_host "$PID" $uid "$BATS_TEST_TMPDIR/of-the-host"
		assert_failure 1
		run cat "/proc/$SLEEPER/root$BATS_TEST_TMPDIR/of-the-host"
		assert_success
		awake
		kill -KILL "$PID"
	done
}

@test "--with-host-tools: in the host's user namespace the pid namespace stays the host's too" {
	echo inside >"$ROOT/tmp/file"
	mkdir -p "$ROOT/mnt"
	container ns-run --pid --mount --uts --hostname boxed
	run ns-enter -t "$PID" --with-host-tools sh -c 'readlink /proc/self/ns/pid /proc/self/exe; hostname; cat /mnt/target/tmp/file /mnt/target/proc/1/comm'
	assert_success
	assert_line --index 0 "$(readlink /proc/self/ns/pid)"
	assert_line boxed
	assert_line inside
	assert_line sleep
	run ns-enter -v -t "$PID" --with-host-tools true
	assert_success
	assert_output --partial 'pid: stays ours'
	run ns-enter -t "$PID" --with-host-tools --pid true
	assert_fault 125 "read option '--pid'" "could look into the program"
	run ns-enter --with-host-tools -t "$PID" --pid="/proc/$PID/ns/pid" true
	assert_fault 125 "read option '--pid'" "could look into the program"
	# one whose pid namespace is below a container's: that one sees it as well
	container ns-run --pid --mount
	born ns-enter -t "$PID" ns-run --user --map-root --pid sh -c 'echo >/tmp/ready; sleep 60'
	wait_for test -e "$ROOT/tmp/ready"
	local inner
	inner=$(pgrep -P "$BORN")
	inner=$(pgrep -P "$inner")
	run ns-enter -t "$inner" --with-host-tools readlink /proc/self/ns/pid
	assert_output "$(readlink /proc/self/ns/pid)"
}

@test "--with-host-tools --like-exec: neither ids nor capabilities, and no environment" {
	container ns-run --pid --mount --net
	run ns-enter -t "$PID" --with-host-tools --like-exec true
	assert_fault 125 "read option '--like-exec'" "ids and capabilities"
	assert_output --partial "--like-exec=-ids,-caps"
	run ns-enter -t "$PID" --with-host-tools --like-exec=caps true
	assert_fault 125 "read option '--like-exec'"
	run ns-enter -t "$PID" --with-host-tools --like-exec=ids true
	assert_fault 125 "read option '--like-exec'"
	kill -KILL "$PID"
	ns-run --pid --mount --net --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		fs-root --proc "$ROOT" proc-set --env LD_PRELOAD=/tmp/evil.so sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	wait_for grep -qx sleep "/proc/$PID/comm"
	run ns-enter -t "$PID" --with-host-tools --like-exec=-ids,-caps env
	assert_success
	refute_output --partial LD_PRELOAD
	run ns-enter -t "$PID" --with-host-tools --like-exec=env env
	assert_fault 125 "read option '--env'" "host's programs"
	run ns-enter -t "$PID" --with-host-tools --env env
	assert_fault 125 "read option '--env'" "host's programs"
}

@test "--with-host-tools by a user: no process of the container reaches the user's files" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user touch "$BATS_TEST_TMPDIR/of-the-user"
	as_user ns-run --user --mount --pid --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc --tmpfs /tmp "$ROOT" \
		sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	sleeping as_user ns-enter -t "$PID" --with-host-tools
	# shellcheck disable=SC2016 # for the shell in there
	run as_user ns-enter -t "$PID" sh -c 'for p in /proc/[0-9]*; do [ ! -e "$p/root$1" ] || exit 0; done; exit 1' sh "$BATS_TEST_TMPDIR/of-the-user"
	assert_failure 1
	kill -KILL "$PID"
	# where it shares the user's pid namespace there is no way to hide from it
	as_user ns-run --user --mount --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --tmpfs /tmp "$ROOT" \
		sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run as_user ns-enter -t "$PID" --with-host-tools true
	assert_fault 125 "read option '--with-host-tools'" "your pid namespace"
}

@test "--inject: a static program, in a container that has none" {
	mkdir -p "$BATS_TEST_TMPDIR/bare/proc"
	cp -r "$ROOT/bin" "$BATS_TEST_TMPDIR/hidden"
	born ns-run --mount --pid --uts --hostname bare --init fs-root --proc "$ROOT" sh -c 'echo >/tmp/there; while :; do sleep 1; done'
	wait_for test -s "$ROOT/tmp/there"
	PID=$(cat "/proc/$BORN/task/$BORN/children")
	PID=${PID% }
	rm -r "${ROOT:?}/bin"
	run ns-enter -t "$PID" ls
	assert_failure 127
	local busybox files
	busybox=$(command -v busybox)
	files=$(find "$ROOT" | sort)
	run ns-enter -t "$PID" --inject "$busybox" -- busybox ls /
	assert_success
	assert_line tmp
	refute_line bin
	run ns-enter -t "$PID" --inject "$busybox" -- busybox sh -c 'uname -n; id -u; exit 7'
	assert_failure 7
	assert_output $'bare\n0'
	# what the container sees of it is no file of the host's
	run ns-enter -t "$PID" --inject "$busybox" -- busybox readlink /proc/self/exe
	assert_output --partial memfd:busybox
	run ns-enter -t "$PID" --inject "$busybox" -- busybox sh -c 'echo x >/proc/self/exe'
	assert_failure
	assert_equal "$(find "$ROOT" | sort)" "$files"
	run ns-enter -t "$PID" --inject "$busybox"
	assert_output --partial "BusyBox"
	run ns-enter -t "$PID" --inject "$busybox" ls /
	assert_fault 126 "run 'ls'" "the program that is brought along is busybox"
}

@test "--inject refuses what would not run there" {
	container ns-run --uts --mount
	run ns-enter -t "$PID" --inject "$(command -v strace)" -- strace -V
	assert_fault 126 "run '$(command -v strace)'" "it is dynamic: it needs /lib"
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR/script"
	assert_fault 126 "run '$BATS_TEST_TMPDIR/script'" "it is a script"
	head -c 5000 /dev/zero >"$BATS_TEST_TMPDIR/script"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR/script"
	assert_fault 126 "run '$BATS_TEST_TMPDIR/script'" "no program of this machine"
	# its loader's name goes on behind what is read of it
	{ printf '\177ELF\2\1\1' && head -c 25 /dev/zero && printf '\100' && head -c 21 /dev/zero && printf '\070\0\1' && head -c 7 /dev/zero &&
		printf '\3\0\0\0\0\0\0\0\374\017\0\0\0\0\0\0' && head -c 4016 /dev/zero | tr '\0' A && head -c 4000 /dev/zero | tr '\0' B; } >"$BATS_TEST_TMPDIR/script"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR/script"
	assert_fault 126 "run '$BATS_TEST_TMPDIR/script'" "it needs AAAA and libraries"
	head -c 5000 /dev/zero >"$BATS_TEST_TMPDIR/script"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR"
	assert_fault 126 "run '$BATS_TEST_TMPDIR'" "no file"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR/none"
	assert_fault 127 "run '$BATS_TEST_TMPDIR/none'"
	chmod -x "$BATS_TEST_TMPDIR/script"
	run ns-enter -t "$PID" --inject "$BATS_TEST_TMPDIR/script"
	assert_fault 126 "run '$BATS_TEST_TMPDIR/script'"
}
