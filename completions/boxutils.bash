# SPDX-License-Identifier: MIT
# bash completion for every tool of boxutils. It knows no option itself: it asks the tool
# (TOOL --complete INDEX WORD...), and turns the directives of the answer into bash's own
# completions. The word behind the last link is a command and completes as one.

_boxutils_links="cg-exec ns-run ns-enter fs-root proc-set cap-set sc-filter"

_boxutils() {
	local cur prev words cword
	_init_completion -n =@ || return

	# words[0] may be an alias, or a path: ask the very program that would run.
	local tool=${words[0]} line word offset=
	COMPREPLY=()
	while IFS= read -r line; do
		word=${line%%$'\t'*}
		case $word in
		:file) _filedir ;;
		:dir) _filedir -d ;;
		:pid) _pids ;;
		:user) COMPREPLY+=($(compgen -u -- "$cur")) ;;
		':program '*) offset=${word#:program } ;;
		*) COMPREPLY+=("$word") ;;
		esac
	done < <("$tool" --complete "$cword" "${words[@]}" 2>/dev/null)

	if [[ $offset ]]; then
		if ((offset < cword)); then
			_command_offset "$offset"
			return
		fi
		# the word may be one of these links, or any command; a link that may not follow
		# is no command either
		local links=("${COMPREPLY[@]}") command
		_command_offset "$offset"
		local commands=("${COMPREPLY[@]}")
		COMPREPLY=("${links[@]}")
		for command in "${commands[@]}"; do
			[[ " $_boxutils_links " == *" $command "* ]] || COMPREPLY+=("$command")
		done
	elif [[ $cur == @* || $cur == --*=@* ]] && [[ $COMP_WORDBREAKS == *@* ]]; then
		# readline replaces what stands behind the @ only
		COMPREPLY=("${COMPREPLY[@]#@}")
	elif [[ $cur == --*=* ]]; then
		# readline replaces what stands behind the = only
		COMPREPLY=("${COMPREPLY[@]#"${cur%%=*}="}")
	fi
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=,] ]]; then
		compopt -o nospace
	fi
} &&
	complete -F _boxutils $_boxutils_links ns-list oci-bundle oci-run
