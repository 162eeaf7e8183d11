#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# serial
# podman with an OCI runtime under it. podman-crun.bats is a link to this file: the same cases with
# crun, as the witness. See tests/engines/frame.bash.

load helper
load engines/podman

setup_file() {
	lane_up
}

setup() {
	need_file
}

teardown_file() {
	lane_down
}

teardown() {
	lane_clean
}

# -- running and its status ---------------------------------------------------------------------

@test "run: output on stdout and stderr, nothing else" {
	run --separate-stderr box sh -c 'echo hello; echo error >&2'
	assert_success
	assert_output hello
	assert_equal "$stderr" error
}

@test "stdin goes through" {
	run box -i sh -c 'read -r line; echo "got $line"' <<<"a line"
	assert_success
	assert_output "got a line"
}

@test "the status of the program" {
	run -3 box sh -c 'exit 3'
	run -0 box true
	run -255 box sh -c 'exit 255'
}

@test "125 is podman's own" {
	run -125 box --no-such-option true
	assert_output --partial no-such-option
}

@test "126: found, and cannot be run" {
	run -126 box /etc/passwd
	run -126 box /etc
}

@test "127: not found, by name and by path" {
	run -127 box nosuch
	assert_output --partial nosuch
	run -127 box /bin/nosuch
	assert_output --partial nosuch
}

@test "--workdir, and one that is none" {
	run box --workdir=/etc pwd
	assert_success
	assert_output /etc
	run -126 box --workdir=/etc/passwd pwd
	assert_output --partial /etc/passwd
}

@test "environment and entrypoint" {
	run box --env=A='b c' --entrypoint='["sh", "-c"]' 'echo "$A $HOME $container"'
	assert_success
	assert_output "b c /root podman"
}

@test "detached: wait, and the status stays" {
	start_box one -- sh -c 'sleep 0.3; exit 7'
	run pod wait one
	assert_output 7
	run pod inspect -f '{{.State.Status}} {{.State.ExitCode}}' one
	assert_output "exited 7"
}

@test "created, initialized, started, run again" {
	pod create --name one localhost/box sh -c 'echo up; exit 4' >/dev/null
	pod init one
	run state_of one
	assert_output initialized
	run -4 pod start -a one
	assert_output up
	run -4 pod start -a one
	assert_output up
}

@test "a container that was never started is removed" {
	pod create --name one localhost/box true >/dev/null
	pod init one
	run pod rm -f one
	assert_success
}

@test "logs: both streams, in order, and followed to the end" {
	start_box one -- sh -c 'echo first; echo second >&2; sleep 0.5; echo third'
	run --separate-stderr pod logs -f one
	assert_success
	assert_output "$(printf 'first\nthird')"
	assert_equal "$stderr" second
}

@test "descriptors beyond the first three with --preserve-fds, and no others without" {
	echo kept >"$BATS_TEST_TMPDIR/file"
	run pod run --rm --preserve-fds 1 localhost/box sh -c 'cat <&3' 3<"$BATS_TEST_TMPDIR/file"
	assert_success
	assert_output kept
	run box sh -c 'ls /proc/self/fd' 8<"$BATS_TEST_TMPDIR/file"
	assert_output "$(printf '0\n1\n2\n3')"
}

# -- signals ------------------------------------------------------------------------------------

@test "kill: 137" {
	start_box one -- sleep 100
	pod kill one >/dev/null
	run pod wait one
	assert_output 137
}

@test "kill --signal: the program's handler" {
	start_box one -- sh -c 'trap "exit 21" USR1; echo ready; while :; do sleep 0.1; done'
	wait_for logs_say one ready
	pod kill --signal USR1 one >/dev/null
	run pod wait one
	assert_output 21
}

@test "stop: TERM is handled" {
	start_box one -- sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done'
	wait_for logs_say one ready
	pod stop -t 20 one >/dev/null
	run pod wait one
	assert_output 9
}

@test "stop: KILL follows when TERM is ignored" {
	start_box one -- sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	wait_for logs_say one ready
	run pod stop -t 1 one
	assert_success
	run pod wait one
	assert_output 137
}

@test "signals to podman run reach the program" {
	"$POD" run --rm --name one localhost/box sh -c 'trap "exit 33" TERM; while :; do sleep 0.1; done' &
	local running=$! status=0
	wait_for is_state one running
	sleep 0.5
	# timeout(1) passes it on to podman
	kill -TERM "$running"
	wait "$running" || status=$?
	assert_equal "$status" 33
}

