#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A bundle three times: the printed text of `oci-bundle chain` in a fresh sh, oci-run, and crun as a
# witness from outside. All run the same script inside, and what it sees has to be the same, property
# by property of the specification.

load helper

# -- what is crun's own ------------------------------------------------------------------------------
# CASES (a pattern of names) ;; what makes crun's lines ours (sed -E) ;; why they differ. In place of
# the script, DROP and an ERE: lines that are not compared; FAILS: a crun that cannot do it at all.
# Nothing else may differ.
crun_rows() {
	cat <<-'END'
		* ;; s#^(mount: /proc/(bus|fs|irq|sys) /\2) ro,relatime#\1 ro,nosuid,nodev,noexec,relatime# ;; a read-only path loses the flags that its mount had
		* ;; s#^(mount: /(proc/acpi|sys/firmware|secret) /) ro,relatime private tmpfs tmpfs rw,size=0k#\1 ro,nosuid,nodev,noexec,relatime private tmpfs tmpfs rw,nr_inodes=1,mode=555#; s#^(file: /secret directory) 1777#\1 555# ;; how a masked directory is empty is nobody's business
		* ;; s#^(mount: /[^ ]* /null) ro,relatime#\1 rw,relatime# ;; a masked file: read-only or not, nothing is written to it
		* ;; /^(file|link): .dev.core /d ;; a link that the specification does not name
		* ;; s#^(mount: /cg/systemd) /\.\.#\1 /#; s#^(membership: name=systemd:/).*#\1# ;; it enters systemd's own hierarchy of version 1 as well
		* ;; DROP ^env: HOME=/$ ;; a user that the passwd of the root does not have gets none
		hugepages ;; s#(2MB.limit_in_bytes:)4194304#\19223372036854771712#; s#(2MB.rsvd.limit_in_bytes:)[0-9]*#\14194304# ;; it limits what is used, although a file for what is reserved is there
		mounts ;; s#^(mount: /mnt/in /) ro#\1 rw#; s#^(file: /new.* directory) 1755#\1 755# ;; of ro and rw the later one does not win; directories that it makes are sticky
		* ;; s#^(file: /dev/null .* 666) [0-9]+:[0-9]+#\1 0:0# ;; it gives away the /dev/null that is its standard input
		cgroup-mount ;; s#^(mount: /sys/fs/cgroup/.* cgroup) /sys/fs/cgroup/[a-z]+#\1 cgroup#; s#^(mount: /sys/fs/cgroup /) rw,(.*) tmpfs cgroup rw,size=1024k#\1 ro,\2 tmpfs tmpfs rw,mode=755# ;; the source of such a mount is any word; the directory of the hierarchies may be written
		cgroup-mount ;; DROP ^mount: /sys/fs/cgroup/unified ;; of the hierarchies of a mixed machine it leaves out the one of version 2
		clear-known ;; DROP ^mount: /mnt/ ;; an option that clears has no effect behind the one that sets: the later one does not win
		set-later ;; FAILS ;; it does not know them and passes them to the filesystem
		clear-later ;; FAILS ;; it does not know them and passes them to the filesystem
		recursive-times-* ;; FAILS ;; access times are one field that has to be cleared as a whole, or the kernel refuses
		recursive-clear ;; DROP ^mount: /mnt/r[a-z]+ / ;; of a bind's own mount it takes the flags that the source had
		recursive-later ;; DROP ^mount: /mnt/rnosymfollow ;; rnosymfollow has no effect
		userns ;; s#^(mount: /dev/(full|null|u?random|tty|zero) .*) rw,nosuid,noexec,relatime#\1 rw,relatime# ;; it gives the nodes that it binds the flags of /dev
		pids-unlimited ;; FAILS ;; it writes -1 to pids.max
		unified ;; FAILS ;; for it they are keys of version 2 alone
		cpu-burst ;; DROP ^cgroup: .*burst ;; it has no word for cpu.burst
		with-time ;; FAILS ;; it knows no time namespaces before version 1.9
		nice ;; s#^(scheduling: )20 0#\127 7# ;; the scheduler is not set before version 1.9
		version-1.3.0 ;; FAILS ;; it refuses versions above its own
	END
	local controllers
	while IFS=: read -r _ controllers _; do
		[[ $controllers != [a-z]* ]] || grep -qE " - cgroup [^ ]+ [^ ]*\b$controllers\b" /proc/self/mountinfo ||
			echo "cgroup-mount ;; DROP ^mount: /sys/fs/cgroup/$controllers / ;; it mounts those as well that the host keeps, but has mounted nowhere"
	done </proc/self/cgroup
}

# -- the bundle and its root --------------------------------------------------------------------------

