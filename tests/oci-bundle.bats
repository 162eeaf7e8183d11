#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# oci-bundle: what config.json says is what the printed text does, seen from inside; what it
# cannot say is refused by its path and line.

load helper

setup() {
	box_setup
	need_cmd jq
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
}

# bundle WORD...: a new bundle over $ROOT, with more options or -- PROGRAM
bundle() {
	oci-bundle new "$BUNDLE" --force --root "$ROOT" "$@"
}

# change FILTER: config.json through jq
change() {
	jq "$@" "$CONFIG" >"$CONFIG.new" && mv "$CONFIG.new" "$CONFIG"
}

# run_text: the printed text in a fresh sh, from another directory
run_text() {
	local text
	text=$(oci-bundle chain "$@" "$BUNDLE") || return
	(cd / && env -i PATH="$PATH" sh -c "$text")
}

# inside SCRIPT: a bundle whose program is that script; its output in $output
inside() {
	SCRIPT=$1 change '.process.args = ["sh", "-c", $ENV.SCRIPT]'
	run run_text
	assert_success
}

inode() {
	readlink "/proc/self/ns/$1"
}

# -- new and chain ----------------------------------------------------------------------------

@test "new, chain, sh: a container" {
	need_root
	bundle -- sh -c 'echo hello; id -u; hostname; pwd'
	run run_text
	assert_success
	assert_output "$(printf 'hello\n0\ncontainer\n/')"
}

@test "a user without rights has one too" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user oci-bundle new "$BUNDLE" --root "$ROOT" -- sh -c 'id -u; hostname; ls /dev'
	run as_user sh -c 'oci-bundle chain "$1" | sh' sh "$BUNDLE"
	assert_success
	assert_line --index 0 0
	assert_line --index 1 container
	assert_line urandom
}

@test "every option of new is in the file" {
	need_root
	mkdir "$BATS_TEST_TMPDIR/shown"
	deny_profile
	oci-bundle new "$BUNDLE" --root "$ROOT" --read-only --env A=1 --env 'B=x y' --cwd /root --user 5:6 --cap kill \
		--memory 64M --pids 9 --cpus 0.5 --hostname name --net host --terminal --seccomp "$PROFILE" \
		--tmpfs /run --bind "$BATS_TEST_TMPDIR/shown:/mnt:noexec" --ro-bind "$BATS_TEST_TMPDIR/shown" \
		--mount tmpfs:x:/srv:size=1m -- prog 'a b' "it's"
	run jq -c '[.root.readonly, .process.env, .process.cwd, .process.user, .process.capabilities.ambient,
		.linux.resources.memory.limit, .linux.resources.pids.limit, .linux.resources.cpu.quota, .hostname,
		.process.terminal, .linux.seccomp.defaultAction, .process.args, ([.linux.namespaces[].type] | index("network"))]' "$CONFIG"
	assert_output '[true,["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","TERM=xterm","A=1","B=x y"],"/root",{"uid":5,"gid":6},["CAP_KILL"],67108864,9,50000,"name",true,"SCMP_ACT_ALLOW",["prog","a b","it'\''s"],null]'
	run jq -r '.mounts[] | "\(.destination) \(.type) \(.options | join(","))"' "$CONFIG"
	assert_line "/run tmpfs nosuid,nodev,mode=755"
	assert_line "/mnt none rbind,noexec"
	assert_line "$BATS_TEST_TMPDIR/shown none rbind,rro"
	assert_line "/srv tmpfs size=1m"
}

@test "a bad option of new is named, and leaves nothing" {
	local option
	for option in --user=root --memory=lots --memory=0 --pids=-1 --cpus=x --net=some --cwd=here --env=A --cap=nothing \
		--seccomp=/nonexistent --mount=tmpfs --tmpfs=/; do
		run oci-bundle new "$BUNDLE" "$option"
		assert_equal "$status" 125
		assert_output --partial "try: "
		[ ! -e "$BUNDLE" ]
	done
}

@test "an existing config.json is replaced with --force only, and kept by a failure" {
	bundle --hostname first
	run oci-bundle new "$BUNDLE" --hostname second
	assert_fault 125 "write" "File exists"
	assert_equal "$(oci-bundle get "$BUNDLE" hostname)" first
	run oci-bundle new "$BUNDLE" --force --hostname second
	assert_success
	assert_equal "$(oci-bundle get "$BUNDLE" hostname)" second
	assert_equal "$(ls -A "$BUNDLE")" config.json
}

@test "a full disk leaves the old file" {
	need_root
	need_cmd unshare
	run unshare -m sh -c '
		mkdir "$1" && mount -t tmpfs -o size=8k tmpfs "$1" && oci-bundle new "$1" --hostname old || exit 9
		head -c 100000 /dev/zero >"$1/fill" 2>/dev/null
		oci-bundle new "$1" --force --hostname new
		echo $?
		oci-bundle get "$1" hostname
		ls -A "$1"' sh "$BUNDLE"
	assert_line 125
	assert_line old
	assert_line --partial "No space left on device"
	refute_line --partial .config.json
}

