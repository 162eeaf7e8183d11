#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# oci-bundle new --from-chain: what a chain is, the bundle is; what config.json cannot say is named.

load helper

setup() {
	box_setup
	need_cmd jq
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
	write_look
}

# A program that shows what a container looks like from inside; arguments: the namespaces of
# the host.
write_look() {
	cat >"$ROOT/bin/look" <<-'END'
		#!/bin/sh
		for kind in user mnt pid net uts ipc cgroup time; do
			[ "$(readlink /proc/self/ns/$kind)" = "$1" ] && echo "$kind: the host's" || echo "$kind: new"
			shift
		done
		cut -d' ' -f4- /proc/self/mountinfo | sort
		grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Umask)' /proc/self/status
		cat /proc/self/limits /proc/self/uid_map /proc/self/gid_map /proc/self/oom_score_adj
		cut -d' ' -f19 /proc/self/stat
		env | sort
		pwd
		hostname
		cat /proc/sys/kernel/domainname /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward
		find /dev /srv -exec stat -c '%n %F %a %u:%g %t,%T' {} + | grep -v /dev/pts/[0-9] | sort
		head -c 100 /etc/passwd /srv/file
		for file in memory.limit_in_bytes memory.max pids.max cpu.cfs_quota_us cpu.max; do
			find /sys/fs/cgroup -name $file -maxdepth 2 -exec cat {} \; 2>/dev/null
		done
		mkdir /tmp/made && echo mkdir
		touch /root-file /etc/new && echo wrote
		ifconfig lo | grep -c UP
		exit 7
	END
	chmod 755 "$ROOT/bin/look"
	ln -sf busybox "$ROOT/bin/find"
	mkdir -p "$ROOT/srv"
	HOST_NS=$(for kind in user mnt pid net uts ipc cgroup time; do readlink "/proc/self/ns/$kind"; done)
}

# from WORD...: the bundle of that chain
from() {
	oci-bundle new "$BUNDLE" --force --from-chain -- "$@"
}

# In an environment and a place that are the same each time.
clean() {
	(cd "$BATS_TEST_TMPDIR" && env -i PATH="$PATH" GREETING='a  "b" $c' "$@")
}

# same WORD...: what that chain's program sees (look is added) is what the bundle's program sees
same() {
	local first=0 second=0
	rm -rf "$ROOT/root-file" "$ROOT/etc/new" "$ROOT/tmp/made"
	# shellcheck disable=SC2086
	clean "$@" look $HOST_NS >"$BATS_TEST_TMPDIR/chain" 2>&1 || first=$?
	rm -rf "$ROOT/root-file" "$ROOT/etc/new" "$ROOT/tmp/made"
	# shellcheck disable=SC2086
	clean oci-bundle new "$BUNDLE" --force --from-chain -- "$@" look $HOST_NS
	clean oci-bundle chain "$BUNDLE" >"$BATS_TEST_TMPDIR/text"
	clean sh "$BATS_TEST_TMPDIR/text" >"$BATS_TEST_TMPDIR/bundle.out" 2>&1 || second=$?
	# a program of a bundle always has a HOME: without one the runtime gives it its own
	run diff <(grep -v '^HOME=' "$BATS_TEST_TMPDIR/chain") <(grep -v '^HOME=' "$BATS_TEST_TMPDIR/bundle.out")
	assert_output ""
	assert_equal "$first" 7
	assert_equal "$second" 7
}

@test "the line of the README, there and back" {
	need_root
	need_cgroup memory
	deny_profile
	same cg-exec --new --set memory.max=64M ns-run --all --map-root fs-root --proc --dev --tmpfs /tmp "$ROOT" \
		cap-set --only chown,setuid,setgid --no-new-privs sc-filter "$PROFILE"
	run cat "$BATS_TEST_TMPDIR/chain"
	assert_line "user: new"
	assert_line --partial "mkdir: can't create directory"
	assert_line --regexp 'CapEff:.*00c1$'
}

