#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Completion: what the tools answer, and bash's own completion over it, from an installed
# prefix, also behind sudo.

load helper

# installed: `make install` into this test's directory; the prefix in PREFIX
installed() {
	PREFIX=$BATS_FILE_TMPDIR/prefix
	[ -d "$PREFIX" ] || make -s -C "$BOX_BUILD" install DESTDIR="$BATS_FILE_TMPDIR/dest" prefix="$PREFIX" >/dev/null 2>&1 ||
		return 1
	[ -d "$PREFIX" ] || mv "$BATS_FILE_TMPDIR/dest$PREFIX" "$PREFIX"
}

# complete_line WORD...: what bash offers for the last word, one a line
complete_line() {
	PATH=$PREFIX/bin:$PATH XDG_DATA_DIRS=$PREFIX/share:/usr/share bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		COMP_WORDBREAKS+=@ # as an interactive shell has it
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		COMP_LINE="$*"
		COMP_POINT=${#COMP_LINE}
		COMP_TYPE=9
		compopt() { :; }
		_completion_loader "$1"
		f=$(complete -p "$1" | sed -E "s/.* -F ([^ ]+).*/\1/")
		"$f" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$@"
}

setup() {
	need_cmd bash make
	[ -e /usr/share/bash-completion/bash_completion ] || skip "needs bash-completion"
	installed
}

@test "every tool is completed after make install" {
	for t in cg-exec ns-run ns-enter ns-list fs-root proc-set cap-set sc-filter; do
		run complete_line "$t" --expl
		assert_line --explain
	done
}

@test "a target: containers that run, and processes" {
	need_root
	box_setup
	local id=complete-test-$$
	oci-bundle new "$BATS_TEST_TMPDIR/bundle" --root "$ROOT" -- sleep 100
	oci-run run --detach --bundle "$BATS_TEST_TMPDIR/bundle" "$id" >/dev/null 2>&1 3>&-
	# readline replaces what stands behind the @
	run complete_line ns-enter -t @complete-
	assert_output "$id"
	run complete_line ns-enter --target=@complete-
	oci-run delete --force "$id"
	assert_output "$id"
	run ns-enter --complete 2 ns-enter -t $$
	assert_line "$$"$'\t'"$(cat /proc/$$/comm)"
	# a name does nothing to the terminal
	printf '\033[1m\302\233\177\ta' >"/proc/$$/comm"
	run ns-enter --complete 2 ns-enter -t $$
	assert_line "$$"$'\t?[1m????a'
	run ns-enter --complete 2 ns-enter -t s
	assert_output $'self\tthis process'
	run ns-enter --complete 2 ns-enter -t @
	refute_output --partial "$id"
}

@test "options of the link at hand, not of another" {
	run complete_line ns-run --map
	assert_line --map-root
	assert_line --map-auto
	refute_line --memory
	run complete_line ns-run --all fs-root --
	assert_line --tmpfs
	refute_line --map-root
}

@test "the links that may follow, in order, and commands" {
	run complete_line ns-run --all fs
	assert_line fs-root
	run complete_line cg-exec --new n
	assert_line ns-run
	assert_line ns-enter
	run complete_line fs-root / n
	refute_line ns-run
	run complete_line ns-run --all ech
	assert_line echo
}

@test "values: capabilities in a list, keys, directories" {
	run complete_line cap-set --only chown,setu
	assert_line chown,setuid
	run complete_line cg-exec --new --set memory.m
	assert_line --partial memory.max=
	mkdir -p "$BATS_TEST_TMPDIR/rootfs"
	run complete_line fs-root "$BATS_TEST_TMPDIR/root"
	assert_line --partial "$BATS_TEST_TMPDIR/rootfs"
}

@test "behind the program its own completion, or files" {
	touch "$BATS_TEST_TMPDIR/somefile"
	run complete_line ns-run --all cat "$BATS_TEST_TMPDIR/some"
	assert_line "$BATS_TEST_TMPDIR/somefile"
	run complete_line ns-run --uts make --dir
	assert_line --partial --directory
}

@test "under sudo" {
	[ -e /usr/share/bash-completion/completions/sudo ] || skip "needs bash-completion's own for sudo"
	need_cmd sudo
	run complete_line sudo ns-run --map
	assert_line --map-root
	run complete_line sudo ns-run --all fs-root / cap-set --on
	assert_line --only
}

@test "verbs of oci-bundle, and what belongs to each" {
	run complete_line oci-bundle ch
	assert_line chain
	assert_line check
	run complete_line oci-bundle new --me
	assert_output --memory
	mkdir -p "$BATS_TEST_TMPDIR/bundle"
	run complete_line oci-bundle check "$BATS_TEST_TMPDIR/bun"
	assert_line --partial "$BATS_TEST_TMPDIR/bundle"
}

@test "--complete answers every option of --help, for every tool" {
	for t in cg-exec ns-run ns-enter ns-list fs-root proc-set cap-set sc-filter; do
		run diff <("$t" --complete 1 "$t" -- | cut -f1 | sort) \
			<("$t" --help | grep -oE '^ +(-[a-zA-Z0-9], )? *--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort)
		assert_success
	done
}

@test "ns-list: types, columns in a list" {
	run complete_line ns-list --type n
	assert_output net
	run complete_line ns-list -o NS,HELD
	assert_output NS,HELD-BY
	run complete_line ns-list --tree=
	assert_line owner
}

@test "nonsense is answered by nothing, not by a crash" {
	run ns-run --complete
	assert_equal "$status" 2
	run ns-run --complete x
	assert_equal "$status" 2
	run ns-run --complete 99 ns-run
	assert_success
	run ns-run --complete 1
	assert_success
}