setup_file() {
	file_needs root busybox crun jq unshare || return 0
	export ROOT=$BATS_FILE_TMPDIR/bundle/rootfs TREE=$BATS_FILE_TMPDIR/tree
	local a
	mkdir -p "$ROOT"/{bin,etc,proc,dev,sys,tmp,root,srv,mnt,cg,data/sub,secret} "$TREE" "$BATS_FILE_TMPDIR/bundle/shown"
	chmod 1777 "$ROOT/tmp"
	cp "$(command -v busybox)" "$ROOT/bin/busybox"
	for a in sh cat sed awk grep tr sort cut tail head stat find touch rm mkdir rmdir chmod hostname mknod ip ls readlink env \
		sleep tty stty true; do
		ln -s busybox "$ROOT/bin/$a"
	done
	echo root:x:0:0:root:/root:/bin/sh >"$ROOT/etc/passwd"
	echo secret >"$ROOT/secret/file"
	echo text >"$ROOT/data/file"
	ln -s /srv "$ROOT/link"
	mkdir "$BATS_FILE_TMPDIR/bundle/devices"
	mknod -m 666 "$BATS_FILE_TMPDIR/bundle/devices/null" c 1 3
	echo shown >"$BATS_FILE_TMPDIR/bundle/shown/file"
	readlink /proc/self/ns/{user,mnt,pid,net,uts,ipc,cgroup,time} >"$ROOT/etc/host-ns"
	write_witness >"$ROOT/bin/witness"
	chmod 755 "$ROOT/bin/witness"
	oci-bundle new "$BATS_FILE_TMPDIR/base" --root rootfs -- /bin/witness
	# crun of 2023 reads no later version
	jq '.ociVersion = "1.0.2" | .linux.cgroupsPath = "/witness" | .mounts |= map(select(.destination != "/sys/fs/cgroup"))
		| .mounts += [{destination: "/cg", type: "none", source: "/sys/fs/cgroup", options: ["rbind", "ro"]}]' \
		"$BATS_FILE_TMPDIR/base/config.json" >"$BATS_FILE_TMPDIR/base.json"
	# tests/run claims them for crun
	! grep -q . /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null ||
		echo "as v1 the controllers that cgroup2 has here: tests/run sees to that" >"$BATS_FILE_TMPDIR/lacks"
}

teardown_file() {
	rmdir /sys/fs/cgroup/{.,*}/witness/deep /sys/fs/cgroup/{.,*}/witness 2>/dev/null || true
}

setup() {
	need_file
	BUNDLE=$BATS_FILE_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
	OUT=$BATS_TEST_TMPDIR
}

# Each line is told where it belongs, once, at the end: few processes, as it runs often.
write_witness() {
	cat <<-'END'
		#!/bin/sh
		look() {
			echo "== umask"; umask
			echo "== cwd"; pwd
			echo "== env"; env | sort
			echo "== args"; echo "$@"
			echo "== namespace"
			ls -l /proc/self/ns | awk 'NR == FNR { host[$0]; next }
				$(NF - 1) == "->" && $(NF - 2) !~ /_/ { print $(NF - 2), $NF in host ? "host" : "other" }' /etc/host-ns -
			echo "== mount"
			awk '{
				other = ""
				for (i = 7; $i != "-"; i++) { split($i, part, ":"); other = other "," part[1] }
				print $5, $4, $6, other == "" ? "private" : substr(other, 2), $(i + 1), $(i + 2), $(i + 3)
			}' /proc/self/mountinfo | sort
			echo "== status"
			grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' /proc/self/status
			echo "== rlimit"; tail -n +2 /proc/self/limits
			echo "== oom"; cat /proc/self/oom_score_adj
			echo "== scheduling"; cut -d' ' -f18,19,40,41 /proc/self/stat
			echo "== uid_map"; cat /proc/self/uid_map
			echo "== gid_map"; cat /proc/self/gid_map
			echo "== hostname"; hostname
			echo "== sysctl"
			(
				cd /proc/sys
				awk '{ print FILENAME, $0 }' kernel/domainname kernel/shmmni kernel/msgmax kernel/sem fs/mqueue/msg_max \
					net/ipv4/ip_forward net/ipv4/conf/lo/forwarding
			)
			echo "== file"
			find /dev /srv /mnt /data /secret /new -exec stat -c '%n %F %a %u:%g %t,%T' {} + | grep -v '/dev/pts/[0-9]' | sort
			echo "== link"
			for link in /dev/*; do
				[ ! -L "$link" ] || echo "$link $(readlink "$link")"
			done
			echo "== open"
			for node in /dev/*; do
				[ ! -c "$node" ] || [ -L "$node" ] || (: <"$node")
			done
			echo "== write"
			for path in / /tmp /etc /data /srv /mnt /secret /dev /sys; do
				(: >"$path/written")
			done
			(: >>/proc/sys/kernel/domainname)
			rm -f /written /tmp/written /etc/written /data/written /srv/written /mnt/written /secret/written /dev/written
			echo "== content"; cat /secret/file /data/file /srv/file /new/file
			echo "== call"
			for call in mkdir:/tmp/made chmod:700:/tmp/made rmdir:/tmp/made hostname:other mknod:/tmp/node:c:1:3; do
				IFS=:; set -- $call; unset IFS
				"$@"; echo "$1 $?"
			done
			rm -f /tmp/node
			[ ! -d /tmp/made ] || rm -r /tmp/made
			echo "== net"; ip -o link | cut -d: -f2-3
			echo "== fds"; echo /proc/self/fd/*
			echo "== cgroup"
			set -- /cg/*/witness/* /cg/witness/*
			for file; do
				shift
				case ${file##*/} in
				memory.limit_in_bytes | memory.soft_limit_in_bytes | memory.memsw.limit_in_bytes | memory.swappiness | memory.max | \
					memory.low | memory.swap.max | pids.max | cpu.shares | cpu.cfs_* | cpu.idle | cpu.rt_* | cpu.max* | cpu.weight | \
					cpuset.cpus | cpuset.mems | devices.list | memory.oom_control | hugetlb.*limit_in_bytes | hugetlb.*.max)
					set -- "$@" "$file"
					;;
				esac
			done
			[ $# = 0 ] || grep -Hv under_oom "$@" | sort
			echo "== membership"; cut -d: -f2- /proc/self/cgroup
		}
		look "$@" 2>&1 | awk '/^== / { where = $2; next } { gsub(/[ \t]+/, " "); print where ": " $0 }'
		exit 7
	END
}