@test "rm -f of a running one" {
	start_box one -- sh -c 'trap "" TERM; sleep 100 & wait'
	run pod rm -f -t 0 one
	assert_success
	run -1 pod container exists one
	wait_for nothing_left
}

@test "restart: another process, the same container" {
	local before
	start_box one -- sleep 100
	before=$(pid_of one)
	pod restart -t 0 one >/dev/null
	is_state one running
	[ "$(pid_of one)" != "$before" ]
	[ ! -e "/proc/$before" ]
}

@test "pause stops it, unpause lets it go on" {
	start_box one -- sh -c 'while :; do echo . >>/count; sleep 0.05; done'
	wait_for pod exec one test -s /count
	pod pause one >/dev/null
	run state_of one
	assert_output paused
	local root before
	root=/proc/$(pid_of one)/root
	before=$(wc -l <"$root/count")
	sleep 0.5
	assert_equal "$(wc -l <"$root/count")" "$before"
	run -255 pod exec one true
	pod unpause one >/dev/null
	run state_of one
	assert_output running
	sleep 0.5
	[ "$(wc -l <"$root/count")" -gt "$before" ]
}

@test "a paused one is removed" {
	start_box one -- sleep 100
	pod pause one >/dev/null
	run pod rm -f -t 0 one
	assert_success
}

# -- exec ---------------------------------------------------------------------------------------

@test "exec: output, status, environment, directory" {
	start_box one --hostname=inside -- sleep 100
	run pod exec one hostname
	assert_success
	assert_output inside
	run -5 pod exec one sh -c 'exit 5'
	run pod exec -e A=b -w /etc one sh -c 'echo "$A $PWD"'
	assert_output "b /etc"
	run pod exec -i one cat <<<through
	assert_output through
}

@test "exec: 126 and 127" {
	start_box one -- sleep 100
	run -126 pod exec one /etc/passwd
	run -127 pod exec one nosuch
}

@test "exec: the user, without capabilities" {
	start_box one -- sleep 100
	run pod exec --user 1000:1001 one sh -c 'id -u; id -g; grep CapEff /proc/self/status'
	assert_success
	assert_output "$(printf '1000\n1001\nCapEff:\t0000000000000000')"
}

@test "exec -d: it goes on by itself" {
	start_box one -- sleep 100
	run pod exec -d one sh -c 'sleep 0.3; echo finished >/result'
	assert_success
	wait_for pod exec one grep -q finished /result
}

@test "exec: the namespaces, the cgroup and the filter of the container" {
	start_box one --memory=64m -- sleep 100
	local inside='for n in mnt pid net uts ipc; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup; grep Seccomp: /proc/self/status'
	local of_first="${inside//self/1}"
	run pod exec one sh -c "$of_first"
	assert_success
	local first=$output
	run pod exec one sh -c "$inside"
	assert_output "$first"
	assert_line "$(printf 'Seccomp:\t2')"
}

@test "exec into one that has ended" {
	start_box one -- true
	pod wait one >/dev/null
	run pod exec one true
	assert_failure
}

@test "a killed exec leaves the container alone" {
	start_box one -- sleep 100
	run -137 pod exec one sh -c 'kill -KILL $$'
	run state_of one
	assert_output running
}

# -- terminals ----------------------------------------------------------------------------------

# in_terminal COLUMNS ROWS COMMAND: a terminal of tmux with that command
in_terminal() {
	need_cmd tmux
	tmux -S "$LANE/tmux" -f /dev/null new-session -d -x "$1" -y "$2" \
		"tmux -S $LANE/tmux set status off; $3; echo status=\$?; sleep 60"
}

type_in() {
	tmux -S "$LANE/tmux" send-keys "$@" Enter
}

shows() { # REGEXP
	tmux -S "$LANE/tmux" capture-pane -p | grep -qE "$1"
}

@test "a terminal: it is one, has its size, follows a new one, gives the status" {
	in_terminal 91 33 "$POD run -it --name one localhost/box sh"
	wait_for shows '^/ #'
	type_in 'tty; stty size'
	wait_for shows '^/dev/pts/0$'
	wait_for shows '^33 91$'
	tmux -S "$LANE/tmux" resize-window -x 77 -y 22
	sleep 1
	type_in 'stty size'
	wait_for shows '^22 77$'
	type_in 'exit 12'
	wait_for shows '^status=12$'
}

