#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which cases of the vectors did no test run?  TAP, a result for each file.
#
# usage: vectors-ran.sh VECTORS RAN
#   RAN: a line "FILE LINE" for each block that a test looked at, by vec.c
vectors=${1:?usage: vectors-ran.sh VECTORS RAN}
ran=${2:?usage: vectors-ran.sh VECTORS RAN}
agree=$(dirname "$0")/../../kmod/selftest/agree.c
n=0 bad=0

# What is left out on purpose: file, pattern of the block's lines with "; " between
# them, reason.  An entry that no block needs is an error.
left_out() {
	cat <<-'EOF'
	*|^case = identities;|names for the other blocks
	net-addr.txt|^case = resolve[345];|the group of an IPv6 address is chosen by the IPv6 stack
	net-config.txt|^case = limits;|sizes of the reference, not of the protocol
	net-flow.txt|^case = port;|what the reference tells its host: here the agent makes a device
	net-flow2.txt|^case = port;|as in net-flow.txt
	net-rest.txt|^case = [A-Z]+ /(status|health|peer|moon|network|config|nosuch)|of the node, not of a controller: net/api.sh
	net-rest.txt|; request_json = not json;|refused before it comes to the controller: net/api.sh
	path-keepalive.txt|^case = 1[012];|a redirection counts once it is answered: net/redirect.sh
	path-keepalive.txt|^case = 13;|the reset of a scope: net/surface.sh
	EOF
}

# blocks FILE: "LINE: its lines; with; that; between;" of each block
blocks() {
	awk '/^[ \t]*#/ { next } /^[ \t]*$/ { if (inside) print ""; inside = 0; next }
		!inside { inside = 1; printf "%d: ", FNR } { printf "%s; ", $0 }
		END { if (inside) print "" }' "$1"
}

# in_module: the blocks of identity-agree.txt that the module's own test has
in_module() {
	local have line text
	have=$(tr -d '\n\t "' <"$agree" | sed 's/\\x//g')
	awk '/^case = / { line = FNR; name = substr($0, 8) }
		/^a_x25519_secret/ { a = $3 } /^b_x25519_public/ { b = $3 }
		/^raw/ { weak = $3 ~ /^0*$/ }
		/^key32/ { gsub(/ /, "", name)
			print line, "{.name=" name ",.secret=" a ",.public=" b (weak ? "" : ",.key=" $3) "}" }
		' "$vectors/identity-agree.txt" | while read -r line text; do
		case $have in *"$text"*) echo "identity-agree.txt $line" ;; esac
	done
}

seen=$(mktemp) || exit
trap 'rm -f "$seen" "$seen.left" "$seen.used"' EXIT
{ cat "$ran" && in_module; } >"$seen" || exit
: >"$seen.used"
for path in "$vectors"/*.txt; do
	file=${path##*/}
	n=$((n + 1)) k=0
	: >"$seen.left"
	while IFS=: read -r line text; do
		grep -qx "$file $line" "$seen" && continue
		k=$((k + 1))
		why=$(left_out | while IFS= read -r entry; do
			name=${entry%%|*} rest=${entry#*|} pattern=${rest%|*}
			# shellcheck disable=SC2053
			[[ $file == $name ]] && grep -qE "$pattern" <<<"${text# }" || continue
			echo "$name|$pattern"
			break
		done)
		if [ -n "$why" ]; then
			echo "$why" >>"$seen.used"
		else
			echo "# no test looked at line $line:${text:0:70}" >>"$seen.left"
		fi
	done < <(blocks "$path")
	if [ -s "$seen.left" ]; then
		bad=1
		echo "not ok $n - all cases of $file are run"
		cat "$seen.left"
	elif [ $k -gt 0 ]; then
		echo "ok $n - all cases of $file are run but $k, as told"
	else
		echo "ok $n - all cases of $file are run"
	fi
done
n=$((n + 1))
stale=$(left_out | sed 's/|[^|]*$//' | grep -vxFf "$seen.used")
if [ -z "$stale" ]; then
	echo "ok $n - nothing is called left out that is run"
else
	bad=1
	echo "not ok $n - nothing is called left out that is run"
	printf '%s\n' "$stale" | sed 's/^/# /'
fi
echo "1..$n"
exit $bad