@test "of every link every option that can be said" {
	need_root
	need_cgroup memory
	need_cgroup pids
	need_cgroup cpu
	deny_profile
	mkdir -p "$BATS_TEST_TMPDIR/shown:here/deep" "$ROOT/masked"
	echo text >"$BATS_TEST_TMPDIR/file"
	same cg-exec --new --set memory.max=64M --set pids.max=100 --set 'cpu.max=50000 100000' --set cpu.weight=50 \
		ns-run --mount --pid --net --uts --ipc --cgroup --hostname box --domainname dom --sysctl net.ipv4.ip_forward=1 \
		--sysctl kernel.shmmni=77 \
		fs-root --proc --sys --dev --cgroup --mqueue --tmpfs /tmp:size=1m --tmpfs /srv --bind 'shown\:here:/srv/a b:nosuid' \
		--ro-bind file:/srv/file --mount tmpfs:name:/mnt:noexec,mode=700 --bind ./file:/etc/hostname \
		--device c:10,229:/dev/net/fuse:mode=600,uid=3,gid=4 --device p::/dev/fifo --mask /masked --mask /etc/passwd \
		--read-only-path /etc --read-only "$ROOT" \
		proc-set --rlimit nofile=100:200 --rlimit core=0 --nice 5 --oom-score-adj 300 --umask 027 --cwd /etc --env A=1 \
		--unset-env GREETING \
		cap-set --user 7:8 --groups 9,10 --bounding chown,kill --permitted kill --effective kill --inheritable kill \
		--ambient kill sc-filter "$PROFILE"
	run cat "$BATS_TEST_TMPDIR/chain"
	assert_line "net: new"
	assert_line "user: the host's"
	assert_line A=1
	refute_line --partial GREETING
	assert_line "/dev/net/fuse character special file 600 3:4 a,e5"
	assert_line /etc
	assert_line box
	assert_line 67108864
}

@test "little is said: the caller's environment, ids, umask, groups and capabilities go in" {
	need_root
	umask 031
	same ns-run --net --pid fs-root --proc --dev --bind "$ROOT/bin:/usr" "$ROOT"
	run cat "$BATS_TEST_TMPDIR/chain"
	assert_line 'GREETING=a  "b" $c'
	assert_line --regexp 'Umask:.*0031'
	assert_line "uts: the host's"
	rm -r "$BUNDLE"
	run setpriv --groups 7,8 oci-bundle new "$BUNDLE" --from-chain -- ns-run --pid fs-root --dev "$ROOT"
	assert_success
	assert_equal "$(jq -c .process.user.additionalGids "$CONFIG")" "[7,8]"
}

@test "maps of ids" {
	need_root
	same ns-run --all --map-users 0:0:10,100:70000:5 --map-groups 0:0:20 fs-root --proc --dev "$ROOT" proc-set --clear-env \
		cap-set --user 101:6 --groups 7
	chmod 777 "$ROOT/tmp" "$ROOT/etc" "$ROOT"
	same ns-run --all --map-users 0:0:1 --map-groups 0:0:1,5:70000:1 fs-root --proc --dev "$ROOT" proc-set --clear-env
	same ns-run --all --map-current fs-root --proc --dev "$ROOT"
}

@test "a user's chain is a user's bundle" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR" "$ROOT"
	clean() { (cd "$BATS_TEST_TMPDIR" && as_user env -i PATH="$PATH" "$@"); }
	same ns-run --all --map-root fs-root --proc --dev --tmpfs /tmp "$ROOT" cap-set --only chown --no-new-privs
}

@test "namespaces that are entered" {
	need_root
	unshare --net --uts sleep 60 3>&- &
	local holder=$!
	wait_for test "$(readlink /proc/self/ns/net)" != "$(readlink /proc/$holder/ns/net)"
	from ns-enter --target $holder --net ns-run --pid fs-root --dev "$ROOT" true
	run jq -c '[.linux.namespaces[] | select(.path)]' "$CONFIG"
	assert_output "[{\"type\":\"network\",\"path\":\"/proc/$holder/ns/net\"}]"
	from ns-enter --target $holder fs-root --dev "$ROOT" true
	run jq -c '[.linux.namespaces[].type] | sort' "$CONFIG"
	assert_output '["mount","network","uts"]'
	from ns-enter --target "/proc/$holder/ns/uts" fs-root --proc --dev "$ROOT" readlink /proc/self/ns/uts
	run sh -c 'oci-bundle chain "$1" | sh' sh "$BUNDLE"
	assert_output "$(readlink /proc/$holder/ns/uts)"
	run from ns-enter --target $holder --net ns-run --net fs-root --dev "$ROOT" true
	kill $holder
	assert_fault 125 "say in config.json"
	assert_line --partial "cannot say 'ns-run --net': a container has one namespace of a kind"
}