@test "a terminal: job control, ^C" {
	in_terminal 80 24 "$POD run -it --rm localhost/box sh"
	wait_for shows '^/ #'
	type_in 'sleep 50; echo sta"tus" $?'
	sleep 0.5
	tmux -S "$LANE/tmux" send-keys C-c
	type_in 'echo sta"tus" $?'
	wait_for shows '^status 130$'
	type_in 'exit 0'
	wait_for shows '^status=0$'
}

@test "exec -it: a second terminal, with its size and status" {
	start_box one -- sleep 100
	in_terminal 72 19 "$POD exec -it one sh"
	wait_for shows '^/ #'
	type_in 'tty; stty size'
	wait_for shows '^/dev/pts/[0-9]$'
	wait_for shows '^19 72$'
	type_in 'exit 8'
	wait_for shows '^status=8$'
}

@test "a terminal of a detached one, read by logs" {
	start_box one --tty -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo a terminal; stat -c %u /dev/console'
	pod wait one >/dev/null
	wait_for logs_say one "a terminal"
}

# -- limits -------------------------------------------------------------------------------------

@test "--memory and --pids-limit, from inside and from outside" {
	need_cgroup memory
	need_cgroup pids
	start_box one --memory=64m --pids-limit=33 -- sleep 100
	local pid
	pid=$(pid_of one)
	run key_of "$pid" memory memory.limit_in_bytes memory.max
	assert_output 67108864
	run key_of "$pid" pids pids.max pids.max
	assert_output 33
	run pod exec one sh -c "$(key_inside memory memory.limit_in_bytes memory.max)"
	assert_output 67108864
	run pod exec one sh -c "$(key_inside pids pids.max pids.max)"
	assert_output 33
	grep -q "$PARENT/libpod-" "/proc/$pid/cgroup"
}

@test "--pids-limit holds" {
	need_cgroup pids
	run box --pids-limit=5 sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait'
	assert_failure
	assert_output --partial "can't fork"
}

@test "more than --memory: killed, and conmon sees why" {
	need_cgroup memory
	rm -f "$LANE/cwd/oom"
	run -137 box --memory=16m --memory-swap=16m dd if=/dev/zero of=/dev/null bs=64M count=1
	[ -e "$LANE/cwd/oom" ]
}

@test "--cpus, --cpu-shares, --cpuset-cpus" {
	need_cgroup cpu
	need_cgroup cpuset
	start_box one --cpus=0.5 --cpu-shares=512 --cpuset-cpus=0 -- sleep 100
	local pid
	pid=$(pid_of one)
	run key_of "$pid" cpu cpu.cfs_quota_us cpu.max
	assert_output --regexp '^50000( 100000)?$'
	run key_of "$pid" cpu cpu.shares cpu.weight
	assert_output --regexp '^(512|20)$'
	run key_of "$pid" cpuset cpuset.cpus cpuset.cpus
	assert_output 0
}

@test "update: another limit for a running one" {
	need_cgroup memory
	start_box one --memory=64m -- sleep 100
	run pod update --memory 96m one
	assert_success
	run key_of "$(pid_of one)" memory memory.limit_in_bytes memory.max
	assert_output 100663296
}

@test "--ulimit" {
	run box --ulimit=nofile=100:200 --ulimit=nproc=50:60 --ulimit=core=0:0 sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
	assert_success
	assert_output "$(printf '100\n200\n0')"
}

@test "a rlimit above what the machine allows is an error that names it" {
	! capsh --has-p=cap_sys_resource >/dev/null 2>&1 || skip "needs a machine without CAP_SYS_RESOURCE"
	run box --ulimit=nproc=50:60 --ulimit=nofile=9999999:9999999 echo not run
	# 126 for the words "operation not permitted", as they come from the runtime; else 125
	[[ $status -eq 125 || $status -eq 126 ]]
	assert_output --regexp '(RLIMIT_NOFILE|nofile)'
	refute_output --partial "not run"
}