@test "the text parses to itself, and is the same from any directory" {
	bundle -- sh
	oci-bundle chain "$BUNDLE" >"$BATS_TEST_TMPDIR/one"
	cd "$BUNDLE"
	run oci-bundle chain .
	assert_output "$(cat "$BATS_TEST_TMPDIR/one")"
	sed '1s/^\(cg-exec\|ns-run\)/\1 --print/' "$BATS_TEST_TMPDIR/one" >"$BATS_TEST_TMPDIR/print"
	run sh "$BATS_TEST_TMPDIR/print"
	assert_output "$(cat "$BATS_TEST_TMPDIR/one")"
}

@test "--explain says for each word which property asks for it" {
	bundle --hostname name -- sh
	run oci-bundle chain --explain "$BUNDLE"
	assert_success
	assert_line "# --hostname name	hostname"
	assert_line "# --cwd /	process.cwd"
	assert_line --regexp '^# --mount proc:proc:/proc:.*	mounts\[0\]$'
	run sh -c "$(oci-bundle chain --explain "$BUNDLE" | grep -c '^#' | sed 's/.*/[ & -gt 20 ]/')"
	assert_success
}

# -- properties, from inside --------------------------------------------------------------------

@test "namespaces: new ones by kind, and those that are not named stay" {
	need_root
	local kind file
	bundle
	for pair in network:net uts:uts ipc:ipc pid:pid cgroup:cgroup; do
		kind=${pair%:*} file=${pair#*:}
		bundle --hostname ""
		change --arg k "$kind" '.linux.namespaces = [{type: "mount"}, {type: $k}] | .mounts |= map(select(.type != "cgroup"))'
		inside "for k in net uts ipc pid cgroup; do echo \$k \$(readlink /proc/self/ns/\$k); done"
		refute_line "$file $(inode "$file")"
		for other in net uts ipc cgroup; do
			[ "$other" = "$file" ] || assert_line "$other $(inode "$other")"
		done
	done
}

@test "namespaces joined by path, of that kind and of no other" {
	need_root
	unshare --net --uts sleep 60 3>&- &
	local holder=$!
	wait_for test "$(inode net)" != "$(readlink /proc/$holder/ns/net)"
	bundle --net "/proc/$holder/ns/net"
	inside 'readlink /proc/self/ns/net'
	assert_output "$(readlink /proc/$holder/ns/net)"
	bundle --net "/proc/$holder/ns/uts"
	run run_text
	kill "$holder"
	assert_fault 125 "join namespaces" "it is a uts namespace"
}

@test "a joined user namespace and its map: the same, or refused by check" {
	need_root
	local holder
	chmod a+rx "$BATS_TEST_TMPDIR" "$ROOT"
	ns-run --user --map-users 0:100000:5,7:200000:9 --map-groups 0:300000:10 --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 3>&-
	holder=$(cat "$BATS_TEST_TMPDIR/pid")
	bundle
	change --arg path "/proc/$holder/ns/user" '.linux.namespaces += [{type: "user", path: $path}]
		| .linux.uidMappings = [{containerID: 7, hostID: 200000, size: 9}, {containerID: 0, hostID: 100000, size: 5}]
		| .linux.gidMappings = [{containerID: 0, hostID: 300000, size: 10}]'
	inside 'readlink /proc/self/ns/user'
	assert_output "$(readlink "/proc/$holder/ns/user")"
	run oci-bundle check "$BUNDLE"
	assert_success
	change '.linux.gidMappings[0].size = 4'
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	assert_output --partial "linux.namespaces["
	assert_output --partial "its group ids are mapped 0:300000:10, and not 0:300000:4"
	run run_text
	kill "$holder"
	assert_fault 125 "join namespaces of '/proc/$holder/ns/user'" "its group ids"
}

@test "hostname, domainname, sysctl" {
	need_root
	bundle --hostname box
	change '.domainname = "dom.example" | .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "77", "net/ipv4/conf/lo/forwarding": "1"}'
	inside 'hostname; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	assert_output "$(printf 'box\ndom.example\n1\n77')"
}

@test "a sysctl of the host is refused, with its path" {
	need_root
	bundle --net host
	change '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	run run_text
	assert_fault 125 "set kernel parameter" "not new"
	change '.linux.sysctl = {"vm.swappiness": "1"}'
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	assert_output --partial "linux.sysctl: vm.swappiness=1: it belongs to no namespace"
}

@test "mounts: the table with options, in order" {
	need_root
	mkdir "$BUNDLE" "$BUNDLE/data"
	touch "$BUNDLE/data/here"
	bundle
	change '.mounts += [{destination: "/srv", type: "tmpfs", source: "src", options: ["nosuid", "noexec", "size=1m", "mode=0700"]},
		{destination: "/srv/a:b", type: "none", source: "data", options: ["rbind", "ro", "nodev"]},
		{destination: "mnt", type: "tmpfs", source: "last", options: ["ro", "rw"]}]'
	inside 'grep -E "/srv|/mnt" /proc/self/mountinfo | cut -d" " -f5,6,7-; ls /srv/a:b; stat -c %a /srv'
	assert_line --regexp '^/srv rw,nosuid,noexec.* - tmpfs src rw,size=1024k,mode=700'
	assert_line --regexp '^/srv/a:b ro,nodev'
	assert_line --regexp '^/mnt rw.* - tmpfs last'
	assert_line here
	assert_line 700
}