# -- running it -------------------------------------------------------------------------------------------

# tree COMMAND...: with two mounts at $TREE, the inner one inside the outer, and two with all flags
tree() {
	unshare --mount sh -c '
		for one in plain flagged; do
			flags=ro,nosuid,nodev,noexec,noatime,nodiratime
			[ $one = flagged ] || flags=rw
			mkdir -p "$0/$one" && mount -t tmpfs outer "$0/$one" && mkdir "$0/$one/sub" && mount -t tmpfs inner "$0/$one/sub"
			mount -o "remount,bind,$flags" "$0/$one/sub" && mount -o "remount,bind,$flags" "$0/$one"
		done
		exec "$@"' "$TREE" "$@"
}

# by RUNNER: the bundle in $BUNDLE, from another directory and with nothing of ours in the environment
by() {
	local text
	rm -rf "${ROOT:?}/new"
	rmdir /sys/fs/cgroup/{.,*}/witness/deep /sys/fs/cgroup/{.,*}/witness 2>/dev/null || true # crun's
	cd /
	case $1 in
	chain)
		text=$(oci-bundle chain "$BUNDLE") || return
		set -- sh -c "$text"
		;;
	oci-run) set -- oci-run --root "$BATS_TEST_TMPDIR/state" run -b "$BUNDLE" witness ;;
	crun) set -- crun --cgroup-manager=cgroupfs --root "$BATS_TEST_TMPDIR/crun-state" run -b "$BUNDLE" witness ;;
	esac
	$in env -i PATH="$PATH" "$@" </dev/null 3>&-
}

# The scripts of the rows for the case, or FAILS.
crun_script() { # CASE
	local row
	while read -r row; do
		# shellcheck disable=SC2053
		if [[ $1 == ${row%% ;; *} ]]; then
			row=${row#* ;; }
			echo "${row%% ;; *}"
		fi
	done < <(crun_rows)
}

# witness CASE FILTER...: the base through jq, and through all three
witness() {
	local runner status script drop in='' name=$1
	shift
	[[ "$*" != *"$TREE/"* ]] || in=tree
	jq "$@" <"$BATS_FILE_TMPDIR/base.json" >"$CONFIG"
	script=$(crun_script "$name")
	for runner in chain oci-run crun; do
		status=0
		in=$in by $runner >"$OUT/$runner" 2>&1 || status=$?
		echo "exit $status" >>"$OUT/$runner"
		[ $runner = crun ] || assert_equal "$(find /sys/fs/cgroup -maxdepth 2 -name witness)" ""
	done
	SAW=(chain oci-run)
	run diff "$OUT/chain" "$OUT/oci-run"
	assert_output ""
	if [[ $script == *FAILS* ]] && ! grep -qx "exit 7" "$OUT/crun"; then
		return
	fi
	SAW+=(crun.ours)
	drop=$(sed -n 's/^DROP //p' <<<"$script" | paste -sd"|")
	sed -E "$(grep -vE '^(DROP |FAILS$)' <<<"$script")" "$OUT/crun" >"$OUT/crun.ours"
	run diff <(grep -vE "${drop:-^\$}" "$OUT/chain") <(grep -vE "${drop:-^\$}" "$OUT/crun.ours")
	assert_output ""
	[ -z "$drop" ] || SAW=(chain oci-run)
}

# saw PATTERN...: each is a whole line (an ERE) of what every runner's program saw
saw() {
	local runner pattern
	for runner in "${SAW[@]}"; do
		for pattern; do
			grep -qxE -- "$pattern" "$OUT/$runner" || {
				echo "no line '$pattern' by $runner:"
				cat "$OUT/$runner"
				return 1
			}
		done
	done
}

# -- 1.1: the top --------------------------------------------------------------------------------------------

@test "the base; what is unknown, and annotations, change nothing" {
	witness base .
	saw "exit 7" "namespace: mnt other" "namespace: user host" "namespace: time host" "hostname: container" "umask: 0022"
	cp "$OUT/chain" "$OUT/before"
	witness unknown '.annotations = {"a.b": "c"} | .nosuch = 1 | .process.nosuch = [] | .linux.nosuch = {a: 1}'
	cmp "$OUT/before" "$OUT/chain"
}

@test "ociVersion" {
	local v
	for v in 1.0.0 1.0.2-dev; do
		witness "version-$v" --arg v "$v" '.ociVersion = $v'
		saw "exit 7"
	done
	witness version-1.3.0 '.ociVersion = "1.3.0"'
	saw "exit 7"
}

@test "root.path whole, root.readonly" {
	witness root-absolute --arg r "$ROOT" '.root.path = $r'
	saw "mount: / [^ ]*/bundle/rootfs rw.*"
	witness root-readonly '.root.readonly = true'
	saw "mount: / [^ ]*/bundle/rootfs ro.*" "write: .*can.t create /etc/written: Read-only file system"
}

@test "hostname, domainname" {
	witness hostname '.hostname = "box"'
	saw "hostname: box"
	witness domainname '.domainname = "dom.example"'
	saw "sysctl: kernel/domainname dom.example"
	witness no-hostname 'del(.hostname)'
	saw "hostname: $(hostname)"
}

# -- 1.2: mounts ------------------------------------------------------------------------------------------

@test "mounts in their order, sources and destinations" {
	witness mounts '.mounts += [
		{destination: "/mnt", type: "tmpfs", source: "first", options: ["nosuid", "size=1m", "mode=0711"]},
		{destination: "/mnt/in", type: "tmpfs", source: "second", options: ["ro", "rw", "nodev"]},
		{destination: "/srv", type: "dummy", source: "shown", options: ["bind", "ro"]},
		{destination: "/new/deep/dir", type: "tmpfs", source: "made"},
		{destination: "/new/file", type: "none", source: "shown/file", options: ["rbind", "noexec"]},
		{destination: "/new/mq", type: "mqueue", source: "mqueue"},
		{destination: "/new/pts", type: "devpts", source: "devpts", options: ["newinstance", "mode=0600"]}]'
	saw "mount: /mnt / rw,nosuid,relatime private tmpfs first rw,size=1024k,mode=711" "mount: /mnt/in / rw,nodev,relatime private tmpfs second rw.*" \
		"mount: /srv [^ ]*/bundle/shown ro,.*" "mount: /new/file [^ ]*/shown/file rw,noexec,.*" "mount: /new/deep/dir / .* made rw.*" \
		"content: shown" "file: /mnt directory 711 0:0 0,0"
}