@test "what cannot be said is named, each thing, and nothing is written" {
	need_root
	local row
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	deny_profile
	sc-filter -o "$BATS_TEST_TMPDIR/bpf" "$PROFILE"
	while read -r row; do
		eval "row=\"$row\""
		# shellcheck disable=SC2086
		set -- ${row%% => *}
		run oci-bundle new "$BUNDLE" --from-chain -- "$@" true
		assert_fault 125 "say in config.json 'the chain': 1 of its words"
		assert_line --partial "cannot say '${row##* => }': "
		assert [ ! -e "$BUNDLE" ]
		run oci-bundle new "$BUNDLE" --lossy --from-chain -- "$@" true
		assert_success
		assert_line --partial "warning: left out '${row##* => }': "
		assert_equal "$(jq -c .process.args "$CONFIG")" '["true"]'
		oci-bundle chain "$BUNDLE" >/dev/null
		rm -r "$BUNDLE"
	done <<-'END'
		cg-exec --group /x fs-root --dev $ROOT => cg-exec --group /x
		cg-exec --new --keep fs-root --dev $ROOT => cg-exec --keep
		cg-exec --new=/a:b:c fs-root --dev $ROOT => cg-exec --new=/a:b:c
		cg-exec --new --set memory.kmem.limit_in_bytes=4096 fs-root --dev $ROOT => cg-exec --set memory.kmem.limit_in_bytes=4096
		cg-exec --new --set memory.memsw.limit_in_bytes=4096 fs-root --dev $ROOT => cg-exec --set memory.memsw.limit_in_bytes=4096
		cg-exec --new --set blkio.weight=5 fs-root --dev $ROOT => cg-exec --set blkio.weight=5
		cg-exec --new --device deny:a fs-root --dev $ROOT => cg-exec --device deny:a
		cg-exec --new --device allow:a --device deny:b:*:*:m --device allow:b:8:*:m fs-root --dev $ROOT => cg-exec --device deny:b:*:*:m
		cg-exec --explain --new fs-root --dev $ROOT => cg-exec --explain
		ns-run --pid --init fs-root --dev $ROOT => ns-run --init
		ns-run --detach fs-root --dev $ROOT => ns-run --detach
		ns-run --pid-file x fs-root --dev $ROOT => ns-run --pid-file x
		ns-run --ready-fd 1 fs-root --dev $ROOT => ns-run --ready-fd 1
		ns-run --net --no-loopback fs-root --dev $ROOT => ns-run --no-loopback
		ns-run --net ns-run --net fs-root --dev $ROOT => ns-run --net
		ns-run --map-users 5:70000:1 fs-root --dev $ROOT => cap-set without --user
		fs-root --scratch --dev $ROOT => fs-root --scratch
		fs-root $ROOT => fs-root without --dev
		fs-root --dev --dev-nodes=/x $ROOT => fs-root --dev-nodes=/x
		fs-root --dev --device c:1,3:/a/null --tmpfs /a $ROOT => fs-root --device /a/null
		fs-root --dev --mount cgroup:cgroup:/a:memory $ROOT => fs-root --mount cgroup on /a
		fs-root --dev $ROOT proc-set --new-session => proc-set --new-session
		fs-root --dev $ROOT proc-set --wait $BATS_TEST_TMPDIR/fifo => proc-set --wait $BATS_TEST_TMPDIR/fifo
		fs-root --dev $ROOT proc-set --keep-fd 1 => proc-set --keep-fd 1
		fs-root --dev $ROOT cap-set --securebits noroot => cap-set --securebits noroot
		fs-root --dev $ROOT sc-filter --strict $PROFILE => sc-filter --strict
		fs-root --dev $ROOT sc-filter $PROFILE sc-filter $PROFILE => sc-filter $PROFILE
		fs-root --dev $ROOT sc-filter $BATS_TEST_TMPDIR/bpf => sc-filter $BATS_TEST_TMPDIR/bpf
	END
}