@test "rootfsPropagation: slave binds and a shared root, as crun has them" {
	need_root
	need_cmd crun unshare
	local kind
	mkdir -p "$BATS_TEST_TMPDIR/src" "$ROOT/v"
	bundle --bind "$BATS_TEST_TMPDIR/src:/v"
	run oci-bundle chain "$BUNDLE"
	refute_output --partial propagation
	# the namespace numbers its groups as they come
	SCRIPT='sed -E "s/^([^ ]* ){4}([^ ]*) [^ ]* (.*)- .*/\2 \3/; s/:[0-9]+//g; s/ $//" /proc/self/mountinfo | grep -E "^/( |v|$)" | sort' \
		change '.process.args = ["sh", "-c", $ENV.SCRIPT] | .ociVersion = "1.0.2" | del(.linux.resources)'
	for kind in rprivate rslave shared unbindable; do
		change --arg kind "$kind" '.linux.rootfsPropagation = $kind'
		run unshare -m --propagation private bash -c 'mount -t tmpfs src "$1/src" && mount --make-shared "$1/src" &&
			oci-bundle chain "$2" | sh && crun run -b "$2" "props-$$" </dev/null' bash "$BATS_TEST_TMPDIR" "$BUNDLE"
		assert_success
		assert_equal "${#lines[@]}" 4
		case $kind in # of crun a bind without a word is a peer of the host, and the root is private
		shared) assert_equal "${lines[*]}" "/ shared /v master / shared /v shared" ;;
		unbindable) assert_equal "${lines[*]}" "/ unbindable /v / unbindable /v shared" ;;
		*) assert_equal "${lines[0]} ${lines[1]}" "${lines[2]} ${lines[3]}" ;;
		esac
	done
}

@test "mounts: id maps, of the mount and of the container" {
	need_root
	need_cmd unshare
	mkdir -p "$BATS_TEST_TMPDIR/src" "$ROOT/v"
	bundle --bind "$BATS_TEST_TMPDIR/src:/v" --cap dac_override
	change '.process.args = ["stat", "-c", "%u:%g", "/v/f"] | .mounts[-1] += {uidMappings: [{containerID: 1000, hostID: 5, size: 2}], gidMappings: [{containerID: 1000, hostID: 6, size: 2}]}'
	run oci-bundle chain "$BUNDLE"
	assert_output --partial "/src:/v:rbind,idmap=uids=1000-5-2;gids=1000-6-2"
	run unshare -m --propagation private sh -c 'mount -t tmpfs src "$1/src" && touch "$1/src/f" && chown 1001:1001 "$1/src/f" && oci-bundle chain "$2" | sh' sh "$BATS_TEST_TMPDIR" "$BUNDLE"
	assert_output 6:7
	change 'del(.mounts[-1].uidMappings, .mounts[-1].gidMappings) | .mounts[-1].options += ["ridmap"] | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 2000}] | .linux.gidMappings = .linux.uidMappings'
	run unshare -m --propagation private sh -c 'mount -t tmpfs src "$1/src" && touch "$1/src/f" && chown 1001:1001 "$1/src/f" && oci-bundle chain "$2" | sh' sh "$BATS_TEST_TMPDIR" "$BUNDLE"
	assert_output 1001:1001
}

@test "mounts: cgroups that may be written, options as crun has them" {
	need_root
	need_cmd crun
	need_cgroup pids
	bundle --pids 40
	change '(.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "nodev", "rw"] | .ociVersion = "1.0.2" | .linux.resources.devices = null
		| .process.args = ["sh", "-c", "c=/sys/fs/cgroup/pids; [ -d $c ] || c=/sys/fs/cgroup; grep \" $c \" /proc/self/mountinfo | cut -d\" \" -f5,6; mkdir $c/below && rmdir $c/below && echo made"]'
	run run_text
	assert_output "$(printf '%s\nmade' "$(sed -n 1p <<<"$output")")"
	assert_line --index 0 --regexp '/sys/fs/cgroup(/pids)? rw,nosuid,nodev,noexec,relatime'
	assert_line made
	run crun run -b "$BUNDLE" "props-$$"
	assert_line made
	assert_line --index 0 --regexp '/sys/fs/cgroup(/pids)? rw,nosuid,nodev'
	# with a user namespace and no cgroup namespace they are bound
	change '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 2000}] | .linux.gidMappings = .linux.uidMappings
		| del(.linux.resources) | (.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "nodev", "noexec", "ro"]'
	inside "ls -d /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs 2>/dev/null | wc -l; mkdir /sys/fs/cgroup/x /sys/fs/cgroup/pids/x 2>&1; true"
	refute_line 0
	assert_output --partial "Read-only file system"
}

@test "root.readonly, masked and read-only paths" {
	need_root
	bundle --read-only
	change '.linux.maskedPaths += ["/etc/passwd", "/usr", "/nonexistent"] | .linux.readonlyPaths += ["/tmp", "/nonexistent"]'
	inside 'touch /x 2>&1; touch /tmp/x 2>&1; wc -c </etc/passwd; ls /usr | wc -l; touch /usr/x 2>&1; touch /dev/shm/x && echo rw'
	assert_line "touch: /x: Read-only file system"
	assert_line "touch: /tmp/x: Read-only file system"
	assert_line "touch: /usr/x: Read-only file system"
	assert_line rw
	assert_equal "$(grep -cx 0 <<<"$output")" 2
}