@test "a destination behind a link of the root, and a relative one" {
	witness mounts-link '.mounts += [{destination: "/link/place", type: "tmpfs", source: "a", options: ["mode=755"]}]'
	saw "mount: /srv/place / rw,.*"
	witness mounts-relative '.mounts += [{destination: "mnt", type: "tmpfs", source: "b", options: ["mode=755"]}]'
	saw "mount: /mnt / rw,.*"
}

@test "bind is one mount, rbind all below it" {
	witness bind --arg t "$TREE/plain" '.mounts += [{destination: "/mnt", source: $t, options: ["bind"]}]'
	saw "mount: /mnt / .* outer .*"
	run grep -c 'mount: /mnt/sub' "$OUT/chain"
	assert_output 0
	witness rbind --arg t "$TREE/plain" '.mounts += [{destination: "/mnt", source: $t, options: ["rbind", "ro"]}]'
	saw "mount: /mnt / ro,.* outer .*" "mount: /mnt/sub / rw,.* inner .*"
}

@test "the cgroups, read-only" {
	witness cgroup-mount '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "relatime", "ro"]}]'
	saw "mount: /sys/fs/cgroup / ro,.*"
}

# options CASE FIRST WORD...: a tmpfs at /mnt/WORD with the options FIRST,WORD for each
options() {
	local name=$1 first=$2
	shift 2
	witness "$name" --arg first "$first" --args \
		'.linux.rootfsPropagation = "private" | .mounts += [{destination: "/mnt", type: "tmpfs", source: "at", options: ["mode=755"]}]
		| .mounts += [$ARGS.positional[] | {destination: "/mnt/\(.)", type: "tmpfs", source: "at", options: (($first | split(",")) + [.])}]' "$@"
}

@test "mount options that set" {
	options set-known "" ro nosuid nodev noexec noatime nodiratime relatime strictatime sync dirsync
	saw "mount: /mnt/ro / ro,.*" "mount: /mnt/nosuid / rw,nosuid,.*" "mount: /mnt/nodev / rw,nodev,.*" \
		"mount: /mnt/noexec / rw,noexec,.*" "mount: /mnt/noatime / rw,noatime .*" "mount: /mnt/nodiratime / rw,nodiratime,.*" \
		"mount: /mnt/relatime / rw,relatime .*" "mount: /mnt/strictatime / rw .*" "mount: /mnt/sync / .* rw,sync.*" \
		"mount: /mnt/dirsync / .* rw,dirsync.*"
	options set-later "" iversion lazytime silent nosymfollow
	saw "mount: /mnt/lazytime / .* rw,lazytime.*" "mount: /mnt/nosymfollow / rw,relatime,nosymfollow .*" "mount: /mnt/silent / rw,.*"
	options set-mand "" mand nomand
}