@test "keys of cgroups, as linux.resources has them" {
	local row
	mkdir "$BUNDLE"
	while read -r row; do
		eval "set -- ${row%% => *}"
		from cg-exec --new "$@" fs-root --dev "$ROOT" true
		assert_equal "$(jq -cS .linux.resources "$CONFIG")" "${row##* => }"
	done <<-'END'
		--set memory.max=64M --set memory.swap.max=32M => {"memory":{"limit":67108864,"swap":100663296}}
		--set memory.limit_in_bytes=64M --set memory.memsw.limit_in_bytes=96M => {"memory":{"limit":67108864,"swap":100663296}}
		--set memory.max=max --set memory.swap.max=max => {"memory":{"limit":-1,"swap":-1}}
		--set memory.swap.max=1M => {"unified":{"memory.swap.max":"1048576"}}
		--set memory.max=0 --set pids.max=0 => {"unified":{"memory.max":"0","pids.max":"0"}}
		--set memory.low=4096 --set memory.high=1M --set memory.swappiness=3 => {"memory":{"reservation":4096,"swappiness":3},"unified":{"memory.high":"1048576"}}
		--set memory.oom_control=1 --set memory.soft_limit_in_bytes=4K => {"memory":{"disableOOMKiller":true,"reservation":4096}}
		--set pids.max=9 --set pids.max=8 => {"pids":{"limit":8}}
		--set pids.max=max => {"pids":{"limit":-1}}
		--set cpu.weight=50 => {"unified":{"cpu.weight":"50"}}
		--set cpu.shares=512 => {"cpu":{"shares":512}}
		--set "cpu.max=20000 50000" --set cpu.max.burst=1000 => {"cpu":{"burst":1000,"period":50000,"quota":20000}}
		--set cpu.cfs_period_us=50000 --set cpu.cfs_quota_us=20000 => {"cpu":{"period":50000,"quota":20000}}
		--set cpu.max=max --set cpu.idle=1 => {"cpu":{"idle":1,"quota":-1}}
		--set cpu.max.burst=1000 => {"unified":{"cpu.max.burst":"1000"}}
		--set cpuset.cpus=0-1 --set cpuset.mems=0 => {"cpu":{"cpus":"0-1","mems":"0"}}
		--set cpu.rt_runtime_us=5 --set cpu.rt_period_us=6 => {"cpu":{"realtimePeriod":6,"realtimeRuntime":5}}
		--set hugetlb.2MB.max=4M --set hugetlb.1GB.max=max => {"hugepageLimits":[{"limit":4194304,"pageSize":"2MB"}],"unified":{"hugetlb.1GB.max":"max"}}
		--set "io.max=8:0 wbps=1M" => {"unified":{"io.max":"8:0 wbps=1M"}}
		--device allow:a --device deny:c:10:229:rw --device deny:b:*:*:rw => {"devices":[{"access":"rwm","allow":true,"type":"a"},{"access":"rw","allow":false,"major":10,"minor":229,"type":"c"},{"access":"rw","allow":false,"type":"b"}]}
	END
	from cg-exec --new=/a/b --parents --everywhere fs-root --dev "$ROOT" true
	assert_equal "$(jq -cS '[.linux.cgroupsPath, .linux.resources]' "$CONFIG")" '["/a/b",null]'
	run from cg-exec --new --set memory.max=lots fs-root --dev "$ROOT" true
	assert_fault 125 "set cgroup key 'memory.max=lots'" "another form"
}