@test "default devices, and those of linux.devices" {
	need_root
	bundle
	change '.linux.devices = [{type: "c", path: "/dev/sub/fuse", major: 10, minor: 229, fileMode: 416, uid: 3, gid: 4},
		{type: "p", path: "/dev/fifo", fileMode: 384}, {type: "c", path: "/dev/null", major: 1, minor: 3, fileMode: 438}]'
	inside 'stat -c "%n %F %a %u:%g %t,%T" /dev/sub/fuse /dev/fifo /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; for l in fd stderr ptmx; do readlink /dev/$l; done'
	assert_output "$(
		cat <<-END
			/dev/sub/fuse character special file 640 3:4 a,e5
			/dev/fifo fifo 600 0:0 0,0
			/dev/null character special file 666 0:0 1,3
			/dev/zero character special file 666 0:0 1,5
			/dev/full character special file 666 0:0 1,7
			/dev/random character special file 666 0:0 1,8
			/dev/urandom character special file 666 0:0 1,9
			/dev/tty character special file 666 0:0 5,0
			/proc/self/fd
			/proc/self/fd/2
			pts/ptmx
		END
	)"
}

@test "args, env, cwd, umask" {
	need_root
	bundle --cwd /root --env 'WORDS=a  "b" $c' --env "NL=x
y" -- env
	run run_text
	assert_output "$(printf 'PATH=%s\nWORDS=a  "b" $c\nNL=x\ny\nHOME=/root' /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)"
	inside 'pwd; umask'
	assert_output "$(printf '/root\n0022')"
	change '.process.user.umask = 63'
	inside 'umask'
	assert_output 0077
}

@test "user, groups, the five capability sets, no_new_privs" {
	need_root
	bundle --user 7:8
	change '.process.user.additionalGids = [9, 10] | .process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN", "CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	inside 'grep -E "^(Uid|Gid|Groups|Cap|NoNew)" /proc/self/status | tr "\t" " "'
	assert_line "Uid: 7 7 7 7"
	assert_line "Gid: 8 8 8 8"
	assert_line --regexp "^Groups: 9 10 ?$"
	assert_line "CapInh: 0000000000000020"
	assert_line "CapPrm: 0000000000000020" # what is ambient, after execve
	assert_line "CapEff: 0000000000000020"
	assert_line "CapBnd: 00000000000000a1"
	assert_line "CapAmb: 0000000000000020"
	assert_line "NoNewPrivs: 1"
	change 'del(.process.capabilities, .process.noNewPrivileges, .process.user.additionalGids)'
	inside 'grep -E "^(Groups|Cap|NoNew)" /proc/self/status | tr "\t" " "'
	assert_line --regexp "^Groups: *$"
	assert_line "CapBnd: 0000000000000000"
	assert_line "NoNewPrivs: 0"
}

@test "capabilities that do not exist are left out, with a warning" {
	need_root
	bundle
	change '.process.capabilities = {bounding: ["CAP_NOPE", "CAP_KILL", "kill"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	run --separate-stderr oci-bundle chain "$BUNDLE"
	assert_success
	assert_output --partial "--bounding kill --permitted kill"
	output=$stderr
	assert_output --partial "warning: process.capabilities.bounding[0]: CAP_NOPE: no such capability"
	assert_output --partial "warning: process.capabilities.bounding[2]: kill: no such capability"
}

@test "rlimits, oomScoreAdj, nice" {
	need_root
	bundle
	change '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]
		| .process.oomScoreAdj = 777 | .process.scheduler = {policy: "SCHED_OTHER", nice: 7}'
	inside 'grep -E "open files" /proc/self/limits | tr -s " "; cat /proc/self/oom_score_adj; echo nice $(cut -d" " -f19 /proc/self/stat)'
	assert_line --regexp "Max open files 100 200"
	assert_line 777
	assert_line 'nice 7'
	oci-bundle set "$BUNDLE" 'process.rlimits[1].hard=18446744073709551615' # too exact for jq
	run oci-bundle chain "$BUNDLE"
	assert_output --partial "--rlimit core=0:unlimited --rlimit nofile=100:200"
	oci-bundle set "$BUNDLE" 'process.rlimits[1].hard="x"'
	run oci-bundle chain "$BUNDLE"
	assert_fault 125 "read '$CONFIG'" "process.rlimits[1].hard: expected integer, got string"
}

@test "scheduler, ioPriority, personality, timeOffsets; execCPUAffinity is not for the first program" {
	need_root
	need_cmd chrt ionice
	bundle --mount none:/usr:/usr:rbind,ro
	[ ! -d /lib64 ] || change '.mounts += [{destination: "/lib64", source: "/lib64", options: ["bind"]}, {destination: "/lib", source: "/lib", options: ["rbind"]}]'
	change '.process.scheduler = {policy: "SCHED_FIFO", priority: 5, flags: ["SCHED_FLAG_RESET_ON_FORK"]} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 3}
		| .linux.personality = {domain: "LINUX32"} | .linux.namespaces += [{type: "time"}] | .process.execCPUAffinity = {initial: "0", final: "0-1"}
		| .linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 5}, monotonic: {secs: -2}}'
	inside '/usr/bin/chrt -p $$; /usr/bin/ionice -p $$; /usr/bin/uname -m; cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; grep Cpus_allowed_list /proc/self/status'
	assert_output --partial "policy: SCHED_FIFO|SCHED_RESET_ON_FORK"
	assert_output --partial "priority: 5"
	assert_line "best-effort: prio 3"
	[ "$(uname -m)" != x86_64 ] || assert_line i686
	assert_line --regexp '^monotonic +-2 +0$'
	assert_line --regexp '^boottime +1000000 +5$'
	assert_line --partial "$(sed -n 's/^Cpus_allowed_list:\s*//p' /proc/self/status)"
	change '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 10000000, deadline: 30000000, period: 40000000}'
	inside 'exec /usr/bin/chrt -p $$'
	assert_output --partial "10000000/30000000/40000000"
	change '.process.scheduler = {policy: "SCHED_BATCH", nice: 3}'
	run oci-bundle chain "$BUNDLE"
	assert_output --partial "--scheduler batch:nice=3 --io-priority best-effort:3 --personality linux32"
	assert_output --partial "--monotonic -2 --boottime 1000000:5"
}

