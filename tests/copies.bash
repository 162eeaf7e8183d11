# SPDX-License-Identifier: MIT
# ns-list --as-command: run what it prints of a process, and hold the copy against it. Who loads this
# ends PROGRAMS and waits for CHAINS.
# shellcheck shell=bash

# copy PID: run what --as-command says of it; the new program's pid in COPY
copy() {
	ns-list --as-command "$1" >"$BATS_TEST_TMPDIR/line"
	cat "$BATS_TEST_TMPDIR/line" # for whoever reads a failure
	grep -q '^ *ns-run ' "$BATS_TEST_TMPDIR/line"
	sed -i 's/^\( *\)ns-run /\1ns-run --ready-fd 9 /' "$BATS_TEST_TMPDIR/line"
	mkfifo "$BATS_TEST_TMPDIR/copy"
	(exec 3>&- && exec sh "$BATS_TEST_TMPDIR/line") 9>"$BATS_TEST_TMPDIR/copy" &
	CHAINS+=($!)
	read -r COPY <"$BATS_TEST_TMPDIR/copy"
	PROGRAMS+=("$COPY")
}

# Where, what, and how; that a path is hidden, whatever hides it.
mounts_of() {
	awk '{ root = $4; for (i = 7; $i != "-"; i++); type = $(i + 1)
		if ((root == "/null" && $5 !~ /\/null$/) || ($5 ~ /^\/(proc|sys)\// && type == "tmpfs" && $6 ~ /^ro/ && root == "/" && $5 !~ /cgroup/))
			print "hidden", $5
		else
			print (type ~ /^cgroup/ ? "-" : root), $5, $6, type, $(i + 2), (type ~ /^(proc|sysfs)$/ ? "" : $(i + 3)) }' \
		"/proc/$1/mountinfo" | sort
}

# What the kernel's files say of a process, without the numbers that are new each time.
facts_of() {
	grep -E '^(Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|NStgid):' "/proc/$1/status" | sed 's/^NStgid.*\t/inside /'
	cat "/proc/$1/uid_map" "/proc/$1/gid_map" "/proc/$1/setgroups" "/proc/$1/oom_score_adj"
	cut -c 1-68 "/proc/$1/limits"
	tr '\0' '\n' <"/proc/$1/environ" | grep -v '^_=' | sort
	tr '\0' ' ' <"/proc/$1/cmdline"
	mounts_of "$1"
	nsenter --target "$1" --uts hostname
	readlink "/proc/$1/cwd"
}

# same_facts A B [REGEX]: but for lines that match, and no namespace in common
same_facts() {
	local kind
	diff <(facts_of "$1" | grep -vE "${3:-^$}") <(facts_of "$2" | grep -vE "${3:-^$}") || return
	for kind in mnt pid; do
		[ "$(readlink "/proc/$1/ns/$kind")" != "$(readlink "/proc/$2/ns/$kind")" ] || return
	done
}