@test "mount options that clear" {
	local all=ro,nosuid,nodev,noexec,noatime,nodiratime,sync,dirsync
	options clear-known $all async atime defaults dev diratime exec norelatime nostrictatime rw suid
	saw "mount: /mnt/rw / rw,nosuid,.*" "mount: /mnt/suid / ro,nodev,noexec,.*" "mount: /mnt/dev / ro,nosuid,noexec,.*" \
		"mount: /mnt/exec / ro,nosuid,nodev,noatime.*" "mount: /mnt/atime / ro,nosuid,nodev,noexec,nodiratime,relatime .*" \
		"mount: /mnt/diratime / ro,nosuid,nodev,noexec,noatime .*" "mount: /mnt/async / .* rw,dirsync.*"
	options clear-later $all loud noiversion nolazytime symfollow
	saw "mount: /mnt/loud / ro,nosuid,nodev,noexec,noatime,nodiratime .*"
}

@test "propagation" {
	options propagation "" private rprivate slave rslave shared rshared unbindable runbindable
	saw "mount: /mnt/private / rw,relatime private .*" "mount: /mnt/shared / rw,relatime shared .*" "mount: /mnt/rshared / rw,relatime shared .*" \
		"mount: /mnt/unbindable / rw,relatime unbindable .*" "mount: /mnt/slave / rw,relatime private .*"
}

# recursive CASE TREE WORD...: the tree bound recursively at /mnt/WORD, with WORD
recursive() {
	local name=$1 tree=$TREE/$2
	shift 2
	witness "$name" --arg tree "$tree" --args \
		'.mounts += [{destination: "/mnt", type: "tmpfs", source: "at", options: ["mode=755"]}]
		| .mounts += [$ARGS.positional[] | {destination: "/mnt/\(.)", source: $tree, options: ["rbind", .]}]' "$@"
}

@test "recursive options, on all mounts of a tree" {
	local word
	recursive recursive-set plain rro rnosuid rnodev rnoexec
	saw "mount: /mnt/rro(/sub)? / ro,.*" "mount: /mnt/rro/sub / ro,.*" "mount: /mnt/rnosuid/sub / rw,nosuid,.*" "mount: /mnt/rnodev/sub / rw,nodev,.*" \
		"mount: /mnt/rnoexec/sub / rw,noexec,.*"
	recursive recursive-clear flagged rrw rsuid rdev rexec
	saw "mount: /mnt/rrw/sub / rw,nosuid,.*" "mount: /mnt/rsuid/sub / ro,nodev,.*" "mount: /mnt/rdev/sub / ro,nosuid,noexec,.*" \
		"mount: /mnt/rexec/sub / ro,nosuid,nodev,no[ad].*"
	recursive recursive-times-set plain rnoatime rnodiratime rstrictatime
	saw "mount: /mnt/rnoatime/sub / rw,noatime .*" "mount: /mnt/rnodiratime/sub / rw,nodiratime,relatime .*" \
		"mount: /mnt/rstrictatime/sub / rw .*"
	recursive recursive-times-clear flagged rrelatime rdiratime ratime rnorelatime rnostrictatime
	saw "mount: /mnt/rdiratime/sub / ro,nosuid,nodev,noexec,noatime .*" "mount: /mnt/ratime/sub / .*,nodiratime,relatime .*" \
		"mount: /mnt/rrelatime/sub / .*,nodiratime,relatime .*"
	recursive recursive-later plain rnosymfollow rsymfollow
	saw "mount: /mnt/rnosymfollow/sub / rw,relatime,nosymfollow .*"
}

# -- 1.3: the process -----------------------------------------------------------------------------------

@test "args, env, cwd" {
	witness args '.process.args += ["a b", "$(id)", "*", "it'\''s", "--"]'
	saw "args: a b \\\$\\(id\\) \\* it's --"
	witness env '.process.env += ["A=1 \"2\" $3", "B=", "C=x=y"]'
	saw 'env: A=1 "2" \$3' "env: B=" "env: C=x=y"
	witness cwd '.process.cwd = "/data/sub"'
	saw "cwd: /data/sub"
}

@test "personality" {
	witness personality '.linux.personality = {domain: "LINUX32"} | .process.args = ["/bin/sh", "-c", "/bin/busybox uname -m; cat /proc/self/personality; exec /bin/witness"]'
	saw "00000008"
}

@test "user: ids, groups, umask" {
	witness user '.process.user = {uid: 7, gid: 8, additionalGids: [9, 10], umask: 63}'
	saw "status: Uid: 7 7 7 7" "status: Gid: 8 8 8 8" "status: Groups: 9 10 ?" "umask: 0077"
	witness user-unnamed '.process.user = {uid: 4000000000, gid: 4000000000}'
	saw "status: Uid: 4000000000 .*" "status: Groups: ?"
}

# caps CASE UID BOUNDING PERMITTED EFFECTIVE INHERITABLE AMBIENT: names joined by commas
caps() {
	local name=$1 uid=$2
	shift 2
	witness "$name" --argjson uid "$uid" --args '.process.user.uid = $uid | .process.capabilities = ([["bounding", "permitted", "effective", "inheritable", "ambient"], $ARGS.positional]
		| transpose | map({key: .[0], value: (.[1] | split(",") | map("CAP_" + .))}) | from_entries)' "$@"
}