@test "apparmorProfile, selinuxLabel, mountLabel: words of the links, and refused where the module is off" {
	need_root
	local row path said
	bundle --mount tmpfs:x:/srv:size=1m
	cp "$CONFIG" "$BATS_TEST_TMPDIR/good"
	while IFS='|' read -r row path said; do
		jq "$row" "$BATS_TEST_TMPDIR/good" >"$CONFIG"
		run oci-bundle chain "$BUNDLE"
		assert_success
		assert_output --partial "$said"
		case $row in
		*apparmor*) [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || continue ;;
		*) ! grep -qw selinuxfs /proc/filesystems || continue ;;
		esac
		run run_text
		assert_equal "$status" 125
		assert_output --partial "this kernel does not run with"
		run oci-bundle check "$BUNDLE"
		assert_equal "$status" 1
		assert_output --partial "$path"
	done <<-END
		.process.apparmorProfile = "a profile"|process.apparmorProfile|--apparmor 'a profile'
		.process.selinuxLabel = "u:r:t:s0:c1,c2"|process.selinuxLabel|--selinux u:r:t:s0:c1,c2
		.linux.mountLabel = "u:r:t:s0:c1,c2"|mounts[|'tmpfs:x:/srv:size=1m,context=u\\:r\\:t\\:s0\\:c1\\\\,c2'
	END
}

@test "seccomp: the filter of config.json holds" {
	need_root
	deny_profile
	bundle --seccomp "$PROFILE"
	inside 'mkdir /tmp/no 2>&1; grep Seccomp: /proc/self/status | tr -d "\t"'
	assert_line --partial "Operation not permitted"
	assert_line Seccomp:2
}

@test "id maps" {
	need_root
	bundle
	change '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 5}, {containerID: 100, hostID: 70000, size: 3}]
		| .linux.gidMappings = [{containerID: 0, hostID: 0, size: 9}]'
	inside 'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "'
	assert_output "$(printf ' 0 0 5\n 100 70000 3\n 0 0 9')"
}

@test "limits: memory and pids" {
	need_root
	need_cgroup memory
	need_cgroup pids
	bundle --memory 64M --pids 33
	SCRIPT='cat /proc/self/cgroup' change '.process.args = ["sh", "-c", $ENV.SCRIPT] | .linux.namespaces |= map(select(.type != "cgroup"))'
	run oci-bundle chain "$BUNDLE"
	assert_line --index 0 'cg-exec --new --set memory.max=67108864 --set pids.max=33 \'
	SCRIPT='sleep 60 & sleep 60 & wait' change '.process.args = ["sh", "-c", "i=0; while [ $i -lt 40 ]; do sleep 2 & i=$((i+1)); done; wait"]'
	run run_text
	assert_output --partial "can't fork"
	assert_equal "$(find /sys/fs/cgroup -maxdepth 3 -type d -name "boxutils-$$*")" ""
}

@test "limits: each property as cg-exec says it" {
	bundle
	change '.linux.resources = {memory: {limit: 1000000, reservation: 500000, swap: 3000000}, pids: {limit: -1},
		cpu: {shares: 512, quota: 20000, period: 50000, cpus: "0", mems: "0", idle: 0},
		hugepageLimits: [{pageSize: "2MB", limit: 9}], unified: {"io.weight": "default 50"}} | .linux.cgroupsPath = "/some/where"'
	run oci-bundle chain "$BUNDLE"
	assert_line --index 0 "cg-exec --new=/some/where --set memory.max=1000000 --set memory.low=500000 --set memory.swap.max=2000000 --set cpu.shares=512 --set 'cpu.max=20000 50000' --set cpu.idle=0 --set cpuset.cpus=0 --set cpuset.mems=0 --set pids.max=max --set hugetlb.2MB.rsvd.max=9 --set 'io.weight=default 50' --parents --everywhere \\"
	change '.linux.resources = {pids: {limit: 0}, cpu: {quota: -1}} | del(.linux.cgroupsPath)'
	run oci-bundle chain "$BUNDLE"
	assert_line --index 0 "cg-exec --new --set 'cpu.max=max 100000' --set pids.max=1 \\"
}

@test "a terminal goes to the console socket, or is left out" {
	bundle --terminal
	run oci-bundle chain "$BUNDLE"
	assert_fault 125 "read" "process.terminal:"
	run oci-bundle chain --console-socket /run/sock "$BUNDLE"
	assert_success
	assert_output --partial "--console-socket /run/sock"
	change '.process.consoleSize = {height: 30, width: 90}'
	run oci-bundle chain --console-socket /run/sock "$BUNDLE"
	assert_output --partial "--console-size 30x90"
	run oci-bundle chain --without process.terminal "$BUNDLE"
	assert_success
	refute_output --partial console
}