@test "--oom-score-adj: raised, and an error where it cannot be lowered" {
	run box --oom-score-adj=500 cat /proc/self/oom_score_adj
	assert_success
	assert_output 500
	! capsh --has-p=cap_sys_resource >/dev/null 2>&1 || skip "needs a machine without CAP_SYS_RESOURCE"
	run box --oom-score-adj=-500 echo not run
	assert_failure
	assert_output --partial oom_score_adj
}

# -- the root and what is mounted -----------------------------------------------------------------

@test "--read-only" {
	run box --read-only sh -c 'touch /new || echo refused; touch /tmp/new && echo tmp; echo x 2>/dev/null >/etc/passwd || echo kept'
	assert_line refused
	assert_line tmp
	assert_line kept
	assert_output --partial "Read-only file system"
}

@test "-v: read-write and read-only" {
	mkdir "$BATS_TEST_TMPDIR/shown"
	echo host >"$BATS_TEST_TMPDIR/shown/file"
	run box --volume="$BATS_TEST_TMPDIR/shown:/shown" sh -c 'cat /shown/file; echo inside >/shown/new'
	assert_success
	assert_output host
	assert_equal "$(cat "$BATS_TEST_TMPDIR/shown/new")" inside
	run box --volume="$BATS_TEST_TMPDIR/shown:/shown:ro" sh -c 'cat /shown/file; echo again >/shown/new'
	assert_failure
	assert_output --partial "Read-only file system"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/shown/new")" inside
}

@test "a named volume keeps what was written" {
	box --volume=vol:/data sh -c 'echo kept >/data/file'
	run box --volume=vol:/data cat /data/file
	assert_output kept
	run pod volume rm vol
	assert_success
}

@test "--tmpfs, with its options" {
	run box --tmpfs=/scratch:size=1m,mode=700 sh -c 'stat -c %a /scratch; grep " /scratch " /proc/mounts'
	assert_success
	assert_line --index 0 700
	assert_line --index 1 --regexp '^tmpfs /scratch tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=700'
}

@test "/dev: devices, links, a device of the host" {
	run box --device=/dev/zero:/dev/nought sh -c 'head -c 4 /dev/nought | wc -c; head -c 1 /dev/urandom | wc -c
		readlink /dev/fd; readlink /dev/stdin; stat -c "%t:%T %a" /dev/null; test -p /dev/ptmx || readlink /dev/ptmx'
	assert_success
	assert_line --index 0 4
	assert_line --index 1 1
	assert_line --index 2 /proc/self/fd
	assert_line --index 3 /proc/self/fd/0
	assert_line --index 4 "1:3 666"
	assert_line --index 5 --regexp 'pts/ptmx$'
}

@test "a device that was not given is denied, although its node can be made" {
	need_cgroup devices
	run box --cap-add=mknod sh -c 'mknod /kmsg c 1 11 && head -c 1 /kmsg'
	assert_failure
	assert_output --partial "Operation not permitted"
}

@test "what is hidden and read-only in /proc and /sys" {
	local hidden
	for hidden in /proc/keys /proc/timer_list none; do
		! head -c 1 "$hidden" 2>/dev/null | grep -q . || break
	done
	[ "$hidden" != none ] || skip "needs a /proc with keys or timer_list"
	run --separate-stderr box sh -c "wc -c <$hidden; ls /sys/firmware; "'echo 1 >/proc/sys/kernel/panic || echo refused
		echo b >/proc/sysrq-trigger || echo refused'
	assert_line --index 0 0
	assert_equal "$(grep -cx refused <<<"$output")" 2
	refute_line --regexp '^(dmi|efi|acpi|memmap)$'
}

@test "--sysctl" {
	run box --sysctl=net.ipv4.ip_forward=1 --sysctl=kernel.shm_rmid_forced=1 cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced
	assert_success
	assert_output "$(printf '1\n1')"
}

# -- rights -------------------------------------------------------------------------------------

caps_of() { # OPTION... : the five sets of a container's program
	run box "$@" sh -c 'sed -n "s/^\(Cap...\):[[:space:]]*0*\([0-9a-f]\)/\1 \2/p" /proc/self/status'
	assert_success
}

@test "--cap-drop all: none in any set" {
	caps_of --cap-drop=all
	assert_output "$(printf '%s 0\n' CapInh CapPrm CapEff CapBnd CapAmb)"
}

