#!/bin/sh
# Kills a run, a run with --force and a plot, by strace, at every call that makes,
# renames, settles or removes something, and looks whether the run that was finished
# last is there and whole. Usage: kills.sh NASIM   (Debian: strace)
set -eu
nasim=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >small.yaml <<'EOF'
nasim: 1
input: {synthetic: {tokens: 4, dim: 2, values: 2}}
network: {features: {neurons: 4}}
EOF
# strace counts each kind of call by itself, and each thread's; TestKills, which needs
# no strace, counts them all.
calls="rename renameat renameat2 fsync mkdirat unlinkat"
tries=0

whole() { # the run is there, and compare, which reads every byte, accepts it
	"$nasim" compare runs/a >/dev/null 2>said || { echo "$1: $(cat said)"; exit 1; }
}

strike() { # what, command: kills it at each call in turn, until it ends by itself
	what=$1
	shift
	for call in $calls; do
		n=1
		while :; do
			prepare "$what"
			status=0
			{ strace -f -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$nasim" "$@" >out 2>said; } 2>/dev/null || status=$?
			tries=$((tries + 1))
			if [ "$what" != run ] || [ -e runs/a ]; then whole "$what, killed at $call $n"; fi
			if [ "$status" = 0 ]; then break; fi
			if [ "$status" != 137 ]; then echo "$what, $call $n: status $status: $(cat said)"; exit 1; fi
			if [ "$what" != run ]; then
				"$nasim" "$@" >out 2>said || { echo "$what after $call $n: $(cat said)"; exit 1; }
				whole "$what, after $call $n"
			fi
			"$nasim" run small.yaml --quiet --no-figures --out runs/a --force >out 2>said || { echo "$what, then --force: $(cat said)"; exit 1; }
			left=$(find runs -name '.*' | head -3)
			if [ -n "$left" ]; then echo "$what, killed at $call $n, leaves $left"; exit 1; fi
			n=$((n + 1))
		done
	done
}

prepare() {
	rm -rf runs
	if [ "$1" != run ]; then "$nasim" run small.yaml --quiet --no-figures --out runs/a >out; fi
}

strike run run small.yaml --quiet --out runs/a
strike force run small.yaml --quiet --seed 3 --no-figures --out runs/a --force
strike plot plot runs/a --quiet --figure budget
echo "the last finished run was there and whole after each of $tries tries"