# -- what is refused ---------------------------------------------------------------------------------

@test "a property that is not applied is refused by its path, or left out by --without" {
	local row path value
	bundle
	cp "$CONFIG" "$BATS_TEST_TMPDIR/good"
	for row in 'hooks={"prestart":[{"path":"/x"}]}' 'hooks={"poststop":[{"path":"/x"}]}' \
		'linux.netDevices={"eth0":{}}' 'linux.intelRdt={"closID":"x"}' 'linux.memoryPolicy={"mode":"MPOL_BIND"}' \
		linux.cgroupsPath=a:b:c; do
		path=${row%%=*}
		cp "$BATS_TEST_TMPDIR/good" "$CONFIG"
		oci-bundle set "$BUNDLE" "$row"
		run oci-bundle chain "$BUNDLE"
		assert_fault 125 "read '$CONFIG'" "$path: "
		assert_output --regexp "\(line [0-9]+\)"
		run oci-bundle chain --without "$path" "$BUNDLE"
		assert_success
	done
}

@test "empty ones say nothing, and unknown ones are ignored" {
	bundle
	change '.hooks = {prestart: []} | .process.apparmorProfile = "" | .linux.resources = {devices: [], network: {}} | .annotations = {a: "b"}
		| .vm = {kernel: {}} | .linux.nosuch = [1, {x: null}] | .process.rlimits = null | .process.commandLine = "x"'
	run oci-bundle chain "$BUNDLE"
	assert_success
	refute_output --partial cg-exec
}

@test "bad values: the path, the line, and no chain" {
	local row filter path
	bundle
	cp "$CONFIG" "$BATS_TEST_TMPDIR/good"
	while read -r row; do
		filter=${row% ==> *} path=${row##* ==> }
		jq "$filter" "$BATS_TEST_TMPDIR/good" >"$CONFIG"
		run oci-bundle chain "$BUNDLE"
		assert_fault 125 "read '$CONFIG'" "$path"
		assert_output --regexp "\(line [0-9]+\)"
		refute_output --partial "ns-run --"
		run oci-bundle check "$BUNDLE"
		assert_equal "$status" 1
		assert_output --partial "$path"
	done <<-END
		.linux.namespaces += [{type: "pid"}] ==> linux.namespaces[
		.linux.namespaces += [{type: "nosuch"}] ==> unknown namespace type
		.linux.namespaces += [{type: "time", path: "rel"}] ==> expected an absolute path
		.linux.namespaces |= map(select(.type != "mount")) ==> linux.namespaces:
		.linux.namespaces |= map(if .type == "mount" then .path = "/x" else . end) ==> .path:
		.linux.namespaces |= map(select(.type != "uts")) ==> hostname:
		.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_CORE", soft: 0, hard: 0}] ==> process.rlimits[1]:
		.process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 0, hard: 0}] ==> process.rlimits[0].type:
		.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}] ==> process.rlimits[0].soft:
		.process.rlimits = [{type: "RLIMIT_CORE", soft: -1, hard: 1}] ==> process.rlimits[0].soft:
		.process.user.uid = -1 ==> process.user.uid:
		.process.user.uid = 4294967295 ==> process.user.uid:
		.process.user.uid = 1.5 ==> process.user.uid:
		.process.user.uid = "0" ==> process.user.uid:
		.process.args = [] ==> process.args:
		.process.args = [""] ==> process.args:
		.process.args = null ==> process.args:
		.process.cwd = "rel" ==> process.cwd:
		.process.env = ["NOVALUE"] ==> process.env[0]:
		.process.oomScoreAdj = 1001 ==> process.oomScoreAdj:
		.process.scheduler = {policy: "SCHED_NOSUCH"} ==> process.scheduler.policy:
		.process.scheduler = {policy: "SCHED_FIFO", nice: 1} ==> process.scheduler.nice:
		.process.scheduler = {policy: "SCHED_OTHER", priority: 1} ==> process.scheduler.priority:
		.process.scheduler = {policy: "SCHED_RR", priority: 100} ==> process.scheduler.priority:
		.process.scheduler = {policy: "SCHED_RR", period: 5} ==> process.scheduler.period:
		.process.scheduler = {policy: "SCHED_RR", flags: ["SCHED_FLAG_NOSUCH"]} ==> process.scheduler.flags
		.process.ioPriority = {class: "IOPRIO_CLASS_NONE"} ==> process.ioPriority.class:
		.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8} ==> process.ioPriority.priority:
		.process.execCPUAffinity = {final: "zero"} ==> process.execCPUAffinity.final:
		.linux.personality = {domain: "BSD"} ==> linux.personality.domain:
		.linux.personality = {domain: "LINUX", flags: ["x"]} ==> linux.personality.flags:
		.linux.timeOffsets = {boottime: {secs: 1}} ==> linux.timeOffsets:
		.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}] | .linux.timeOffsets = {boottime: {secs: 1}} ==> linux.timeOffsets:
		.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {nanosecs: 1000000000}} ==> linux.timeOffsets.boottime.nanosecs:
		.linux.rootfsPropagation = "nosuch" ==> linux.rootfsPropagation:
		.root = null ==> root:
		.root.path = "" ==> root.path:
		.ociVersion = "one" ==> ociVersion:
		.ociVersion = "2.0.0" ==> ociVersion:
		del(.ociVersion) ==> ociVersion:
		.mounts[1].type = null ==> mounts[1].type:
		.mounts[1].options = ["bind"] | .mounts[1].source = null ==> mounts[1].source:
		.mounts[1].type = "bind" ==> mounts[1].options:
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings | .linux.namespaces |= map(select(.type != "user")) ==> linux.uidMappings:
		.mounts[1].options += ["idmap"] ==> mounts[1].options:
		del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user")) | .mounts += [{destination: "/v", source: "/", options: ["bind", "idmap"]}] ==> idmap without uidMappings
		.mounts += [{destination: "/v", source: "/", options: ["bind"], uidMappings: [{containerID: 0, hostID: 0, size: 1}]}] ==> .gidMappings: required
		.linux.devices = [{type: "x", path: "/dev/x"}] ==> linux.devices[0].type:
		.linux.devices = [{type: "c", path: "/dev/x", major: 1}] ==> linux.devices[0].minor:
		.linux.maskedPaths = ["rel"] ==> linux.maskedPaths[0]:
		.linux.resources = {memory: {limit: 5, swap: 4}} ==> linux.resources.memory.swap:
		.linux.resources = {memory: {limit: 9223372036854775808}} ==> linux.resources.memory.limit:
		.linux.resources = {unified: {"a/b": "1"}} ==> linux.resources.unified:
		.linux.resources = {unified: {"a.b=c": "1"}} ==> linux.resources.unified:
		.linux.sysctl = {"net.a=b": "1"} ==> linux.sysctl:
		.linux.resources = {hugepageLimits: [{pageSize: "64kB", limit: 1}]} ==> linux.resources.hugepageLimits[0].pageSize:
	END
}