@test "the five capability sets, noNewPrivileges" {
	caps caps-root 0 CHOWN,KILL,SETUID CHOWN,KILL CHOWN "" ""
	saw "status: CapBnd: 00000000000000a1" "status: CapPrm: 0000000000000021" "status: CapInh: 0{16}"
	caps caps-user 7 CHOWN,KILL CHOWN,KILL CHOWN,KILL KILL KILL
	saw "status: CapPrm: 0000000000000020" "status: CapAmb: 0000000000000020" "status: CapInh: 0000000000000020" "status: CapBnd: 0000000000000021"
	caps caps-none-ambient 7 CHOWN,KILL CHOWN,KILL CHOWN,KILL "" ""
	saw "status: CapEff: 0{16}" "status: CapBnd: 0000000000000021"
	caps caps-inheritable 0 CHOWN,KILL CHOWN,KILL CHOWN,KILL KILL KILL
	saw "status: CapInh: 0000000000000020" "status: CapEff: 0000000000000021"
	witness caps-absent 'del(.process.capabilities)'
	saw "status: CapBnd: 0{16}" "status: CapEff: 0{16}"
	witness caps-partial '.process.capabilities = {bounding: ["CAP_KILL"]}'
	saw "status: CapBnd: 0000000000000020"
	witness privileges '.process.noNewPrivileges = false'
	saw "status: NoNewPrivs: 0"
	witness no-privileges '.process.noNewPrivileges = true'
	saw "status: NoNewPrivs: 1"
}

@test "rlimits, oomScoreAdj, scheduler.nice" {
	witness rlimits '.process.rlimits = [{type: "RLIMIT_AS", soft: 4000000000, hard: 5000000000}, {type: "RLIMIT_CORE", soft: 1, hard: 2},
		{type: "RLIMIT_CPU", soft: 1000, hard: 2000}, {type: "RLIMIT_DATA", soft: 3000000000, hard: 4000000000},
		{type: "RLIMIT_FSIZE", soft: 10000000, hard: 20000000}, {type: "RLIMIT_LOCKS", soft: 3, hard: 4}, {type: "RLIMIT_MEMLOCK", soft: 4096, hard: 8192},
		{type: "RLIMIT_MSGQUEUE", soft: 5, hard: 6}, {type: "RLIMIT_NICE", soft: 0, hard: 0}, {type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_NPROC", soft: 300, hard: 400}, {type: "RLIMIT_RSS", soft: 7000000, hard: 8000000}, {type: "RLIMIT_RTPRIO", soft: 0, hard: 0},
		{type: "RLIMIT_RTTIME", soft: 9, hard: 10}, {type: "RLIMIT_SIGPENDING", soft: 11, hard: 12}, {type: "RLIMIT_STACK", soft: 8000000, hard: 9000000}]'
	saw "rlimit: Max address space 4000000000 5000000000 bytes ?" "rlimit: Max core file size 1 2 .*" "rlimit: Max cpu time 1000 2000 .*" \
		"rlimit: Max data size 3000000000 4.*" "rlimit: Max file size 10000000 20000000 .*" "rlimit: Max file locks 3 4 .*" \
		"rlimit: Max locked memory 4096 8192 .*" "rlimit: Max msgqueue size 5 6 .*" "rlimit: Max nice priority 0 0 ?" \
		"rlimit: Max open files 100 200 .*" "rlimit: Max processes 300 400 .*" "rlimit: Max resident set 7000000 8000000 .*" \
		"rlimit: Max realtime priority 0 0 ?" "rlimit: Max realtime timeout 9 10 .*" "rlimit: Max pending signals 11 12 .*" \
		"rlimit: Max stack size 8000000 9000000 .*"
	witness oom '.process.oomScoreAdj = 500'
	saw "oom: 500"
	witness nice '.process.scheduler = {policy: "SCHED_OTHER", nice: 7}'
	saw "scheduling: 27 7 0 0"
}

# A terminal: its name, size, owner, and /dev/console.
terminal() { # RUNNER
	local text socket=$OUT/socket
	rm -f "$socket"
	receiver "$socket"
	case $1 in
	chain)
		text=$(oci-bundle chain --console-socket "$socket" "$BUNDLE")
		(cd / && sh -c "$text") </dev/null 3>&-
		;;
	oci-run) set -- oci-run oci-run --root "$OUT/state" ;;
	crun) set -- crun crun --cgroup-manager=cgroupfs --root "$OUT/crun-state" ;;
	esac
	if [ "$1" != chain ]; then
		"${@:2}" run --detach --console-socket "$socket" -b "$BUNDLE" witness </dev/null >/dev/null 3>&-
	fi
	wait "$RECEIVER"
	[ "$1" = chain ] || wait_for "${@:2}" delete witness
	tail -n +2 "$OUT/received" | tr -d '\r' >"$OUT/$1"
}