@test "--cap-drop all --cap-add chown: that one, and not inheritable" {
	caps_of --cap-drop=all --cap-add=chown
	assert_output "$(printf '%s\n' 'CapInh 0' 'CapPrm 1' 'CapEff 1' 'CapBnd 1' 'CapAmb 0')"
}

@test "capabilities of a container without options: what podman gives, and nothing inheritable" {
	caps_of --hostname=any
	assert_line "CapInh 0"
	assert_line "CapAmb 0"
	local bound=${lines[3]#CapBnd }
	assert_line "CapPrm $bound"
	assert_line "CapEff $bound"
	[ $((0x$bound & 1 << 21)) -eq 0 ] # sys_admin
	[ $((0x$bound & 1)) -eq 1 ]       # chown
}

@test "--user 1000:1001 --group-add 2000" {
	run box --user=1000:1001 --group-add=2000 sh -c 'id -u; id -g; id -G; sed -n "s/^Cap\(Prm\|Eff\|Amb\):\s*//p" /proc/self/status'
	assert_success
	assert_line --index 0 1000
	assert_line --index 1 1001
	assert_line --index 2 "1001 2000"
	assert_line --index 3 0000000000000000
	assert_line --index 4 0000000000000000
	assert_line --index 5 0000000000000000
}

@test "--security-opt no-new-privileges" {
	run box --security-opt=no-new-privileges grep NoNewPrivs /proc/self/status
	assert_output "$(printf 'NoNewPrivs:\t1')"
	run box grep NoNewPrivs /proc/self/status
	assert_output "$(printf 'NoNewPrivs:\t0')"
}

# swapoff is denied whatever capabilities there are; without the filter the file would be missing.
@test "the default seccomp profile denies, and can be left away" {
	run box --cap-add=sys_admin sh -c 'grep Seccomp: /proc/self/status; busybox swapoff /nosuch'
	assert_failure
	assert_line "$(printf 'Seccomp:\t2')"
	assert_output --regexp 'Operation not permitted|Function not implemented'
	run box --cap-add=sys_admin --security-opt=seccomp=unconfined sh -c 'grep Seccomp: /proc/self/status; busybox swapoff /nosuch'
	assert_line "$(printf 'Seccomp:\t0')"
	assert_output --partial "No such file"
}

@test "a seccomp profile of one's own, with its errno" {
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}' >"$BATS_TEST_TMPDIR/deny.json"
	run -1 box --security-opt=seccomp="$BATS_TEST_TMPDIR/deny.json" mkdir /new
	assert_output --partial "Function not implemented"
}

@test "--privileged" {
	run box --privileged sh -c 'grep Seccomp: /proc/self/status; mount -t tmpfs t /tmp && echo mounted; ls -d /sys/firmware'
	assert_success
	assert_line "$(printf 'Seccomp:\t0')"
	assert_line mounted
}

# -- namespaces ---------------------------------------------------------------------------------

@test "--hostname, and the program is process 1" {
	run box --hostname=elsewhere sh -c 'hostname; echo $$'
	assert_output "$(printf 'elsewhere\n1')"
}

@test "--network none: a loopback and nothing else" {
	run box --network=none sh -c 'readlink /proc/self/ns/net; ls /sys/class/net'
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_line --index 1 lo
	[ "${lines[0]}" != "$(readlink /proc/self/ns/net)" ]
}

@test "--network host: the host's" {
	run box --network=host readlink /proc/self/ns/net
	assert_success
	assert_output "$(readlink /proc/self/ns/net)"
}

@test "--network container: another container's" {
	start_box one -- sleep 100
	run box --network=container:one readlink /proc/self/ns/net
	assert_success
	assert_output "$(readlink "/proc/$(pid_of one)/ns/net")"
}

@test "--pid host, --ipc host, --uts host" {
	run box --pid=host --ipc=host --uts=host sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts'
	assert_success
	assert_output "$(for kind in pid ipc uts; do readlink "/proc/self/ns/$kind"; done)"
}

@test "--pid host: all of it ends with the container" {
	start_box one --pid=host -- sh -c 'sleep 987 & sleep 987'
	run pod rm -f -t 0 one
	assert_success
	wait_for nothing_left
}

@test "--cgroupns private: the cgroup is the top" {
	run box --cgroupns=private cat /proc/self/cgroup
	assert_success
	assert_output --regexp ':/$'
	refute_output --partial libpod
}