@test "malformed, truncated, huge, deep and hostile files" {
	mkdir "$BUNDLE"
	run oci-bundle chain "$BUNDLE"
	assert_fault 125 "read bundle" "No such file"
	for text in '' '{' '[]' '"x"' 'null' '{"ociVersion": "1.0.0"' '{"ociVersion": "1.0.0"} x' '{"a":01}' $'{"\xff":1}'; do
		printf %s "$text" >"$CONFIG"
		run oci-bundle chain "$BUNDLE"
		assert_fault 125 "read '$CONFIG'"
		run oci-bundle check "$BUNDLE"
		assert_equal "$status" 1
	done
	{ printf '[%.0s' {1..5000}; } >"$CONFIG"
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	truncate -s 5G "$CONFIG"
	run oci-bundle chain "$BUNDLE"
	assert_fault 125 "read '$CONFIG'" "more than"
	rm "$CONFIG"
	mkfifo "$CONFIG"
	run timeout 10 oci-bundle chain "$BUNDLE"
	assert_equal "$status" 125
	rm "$CONFIG"
	bundle
	change '.linux.rootfsPropagation = "\u001b[31m\u0007"'
	run oci-bundle check "$BUNDLE"
	refute_output --partial $'\e'
}

@test "words of the file are quoted: none reaches the shell as more than a word" {
	need_root
	bundle
	change '.process.args = ["echo", "$(touch /tmp/x)`id`", "a\nb", "-n", "--", "cap-set", ";", "it'\''s \"\\"]
		| .process.env += ["X=$(id) '\''y"]'
	run run_text
	assert_success
	assert_output "$(printf '%s a\nb -n -- cap-set ; it'\''s "\\' '$(touch /tmp/x)`id`')"
	assert [ ! -e /tmp/x ]
	change '.mounts += [{destination: "/m", type: "tmpfs:a:/b", source: "s"}]'
	run run_text
	assert_fault 125 "mount '/m'" "no filesystem type 'tmpfs:a:/b'"
}

@test "the specification's examples" {
	[ -d "$BOX_SHARED_DATA/runtime-spec" ] || skip "needs the specification's examples in $BOX_SHARED_DATA"
	local dir=$BOX_SHARED_DATA/runtime-spec/schema-test/config without=()
	mkdir "$BUNDLE"
	for file in "$dir"/bad/{invalid-json,linux-hugepage,linux-netdevice,linux-rdma}.json; do
		cp -f "$file" "$CONFIG"
		run oci-bundle chain "$BUNDLE"
		assert_equal "$status" 125
		assert_output --partial "$CONFIG"
	done
	cp -f "$dir/good/spec-example.json" "$CONFIG"
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	for path in hooks process.apparmorProfile process.selinuxLabel linux.timeOffsets linux.netDevices linux.intelRdt \
		linux.memoryPolicy linux.mountLabel linux.personality linux.rootfsPropagation process.ioPriority \
		linux.resources.{devices,blockIO,network,rdma,memory.kernel,memory.kernelTCP,memory.useHierarchy} process.terminal \
		linux.cgroupsPath mounts[0].uidMappings; do
		! oci-bundle get "$BUNDLE" "$path" >/dev/null 2>&1 || without+=(--without "$path")
	done
	run --separate-stderr oci-bundle chain "${without[@]}" "$BUNDLE"
	assert_success
	assert_output --partial "fs-root --mount proc:proc:/proc"
}