@test "terminal, consoleSize" {
	need_cmd python3
	local runner
	jq '.process.terminal = true | .process.consoleSize = {height: 33, width: 99}
		| .process.args = ["sh", "-c", "tty; stty size; stat -c \"%n %F %a %u:%g\" /dev/pts/0 /dev/console; test -t 0 && test -t 1 && test -t 2 && echo all; : </dev/tty && echo controls"]' \
		"$BATS_FILE_TMPDIR/base.json" >"$CONFIG"
	for runner in chain oci-run crun; do
		terminal $runner
	done
	SAW=(chain oci-run crun)
	saw "/dev/pts/0" "33 99" "/dev/pts/0 character special file 620 0:5" all controls
	diff "$OUT/chain" "$OUT/oci-run"
	diff "$OUT/chain" "$OUT/crun"
}

# -- 1.4: linux ------------------------------------------------------------------------------------------

@test "namespaces that are not named are the host's" {
	local kind file
	for pair in network:net uts:uts ipc:ipc pid:pid cgroup:cgroup; do
		kind=${pair%:*} file=${pair#*:}
		witness "without-$kind" --arg k "$kind" '.linux.namespaces |= map(select(.type != $k)) | if $k == "uts" then del(.hostname) else . end
			| if $k == "pid" then .process.noNewPrivileges = true else . end'
		saw "namespace: $file host"
	done
	witness with-time '.linux.namespaces += [{type: "time"}]'
	saw "namespace: time other" "namespace: user host"
}

@test "namespaces that are joined" {
	local holder kind
	unshare --net --uts --ipc --cgroup sh -c 'hostname joined; sysctl -qw kernel.shmmni=99; exec sleep 60' 3>&- &
	holder=$!
	wait_for eval 'nsenter -t $holder -u hostname | grep -q joined'
	wait_for sh -c "[ \"\$(nsenter -t $holder -u hostname)\" = joined ]"
	witness joined --arg p "/proc/$holder/ns" '.linux.namespaces |= map(if .type == "network" then .path = "\($p)/net" elif .type == "uts" then .path = "\($p)/uts" elif .type == "ipc" then .path = "\($p)/ipc" else . end) | del(.hostname)'
	kill $holder
	saw "hostname: joined" "sysctl: kernel/shmmni 99" "namespace: net other"
}

@test "a user namespace and its maps" {
	witness userns '.mounts |= map(select(.destination != "/cg")) | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 5}, {containerID: 100, hostID: 70000, size: 3}]
		| .linux.gidMappings = [{containerID: 0, hostID: 0, size: 9}]'
	saw "namespace: user other" "uid_map:  0 0 5" "uid_map:  100 70000 3" "gid_map:  0 0 9"
}

@test "devices" {
	witness devices '.linux.devices = [{type: "c", path: "/dev/net/fuse", major: 10, minor: 229, fileMode: 416, uid: 3, gid: 4},
		{type: "p", path: "/dev/fifo", fileMode: 384}, {type: "b", path: "/dev/loop", major: 7, minor: 3, fileMode: 432},
		{type: "u", path: "/dev/unbuffered", major: 1, minor: 3}]'
	saw "file: /dev/net/fuse character special file 640 3:4 a,e5" "file: /dev/fifo fifo 600 0:0 0,0" "file: /dev/loop block special file 660 0:0 7,3" \
		"file: /dev/unbuffered character special file 666 0:0 1,3" "file: /dev/full character special file 666 0:0 1,7" "link: /dev/ptmx pts/ptmx" \
		"link: /dev/stderr /proc/self/fd/2"
	witness devices-outside '.linux.devices = [{type: "c", path: "/new/null", major: 1, minor: 3, fileMode: 438}]'
	saw "file: /new/null character special file 666 0:0 1,3"
	witness devices-bound '.mounts |= map(select(.destination | startswith("/dev") | not)) | .mounts += [{destination: "/dev", source: "devices", options: ["rbind"]}]'
	saw "file: /dev/null character special file 666 0:0 1,3"
	run ! grep -q "file: /dev/zero" "$OUT/chain"
}

@test "sysctl" {
	witness sysctl '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/conf/lo/forwarding": "0", "kernel.shmmni": "77", "kernel.msgmax": "9000",
		"kernel.sem": "100 200 30 40", "fs.mqueue.msg_max": "9"}'
	saw "sysctl: net/ipv4/ip_forward 1" "sysctl: kernel/shmmni 77" "sysctl: kernel/msgmax 9000" "sysctl: kernel/sem 100.200.30.40" "sysctl: fs/mqueue/msg_max 9"
}

@test "maskedPaths, readonlyPaths, rootfsPropagation" {
	witness masked '.linux.maskedPaths += ["/secret", "/data/file", "/nonexistent"]'
	saw "content: cat: can't open '/secret/file': No such file or directory" "write: .*can.t create /secret/written: Read-only file system"
	run ! grep -q "content: text" "$OUT/chain"
	witness readonly '.linux.readonlyPaths += ["/data", "/tmp", "/nonexistent"]'
	saw "write: .*can.t create /data/written: Read-only file system" "write: .*can.t create /tmp/written: Read-only file system"
	witness unmasked 'del(.linux.maskedPaths, .linux.readonlyPaths)'
	witness propagation-private '.linux.rootfsPropagation = "private"'
	saw "mount: / [^ ]* rw,relatime private .*"
}

