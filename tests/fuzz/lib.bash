# SPDX-License-Identifier: MIT
# What tests/fuzz/run and tests/fuzz/check share: the targets, built below BOX_BUILD (./build) in
# tests/fuzz, and where their inputs are.
# shellcheck shell=bash

fuzz_src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fuzz_build=${BOX_BUILD:-$fuzz_src/build}
fuzz_out=$fuzz_build/tests/fuzz
fuzz_data=${BOX_SHARED_DATA:-$fuzz_src/../shared/data}

# One error of each kind ends a target; leaks are looked for at its end.
export ASAN_OPTIONS=abort_on_error=0:allocator_may_return_null=1:detect_stack_use_after_return=0
export UBSAN_OPTIONS=print_stacktrace=1
export LC_ALL=C

fuzz_targets() {
	local file
	for file in "$fuzz_src"/tests/fuzz/*.c; do
		basename "$file" .c
	done | grep -vx common
}

# Prints what is missing here, and fails then.
fuzz_missing() {
	local library
	command -v clang >/dev/null || {
		echo "clang is not installed"
		return 1
	}
	library=$(clang -print-file-name=libclang_rt.fuzzer-"$(uname -m)".a)
	[[ -e $library ]] || library=$(clang -print-file-name=libclang_rt.fuzzer.a)
	[[ $library == /* && -e $library ]] || {
		echo "clang has no libFuzzer here (libclang-rt-dev)"
		return 1
	}
}

# Names of objects are relative where they can be: what they depend on holds when the tree is seen elsewhere.
fuzz_objects=${fuzz_out#"$fuzz_src"/}
fuzz_make() {
	make -s -j2 -C "$fuzz_src" -f tests/fuzz/fuzz.mk O="$fuzz_objects" "$@" >&2
}

# What a target begins with: its seeds, and what others have published.
fuzz_seeds() { # TARGET
	local dir
	for dir in "$fuzz_src/tests/fuzz/seeds/$1" "$fuzz_src/tests/fuzz/regress/$1"; do
		[[ ! -d $dir ]] || echo "$dir"
	done
	case $1 in
	config | json) dir=$fuzz_data/runtime-spec/schema-test/config/good ;;
	state) dir=$fuzz_data/runtime-spec/schema-test/state/good ;;
	profile) dir=$fuzz_data/seccomp ;;
	*) return 0 ;;
	esac
	[[ ! -d $dir ]] || echo "$dir"
}

fuzz_dictionary() { # TARGET
	local file=$fuzz_src/tests/fuzz/$1.dict
	[[ ! -e $file ]] || echo "-dict=$file"
}