# -- check, get, set ------------------------------------------------------------------------------------

@test "check is silent about a good bundle" {
	need_root
	bundle
	run oci-bundle check "$BUNDLE"
	assert_success
	assert_output ""
	run oci-bundle check --json "$BUNDLE"
	assert_equal "$(jq -c . <<<"$output")" '{"problems":[],"complete":true}'
}

@test "check finds everything at once: form, cross-field, host" {
	need_root
	bundle
	oci-bundle set "$BUNDLE" root.path=nowhere process.oomScoreAdj=5000 'linux.namespaces[0].type=foo' 'mounts[1].type=' \
		'mounts[7]={"destination": "/x", "source": "/nonexistent", "options": ["rbind"]}' 'linux.seccomp.defaultAction=SCMP_ACT_NOPE'
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	for path in root.path process.oomScoreAdj 'linux.namespaces[0].type' 'mounts[1].type' 'mounts[7]' linux.seccomp.defaultAction; do
		assert_line --partial "$path: "
	done
	run oci-bundle check --json "$BUNDLE"
	assert_equal "$status" 1
	assert_equal "$(jq -c '[.problems[] | select(.path == "process.oomScoreAdj") | .line]' <<<"$output")" \
		"[$(grep -n oomScoreAdj "$CONFIG" | cut -d: -f1)]"
}

@test "check asks this host: what the caller may not is named by its property" {
	need_root
	bundle
	oci-bundle set "$BUNDLE" 'mounts[7]={"destination": "/x", "source": "/nonexistent", "options": ["rbind"]}'
	run oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	assert_output --regexp '^mounts\[7\]: /nonexistent: No such file or directory \(line [0-9]+\)$'
	chmod 755 "$BUNDLE"
	oci-bundle set "$BUNDLE" 'mounts[7]='
	run as_user oci-bundle check "$BUNDLE"
	assert_equal "$status" 1
	assert_output --partial "linux.namespaces: "
}

@test "get and set, by path" {
	bundle --hostname 7
	assert_equal "$(oci-bundle get "$BUNDLE" hostname)" 7
	oci-bundle set "$BUNDLE" hostname=8 'linux.sysctl["net.ipv4.ip_forward"]=1' linux.resources.memory.limit=1000 \
		'process.args=["a","b"]' 'process.args[2]=c d' process.terminal=true
	run oci-bundle get "$BUNDLE" hostname 'linux.sysctl["net.ipv4.ip_forward"]' linux.resources.memory.limit 'process.args[2]' process.terminal
	assert_output "$(printf '8\n1\n1000\nc d\ntrue')"
	assert_equal "$(jq -c '[.hostname, .linux.sysctl]' "$CONFIG")" '["8",{"net.ipv4.ip_forward":"1"}]'
	oci-bundle set "$BUNDLE" linux.sysctl= 'process.args[0]='
	assert_equal "$(jq -c '[.linux.sysctl, .process.args]' "$CONFIG")" '[null,["b","c d"]]'
	run oci-bundle get "$BUNDLE"
	assert_equal "$(jq -S . <<<"$output")" "$(jq -S . "$CONFIG")"
}

@test "a wrong word of set changes nothing" {
	bundle
	cp "$CONFIG" "$BATS_TEST_TMPDIR/before"
	for word in 'process.args[9]=x' 'hostname.x=1' 'novalue' '=x' 'process.args[x]=1' 'a..b=1' 'process["x=1'; do
		run oci-bundle set "$BUNDLE" hostname=changed "$word"
		assert_fault 125 "find in config.json"
		cmp "$CONFIG" "$BATS_TEST_TMPDIR/before"
	done
	run oci-bundle get "$BUNDLE" no.such
	assert_fault 125 "find in config.json"
}

@test "--dry-run changes nothing and --explain says what is changed" {
	run oci-bundle new --dry-run "$BUNDLE"
	assert_success
	assert_output --partial "mkdirat"
	assert_output --partial "renameat"
	[ ! -e "$BUNDLE" ]
	run oci-bundle new --explain "$BUNDLE"
	assert_success
	assert_output --partial "renameat"
	cp "$CONFIG" "$BATS_TEST_TMPDIR/before"
	oci-bundle set --dry-run "$BUNDLE" hostname=x >/dev/null
	cmp "$CONFIG" "$BATS_TEST_TMPDIR/before"
}

@test "usage: verbs, operands, completion" {
	run oci-bundle nosuch
	assert_fault 125 "read the command line"
	run oci-bundle chain
	assert_fault 125 "read the command line" "DIR is missing"
	run oci-bundle chain a b
	assert_fault 125 "read the command line" "too many"
	run oci-bundle --help
	assert_success
	assert_line --partial "check"
	run oci-bundle new --help
	assert_line --partial "--memory SIZE"
	run oci-bundle --complete 1 oci-bundle c
	assert_line --partial chain
	assert_line --partial check
	refute_line --partial new
	run oci-bundle --complete 2 oci-bundle new --me
	assert_output --partial "--memory"
	run oci-bundle --complete 3 oci-bundle new --net h
	assert_line --partial host
	run oci-bundle --complete 2 oci-bundle check ""
	assert_output :dir
	run oci-bundle --complete 4 oci-bundle new x -- l
	assert_output ":program 4"
	run oci-bundle --complete
	assert_equal "$status" 2
}