@test "seccomp" {
	witness seccomp '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], syscalls: [
		{names: ["mkdir", "mkdirat", "nosuchcall"], action: "SCMP_ACT_ERRNO", errnoRet: 28},
		{names: ["rmdir"], action: "SCMP_ACT_ERRNO"}]}'
	saw "status: Seccomp: 2" "call: mkdir: can't create directory '/tmp/made': No space left on device" "call: mkdir 1"
	witness seccomp-args '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["chmod"], action: "SCMP_ACT_ERRNO", errnoRet: 5, args: [{index: 1, value: 448, op: "SCMP_CMP_EQ"}]},
		{names: ["fchmodat"], action: "SCMP_ACT_ERRNO", errnoRet: 5, args: [{index: 2, value: 448, valueTwo: 448, op: "SCMP_CMP_MASKED_EQ"}]}]}'
	saw "call: chmod: /tmp/made: (I/O error|Input/output error)" "call: mkdir 0"
	witness seccomp-privileged '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
	saw "status: NoNewPrivs: 0" "status: Seccomp: 2" "call: mkdir: can't create directory '/tmp/made': Operation not permitted"
}

@test "cgroupsPath, with the namespace and without" {
	witness cgroup-path '.linux.cgroupsPath = "/witness/deep/er" | .linux.namespaces |= map(select(.type != "cgroup"))'
	saw "membership: (memory)?:/witness/deep/er"
}

@test "resources.memory, pids" {
	need_cgroup memory
	need_cgroup pids
	witness memory '.linux.resources = {memory: {limit: 100000000, reservation: 50000000, swap: 150000000}, pids: {limit: 50}}'
	saw "cgroup: /cg/(memory/witness/memory.limit_in_bytes|witness/memory.max):99999744" \
		"cgroup: /cg/(memory/witness/memory.soft_limit_in_bytes|witness/memory.low):49999872" \
		"cgroup: /cg/(memory/witness/memory.memsw.limit_in_bytes:149999616|witness/memory.swap.max:49999872)" "cgroup: /cg/(pids/)?witness/pids.max:50"
	witness memory-unlimited '.linux.resources = {memory: {limit: -1, swap: -1}}'
	witness pids-unlimited '.linux.resources = {pids: {limit: -1}}'
	saw "cgroup: /cg/(pids/)?witness/pids.max:max"
}

@test "resources.cpu" {
	need_cgroup cpu
	need_cgroup cpuset
	witness cpu '.linux.resources = {cpu: {shares: 512, quota: 40000, period: 80000, cpus: "0", mems: "0"}}'
	saw "cgroup: /cg/(cpu/witness/cpu.shares:512|witness/cpu.weight:.*)" "cgroup: /cg/(cpu/witness/cpu.cfs_quota_us:40000|witness/cpu.max:40000 80000)" \
		"cgroup: /cg/(cpuset/)?witness/cpuset.cpus:0" "cgroup: /cg/(cpuset/)?witness/cpuset.mems:0"
	witness cpu-burst '.linux.resources = {cpu: {quota: 40000, period: 80000, burst: 2000}}'
	saw "cgroup: /cg/(cpu/witness/cpu.cfs_burst_us|witness/cpu.max.burst):2000"
	witness cpu-idle '.linux.resources = {cpu: {idle: 1}}'
	saw "cgroup: /cg/(cpu/)?witness/cpu.idle:1"
}

@test "resources.memory of version 1 alone" {
	[ -d /sys/fs/cgroup/memory ] || skip "needs the cgroup controller memory of version 1"
	witness memory-v1 '.linux.resources = {memory: {limit: 100000000, swappiness: 11, disableOOMKiller: true}}'
	saw "cgroup: /cg/memory/witness/memory.swappiness:11" "cgroup: /cg/memory/witness/memory.oom_control:oom_kill_disable 1"
}

@test "resources.hugepageLimits" {
	need_cgroup hugetlb
	witness hugepages '.linux.resources = {hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
	saw "cgroup: /cg/(hugetlb/)?witness/hugetlb.2MB.rsvd.(limit_in_bytes|max):4194304"
}

@test "resources.unified" {
	need_cgroup memory
	need_cgroup pids
	witness unified '.linux.resources = {unified: {"memory.max": "64M", "pids.max": "40"}}'
	saw "cgroup: /cg/(pids/)?witness/pids.max:40" "cgroup: /cg/(memory/witness/memory.limit_in_bytes|witness/memory.max):67108864"
}

@test "resources.devices" {
	witness device-rules '.linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229, fileMode: 438}, {type: "c", path: "/dev/kmsg", major: 1, minor: 11, fileMode: 438}]
		| .linux.resources = {devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"}]}'
	saw "open: .*can't open /dev/kmsg: Operation not permitted"
	refute [ "$(grep -c 'open: .*/dev/fuse' "$OUT/chain")" -gt 0 ]
}