@test "--uidmap: root inside, somebody else outside" {
	start_box one --ipc=none --uidmap=0:200000:2000 --gidmap=0:300000:2000 -- sleep 100
	local pid
	pid=$(pid_of one)
	assert_equal "$(stat -c '%u %g' "/proc/$pid")" "200000 300000"
	run pod exec one sh -c 'id -u; id -g; touch /new && stat -c %u /new'
	assert_success
	assert_output "$(printf '0\n0\n0')"
	chown 0:0 /dev/null # crun gives away what is its standard input, also when it is that
}

# -- what else engines do -----------------------------------------------------------------------

@test "hooks: each is told the state" {
	local stage
	for stage in prestart poststart poststop; do
		cat >"$LANE/hooks/$stage.json" <<-EOF
			{"version": "1.0.0", "stages": ["$stage"], "when": {"annotations": {"^boxtest\$": "hooks"}},
			 "hook": {"path": "/bin/sh", "args": ["sh", "-c", "cat >$BATS_TEST_TMPDIR/$stage"]}}
		EOF
	done
	run box --annotation=boxtest=hooks true
	assert_success
	wait_for test -s "$BATS_TEST_TMPDIR/poststop"
	for stage in prestart poststart poststop; do
		grep -qE '"id": ?"[0-9a-f]{64}"' "$BATS_TEST_TMPDIR/$stage"
	done
	rm "$LANE/hooks"/*.json
}

@test "build: RUN in a container of the runtime" {
	printf 'FROM localhost/box\nRUN echo built >/made && id -u >>/made\n' >"$BATS_TEST_TMPDIR/Containerfile"
	run pod build -q --isolation oci --network none -t localhost/built "$BATS_TEST_TMPDIR"
	assert_success
	run pod run --rm localhost/built cat /made
	assert_output "$(printf 'built\n0')"
	pod rmi localhost/built >/dev/null
}

@test "20 containers at once" {
	local i started=()
	for i in {1..20}; do
		start_box "many$i" -- sh -c "sleep 0.2; exit $((i + 20))" &
		started+=($!)
	done
	wait "${started[@]}" # and not for the clock of bats
	for i in {1..20}; do
		run pod wait "many$i"
		assert_output $((i + 20))
	done
}

# Every test looks for what it left (teardown). Here they look while there is something, so that a
# check that sees nothing is found out; and the end is by itself, without rm.
@test "nothing is left of one that ended by itself" {
	start_box one --volume="$BATS_TEST_TMPDIR:/shown" --memory=64m -- sh -c 'while [ ! -e /shown/go ]; do sleep 0.1; done'
	run lane_left
	assert_line --regexp '^mount .*userdata/shm$'
	assert_line --regexp '^cgroup .*libpod-'
	assert_line --regexp '^process .*conmon'
	assert_line --regexp '^state [0-9a-f]{64}$'
	touch "$BATS_TEST_TMPDIR/go"
	wait_for nothing_left
	run state_of one
	assert_output exited
}

# -- ns-enter ---------------------------------------------------------------------------------

@test "ns-enter --like-exec is what exec gives, seen from inside" {
	# shellcheck disable=SC2016 # the inner shell expands
	local look='grep -E "^(Uid|Gid|Groups|Umask|Cap...|NoNewPrivs|Seccomp):" /proc/self/status
		for k in mnt pid net uts ipc user cgroup time; do readlink /proc/self/ns/$k; done
		env | grep -vE "^(SHLVL|_|PWD|HOME)=" | sort; pwd; grep -v ":/\$" /proc/self/cgroup; cat /proc/self/limits /proc/self/oom_score_adj' want
	# exec runs as the container is configured, the other as its process is: without --user they are one
	start_box one --env=A='b c' --workdir=/etc --cap-drop=chown --hostname=boxed -- sleep 100
	want=$(pod exec one sh -c "$look")
	run ns-enter -t "$(pid_of one)" --like-exec sh -c "$look"
	assert_success
	assert_output "$want"
	assert_line "A=b c"
	assert_line /etc
	assert_line $'Seccomp:\t2'
	run ns-enter -t "$(pid_of one)" --with-host-tools sh -c 'cat /mnt/target/etc/passwd; hostname'
	assert_success
	assert_line --index -1 boxed
}