@test "a profile of Docker's form is resolved for the program's capabilities and this machine" {
	cat >"$BATS_TEST_TMPDIR/docker.json" <<-'END'
		{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "archMap": [
			{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
			{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
		 "syscalls": [
			{"names": ["execve"], "action": "SCMP_ACT_ALLOW", "comment": "x", "args": null, "includes": {}, "excludes": {}},
			{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
			{"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT"]}},
			{"names": ["umount2"], "action": "SCMP_ACT_ERRNO", "errno": "EINVAL", "errnoRet": 22, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
			{"names": ["fork"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.9"}}]}
	END
	from ns-run --map-root fs-root --dev "$ROOT" cap-set --only sys_chroot sc-filter "$BATS_TEST_TMPDIR/docker.json" true
	run jq -c '.linux.seccomp | [.defaultErrnoRet, .syscalls]' "$CONFIG"
	assert_output '[1,[{"names":["execve"],"action":"SCMP_ACT_ALLOW"},{"names":["chroot"],"action":"SCMP_ACT_ALLOW"},{"names":["umount2"],"action":"SCMP_ACT_ERRNO","errnoRet":22}]]'
	[ "$(uname -m)" != x86_64 ] || assert_equal "$(jq -c .linux.seccomp.architectures "$CONFIG")" '["SCMP_ARCH_X86_64","SCMP_ARCH_X86"]'
	run oci-bundle new "$BUNDLE" --force --seccomp "$BATS_TEST_TMPDIR/docker.json" --cap sys_admin
	assert_success
	assert_equal "$(jq -c '[.linux.seccomp.syscalls[].names[]]' "$CONFIG")" '["execve","mount"]'
}

@test "the published profiles become the same filter from config.json" {
	need_data
	local file
	for file in "$BOX_SHARED_DATA"/seccomp/*.json; do
		sc-filter -o "$BATS_TEST_TMPDIR/one" "$file"
		from fs-root --dev "$ROOT" sc-filter "$file" true
		sc-filter -o "$BATS_TEST_TMPDIR/two" "$CONFIG"
		cmp "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
		from fs-root --dev "$ROOT" sc-filter - true <"$file"
		sc-filter -o "$BATS_TEST_TMPDIR/three" "$CONFIG"
		cmp "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/three"
	done
}

@test "a printed bundle read again is that bundle" {
	need_root
	oci-bundle new "$BUNDLE" --root "$ROOT" --memory 64M --cpus 0.5 --user 5:6 --cap kill --read-only -- sh -c 'echo "$1"' x "it's"
	oci-bundle set "$BUNDLE" 'linux.resources.devices=[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"}]'
	oci-bundle chain "$BUNDLE" >"$BATS_TEST_TMPDIR/one"
	run sh -c 'text=$(cat "$2"); eval "oci-bundle new \"\$1.again\" --from-chain -- $text"' sh "$BUNDLE" "$BATS_TEST_TMPDIR/one"
	assert_success
	assert_output ""
	run oci-bundle chain "$BUNDLE.again"
	assert_output "$(cat "$BATS_TEST_TMPDIR/one")"
}

@test "the root is written from the bundle on when it lies inside, and else whole" {
	mkdir "$BUNDLE"
	cp -r "$ROOT" "$BUNDLE/rootfs"
	from fs-root --dev "$BUNDLE/./rootfs" true
	assert_equal "$(oci-bundle get "$BUNDLE" root.path)" rootfs
	cd "$BATS_TEST_TMPDIR"
	from fs-root --dev root true
	assert_equal "$(oci-bundle get "$BUNDLE" root.path)" "$ROOT"
}

@test "an environment that is the caller's is nobody else's to read" {
	SECRET=x from fs-root --dev "$ROOT" true
	assert_equal "$(stat -c %a "$CONFIG")" 600
	oci-bundle set "$BUNDLE" hostname=x
	assert_equal "$(stat -c %a "$CONFIG")" 600
	rm "$CONFIG"
	from fs-root --dev "$ROOT" proc-set --clear-env --env A=1 true
	assert_equal "$(stat -c %a "$CONFIG")" 644
	assert_equal "$(jq -c .process.env "$CONFIG")" '["A=1"]'
}

@test "no chain, no root, other options, a file that is there" {
	run oci-bundle new "$BUNDLE" --from-chain
	assert_fault 125 "read the command line" "the chain is missing"
	run oci-bundle new "$BUNDLE" --from-chain -- true
	assert_fault 125 "read the command line 'true'" "no link"
	run oci-bundle new "$BUNDLE" --from-chain -- ns-run --pid true
	assert_fault 125 "say in config.json" "no fs-root"
	run oci-bundle new "$BUNDLE" --from-chain --memory 64M -- fs-root --dev "$ROOT" true
	assert_fault 125 "read the command line '--memory'" "the chain says all"
	run oci-bundle new "$BUNDLE" --from-chain --tmpfs /x -- fs-root --dev "$ROOT" true
	assert_fault 125 "read the command line" "the chain says all"
	run oci-bundle new "$BUNDLE" --lossy -- true
	assert_fault 125 "read the command line '--lossy'"
	run oci-bundle new "$BUNDLE" --from-chain -- fs-root --dev "$ROOT" cap-set ns-run --pid true
	assert_fault 125 "put in order"
	run oci-bundle new "$BUNDLE" --from-chain -- fs-root --dev /nonexistent true
	assert_fault 125 "use as root '/nonexistent'"
	run oci-bundle new "$BUNDLE" --from-chain -- fs-root --nosuch "$ROOT" true
	assert_equal "$status" 125
	assert [ ! -e "$BUNDLE" ]
	from "$(command -v fs-root)" --dev "$ROOT" true
	run oci-bundle new "$BUNDLE" --from-chain -- fs-root --dev "$ROOT" true
	assert_fault 125 "write" "File exists"
}
